import { expect, it } from "vitest";
import { openHoldShards } from "../../ct/testing/hold-shards.ts";
import { TransientError } from "../../domain/failure.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, openCheckout, short } from "./testing/checkout.ts";

const line = (reserved: number, more: object = {}) => ({
  ...{ sku: "BOLT", quantity: reserved, supplyChannelId: "id-web", reserved },
  ...more,
});

async function open() {
  const { store } = await openHoldShards();
  const checkout = openCheckout({ BOLT: { ifs: 1, shop: 1, reserved: 1 }, NUT: { ifs: 90, shop: 90 } }, store.holds);
  const carts = new Map<string, ReturnType<typeof line>[]>([
    ["a", [line(1)]],
    ["elsewhere", [line(1, { supplyChannelId: "id-store" })]],
    ["empty", []],
  ]);
  const read: string[] = [];
  const deps: AtpDeps = {
    ...checkout.replica(),
    async cartStock(id) {
      read.push(id);
      const lines = carts.get(id);
      return lines && { lines };
    },
  };
  return { ...checkout, read, deps };
}

it("what its own cart has reserved is in no question's way", async () => {
  const { deps } = await open();
  expect(short(await ask(deps, { lines: { BOLT: 1 }, cart: "a" }))).toEqual(["BOLT: confirm by ifs, 1, available"]);
});

it.each(["elsewhere", "empty", "unknown"])("what the cart has not reserved is (%s)", async (cart) => {
  const { deps } = await open();
  expect(short(await ask(deps, { lines: { BOLT: 1 }, cart }))).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
});

it("no more than it reserved is the cart's own", async () => {
  const { deps, stock } = await open();
  stock.BOLT = { ifs: 3, shop: 3, reserved: 3 };
  expect(short(await ask(deps, { lines: { BOLT: 3 }, cart: "a" }))).toEqual([
    "BOLT: partial by ifs, 1, partlyAvailable",
  ]);
});

it("the cart is read only where the shop's figures do not confirm, and for questions alone", async () => {
  const { deps, read } = await open();
  await ask(deps, { lines: { NUT: 1 }, cart: "a" });
  await ask(deps, { lines: { BOLT: 1 } });
  await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a", reserves: true });
  expect(read).toEqual([]);
  await ask(deps, { lines: { NUT: 1, BOLT: 1 }, cart: "a" });
  expect(read).toEqual(["a"]);
});

it.each<[string, NonNullable<AtpDeps["cartStock"]>, string]>([
  ["fails", async () => Promise.reject(new TransientError("down")), "shopUnavailable"],
  ["hangs", () => new Promise<never>(() => {}), "deadline"],
])("a read of the cart that %s makes the answer stricter, and is told", async (_, cartStock, reason) => {
  const { deps } = await open();
  const told: object[] = [];
  const logger = { ...deps.logger, warn: (fields: object, event: string) => told.push({ event, ...fields }) };
  const answer = await ask({ ...deps, logger, cartStock }, { lines: { BOLT: 1 }, cart: "a" });
  expect(short(answer)).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  expect(told).toEqual([{ event: "cart-unread", flow: "atp-check", cart: "a", reason }]);
});
