import { expect, test } from "vitest";
import { ConflictError } from "../domain/failure.ts";
import { createRefusedEvents, refusedOf } from "./refused-events.ts";

const HOUR = 3_600_000;
const idOf = (index: number): string => `0b0c4c3c-0000-4000-8000-${String(index).padStart(12, "0")}`;
const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => idOf(from + index));

/** The store with compare-and-swap, as several processes see it. */
function aStore() {
  const documents = new Map<string, { value: unknown; version: number }>();
  const state = { at: 1_000_000 * HOUR, requests: 0, down: false };
  const asked = async () => {
    state.requests += 1;
    await Promise.resolve();
    if (state.down) throw new Error("not now");
  };
  const cursors = {
    async read(name: string) {
      await asked();
      return structuredClone(documents.get(name));
    },
    async write(name: string, value: unknown, version: number) {
      await asked();
      if ((documents.get(name)?.version ?? 0) !== version) throw new ConflictError("moved");
      documents.set(name, { value: structuredClone(value), version: version + 1 });
      return version + 1;
    },
  };
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => state.at };
  return { cursors, state, documents, process: () => createRefusedEvents({ cursors }, { clock, logger }) };
}

test("what two processes were told at once is known, and nothing else", async () => {
  const { cursors, process } = aStore();
  const [one, other] = [process(), process()];
  await one.remember([idOf(900)]);
  await Promise.all([...ids(40).map((id) => one.remember([id])), ...ids(40, 40).map((id) => other.remember([id]))]);
  expect(await refusedOf({ cursors }, [...ids(81), idOf(900)])).toEqual(new Set([...ids(80), idOf(900)]));
});

test("many at once share their writes, and a delivery that comes again costs nothing", async () => {
  const { state, process } = aStore();
  const refused = process();
  await Promise.all(ids(200).map((id) => refused.remember([id])));
  // A read and a write for each of eight documents, at most twice: the first does not wait for the others.
  expect(state.requests).toBeLessThanOrEqual(32);
  const before = state.requests;
  await Promise.all(ids(200).map((id) => refused.remember([id])));
  expect(state.requests).toBe(before);
});

test("after a day, and beyond some thousand, the oldest are forgotten", async () => {
  const { cursors, state, documents, process } = aStore();
  await process().remember(ids(50));
  state.at += 25 * HOUR;
  await process().remember(ids(6000, 50));
  expect((await refusedOf({ cursors }, ids(50))).size).toBe(0);
  const sizes = [...documents.values()].map(({ value }) => (value as { orders: unknown[] }).orders.length);
  expect([Math.max(...sizes), sizes.length]).toEqual([500, 8]);
});

test("where it cannot be stored, the event is answered all the same, and it is stored with the next", async () => {
  const { cursors, state, process } = aStore();
  const refused = process();
  state.down = true;
  await refused.remember([idOf(1)]);
  state.down = false;
  await refused.remember([idOf(1)]);
  expect(await refusedOf({ cursors }, [idOf(1)])).toEqual(new Set([idOf(1)]));
});
