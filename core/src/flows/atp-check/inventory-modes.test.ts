/**
 * Who counts what in each inventory mode of commercetools, from the full cart to the shipped order: how many pieces somebody else is
 * told of. The check is never told the mode; what differs is what the platform does to the entry, and when.
 */
import { describe, expect, it } from "vitest";
import { openHoldShards, toldHolds } from "../../ct/testing/hold-shards.ts";
import { ask, checkoutConfig, demandOf, openCheckout, orderOf, short } from "./testing/checkout.ts";

const modes = ["None", "TrackOnly", "ReserveOnOrder", "ReserveOnCart"] as const;
type Mode = (typeof modes)[number];
/** Of an order, from when the check let it pass. */
const stages = ["checked", "created", "booked", "in IFS", "shipped"] as const;

/** IFS and the shop have five; cart "a" wants two of them. */
async function open(mode: Mode) {
  const { store, holds } = await openHoldShards();
  const config = checkoutConfig({}, []);
  const untracked = { ...config, skus: { ...config.skus, untracked: ["GIFT-WRAP"] } };
  const checkout = openCheckout({ BOLT: { ifs: 5, shop: 5 } }, store.holds, untracked);
  const deps = checkout.replica();
  const reserves = mode === "ReserveOnCart";
  const entry = (quantityOnStock: number, reserved: number) => {
    const ifs = checkout.stock.BOLT?.ifs ?? 0;
    checkout.stock.BOLT = { ifs, shop: quantityOnStock, reserved };
  };
  /** Pieces that somebody without a cart, or with that one, could order. */
  const available = async (cart?: string, own = 0) => {
    const decision = await ask(deps, { lines: { BOLT: 99 }, ...(cart && { cart, reservedPieces: own }) });
    return decision.lines[0]?.available;
  };
  return {
    ...{ checkout, deps, holds, entry, available },
    fillCart: () => entry(5, reserves ? 2 : 0),
    order: () => ask(deps, { lines: { BOLT: 2 }, cart: "a", order: "o-a", reserves }),
    next(stage: (typeof stages)[number]) {
      switch (stage) {
        case "created":
          // Queries show the order. The platform ends the cart's reservation with it, and books the sale up to ten seconds later.
          checkout.orders.push(
            orderOf({ id: "o-a", cart: "a", sku: "BOLT", quantity: 2, createdAt: checkout.clock.now() - 60_000 }),
          );
          return entry(5, 0);
        case "booked":
          return entry(mode === "None" ? 5 : 3, 0);
        case "in IFS":
          checkout.demand.push(demandOf("o-a", "BOLT", 2));
          return undefined;
        case "shipped":
          checkout.demand.length = 0;
          checkout.orders.length = 0;
          checkout.stock.BOLT = { ...checkout.stock.BOLT, ifs: 3 };
          // A hold outlives the look at its order, and ends by itself.
          return checkout.later(121);
        default:
          return undefined;
      }
    },
  };
}

describe.each(modes)("inventory mode %s", (mode) => {
  it("counts each piece of a cart at least once at every moment, and for good just once", async () => {
    const shop = await open(mode);
    const seen: Record<string, unknown> = {};
    shop.fillCart();
    seen["in the cart"] = await shop.available();
    expect((await shop.order()).accepted).toBe(true);
    for (const stage of stages) {
      shop.next(stage);
      seen[stage] = await shop.available();
    }
    expect(seen).toEqual({
      // Only that mode keeps what lies in a cart.
      "in the cart": mode === "ReserveOnCart" ? 3 : 5,
      // There the reservation ends with the order, at a moment that nobody tells: until then both count.
      checked: mode === "ReserveOnCart" ? 1 : 3,
      ...{ created: 3, booked: 3, "in IFS": 3, shipped: 3 },
    });
  });

  it("puts what the own cart has reserved or holds in nobody's own way", async () => {
    const shop = await open(mode);
    shop.fillCart();
    expect(await shop.available("a", mode === "ReserveOnCart" ? 2 : 0)).toBe(5);
    await shop.order();
    // Asked again, as the platform does after a time-out.
    expect(await shop.available("a", mode === "ReserveOnCart" ? 2 : 0)).toBe(5);
    expect(short(await shop.order())).toEqual(["BOLT: confirm by ifs, 5, available"]);
    expect(toldHolds(await shop.holds())).toEqual(["a BOLT 2 for o-a"]);
  });

  it("leaves to others what another cart has not reserved, and no more", async () => {
    const shop = await open(mode);
    // Another cart, of a channel of the shop that reserves in carts, keeps one.
    shop.entry(5, 1);
    expect(await shop.available("a")).toBe(4);
    const five = await ask(shop.deps, { lines: { BOLT: 5 }, cart: "a", order: "o-a" });
    expect(short(five)).toEqual(["BOLT: partial by ifs, 4, partlyAvailable"]);
    expect((await ask(shop.deps, { lines: { BOLT: 4 }, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect(await shop.available()).toBe(0);
    // The cart that has reserved it gets it.
    const one = { lines: { BOLT: 1 }, cart: "b", order: "o-b", reserves: true };
    expect(short(await ask(shop.deps, one))).toEqual(["BOLT: confirm by ifs, 1, available"]);
  });

  it.each(stages)(
    "keeps a second order from the pieces of the first, and lets it have the others: %s",
    async (stage) => {
      const shop = await open(mode);
      shop.fillCart();
      await shop.order();
      for (const next of stages.slice(1, stages.indexOf(stage) + 1)) shop.next(next);
      const second = (quantity: number) => ask(shop.deps, { lines: { BOLT: quantity }, cart: "b", order: "o-b" });
      expect((await second(4)).accepted).toBe(false);
      // In that mode the reservation may not have ended yet, and is counted as well.
      const left = mode === "ReserveOnCart" && stage === "checked" ? 1 : 3;
      expect((await second(left)).accepted).toBe(true);
      expect(await shop.available()).toBe(0);
    },
  );

  it("blocks no line that nobody counts, and holds nothing for it", async () => {
    const shop = await open(mode);
    shop.checkout.stock["GIFT-WRAP"] = { ifs: 0, shop: 0 };
    const decision = await ask(shop.deps, { lines: { "GIFT-WRAP": 999, BOLT: 2 }, cart: "a", order: "o-a" });
    expect([decision.accepted, ...short(decision)]).toEqual([
      true,
      "GIFT-WRAP: confirm by shop, null, untracked",
      "BOLT: confirm by ifs, 5, available",
    ]);
    expect(toldHolds(await shop.holds())).toEqual(["a BOLT 2 for o-a"]);
    expect(shop.checkout.ifsReads).not.toContain("GIFT-WRAP");
  });
});
