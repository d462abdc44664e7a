/** A supply channel that two sites feed: the check adds them up, holds at both of them, and decides by the policy where one is not seen. */
import { describe, expect, it } from "vitest";
import { openHoldShards } from "../../ct/testing/hold-shards.ts";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { TransientError } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout, orderOf, short } from "./testing/checkout.ts";

type OnHand = Record<string, number>;

/** S1 and S2 feed web; `S3` feeds store alone. */
const pools = [
  { name: "P1", site: "S1", channels: [{ supplyChannel: "web" }] },
  {
    name: "P2",
    site: "S2",
    channels: [
      { supplyChannel: "web", share: 0.5 },
      { supplyChannel: "store", share: 0.5 },
    ],
  },
  { name: "P3", site: "S3", channels: [{ supplyChannel: "store" }] },
];

async function opened(onHand: OnHand, hidden: ReadonlySet<string> = new Set(), atp: object = {}) {
  const base = checkoutConfig({ defaultFailPolicy: "closed", ...atp });
  const config = connectorConfigSchema.parse({
    ...base,
    sites: ["S1", "S2", "S3"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" })),
    stock: { ...base.stock, pools },
  });
  const shards = await openHoldShards();
  const checkout = openCheckout({ BOLT: { ifs: 0, shop: 9 } }, shards.store.holds, config);
  const seen = (contract: string) => !hidden.has(contract);
  const replica = (): AtpDeps => {
    const deps = checkout.replica();
    const at = (contract: Contract) => onHand[contract] !== undefined && seen(contract);
    return {
      ...deps,
      ifs: {
        ...deps.ifs,
        salesParts: async (contract, nos) =>
          at(contract) ? (await deps.ifs.salesParts(contract, nos)).map((part) => ({ ...part, contract })) : [],
        salesPartsOf: async (contract, nos) =>
          at(contract) ? (await deps.ifs.salesPartsOf(contract, nos)).map((part) => ({ ...part, contract })) : [],
        stockRows: async (contract, nos) =>
          (await deps.ifs.stockRows(contract, nos)).map((row) => ({
            ...{ ...row, contract, qtyOnhand: decimal(onHand[contract] ?? 0) },
          })),
        orderLinesVisible: async (contract) => seen(contract),
      },
    };
  };
  return { ...checkout, holds: shards.holds, replica };
}

const one = { BOLT: 1 };

describe("a channel of two sites", () => {
  it("has what both have, in one read of each", async () => {
    const checkout = await opened({ S1: 2, S2: 6 });
    expect(short(await ask(checkout.replica(), { lines: { BOLT: 5 } }))).toEqual([
      "BOLT: confirm by ifs, 5, available",
    ]);
    expect(checkout.ifsReads).toEqual(["BOLT", "BOLT"]);
  });

  it("sells its last unit once, whichever replica asks", async () => {
    const checkout = await opened({ S1: 0, S2: 2 });
    const replicas = [checkout.replica(), checkout.replica()];
    const decisions = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        ask(replicas[n % 2] as AtpDeps, { lines: one, cart: `cart-${n}`, order: `order-${n}` }),
      ),
    );
    expect(decisions.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  it("holds a line at each of its sites, and counts it once", async () => {
    const checkout = await opened({ S1: 3, S2: 2 });
    const deps = checkout.replica();
    expect((await ask(deps, { lines: { BOLT: 2 }, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect((await checkout.holds()).map(({ site, pieces }) => `${site} ${pieces}`).toSorted()).toEqual([
      "S1 2",
      "S2 2",
    ]);
    expect(short(await ask(deps, { lines: { BOLT: 4 }, cart: "b" }))).toEqual([
      "BOLT: partial by ifs, 2, partlyAvailable",
    ]);
    // What is held beyond the channel's own part is missing in the other channel of the site.
    expect((await ask(deps, { lines: { BOLT: 2 }, cart: "c", order: "o-c" })).accepted).toBe(true);
  });

  it("counts an order once that no site has yet", async () => {
    const checkout = await opened({ S1: 3, S2: 4 });
    checkout.orders.push(orderOf({ id: "x", sku: "BOLT", quantity: 3, createdAt: Date.now() - 60_000 }));
    expect(short(await ask(checkout.replica(), { lines: { BOLT: 4 } }))).toEqual([
      "BOLT: partial by ifs, 2, partlyAvailable",
    ]);
  });
});

describe("where one of the sites is not seen", () => {
  it("a SKU that the other one does not sell is no question", async () => {
    const checkout = await opened({ S1: 2 });
    expect(short(await ask(checkout.replica(), { lines: one }))).toEqual(["BOLT: confirm by ifs, 2, available"]);
  });

  it("the fail policy decides when its grant is gone", async () => {
    const checkout = await opened({ S1: 2, S2: 2 }, new Set(["S2"]));
    expect(short(await ask(checkout.replica(), { lines: one }))).toEqual([
      "BOLT: unknown by policy, null, demandUnseen",
    ]);
  });

  it("and when it does not answer", async () => {
    const checkout = await opened({ S1: 2, S2: 2 });
    const deps = checkout.replica();
    const down: AtpDeps = {
      ...deps,
      ifs: {
        ...deps.ifs,
        async stockRows(contract, nos) {
          if (contract === "S2") throw new TransientError("down");
          return deps.ifs.stockRows(contract, nos);
        },
      },
    };
    expect(short(await ask(down, { lines: one }))).toEqual(["BOLT: unknown by policy, null, ifsUnavailable"]);
  });

  it("it is not asked again and again whether anything of it can be seen", async () => {
    const checkout = await opened({ S1: 2 }, new Set(), { cacheSeconds: 60 });
    const deps = checkout.replica();
    let asked = 0;
    const down: AtpDeps = {
      ...deps,
      ifs: {
        ...deps.ifs,
        async orderLinesVisible(contract) {
          if (contract !== "S2") return deps.ifs.orderLinesVisible(contract);
          asked += 1;
          throw new TransientError("down");
        },
      },
    };
    for (let left = 20; left > 0; left -= 1) await ask(down, { lines: one });
    // The first of them failed beside reads of the other site that did not.
    expect([deps.context.breakerState(), asked]).toEqual(["open", 6]);
    expect(short(await ask(down, { lines: one }))).toEqual(["BOLT: unknown by policy, null, breakerOpen"]);
  });
});
