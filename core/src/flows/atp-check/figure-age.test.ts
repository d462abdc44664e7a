/** A figure from the cache is older than the question: what IFS took in since it was read has to come off all the same. */
import { describe, expect, it } from "vitest";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, demandOf, openCheckout, orderOf, short } from "./testing/checkout.ts";

const MINUTE = 60_000;
const noShards = { read: async () => ({ holds: [], version: 1 }), swap: async () => 2 };

/** The platform's own list: what is not linked, and what was changed since. */
function listed(checkout: ReturnType<typeof openCheckout>, deps: AtpDeps): AtpDeps {
  return {
    ...deps,
    async ordersPage({ where, variables }) {
      if (where.some((predicate) => predicate.startsWith("not("))) {
        return checkout.orders.filter(({ syncInfo }) => syncInfo.length === 0);
      }
      const since = Date.parse(String(variables?.since));
      return checkout.orders.filter(({ lastModifiedAt }) => Date.parse(lastModifiedAt) >= since);
    },
  };
}

describe("a figure from the cache", () => {
  const config = checkoutConfig({ cacheSeconds: 60 });
  const open = (stock: number) => {
    const checkout = openCheckout({ BOLT: { ifs: stock, shop: stock } }, noShards, config);
    const deps = listed(checkout, checkout.replica());
    const available = async () => (await ask(deps, { lines: { BOLT: 1 } })).lines[0]?.available;
    const order = (id: string, ageMs: number) =>
      orderOf({ id, sku: "BOLT", quantity: 2, createdAt: checkout.clock.now() - ageMs });
    const linked = (id: string) => ({
      ...{ channel: { typeId: "channel" as const, id: "id-ifs-link" }, externalId: `W-${id}` },
      syncedAt: new Date(checkout.clock.now()).toISOString(),
    });
    const touched = () => ({ lastModifiedAt: new Date(checkout.clock.now()).toISOString() });
    return { checkout, available, order, linked, touched };
  };

  it("counts an order that was not in it and that IFS has taken, shipped and reported meanwhile", async () => {
    const { checkout, available, order, linked, touched } = open(5);
    checkout.orders.push({ ...order("o", 10 * MINUTE), ...touched() });
    expect(await available()).toBe(3);
    // Taken over: the figure of the cache does not show its line, and the order has left the list of those without link.
    checkout.later(20);
    checkout.orders[0] = { ...order("o", 10 * MINUTE), ...touched(), syncInfo: [linked("o")] };
    checkout.demand.push(demandOf("o", "BOLT", 2));
    expect(await available()).toBe(3);
    // Shipped: IFS has neither the line nor the goods any more.
    checkout.later(20);
    checkout.demand.length = 0;
    checkout.stock.BOLT = { ifs: 3, shop: 3 };
    expect(await available()).toBe(3);
    expect(checkout.ifsReads).toEqual(["BOLT"]);
    // A new figure has it; the order counts beside it for as long as the reads of changes reach back, and never too little.
    checkout.later(30);
    expect(await available()).toBeLessThanOrEqual(3);
    checkout.later(300);
    expect(await available()).toBe(3);
  });

  it("counts an order that it showed as open, whatever became of it", async () => {
    const { checkout, available, order, linked } = open(5);
    const old = { lastModifiedAt: new Date(checkout.clock.now() - 20 * MINUTE).toISOString() };
    checkout.orders.push({ ...order("o", 30 * MINUTE), ...old, syncInfo: [linked("o")] });
    checkout.demand.push(demandOf("o", "BOLT", 2));
    expect(await available()).toBe(3);
    checkout.demand.length = 0;
    checkout.stock.BOLT = { ifs: 3, shop: 3 };
    checkout.later(50);
    expect(await available()).toBe(3);
  });

  it("is not used again after the machine slept, although the process did not notice the time", async () => {
    const { checkout, available } = open(5);
    expect(await available()).toBe(5);
    checkout.stock.BOLT = { ifs: 1, shop: 1 };
    // The wall clock goes on, the other one stood still.
    checkout.later(61);
    expect(await available()).toBe(1);
  });

  it("that was read before the orders' changes reach back is no figure", async () => {
    const checkout = openCheckout({ BOLT: { ifs: 5, shop: 5 } }, noShards, checkoutConfig({ cacheSeconds: 3 }));
    const deps = listed(checkout, checkout.replica());
    const { openDemand } = deps.ifs;
    // The process stands still between the read of the figure and that of the orders.
    const paused: AtpDeps = {
      ...deps,
      ifs: {
        ...deps.ifs,
        async openDemand(...asked) {
          const lines = await openDemand(...asked);
          checkout.later(200);
          return lines;
        },
      },
    };
    expect(short(await ask(paused, { lines: { BOLT: 1 } }))).toEqual(["BOLT: unknown by policy, null, ifsUnavailable"]);
  });
});
