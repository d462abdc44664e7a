import { expect, test } from "vitest";
import { type OrderNo, orderNoSchema } from "../../domain/ids.ts";
import { createTestMemory } from "../testing/memory.ts";
import { withBackstop } from "./backstop.ts";
import { everything, mapped, union } from "./found.ts";
import { BELIEVED_MS, historyLogFeed, type LogEntry } from "./history-log.ts";

const START = Date.parse("2026-03-01T08:00:00Z");
const HOUR = 3_600_000;
const OVERLAP_MS = 300_000;
const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

function aLog() {
  const memory = createTestMemory();
  const time = { now: START };
  const log: LogEntry[] = [];
  let silent = 0;
  const feed = historyLogFeed({
    memory,
    name: "log",
    overlapMs: OVERLAP_MS,
    now: () => time.now,
    read: async (since) => log.filter(({ at }) => Date.parse(at) >= Date.parse(since)),
    column: "ORDER_NO",
    key: orderNoSchema,
    silent: () => {
      silent += 1;
    },
  });
  const round = async () => {
    const { keys, handled } = await feed();
    await handled();
    return keys;
  };
  return { memory, time, log, feed, round, silent: () => silent };
}

test("a log that never showed anything is not believed: everything is polled, as without it", async () => {
  const { round, time, silent } = aLog();
  const seen = [];
  for (let minute = 0; minute < 4; minute += 1) {
    seen.push(await round());
    time.now += 60_000;
  }
  expect([seen, silent()]).toEqual([["lost", "all", "all", "all"], 3]);
});

test("once it shows that it works, only what it names is looked at: headers and lines by their order", async () => {
  const { round, time, log } = aLog();
  await round();
  log.push({ at: iso(time.now), keys: "ORDER_NO=1001^" });
  log.push({ at: iso(time.now), keys: "ORDER_NO=1001^LINE_NO=1^REL_NO=1^LINE_ITEM_NO=0^" });
  log.push({ at: iso(time.now), keys: "CUSTOMER_ID=C1^" });
  log.push({ at: iso(time.now), keys: "damaged" });
  expect(await round()).toEqual(["1001"]);
  time.now += 2 * OVERLAP_MS;
  log.push({ at: iso(time.now), keys: "ORDER_NO=1002^" });
  expect(await round()).toEqual(["1001", "1002"]);
  expect(await round()).toEqual(["1002"]);
});

test("a log that fell silent is not believed for ever", async () => {
  const { round, time, log } = aLog();
  await round();
  log.push({ at: iso(time.now), keys: "ORDER_NO=1001^" });
  await round();
  time.now += BELIEVED_MS - 1;
  expect(await round()).toEqual(["1001"]);
  time.now += 1;
  expect(await round()).toBe("all");
});

test("digits of a clock that is hours ahead or behind lose nothing", async () => {
  for (const zone of [-10 * HOUR, 13 * HOUR]) {
    const { round, time, log } = aLog();
    await round();
    for (const orderNo of ["1", "2", "3"]) {
      time.now += 600_000;
      log.push({ at: iso(time.now + zone), keys: `ORDER_NO=${orderNo}^` });
      expect(await round()).toContain(orderNo);
    }
  }
});

test.each([[{ watermark: 5 }], [{ watermark: "2026-03-01T08:00:00Z", provenAt: -1 }], ["text"]])(
  "a damaged document %j is a lost one",
  async (value) => {
    const { round, memory } = aLog();
    await round();
    memory.documents.set("log", { value, version: 9 });
    expect([await round(), await round()]).toEqual(["lost", "all"]);
  },
);

test("everything is looked at from time to time in any case, and that is remembered once it is done", async () => {
  const memory = createTestMemory();
  const time = { now: START };
  const feed = withBackstop(async () => ({ keys: ["1001" as OrderNo], handled: async () => {} }), {
    memory,
    name: "full",
    everyMs: 600_000,
    now: () => time.now,
  });
  const round = async (isHandled = true) => {
    const { keys, handled } = await feed();
    if (isHandled) await handled();
    return keys;
  };
  expect([await round(false), await round(), await round()]).toEqual(["all", "all", ["1001"]]);
  time.now += 600_000;
  expect([await round(false), await round(), await round()]).toEqual(["all", "all", ["1001"]]);
});

test("several feeds are one, and all of them are told what was handled", async () => {
  const told: string[] = [];
  const of = (name: string, keys: readonly string[] | "all" | "lost") => async () => ({
    keys,
    handled: async () => {
      told.push(name);
    },
  });
  const both = await union(of("a", ["1", "2"]), of("b", ["2", "3"]))();
  await both.handled();
  expect([both.keys, told]).toEqual([
    ["1", "2", "3"],
    ["a", "b"],
  ]);
  expect((await union(of("a", ["1"]), of("b", "all"))()).keys).toBe("all");
  expect((await union(of("a", "lost"), of("b", "all"))()).keys).toBe("lost");
  const doubled = async (keys: readonly string[]) => keys.map((key) => `${key}${key}`);
  expect((await mapped(of("a", ["1"]), doubled)()).keys).toEqual(["11"]);
  expect((await mapped(everything<string>(), doubled)()).keys).toBe("all");
});
