/** A cart with lines of two sites that have nothing to do with each other: each line is answered as if it were alone. */
import { describe, expect, it } from "vitest";
import { openHoldShards } from "../../ct/testing/hold-shards.ts";
import { TransientError } from "../../domain/failure.ts";
import type { AtpDeps } from "./deps.ts";
import { checkAvailability } from "./run.ts";
import { ask, checkoutConfig, openCheckout, orderOf, short } from "./testing/checkout.ts";
import { atTwoSites, orderOfLines, withTwoSites } from "./testing/two-sites.ts";

type Stock = Parameters<typeof openCheckout>[0];
/** What happens when the second site is asked for its stock. */
type Meanwhile = () => Promise<void>;

async function opened(stock: Stock, meanwhile: Meanwhile, defaultFailPolicy: "open" | "closed" = "open") {
  const shards = await openHoldShards();
  const checkout = openCheckout(stock, shards.store.holds, withTwoSites(checkoutConfig({ defaultFailPolicy })));
  const deps = atTwoSites(checkout.replica(), async (contract) => {
    if (contract === "S2") await meanwhile();
  });
  return { checkout, deps };
}

const both = [
  { sku: "BOLT", channel: "web", quantity: 1 },
  { sku: "NUT", channel: "store", quantity: 1 },
] as const;

/** One of each, BOLT out of the first site and NUT out of the second. */
const askBoth = (deps: AtpDeps, deadlineMs = 5000) =>
  checkAvailability(deps, orderOfLines("b", both), deps.context.clock.monotonic() + deadlineMs);

describe("of two sites in one cart", () => {
  it("the slow one does not end a hold whose order the quick one has not seen", async () => {
    const ordered: (() => void)[] = [];
    const { checkout, deps } = await opened({ BOLT: { ifs: 1, shop: 0 }, NUT: { ifs: 50, shop: 0 } }, async () => {
      // The first site has read its orders by now.
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const tell of ordered) tell();
    });
    const first = await ask(deps, { lines: { BOLT: 1 }, cart: "cart-a", order: "order-a" });
    expect(first.accepted).toBe(true);
    ordered.push(() =>
      checkout.orders.push(
        orderOf({ id: "order-a", cart: "cart-a", sku: "BOLT", quantity: 1, createdAt: checkout.clock.now() }),
      ),
    );
    const second = await askBoth(deps);
    expect(checkout.orders).toHaveLength(1);
    expect(short(second)).toEqual(["BOLT: refuse by ifs, 0, outOfStock", "NUT: confirm by ifs, 50, available"]);
  });

  it.each([
    ["hangs", () => new Promise<never>(() => {}), "deadline"],
    ["fails", () => Promise.reject(new TransientError("S2 is down")), "ifsUnavailable"],
  ] as const)("one that %s leaves its own line to the policy, and no other", async (_, meanwhile, reason) => {
    const { deps } = await opened({ BOLT: { ifs: 0, shop: 3 }, NUT: { ifs: 50, shop: 0 } }, meanwhile);
    const decision = await askBoth(deps, 800);
    expect(short(decision)).toEqual(["BOLT: refuse by ifs, 0, outOfStock", `NUT: unknown by policy, null, ${reason}`]);
    expect(decision.accepted).toBe(false);
  });
});

describe("of two lines of one order that draw on one part", () => {
  it.each([
    ["two sales parts of it", { A: { ifs: 10, shop: 9 }, B: { ifs: 0, partNo: "A" } }],
    ["one of them without an entry", { A: { ifs: 10 }, B: { ifs: 0, partNo: "A" } }],
  ] as const)("%s: what one takes the other does not have", async (_, stock) => {
    const { deps } = await opened(stock as Stock, async () => {}, "closed");
    const decision = await ask(deps, { lines: { A: 10, B: 5 }, cart: "cart-a", order: "order-a" });
    expect(short(decision)).toEqual(["A: partial by ifs, 5, partlyAvailable", "B: confirm by ifs, 5, available"]);
    expect(decision.accepted).toBe(false);
  });

  it("a part that only one of them asks for is all its own, where nobody else can be bought", async () => {
    const { deps } = await opened({ A: { ifs: 10, shop: 9 }, B: { ifs: 0, partNo: "A" } }, async () => {}, "closed");
    expect((await ask(deps, { lines: { A: 10 }, cart: "cart-a", order: "order-a" })).accepted).toBe(true);
  });
});
