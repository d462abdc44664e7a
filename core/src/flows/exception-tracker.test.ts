import { describe, expect, test } from "vitest";
import type { ExceptionRecord } from "../domain/records.ts";
import { exceptionId } from "./exception-id.ts";
import { type ExceptionDeps, trackExceptions } from "./exception-tracker.ts";
import type { RefusedRecord } from "./run-delta.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;

/** A store of exceptions that notes every write. */
function aStore(at: { now: number }) {
  const rows = new Map<string, ExceptionRecord>();
  const writes: string[] = [];
  const deps: ExceptionDeps = {
    open: async (exception) => {
      const known = rows.get(exception.id);
      const lastSeenAt = new Date(at.now).toISOString();
      rows.set(exception.id, {
        ...exception,
        firstSeenAt: known?.firstSeenAt ?? lastSeenAt,
        lastSeenAt,
        attempts: (known?.attempts ?? 0) + 1,
      });
      writes.push(`open ${exception.recordId} ${exception.code}`);
    },
    close: async (id) => {
      writes.push(`close ${rows.get(id)?.recordId} ${rows.get(id)?.code}`);
      rows.delete(id);
    },
    page: async (flow, { after, limit }) => {
      const found = [...rows.values()]
        .filter((row) => row.flow === flow && (after === undefined || row.id > after))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
      return { rows: found, last: found.at(-1)?.id };
    },
  };
  return { deps, rows, writes };
}

const problem = (
  recordId: string,
  message = "m",
  code: "unknownIfsState" | "heldForReview" = "unknownIfsState",
): RefusedRecord => ({
  recordType: "order",
  recordId,
  recordLabel: `W-${recordId}`,
  rejection: { code, message, action: "a", owner: "merchant" },
});

type Step = { seen?: string[]; problems?: RefusedRecord[]; complete?: boolean; flow?: "status-sync" | "price-sync" };

async function run(store: ReturnType<typeof aStore>, at: { now: number }, step: Step): Promise<string[]> {
  store.writes.length = 0;
  const flow = step.flow ?? "status-sync";
  const tracker = await trackExceptions(store.deps, { flow, now: at.now });
  for (const id of step.seen ?? []) tracker.seen(id);
  for (const refused of step.problems ?? []) await tracker.record(refused);
  await tracker.settle({ complete: step.complete ?? false });
  return [...store.writes];
}

describe("exceptions of a flow", () => {
  test("the row names record, sentence, cure and the owner's class", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    await run(store, at, { problems: [problem("1")] });
    expect([...store.rows.values()]).toEqual([
      {
        id: exceptionId("status-sync", "1", "unknownIfsState"),
        cause: "unknownIfsState",
        flow: "status-sync",
        code: "unknownIfsState",
        recordType: "order",
        recordId: "1",
        recordLabel: "W-1",
        message: "m",
        action: "a",
        owner: "merchant",
        firstSeenAt: "2026-03-01T12:00:00.000Z",
        lastSeenAt: "2026-03-01T12:00:00.000Z",
        attempts: 1,
      },
    ]);
  });

  test("an unchanged problem is written again after 15 minutes only, a changed one at once", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    expect(await run(store, at, { problems: [problem("1"), problem("1")] })).toEqual(["open 1 unknownIfsState"]);
    at.now += MINUTE;
    expect(await run(store, at, { problems: [problem("1")] })).toEqual([]);
    expect(await run(store, at, { problems: [problem("1", "other")] })).toEqual(["open 1 unknownIfsState"]);
    at.now += 15 * MINUTE;
    expect(await run(store, at, { problems: [problem("1", "other")] })).toEqual(["open 1 unknownIfsState"]);
  });

  test("closes by itself when the record is looked at without the problem, and only then", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    await run(store, at, { problems: [problem("1"), problem("1", "m", "heldForReview"), problem("2")] });
    expect(await run(store, at, { seen: ["3"] })).toEqual([]);
    expect(await run(store, at, { seen: ["1"], problems: [problem("1")] })).toEqual(["close 1 heldForReview"]);
    expect(await run(store, at, { seen: ["1", "2"] })).toEqual(["close 1 unknownIfsState", "close 2 unknownIfsState"]);
  });

  test("after a complete run also for records that are no longer looked at", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    await run(store, at, { problems: [problem("1")] });
    expect(await run(store, at, { complete: true })).toEqual(["close 1 unknownIfsState"]);
  });

  test("problems of other flows are not touched", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    await run(store, at, { flow: "price-sync", problems: [problem("1")] });
    expect(await run(store, at, { seen: ["1"], complete: true })).toEqual([]);
  });

  test("however many are open, all of them close, and none is written twice", async () => {
    const at = { now: NOW };
    const store = aStore(at);
    const problems = Array.from({ length: 1201 }, (_, index) => problem(String(index)));
    await run(store, at, { problems });
    expect(await run(store, at, { problems })).toEqual([]);
    expect((await run(store, at, { complete: true })).length).toBe(1201);
    expect(store.rows.size).toBe(0);
  });
});
