import { describe, expect, test } from "vitest";
import { RefusedError, TransientError } from "../domain/failure.ts";
import { type Hint, hintId } from "../domain/hints.ts";
import type { Contract, OrderNo, PartNo, Sku } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/records.ts";
import { before, consumeHints, HINT_ATTEMPTS, type HintDeps, type WaitingHint } from "./hints.ts";

const order = (orderNo: string): Hint => ({ object: "order", orderNo: orderNo as OrderNo });
const stock = (partNo: string): Hint => ({ object: "stock", contract: "101" as Contract, partNo: partNo as PartNo });

/** A store of hints, and flows that note what they are asked to read. */
function aDesk(...given: Hint[]) {
  const stored = new Map<string, WaitingHint>();
  const put = (hint: Hint) => {
    const key = hintId(hint);
    stored.set(key, { key, version: (stored.get(key)?.version ?? 0) + 1, hint, attempts: 0 });
  };
  for (const hint of given) put(hint);
  const current = ({ key, version }: WaitingHint) => stored.get(key)?.version === version;
  const read: string[][] = [];
  const journal: JournalEntry[] = [];
  const desk = {
    stored,
    put,
    read,
    journal,
    /** Called with the keys of each reading; may throw. */
    reading: (_keys: string[]) => {},
  };
  const look = async (keys: string[]) => {
    read.push(keys);
    desk.reading(keys);
    return { processed: keys.length, changed: keys.length, failed: 0 };
  };
  const deps: HintDeps = {
    hints: {
      waiting: async (limit) => [...stored.values()].slice(0, limit),
      remove: async (hint) => {
        if (current(hint)) stored.delete(hint.key);
      },
      failed: async (hint) => {
        if (!current(hint)) return;
        stored.delete(hint.key);
        stored.set(hint.key, { ...hint, version: hint.version + 1, attempts: hint.attempts + 1 });
      },
    },
    stock: ({ partNos = [], skus = [] }) =>
      look([...partNos.map(({ contract, partNo }) => `${contract}/${partNo}`), ...skus]),
    orders: (orderNos) => look([...orderNos]),
    journal: {
      append: async (entry) => {
        journal.push(entry);
      },
    },
    clock: { now: () => Date.parse("2026-03-01T08:00:00Z") },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  };
  return { desk, deps };
}

test("SKUs that the checkout found too high are read together, beside parts that IFS named", async () => {
  const sku = (name: string): Hint => ({ object: "sku", sku: name as Sku });
  const { desk, deps } = aDesk(sku("BOLT"), stock("P1"), sku("NUT"));
  await consume(deps);
  expect(desk.read).toEqual([["BOLT", "NUT"], ["101/P1"]]);
  expect(desk.stored.size).toBe(0);
});

const consume = (deps: HintDeps, batch = 100) => consumeHints(deps, { batch, stop: () => false });

test("hints are looked at together, by kind, and are gone", async () => {
  const { desk, deps } = aDesk(order("1"), stock("P1"), order("2"), stock("P2"));
  expect(await consume(deps)).toEqual({ handled: 4, dropped: 0, changed: 4 });
  expect([desk.read, desk.stored.size]).toEqual([
    [
      ["1", "2"],
      ["101/P1", "101/P2"],
    ],
    0,
  ]);
});

test("in batches, until nothing waits; what is told meanwhile is looked at, too", async () => {
  const { desk, deps } = aDesk(order("1"), order("2"), order("3"));
  desk.reading = (keys) => {
    if (keys.includes("3")) desk.put(order("1"));
  };
  await consume(deps, 2);
  expect([desk.read, desk.stored.size]).toEqual([[["1", "2"], ["3"], ["1"]], 0]);
});

test("a hint that is told again while it is looked at is looked at again", async () => {
  const { desk, deps } = aDesk(order("1"));
  let told = 0;
  desk.reading = () => {
    if (told++ === 0) desk.put(order("1"));
  };
  await consume(deps);
  expect([desk.read, desk.stored.size]).toEqual([[["1"], ["1"]], 0]);
});

test("nothing is begun when the time is over", async () => {
  const { desk, deps } = aDesk(order("1"));
  expect(await consumeHints(deps, { batch: 10, stop: () => true })).toEqual({ handled: 0, dropped: 0, changed: 0 });
  expect(desk.stored.size).toBe(1);
});

test("an outage leaves them all where they are, without counting it", async () => {
  const { desk, deps } = aDesk(order("1"), stock("P1"));
  desk.reading = () => {
    throw new TransientError("IFS is down");
  };
  await expect(consume(deps)).rejects.toBeInstanceOf(TransientError);
  expect([...desk.stored.values()].map(({ attempts }) => attempts)).toEqual([0, 0]);
});

describe("a hint that nobody can handle", () => {
  const poisoned = () => {
    const { desk, deps } = aDesk(order("1"), order("BAD"), order("2"));
    desk.reading = (keys) => {
      if (keys.includes("BAD")) throw new RefusedError("ifs", "ORA-20110", 500, "this order cannot be read");
    };
    return { desk, deps };
  };

  test("does not take the others with it, and is tried once in a round", async () => {
    const { desk, deps } = poisoned();
    expect(await consume(deps)).toEqual({ handled: 2, dropped: 0, changed: 2 });
    expect(desk.read).toEqual([["1", "BAD", "2"], ["1"], ["BAD"], ["2"]]);
    expect([...desk.stored.values()].map(({ hint, attempts }) => [hint, attempts])).toEqual([[order("BAD"), 1]]);
  });

  test("is dropped after some attempts, and the journal says so", async () => {
    const { desk, deps } = poisoned();
    for (let attempt = 1; attempt < HINT_ATTEMPTS; attempt += 1) {
      await consume(deps);
      expect([desk.stored.size, desk.journal]).toEqual([1, []]);
    }
    expect(await consume(deps)).toMatchObject({ dropped: 1 });
    expect([desk.stored.size, desk.journal]).toEqual([
      0,
      [
        {
          at: "2026-03-01T08:00:00.000Z",
          flow: "status-sync",
          recordType: "order",
          recordId: "BAD",
          event: "hint-dropped",
          detail: { attempts: 5, reason: "this order cannot be read" },
        },
      ],
    ]);
  });

  test("a document that is none is dropped at once", async () => {
    const { desk, deps } = aDesk(order("1"));
    desk.stored.set("odd", { key: "odd", version: 1, hint: undefined, attempts: 0 });
    expect(await consume(deps)).toEqual({ handled: 1, dropped: 1, changed: 1 });
    expect([desk.stored.size, desk.journal.map(({ recordId }) => recordId)]).toEqual([0, ["odd"]]);
  });
});

test("a call is refused once the time is over", async () => {
  let over = false;
  const call = before(
    () => over,
    async (value: number) => value + 1,
  );
  expect(await call(1)).toBe(2);
  over = true;
  await expect(call(1)).rejects.toBeInstanceOf(TransientError);
});
