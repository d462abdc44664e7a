/** A cart that asks again and again keeps goods from others for as long as `atp.holds.longestSeconds`, and no longer. */
import { expect, test } from "vitest";
import { openHoldShards, toldHolds } from "../../ct/testing/hold-shards.ts";
import type { Promises } from "../../domain/atp-promise.ts";
import { MOST_HOLDS, REST_MS, type StockHold } from "../../domain/stock-hold.ts";
import { ask, checkoutConfig, openCheckout, type Part, short, type Wish } from "./testing/checkout.ts";

const REST_SECONDS = REST_MS / 1000;
const settings = { seconds: 60, boundSeconds: 30, longestSeconds: 150 };

async function open(
  stock: Record<string, Part> = { BOLT: { ifs: 1, shop: 1 } },
  config = checkoutConfig({ holds: settings }),
) {
  const shards = await openHoldShards();
  // Seconds are told below: what a busy machine takes for a test is none of them.
  const startedAt = Date.now();
  const checkout = openCheckout(stock, shards.store.holds, config, () => startedAt);
  const deps = checkout.replica();
  const begun = checkout.clock.now();
  /** What came of the wish to hold; the end in whole seconds since the beginning. */
  const hold = async (wish: Partial<Wish> = {}) => {
    const { hold: told } = await ask(deps, { lines: { BOLT: 1 }, cart: "a", hold: true, ...wish });
    const { held, until, reason } = told ?? {};
    return [held, until === undefined ? undefined : Math.round((until - begun) / 1000), reason];
  };
  return { ...shards, ...checkout, deps, begun, hold };
}

/** The cart holds and asks again until it is told that it is not renewed. */
async function heldLongest(given?: Record<string, Part>, lines: Record<string, number> = { BOLT: 1 }) {
  const checkout = await open(given);
  const { hold, later } = checkout;
  expect(await hold({ lines })).toEqual([true, 60, undefined]);
  later(50);
  expect(await hold({ lines })).toEqual([true, 110, undefined]);
  later(50);
  expect(await hold({ lines })).toEqual([true, 150, "longestReached"]);
  return checkout;
}

test("it is renewed until then; after its end others have the units, and the cart is told why it holds nothing", async () => {
  const { hold, later, deps, holds, platform, begun } = await heldLongest();
  later(40);
  expect(await hold()).toEqual([true, 150, "longestReached"]);
  expect((await ask(deps, { lines: { BOLT: 1 }, cart: "b" })).accepted).toBe(false);
  later(11);
  const before = platform.writes();
  expect(await hold()).toEqual([false, undefined, "longestReached"]);
  // Who asks on and on writes nothing.
  expect(platform.writes()).toBe(before);
  expect(await hold({ cart: "b" })).toEqual([true, 211, undefined]);
  expect(toldHolds((await holds()).filter(({ until }) => until > begun + 151_000))).toEqual(["b BOLT 1"]);
  expect(short(await ask(deps, { lines: { BOLT: 1 }, cart: "a", hold: true }))).toEqual([
    "BOLT: refuse by ifs, 0, outOfStock",
  ]);
});

test("its lines pass all the same, and its order is created of what is free", async () => {
  const { hold, later, deps, holds } = await heldLongest();
  later(60);
  const asked = await ask(deps, { lines: { BOLT: 1 }, cart: "a", hold: true });
  expect([asked.accepted, asked.hold]).toEqual([true, { held: false, reason: "longestReached" }]);
  expect((await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a" })).accepted).toBe(true);
  expect(toldHolds((await holds()).filter(({ order }) => order === "o-a"))).toEqual(["a BOLT 1 for o-a"]);
  expect((await ask(deps, { lines: { BOLT: 1 }, cart: "b", order: "o-b" })).accepted).toBe(false);
  // An attempt that failed is over with its binding, and has made the cart no younger.
  later(31);
  expect(await hold()).toEqual([false, undefined, "longestReached"]);
  expect((await ask(deps, { lines: { BOLT: 1 }, cart: "b", order: "o-b" })).accepted).toBe(true);
});

test("after a rest it may hold again", async () => {
  const { hold, later } = await heldLongest();
  later(51 + REST_SECONDS - 2);
  expect(await hold()).toEqual([false, undefined, "longestReached"]);
  later(2);
  const now = 100 + 51 + REST_SECONDS;
  expect(await hold()).toEqual([true, now + 60, undefined]);
});

test("a cart that lets its hold end and asks at once is as old as before", async () => {
  const { hold, later } = await open();
  await hold();
  later(100);
  expect(await hold()).toEqual([true, 150, "longestReached"]);
  later(51);
  expect(await hold()).toEqual([false, undefined, "longestReached"]);
});

const two = { BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 9, shop: 9, partNo: "BOLT" } };
test.each<[string, Partial<Wish>[]]>([
  ["another quantity", [{ lines: { BOLT: 2 } }, { lines: { BOLT: 1 } }]],
  ["another line beside it", [{ lines: { NUT: 1, BOLT: 1 } }]],
  ["another line in its place, and back", [{ lines: { NUT: 1 } }, { lines: { BOLT: 1 } }]],
  ["an attempt to order", [{ order: "o-a" }, {}]],
  ["a reservation", [{ reserves: true }]],
])("%s makes it no younger", async (_, wishes) => {
  const { hold, later } = await open(two);
  await hold();
  later(55);
  for (const wish of wishes) await hold(wish);
  later(50);
  const last = wishes.at(-1) ?? {};
  expect(await hold({ lines: last.lines ?? { BOLT: 1 } })).toEqual([true, 150, "longestReached"]);
});

test("each cart and each SKU has an age of its own", async () => {
  const { hold, later } = await heldLongest(two);
  expect(await hold({ cart: "b" })).toEqual([true, 160, undefined]);
  expect(await hold({ lines: { NUT: 1 } })).toEqual([true, 160, undefined]);
  later(51);
  expect(await hold({ lines: { NUT: 1 } })).toEqual([true, 211, undefined]);
});

test("where one line may not be held any longer none is held anew, and what the cart has of the others stays", async () => {
  const stock = { BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 9, shop: 9 } };
  const { hold, later, holds, deps, clock } = await heldLongest(stock);
  const live = async () => toldHolds((await holds()).filter(({ until }) => until > clock.now()));
  expect(await hold({ lines: { NUT: 2 } })).toEqual([true, 160, undefined]);
  later(51);
  expect(await hold({ lines: { BOLT: 1, NUT: 5 } })).toEqual([false, undefined, "longestReached"]);
  await deps.context.holdShards.end();
  expect(await live()).toEqual(["a NUT 2"]);
});

test("an attempt that is given back makes its cart no younger", async () => {
  const stock = { BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 9, shop: 9 } };
  const { hold, later, deps } = await open(stock);
  await hold();
  later(50);
  expect(await hold({ lines: { NUT: 1 } })).toEqual([true, 110, undefined]);
  later(101);
  // BOLT is over; NUT, whose hold has ended, is taken once more for this attempt, and given back.
  expect(await hold({ lines: { BOLT: 1, NUT: 1 } })).toEqual([false, undefined, "longestReached"]);
  await deps.context.holdShards.end();
  expect(await hold({ lines: { NUT: 1 } })).toEqual([true, 200, "longestReached"]);
});

test("a promise ends with it, and the order that keeps one leaves what is remembered of others", async () => {
  const config = checkoutConfig({ holds: settings, promise: { field: "promise", seconds: 3600 } });
  const { later, holds, replica, begun } = await open({ BOLT: { ifs: 2, shop: 2 } }, config);
  const promises: Promises = {
    sign: (claims) => JSON.stringify(claims),
    verify: (token) => ({ ok: true, value: JSON.parse(token) }),
  };
  const deps = { ...replica(), promises };
  const hold = async (cart: string) => (await ask(deps, { lines: { BOLT: 1 }, cart, hold: true })).hold;
  await hold("a");
  await hold("b");
  later(61);
  await hold("a");
  later(50);
  const promise = (await hold("a"))?.promise;
  // Whole seconds, and down.
  expect([149, 150]).toContain(Math.floor(((promise?.until ?? 0) - begun) / 1000));
  const fields = { promise: promise?.token ?? "" };
  const ordered = await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a", fields });
  expect(short(ordered)).toEqual(["BOLT: confirm by promise, 1, promised"]);
  expect(toldHolds(await holds())).toEqual(["a BOLT 1 for o-a", "b BOLT 1"]);
  // As old as it was, and not begun anew.
  later(40);
  expect((await holds()).map(({ since = 0 }) => Math.round((since - begun) / 1000))).toEqual([0, 0]);
});

test("a hold of before, which tells no beginning, begins when it is asked for again", async () => {
  const { hold, later, store, holds } = await open();
  await hold();
  const [found] = await holds();
  const shard = (await store.holds.all()).find((one) => one.holds.length > 0);
  const number = Number(shard?.shard.slice("shard-".length));
  const version = (await store.holds.read(number))?.version ?? 0;
  await store.holds.swap(number, [{ ...(found as StockHold), since: undefined }], version);
  later(50);
  expect(await hold()).toEqual([true, 110, undefined]);
  later(50);
  expect(await hold()).toEqual([true, 160, undefined]);
});

test("what is only remembered takes no place in a document that is full", async () => {
  const { hold, later, store, holds, clock } = await open();
  await hold();
  const [found] = await holds();
  const shard = (await store.holds.all()).find((one) => one.holds.length > 0);
  const number = Number(shard?.shard.slice("shard-".length));
  const version = (await store.holds.read(number))?.version ?? 0;
  const ended = { ...(found as StockHold), until: clock.now() - 1 };
  const many = Array.from({ length: MOST_HOLDS }, (_, n) => ({ ...ended, owner: `cart-${n}` }));
  await store.holds.swap(number, many, version);
  later(3);
  expect((await hold({ cart: "b" }))[0]).toBe(true);
  expect(await holds()).toHaveLength(1);
});
