/** Sums that are carried over from list to list say what going through the list says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { add, type DecimalString, decimal, ZERO } from "./decimal.ts";
import { type HoldReader, heldByOthers, heldTogether, nothingHeld } from "./held-by-others.ts";
import { giveBackHolds, isHeldLongest, placeHolds } from "./hold-changes.ts";
import type { Contract, PartNo, Sku } from "./ids.ts";
import { isLive, REST_MS, rememberedUntil, type StockHold } from "./stock-hold.ts";

const owners = ["a", "b", "c", "d"];
const hold = (owner: string, over: Partial<StockHold>): StockHold => ({
  ...{ owner, by: `by-${owner}`, until: 100, site: "S1" as Contract, partNo: "P" as PartNo, sku: "P" as Sku },
  ...{ channel: "web", units: decimal("1"), pieces: 1, ...over },
});

const wish = fc.record({
  owner: fc.constantFrom(...owners),
  partNo: fc.constantFrom("P", "Q") as fc.Arbitrary<PartNo>,
  channel: fc.constantFrom("web", "shop"),
  units: fc.integer({ min: 1, max: 40 }).map((units) => decimal(String(units / 8))),
  pieces: fc.integer({ min: 1, max: 3 }),
  lasts: fc.integer({ min: 1, max: 30 }),
  order: fc.constantFrom(undefined, "o1", "o2"),
  reserves: fc.constantFrom(undefined, true as const),
  asks: fc.boolean(),
});
const step = fc.oneof(
  { weight: 5, arbitrary: wish.map((of) => ({ kind: "place", of }) as const) },
  fc.constantFrom(...owners).map((owner) => ({ kind: "giveBack", owner }) as const),
  fc
    .oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(REST_MS - 10, REST_MS))
    .map((ms) => ({ kind: "later", ms }) as const),
  fc.subarray([...owners, "o1", "o2"], { maxLength: 2 }).map((ids) => ({ kind: "orders", ids }) as const),
);

const key = ({ site, partNo, channel }: Pick<StockHold, "site" | "partNo" | "channel">) =>
  JSON.stringify([site, partNo, channel]);

function sums(list: readonly Pick<StockHold, "site" | "partNo" | "channel" | "units">[]): Map<string, DecimalString> {
  const found = new Map<string, DecimalString>();
  for (const one of list) found.set(key(one), add(found.get(key(one)) ?? ZERO, one.units));
  return new Map([...found].filter(([, units]) => units !== ZERO).toSorted());
}

const gone = (all: readonly StockHold[], { owner, now, counted }: HoldReader): StockHold[] =>
  all.filter((one) => {
    const isCounted = counted.has(one.owner) || (one.order !== undefined && counted.has(one.order));
    return one.owner !== owner && isLive(one, now) && !isCounted;
  });

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type State = { readonly holds: readonly StockHold[]; readonly now: number; readonly counted: ReadonlySet<string> };

function after(state: State, one: Step): State {
  const { holds, now } = state;
  if (one.kind === "later") return { ...state, now: now + one.ms };
  if (one.kind === "orders") return { ...state, counted: new Set(one.ids) };
  if (one.kind === "giveBack") {
    const { owner } = one;
    return { ...state, holds: giveBackHolds(holds, { owner, by: `by-${owner}`, before: [] }, now) };
  }
  const { owner, lasts, asks, ...of } = one.of;
  const since = asks && of.order === undefined ? { since: now } : {};
  const wish = { owner, wanted: [hold(owner, { ...of, ...since, until: now + lasts })], longestMs: 60 };
  if (isHeldLongest(holds, wish, now)) return state;
  return { ...state, holds: placeHolds(holds, wish, now) ?? holds };
}

function expectRight({ holds, now, counted }: State): void {
  for (const owner of [undefined, ...owners]) {
    const reader = { owner, now, counted };
    const expected = gone(holds, reader);
    const found = heldByOthers(holds, reader);
    expect(sums(found.units)).toEqual(sums(expected));
    expect(new Set(found.units.map(key)).size).toBe(found.units.length);
    expect(found.holds()).toEqual(expected);
    const reserving = expected.filter(({ reserves, order }) => reserves && order === undefined);
    expect(new Set(found.reserving)).toEqual(new Set(reserving));
  }
}

test("whatever is placed, given back, expires and is counted, in any order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state: State = { holds: [], now: 1000, counted: new Set() };
      for (const one of steps) {
        const before = state;
        state = after(state, one);
        expectRight(state);
        // Somebody may still look at an older list.
        expectRight({ ...state, holds: before.holds });
      }
    }),
    { numRuns: 300 },
  );
});

test("what has expired and is not remembered is gone with the next change, and what lives stays as it was", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), wish, (steps, { owner, lasts, asks: _, ...of }) => {
      const { holds, now } = steps.reduce(after, { holds: [], now: 1000, counted: new Set() } as State);
      const wanted = [hold(owner, { ...of, until: now + lasts })];
      const placed = placeHolds(holds, { owner, wanted, longestMs: 60 }, now) ?? [];
      const others = (list: readonly StockHold[]) => list.filter((one) => one.owner !== owner);
      const isRemembered = (one: StockHold) => rememberedUntil(one) > now;
      expect(others(placed)).toEqual(others(holds).filter(isRemembered));
      expect(placed.every(isRemembered)).toBe(true);
      const asking = ({ since }: StockHold) => since !== undefined;
      expect(placed.every((one) => isLive(one, now) || asking(one))).toBe(true);
    }),
  );
});

test("a clock that was set back finds again what had expired", () => {
  const holds = [hold("a", { until: 50 })];
  const at = (now: number) => sums(heldByOthers(holds, { owner: undefined, now, counted: new Set() }).units).size;
  expect([at(10), at(60), at(10)]).toEqual([1, 0, 1]);
});

test("of several shards all of it", () => {
  const [one, two] = [[hold("a", {})], [hold("b", { partNo: "Q" as PartNo, reserves: true })]].map((list) =>
    heldByOthers(list, { owner: undefined, now: 1, counted: new Set() }),
  );
  if (!one || !two) throw new Error("two shards");
  const both = heldTogether([one, two]);
  expect([both.units.length, both.reserving.length, both.holds().length]).toEqual([2, 1, 2]);
  expect(heldTogether([])).toBe(nothingHeld);
});
