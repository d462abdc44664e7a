import { describe, expect, test } from "vitest";
import {
  emptyLedger,
  FLOOR_MS,
  isAmple,
  isAsLedgerSays,
  type Ledger,
  type Request,
  released,
  renewed,
  SLACK_MS,
  settle,
  TTL_MS,
  targetOf,
} from "./ledger.ts";
import { REST_MS } from "./purse.ts";

const limits = { perMinute: 100, concurrency: 8 };
const now = Date.parse("2026-11-02T10:00:00Z");
const request = (over: Partial<Request> = {}): Request => ({
  id: "a",
  tokens: 0,
  slots: 0,
  busy: 0,
  wants: [4, 0, 0, 100],
  slotWants: [1, 0, 0, 0, 6],
  holdUntil: 0,
  ...over,
});
const holder = (over: Partial<Ledger["holders"][string]> = {}) => ({
  tokens: 60,
  slots: 3,
  until: now + TTL_MS,
  floored: false,
  wants: [4, 0, 0, 100],
  slotWants: [1, 0, 0, 0, 6],
  ...over,
});
const total = ({ holders, pool }: Ledger) =>
  Object.values(holders).reduce((sum, { tokens }) => sum + tokens, 0) +
  pool.reduce((sum, [, tokens]) => sum + tokens, 0);

describe("the number of tokens", () => {
  test("comes into being with the first sync, all rested", () => {
    expect(settle(emptyLedger, limits, now)).toEqual({ holders: {}, pool: [[0, 100]], holdUntil: 0 });
  });

  test("grows with the configuration, and shrinks by rested tokens only", () => {
    const ledger: Ledger = {
      holders: { a: holder() },
      pool: [
        [now - 1, 10],
        [now + 5000, 30],
      ],
      holdUntil: 0,
    };
    expect(settle(ledger, { ...limits, perMinute: 120 }, now).pool).toEqual([
      [0, 30],
      [now + 5000, 30],
    ]);
    expect(settle(ledger, { ...limits, perMinute: 50 }, now).pool).toEqual([[now + 5000, 30]]);
    expect(settle(ledger, { ...limits, perMinute: 50 }, now + 5000)).toEqual({
      holders: { a: holder() },
      pool: [],
      holdUntil: 0,
    });
  });
});

describe("a holder that does not renew", () => {
  const ledger: Ledger = { holders: { a: holder() }, pool: [[0, 40]], holdUntil: 0 };
  const end = now + TTL_MS;

  test("keeps its share until its end, and the difference of two clocks longer", () => {
    expect(settle(ledger, limits, end + SLACK_MS - 1)).toEqual(ledger);
  });

  test("then has the floor and its places; the rest must rest", () => {
    expect(settle(ledger, limits, end + SLACK_MS)).toEqual({
      holders: { a: holder({ tokens: 1, until: end + FLOOR_MS, floored: true }) },
      pool: [
        [0, 40],
        [end + SLACK_MS + REST_MS, 59],
      ],
      holdUntil: 0,
    });
  });

  test("then is forgotten", () => {
    const floored = settle(ledger, limits, end + SLACK_MS);
    const gone = end + FLOOR_MS + SLACK_MS;
    expect(settle(floored, limits, gone)).toEqual({
      holders: {},
      pool: [
        [0, 99],
        [gone + REST_MS, 1],
      ],
      holdUntil: 0,
    });
    expect(settle(ledger, limits, gone)).toEqual({
      holders: {},
      pool: [
        [0, 40],
        [gone + REST_MS, 60],
      ],
      holdUntil: 0,
    });
  });
});

describe("what a process should hold", () => {
  test("alone: everything but what is kept for newcomers", () => {
    const ledger = settle(emptyLedger, { perMinute: 600, concurrency: 8 }, now);
    expect(targetOf(ledger, request({ wants: [6, 0, 0, 600] }), { perMinute: 600, concurrency: 8 })).toEqual({
      tokens: 594,
      slots: 7,
      held: 7,
      leave: 6,
    });
  });

  test("a process with orders comes before one with stock", () => {
    const ledger: Ledger = { holders: { a: holder({ tokens: 96 }) }, pool: [], holdUntil: 0 };
    const orders = request({ id: "b", wants: [4, 0, 70, 0], slotWants: [1, 0, 0, 2, 0] });
    expect(targetOf(ledger, orders, limits)).toMatchObject({ tokens: 74, slots: 3 });
    expect(targetOf(ledger, request({ tokens: 96, slots: 3 }), limits).tokens).toBe(99);
    const wants = { wants: [...orders.wants], slotWants: [...orders.slotWants] };
    const both = { ...ledger, holders: { ...ledger.holders, b: holder(wants) } };
    expect(targetOf(both, request({ tokens: 96, slots: 3 }), limits).tokens).toBe(25);
  });

  test("a newcomer gets its first place at once, and no more places than are free", () => {
    const ledger: Ledger = { holders: { b: holder({ slots: 7 }) }, pool: [], holdUntil: 0 };
    expect(targetOf(ledger, request(), limits).slots).toBe(1);
    const full: Ledger = { holders: { b: holder({ slots: 8 }) }, pool: [], holdUntil: 0 };
    expect(targetOf(full, request(), limits).slots).toBe(0);
  });

  test("a place in use is not given away", () => {
    const ledger: Ledger = { holders: { a: holder({ slots: 6 }), b: holder({ slots: 1 }) }, pool: [], holdUntil: 0 };
    // Until they have landed; nothing starts in them meanwhile.
    expect(targetOf(ledger, request({ slots: 6, busy: 5, tokens: 60 }), limits)).toMatchObject({ slots: 4, held: 5 });
  });

  test("who is on the floor keeps it", () => {
    const ledger: Ledger = { holders: { b: holder({ tokens: 1, slots: 3, floored: true }) }, pool: [], holdUntil: 0 };
    expect(targetOf(ledger, request(), limits)).toMatchObject({ tokens: 98, slots: 4 });
  });
});

describe("a renewal", () => {
  test("takes the longest rested, with the rest they still need", () => {
    const ledger: Ledger = {
      holders: {},
      pool: [
        [0, 2],
        [now + 1000, 1],
        [now + 9000, 97],
      ],
      holdUntil: 5,
    };
    const swap = renewed(ledger, request({ holdUntil: 7 }), {
      target: { tokens: 4, slots: 2, held: 2, leave: 0 },
      given: [],
      now,
    });
    expect(swap).toEqual({
      taken: [0, 0, now + 1000, now + 9000],
      ledger: { holders: { a: holder({ tokens: 4, slots: 2 }) }, pool: [[now + 9000, 96]], holdUntil: 7 },
    });
  });

  test("gives back with the rest that is due and a little more; lost ones rest a full minute", () => {
    const ledger: Ledger = { holders: { a: holder({ tokens: 60 }) }, pool: [[0, 40]], holdUntil: 0 };
    // The ledger knows of 60; the answer that brought 10 of them never came.
    const swap = renewed(ledger, request({ tokens: 50, slots: 3 }), {
      target: { tokens: 48, slots: 3, held: 3, leave: 0 },
      given: [now - 5000, now + 3500],
      now,
    });
    expect(swap.taken).toEqual([]);
    expect(swap.ledger.holders.a?.tokens).toBe(48);
    expect(swap.ledger.pool).toEqual([
      [0, 41],
      [now + 6000, 1],
      [now + REST_MS, 10],
    ]);
    expect(total(swap.ledger)).toBe(100);
  });

  test("a process that leaves gives everything back", () => {
    const ledger: Ledger = { holders: { a: holder({ tokens: 3 }), b: holder() }, pool: [[0, 37]], holdUntil: 0 };
    expect(released(ledger, "a", [now - 9000, now + 1000], now)).toEqual({
      holders: { b: holder() },
      pool: [
        [0, 38],
        [now + 3000, 1],
        [now + REST_MS, 1],
      ],
      holdUntil: 0,
    });
  });
});

describe("a renewal that may go unwritten", () => {
  const modest = { tokens: 20, slots: 1, wants: [4, 0, 0, 10], slotWants: [1, 0, 0, 0, 1] };
  const ledger = (b: Partial<Ledger["holders"][string]>): Ledger => ({
    holders: { a: holder(modest), b: holder({ ...modest, ...b }) },
    pool: [[0, 60]],
    holdUntil: now,
  });

  test.each<[string, Partial<Ledger["holders"][string]>, Partial<Request>, boolean]>([
    ["both hold little and want little", {}, {}, true],
    ["the other holds the rest of a half", { tokens: 30 }, {}, true],
    ["the other holds one more", { tokens: 31 }, {}, false],
    ["the other wants it", { wants: [4, 0, 27] }, {}, false],
    ["this one wants it", {}, { wants: [4, 0, 27] }, false],
    ["half of the places are wanted", { slotWants: [1, 1] }, {}, true],
    ["one more place is wanted", { slotWants: [1, 2] }, {}, false],
    ["one more place is held", { slots: 3 }, {}, false],
  ])("%s: half is free is %s", (_, b, a, free) => {
    expect(isAmple(ledger(b), request({ ...modest, ...a }), limits)).toBe(free);
  });

  const target = { tokens: 20, slots: 1, held: 1, leave: 0 };
  test.each<[string, Partial<Request>, Partial<typeof target>, boolean]>([
    ["nothing changes", {}, {}, true],
    ["it would give", {}, { tokens: 19 }, true],
    ["it would take", {}, { tokens: 21 }, false],
    ["it has lost tokens", { tokens: 19 }, { tokens: 19 }, false],
    ["it has another place", { slots: 0 }, { slots: 0, held: 0 }, false],
    ["it would give a place", {}, { slots: 0, held: 0 }, false],
    ["its requests keep a place", {}, { held: 2 }, false],
    ["it was asked to stay away", { holdUntil: now + 1 }, {}, false],
    ["it was asked to stay away before", { holdUntil: now }, {}, true],
    ["it is not known", { id: "c" }, {}, false],
  ])("%s: the ledger says so is %s", (_, a, over, asSaid) => {
    expect(isAsLedgerSays(ledger({}), request({ ...modest, ...a }), { ...target, ...over })).toBe(asSaid);
  });

  test("a share that has expired is written anew", () => {
    const { holders, ...rest } = ledger({});
    const floored = { ...rest, holders: { ...holders, a: holder({ ...modest, floored: true }) } };
    expect(isAsLedgerSays(floored, request(modest), target)).toBe(false);
  });
});
