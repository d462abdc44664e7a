import { describe, expect, it } from "vitest";
import type { Change } from "../domain/change.ts";
import { ConflictError, RefusedError, TransientError } from "../domain/failure.ts";
import { err, ok } from "../domain/result.ts";
import { type DeltaSteps, type RefusedRecord, runDelta } from "./run-delta.ts";

type Row = { id: string; wanted: number };
type Write = { id: string; to: number; seen: number };
type Store = Map<string, number>;
type Steps = DeltaSteps<Row, Row, ReadonlyMap<string, number>, Write>;

const refusal = (id: string, message: string): RefusedRecord => ({
  recordType: "sku",
  recordId: id,
  recordLabel: id,
  rejection: { code: "invalidInput", message, action: "repair it", owner: "merchant" },
});

/** Two-page source over a store that compares what the writer saw. */
function world(rows: Row[], store: Store, pageSize = 2) {
  const log: string[] = [];
  const recorded: string[] = [];
  const planFor = (row: Row, current: number | undefined): Change<Write> | undefined =>
    current === row.wanted
      ? undefined
      : { record: row.id, cause: `wants ${row.wanted}`, apply: { id: row.id, to: row.wanted, seen: current ?? 0 } };
  const steps: Steps = {
    page: async (after) => {
      const from = after === undefined ? 0 : Number(after);
      const next = from + pageSize < rows.length ? String(from + pageSize) : undefined;
      log.push(`page ${from}`);
      return { rows: rows.slice(from, from + pageSize), next };
    },
    parse: (row) => {
      const value = row as Row;
      return value.wanted < 0 ? err(refusal(value.id, "negative")) : ok(value);
    },
    desired: async (values) => ({ values, refused: [] }),
    current: async () => new Map(store),
    plan: (desired, current) => ({
      values: desired.flatMap((row) => planFor(row, current.get(row.id)) ?? []),
      refused: [],
    }),
    apply: async ({ apply }) => {
      if ((store.get(apply.id) ?? 0) !== apply.seen) throw new ConflictError("somebody wrote first");
      store.set(apply.id, apply.to);
    },
    again: async (change) => {
      const row = rows.find(({ id }) => id === change.record);
      return row && planFor(row, store.get(row.id));
    },
    refuse: (change, error) => refusal(change.record, error.message),
    record: async (refused) => {
      recorded.push(`${refused.recordId}: ${refused.rejection.message}`);
    },
    waits: (change) => {
      log.push(`waits ${change.record}`);
    },
    saveCursor: async (next) => {
      log.push(`cursor ${next ?? "end"}`);
    },
  };
  return { steps, log, recorded };
}

const rows: Row[] = [
  { id: "a", wanted: 1 },
  { id: "b", wanted: -1 },
  { id: "c", wanted: 3 },
];

describe("runDelta", () => {
  it("brings all pages over, records what is refused, and writes nothing the second time", async () => {
    const store: Store = new Map();
    const { steps, log, recorded } = world(rows, store);
    expect(await runDelta(steps, { concurrency: 2 })).toEqual({ processed: 3, changed: 2, failed: 1 });
    expect([...store]).toEqual([
      ["a", 1],
      ["c", 3],
    ]);
    expect(recorded).toEqual(["b: negative"]);
    expect(log).toEqual(["page 0", "cursor 2", "page 2", "cursor end"]);
    expect(await runDelta(steps, { concurrency: 2 })).toEqual({ processed: 3, changed: 0, failed: 1 });
  });

  it("leaves the cursor before a page that met an outage, and awaits the writes that had begun", async () => {
    const store: Store = new Map();
    const { steps, log } = world(rows, store);
    let begun = 0;
    let ended = 0;
    const broken: Steps = {
      ...steps,
      apply: async (change) => {
        begun += 1;
        await new Promise((resolve) => setTimeout(resolve, change.record === "c" ? 1 : 5));
        ended += 1;
        if (change.record === "c") throw new TransientError("commercetools is down");
        await steps.apply(change);
      },
    };
    await expect(runDelta(broken, { concurrency: 2 })).rejects.toThrow(new TransientError("commercetools is down"));
    expect(log).toEqual(["page 0", "cursor 2", "page 2"]);
    expect({ begun, ended }).toEqual({ begun: 2, ended: 2 });
  });

  /** Lets every write go until the run is over. */
  async function finish(run: Promise<unknown>, open: (() => void)[], settled: () => Promise<unknown>): Promise<void> {
    let over = false;
    const end = () => {
      over = true;
    };
    run.then(end, end);
    while (!over) {
      for (const free of open.splice(0)) free();
      await settled();
    }
  }

  describe("with pages read ahead", () => {
    const many: Row[] = ["a", "b", "c", "d", "e", "f", "g"].map((id, index) => ({ id, wanted: index + 1 }));

    /** Writes end when they are let go. */
    function held(pageSize = 1) {
      const store: Store = new Map();
      const { steps, log } = world(many, store, pageSize);
      const open: (() => void)[] = [];
      const holding: Steps = {
        ...steps,
        current: async (desired) => {
          log.push(`current ${desired.map(({ id }) => id).join()}`);
          return steps.current(desired);
        },
        apply: async (change) => {
          log.push(`write ${change.record}`);
          await new Promise<void>((resolve) => open.push(resolve));
          await steps.apply(change);
        },
      };
      const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
      const letGo = async () => {
        for (let free = open.shift(); free; free = open.shift()) free();
        await settled();
      };
      return { store, log, holding, open, settled, letGo };
    }

    it("lets the writes of pages share the places, with so many pages under way and read ahead, and saves each cursor in turn", async () => {
      const { store, log, holding, settled, letGo } = held();
      const run = runDelta(holding, { concurrency: 2, ahead: 2, atOnce: 3 });
      await settled();
      expect(log.toSorted()).toEqual(
        [
          ...["current a", "current b", "current c"],
          ...["page 0", "page 1", "page 2", "page 3", "page 4"],
          ...["write a", "write b"],
        ].toSorted(),
      );
      for (let left = 6; left > 0; left -= 1) await letGo();
      expect(await run).toEqual({ processed: 7, changed: 7, failed: 0 });
      expect([...store]).toEqual(many.map(({ id, wanted }) => [id, wanted]));
      const cursors = [...["1", "2", "3", "4", "5", "6"], "end"].map((next) => `cursor ${next}`);
      expect(log.filter((line) => line.startsWith("cursor"))).toEqual(cursors);
      for (const [index, { id }] of many.entries()) {
        expect(log.indexOf(cursors[index] as string)).toBeGreaterThan(log.indexOf(`write ${id}`));
      }
    });

    it("saves no cursor of a page that is done before an earlier one", async () => {
      const { log, holding, settled, open } = held();
      const run = runDelta(holding, { concurrency: 3, ahead: 2, atOnce: 3 });
      await settled();
      const [a, b, c] = open.splice(0);
      b?.();
      c?.();
      await settled();
      expect(log.filter((line) => line.startsWith("cursor"))).toEqual([]);
      a?.();
      await settled();
      expect(log.filter((line) => line.startsWith("cursor"))).toEqual(["cursor 1", "cursor 2", "cursor 3"]);
      await finish(run, open, settled);
    });

    it("after a write that failed, saves the cursors of the pages before it and begins nothing new", async () => {
      const { log, holding, settled, open } = held();
      const broken: Steps = {
        ...holding,
        apply: async (change) => {
          await holding.apply(change);
          if (change.record === "b") throw new TransientError("commercetools is down");
        },
      };
      const run = runDelta(broken, { concurrency: 2, ahead: 2, atOnce: 3 });
      const ended = expect(run).rejects.toThrow(new TransientError("commercetools is down"));
      await settled();
      const [a, b] = open.splice(0);
      b?.();
      await settled();
      a?.();
      await ended;
      expect(log.filter((line) => /^(cursor|write)/.test(line))).toEqual(["write a", "write b", "cursor 1"]);
    });

    it("ends soon after a position that cannot be saved: the run has lost its lease", async () => {
      const { log, holding, settled, open } = held();
      const lost: Steps = {
        ...holding,
        saveCursor: async () => {
          throw new ConflictError("another run moved it");
        },
      };
      const run = runDelta(lost, { concurrency: 2, ahead: 2, atOnce: 3 });
      const ended = expect(run).rejects.toThrow(new ConflictError("another run moved it"));
      await settled();
      await finish(run, open, settled);
      await ended;
      expect(log.filter((line) => line.startsWith("write"))).toEqual(["write a", "write b", "write c"]);
    });

    it("a page that cannot be read ends the run at its own turn: the ones before are written, their cursors saved", async () => {
      const { store, log, holding, settled, letGo } = held();
      const broken: Steps = {
        ...holding,
        page: async (after) => {
          if (after === "2") throw new TransientError("IFS is down");
          return holding.page(after);
        },
      };
      const run = runDelta(broken, { concurrency: 2, ahead: 3, atOnce: 4 });
      const ended = expect(run).rejects.toThrow(new TransientError("IFS is down"));
      await settled();
      await letGo();
      await letGo();
      await ended;
      expect([...store.keys()]).toEqual(["a", "b"]);
      expect(log.filter((line) => line.startsWith("cursor"))).toEqual(["cursor 1", "cursor 2"]);
    });

    it("stops after the page that is being written, whatever was read meanwhile", async () => {
      const { store, log, holding, settled, letGo } = held(2);
      const run = runDelta(holding, { concurrency: 2, ahead: 2, stop: () => true });
      await settled();
      await letGo();
      expect(await run).toEqual({ processed: 2, changed: 2, failed: 0 });
      expect([[...store.keys()], log.at(-1)]).toEqual([["a", "b"], "cursor 2"]);
    });
  });

  it("plans anew after a conflict, and lets the record wait after three", async () => {
    const store: Store = new Map();
    const { steps, log } = world([{ id: "a", wanted: 5 }], store);
    let interferences = 0;
    const contested = (times: number): Steps => ({
      ...steps,
      apply: async (change) => {
        if (interferences < times) {
          interferences += 1;
          store.set("a", 100 + interferences);
        }
        await steps.apply(change);
      },
    });
    expect(await runDelta(contested(2), { concurrency: 1 })).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(store.get("a")).toBe(5);
    interferences = 0;
    expect(
      await runDelta({ ...contested(9), plan: () => ({ values: [stale], refused: [] }) }, { concurrency: 1 }),
    ).toEqual({
      processed: 1,
      changed: 0,
      failed: 1,
      message: "1 records kept changing under our hands and wait for the next run",
    });
    expect(store.get("a")).toBe(103);
    expect(log).toContain("waits a");
  });

  it("records a write that the platform refuses and goes on with the others", async () => {
    const store: Store = new Map();
    const { steps, recorded } = world(rows, store);
    const picky: Steps = {
      ...steps,
      apply: async (change) => {
        if (change.record === "a") throw new RefusedError("commercetools", "InvalidField", 400, "not this one");
        await steps.apply(change);
      },
    };
    expect(await runDelta(picky, { concurrency: 2 })).toEqual({ processed: 3, changed: 1, failed: 2 });
    expect(recorded).toEqual(["b: negative", "a: not this one"]);
  });

  it("stops between pages when asked and refuses a page that does not move", async () => {
    const { steps, log } = world(rows, new Map());
    expect(await runDelta(steps, { concurrency: 2, stop: () => true })).toEqual({
      processed: 2,
      changed: 1,
      failed: 1,
    });
    expect(log).toEqual(["page 0", "cursor 2"]);
    const stuck: Steps = { ...steps, page: async () => ({ rows: [], next: "2" }) };
    await expect(runDelta(stuck, { after: "2", concurrency: 1 })).rejects.toThrow('the page after "2" did not move');
  });
});

const stale: Change<Write> = { record: "a", cause: "wants 5", apply: { id: "a", to: 5, seen: 0 } };
