/** What an order takes that a policy lets pass is held, as far as it can be told what it is: nobody else is sold it a moment later. */
import { describe, expect, it } from "vitest";
import { openHoldShards, toldHolds } from "../../ct/testing/hold-shards.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { RefusedError, RefusedKeysError, TransientError } from "../../domain/failure.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import { holdShardOf } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";
import { checkAvailability, warmUp } from "./run.ts";
import { ask, checkoutConfig, openCheckout, type Part, short } from "./testing/checkout.ts";

async function openShards(stock: Record<string, Part>, config = checkoutConfig()) {
  const shards = await openHoldShards();
  return { ...shards, ...openCheckout(stock, shards.store.holds, config) };
}

const down = async () => {
  throw new TransientError("it is down");
};
const hanging = () => new Promise<never>(() => {});
const withIfs = (deps: AtpDeps, ifs: Partial<AtpDeps["ifs"]>): AtpDeps => ({ ...deps, ifs: { ...deps.ifs, ...ifs } });

describe("an order that an open policy lets pass", () => {
  it.each([
    ["by what is remembered of its part", "BOX", 12],
    ["where nothing is remembered, by the number of its sales part", "BOLT", 1],
  ])("is held, %s, so that IFS's next answer does not sell it again", async (_, sku, units) => {
    const stock = { BOLT: { ifs: 12, shop: 2 }, BOX: { ifs: 0, partNo: "BOLT", conv: 12, shop: 1 } };
    const checkout = await openShards(stock, checkoutConfig({ defaultThreshold: 20 }));
    const deps = checkout.replica();
    if (units > 1) await ask(deps, { lines: { [sku]: 1 } });
    const down = async () => {
      throw new TransientError("IFS is down");
    };
    const blind = { ...deps, ifs: { ...deps.ifs, openDemand: down, salesParts: down } };
    const decision = await ask(blind, { lines: { [sku]: 1 }, cart: "a", order: "o-a" });
    expect(short(decision)).toEqual([`${sku}: unknown by policy, null, ifsUnavailable`]);
    expect(toldHolds(await checkout.holds())).toEqual([`a BOLT ${units} for o-a`]);
    expect((await ask(blind, { lines: { [sku]: 1 }, cart: "b" })).accepted).toBe(true);
    expect((await ask(checkout.replica(), { lines: { BOX: 1 }, cart: "b", order: "o-b" })).accepted).toBe(false);
  });

  it("is held where the process has too much to do to ask IFS in time", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    const asked: string[] = [];
    const salesParts = async () => {
      asked.push("IFS");
      return [];
    };
    const admission = { isInTime: () => false, waited: () => {} };
    const busy = { ...deps, ifs: { ...deps.ifs, salesParts }, context: { ...deps.context, admission } };
    const decision = await ask(busy, { lines: { BOLT: 1 }, cart: "a", order: "o-a" });
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, busy"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
    expect(asked).toEqual([]);
  });

  it("is held although IFS hangs until the deadline", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    const hanging = { ...deps, ifs: { ...deps.ifs, openDemand: () => new Promise<never>(() => {}) } };
    const wish = { lines: { BOLT: 1 }, cart: "a", order: "o-a", deadlineMs: 1200 };
    expect(short(await ask(hanging, wish))).toEqual(["BOLT: unknown by policy, null, deadline"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
  });
});

describe("an order that passes while commercetools does not show its entries", () => {
  it.each([
    ["fail", down],
    ["hang", hanging],
  ])("is held where they %s, so that an order that IFS judges is not sold the same units", async (_, entries) => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const blind = { ...checkout.replica(), entries };
    const first = await ask(blind, { lines: { BOLT: 1 }, cart: "a", order: "o-a", deadlineMs: 1200 });
    expect([first.accepted, first.lines[0]?.source]).toEqual([true, "policy"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
    const second = await ask(checkout.replica(), { lines: { BOLT: 1 }, cart: "b", order: "o-b" });
    expect(short(second)).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  });

  it("is held for the channel that its lines name by id, as far as ids are remembered", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    await warmUp(deps);
    const line = { ref: "l1", sku: "BOLT", quantity: 1, ownReserved: 0, supplyChannel: { by: "id", value: "id-web" } };
    const request = { purpose: "order", cart: "a", order: "o-a", lines: [line] } as unknown as Parameters<
      typeof checkAvailability
    >[1];
    const blind = { ...deps, entries: down, channelIds: down };
    const decision = await checkAvailability(blind, request, checkout.clock.monotonic() + 1200);
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, shopUnavailable"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
  });

  it("is not held where a line does not pass, nor is what a question asks about", async () => {
    const config = checkoutConfig({ thresholds: [{ sku: "NUT", failPolicy: "closed" }] });
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 }, NUT: { ifs: 1, shop: 1 } }, config);
    const blind = { ...checkout.replica(), entries: down };
    expect((await ask(blind, { lines: { BOLT: 1, NUT: 1 }, cart: "a", order: "o-a" })).accepted).toBe(false);
    expect((await ask(blind, { lines: { BOLT: 1 }, cart: "a", hold: true })).accepted).toBe(true);
    expect(await checkout.holds()).toEqual([]);
  });

  it("is answered soon although nothing can be written either", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const deps = { ...checkout.replica(), entries: down };
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    const dead = { ...deps, holds: { ...access, read: down, swap: down } };
    const from = checkout.clock.monotonic();
    expect((await ask(dead, { lines: { BOLT: 1 }, cart: "a", order: "o-a", deadlineMs: 5000 })).accepted).toBe(true);
    expect(checkout.clock.monotonic() - from).toBeLessThan(2000);
  });
});

describe("a line that a policy lets pass beside lines that IFS confirms", () => {
  const stock = { BOLT: { ifs: 3, shop: 3 }, NUT: { ifs: 9, shop: 9 } };
  const both = { lines: { BOLT: 5, NUT: 2 }, cart: "a", order: "o-a" };
  const bySupply = (): ConnectorConfig => {
    const base = checkoutConfig({ supply: "ifs" });
    const classes = [{ name: "to come", skus: ["BOLT"], restockableInDays: "supply" }];
    const supply = { sources: ["purchaseOrders"], handlingDays: 1, horizonDays: 30 };
    return connectorConfigSchema.parse({ ...base, stock: { ...base.stock, classes, supply } });
  };
  const refusing =
    <K extends string, T>(number: string, read: (site: Contract, keys: readonly K[]) => Promise<T>) =>
    (site: Contract, keys: readonly K[]): Promise<T> => {
      const refused = keys.filter((key) => key === number);
      if (refused.length === 0) return read(site, keys);
      const cause = new RefusedError("ifs", "invalidInput", 400, "a character is not allowed");
      return Promise.reject(new RefusedKeysError(refused, { cause, asked: "a read" }));
    };

  it("is held where its supply could not be read", async () => {
    const checkout = await openShards(stock, bySupply());
    const decision = await ask(withIfs(checkout.replica(), { plannedSupply: down }), both);
    expect(short(decision)).toEqual([
      "BOLT: unknown by policy, null, ifsUnavailable",
      "NUT: confirm by ifs, 9, available",
    ]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 5 for o-a", "a NUT 2 for o-a"]);
    expect(short(await ask(checkout.replica(), { lines: { BOLT: 1 }, cart: "b", order: "o-b" }))).toEqual([
      "BOLT: refuse by ifs, 0, outOfStock",
    ]);
  });

  it("is held although others hold all that there is, and undoes nothing of theirs", async () => {
    const checkout = await openShards(stock, bySupply());
    await ask(checkout.replica(), { lines: { BOLT: 3 }, cart: "b", order: "o-b" });
    const decision = await ask(withIfs(checkout.replica(), { plannedSupply: down }), both);
    expect(decision.accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 5 for o-a", "a NUT 2 for o-a", "b BOLT 3 for o-b"]);
  });

  it("is held of what can be asked for, where IFS refuses a component of its kit", async () => {
    const components = ["BOLT", "A#1"].map((catalogNo) => ({ catalogNo, quantity: 2 }));
    const kits = [{ catalogNo: "KIT", components }];
    const parts = { ...stock, KIT: { ifs: 0, partNo: null, shop: 1 }, "A#1": { ifs: 9 } };
    const checkout = await openShards(parts, checkoutConfig({}, kits));
    const deps = checkout.replica();
    const refused = withIfs(deps, { salesParts: refusing("A#1", deps.ifs.salesParts) });
    const decision = await ask(refused, { lines: { KIT: 1, NUT: 2 }, cart: "a", order: "o-a" });
    expect(short(decision)).toEqual(["KIT: unknown by policy, null, ifsRefused", "NUT: confirm by ifs, 9, available"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2 for o-a", "a NUT 2 for o-a"]);
  });

  it("is held by the number of its sales part, where IFS refuses to be asked for that", async () => {
    const checkout = await openShards({ ...stock, "A#1": { ifs: 9, shop: 9 } });
    const deps = checkout.replica();
    const refused = withIfs(deps, { salesParts: refusing("A#1", deps.ifs.salesParts) });
    expect((await ask(refused, { lines: { "A#1": 4, NUT: 2 }, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a A#1 4 for o-a", "a NUT 2 for o-a"]);
  });

  it("is held where IFS shows no order line of the site", async () => {
    const checkout = await openShards(stock);
    const blind = withIfs(checkout.replica(), { orderLinesVisible: async () => false });
    const decision = await ask(blind, { lines: { BOLT: 5 }, cart: "a", order: "o-a" });
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, demandUnseen"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 5 for o-a"]);
  });

  it("holds nothing of a SKU that IFS does not have", async () => {
    const checkout = await openShards(stock);
    const decision = await ask(checkout.replica(), { ...both, lines: { NOSUCH: 1, NUT: 2 } });
    expect(decision.accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a NUT 2 for o-a"]);
  });

  it("whose document is missing takes nothing from the others: they are confirmed and held", async () => {
    const checkout = await openShards(stock, bySupply());
    const deps = withIfs(checkout.replica(), { plannedSupply: down });
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    // Everybody sees the document when looking, and nobody can write it.
    const shard = holdShardOf({ site: "S1" as Contract, partNo: "BOLT" as PartNo });
    const swap: typeof access.swap = (number, ...rest) => (number === shard ? down() : access.swap(number, ...rest));
    const decision = await ask({ ...deps, holds: { ...access, swap } }, { ...both, deadlineMs: 600 });
    expect(short(decision)).toEqual([
      "BOLT: unknown by policy, null, ifsUnavailable",
      "NUT: confirm by ifs, 9, available",
    ]);
    expect(toldHolds(await checkout.holds())).toEqual(["a NUT 2 for o-a"]);
  });
});

describe("a line whose site does not answer, beside lines of one that does", () => {
  const pool = (name: string, site: string, supplyChannel: string) => ({ name, site, channels: [{ supplyChannel }] });
  const openSites = (pools: object[]) => {
    const base = checkoutConfig();
    const sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
    const config = connectorConfigSchema.parse({ ...base, sites, stock: { ...base.stock, pools } });
    return openShards({ BOLT: { ifs: 9, shop: 3 }, NUT: { ifs: 9, shop: 3 } }, config);
  };
  /** Of the second site. */
  const silent = (deps: AtpDeps): AtpDeps =>
    withIfs(deps, {
      salesParts: (contract, nos) => (contract === "S2" ? down() : deps.ifs.salesParts(contract, nos)),
    });
  const order = (deps: AtpDeps, lines: readonly (readonly [string, string])[]) =>
    checkAvailability(
      deps,
      {
        ...{ purpose: "order", cart: "a", order: "o-a" },
        lines: lines.map(([sku, value]) => ({
          ...{ ref: sku, sku: sku as Sku, quantity: 2, ownReserved: 0, supplyChannel: { by: "key", value } },
        })),
      },
      deps.context.clock.monotonic() + 5000,
    );

  it("is held there, by the number of its sales part", async () => {
    const checkout = await openSites([pool("P1", "S1", "web"), pool("P2", "S2", "store")]);
    const decision = await order(silent(checkout.replica()), [
      ["BOLT", "web"],
      ["NUT", "store"],
    ]);
    expect(short(decision)).toEqual([
      "BOLT: confirm by ifs, 9, available",
      "NUT: unknown by policy, null, ifsUnavailable",
    ]);
    const held = (await checkout.holds()).map(({ site, partNo, units }) => `${site} ${partNo} ${units}`);
    expect(held.toSorted()).toEqual(["S1 BOLT 2", "S2 NUT 2"]);
  });

  it("is held at both where they feed its channel together", async () => {
    const checkout = await openSites([pool("P1", "S1", "web"), pool("P2", "S2", "web")]);
    const decision = await order(silent(checkout.replica()), [["BOLT", "web"]]);
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, ifsUnavailable"]);
    const held = (await checkout.holds()).map(({ site, partNo, units }) => `${site} ${partNo} ${units}`);
    expect(held.toSorted()).toEqual(["S1 BOLT 2", "S2 BOLT 2"]);
  });
});

describe("an order that passes although not all holds could be looked at", () => {
  it("is held where it can be", async () => {
    const checkout = await openShards({ BOLT: { ifs: 3, shop: 3 }, NUT: { ifs: 9, shop: 9 } });
    const deps = checkout.replica();
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    const shard = holdShardOf({ site: "S1" as Contract, partNo: "BOLT" as PartNo });
    const read: typeof access.read = async (number) => (number === shard ? undefined : access.read(number));
    const decision = await ask(
      { ...deps, holds: { ...access, read } },
      { lines: { BOLT: 2, NUT: 2 }, cart: "a", order: "o-a" },
    );
    expect(short(decision)).toEqual([
      "BOLT: unknown by policy, null, holdsUnavailable",
      "NUT: unknown by policy, null, holdsUnavailable",
    ]);
    expect(toldHolds(await checkout.holds())).toEqual(["a NUT 2 for o-a"]);
  });
});

describe("an order of a package part of IFS that passes while IFS is down", () => {
  it("is held by what the package is remembered to be made of", async () => {
    const base = checkoutConfig();
    const kits = { list: [], fromIfs: true };
    const config = connectorConfigSchema.parse({ ...base, stock: { ...base.stock, kits } });
    const checkout = await openShards({ KIT: { ifs: 0, partNo: null, shop: 3 }, BOLT: { ifs: 6 } }, config);
    const kit = {
      catalogNo: "KIT" as CatalogNo,
      components: [{ catalogNo: "BOLT" as CatalogNo, quantity: decimal(2) }],
    };
    const deps = withIfs(checkout.replica(), { packages: async () => [kit] });
    await ask(deps, { lines: { KIT: 1 } });
    const blind = withIfs(deps, { openDemand: down, salesParts: down, packages: down });
    expect((await ask(blind, { lines: { KIT: 2 }, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 4 for o-a"]);
  });
});

describe("a question that asks to hold", () => {
  const stock = { BOLT: { ifs: 3, shop: 3 }, NUT: { ifs: 9, shop: 9 }, FREE: { ifs: 0, partNo: null } };
  const classes = [{ name: "to come", skus: ["BOLT"], restockableInDays: "supply" }];
  const supply = { sources: ["purchaseOrders"], handlingDays: 1, horizonDays: 30 };
  const configWith = (policy: string): ConnectorConfig => {
    const base = checkoutConfig({ supply: "ifs", defaultFailPolicy: policy });
    return connectorConfigSchema.parse({
      ...base,
      skus: { ...base.skus, untracked: ["GIFT"] },
      stock: { ...base.stock, classes, supply },
    });
  };

  it.each(["open", "backOrder"])(
    "is told that nothing is held where a line passes by the policy %s",
    async (policy) => {
      const checkout = await openShards(stock, configWith(policy));
      const deps = withIfs(checkout.replica(), { plannedSupply: down });
      const decision = await ask(deps, { lines: { BOLT: 5, NUT: 2 }, cart: "a", hold: true });
      expect(short(decision)).toEqual([
        "BOLT: unknown by policy, null, ifsUnavailable",
        "NUT: confirm by ifs, 9, available",
      ]);
      expect([decision.accepted, decision.hold, await checkout.holds()]).toEqual([true, { held: false }, []]);
    },
  );

  it("is told that nothing is held where all lines pass by a policy", async () => {
    const checkout = await openShards(stock, configWith("open"));
    const decision = await ask(checkout.replica(), { lines: { NOSUCH: 1 }, cart: "a", hold: true });
    expect([decision.accepted, decision.hold]).toEqual([true, { held: false }]);
  });

  it("is told that all is held where each line is confirmed: by IFS, as not stocked, untracked, or to come", async () => {
    const checkout = await openShards(stock, configWith("open"));
    const today = new Date(checkout.clock.now()).toISOString().slice(0, 10);
    const coming = { contract: "S1" as Contract, partNo: "BOLT" as PartNo, quantity: decimal(9), date: today };
    const deps = withIfs(checkout.replica(), { plannedSupply: async () => [coming] });
    const decision = await ask(deps, { lines: { BOLT: 5, NUT: 2, FREE: 1, GIFT: 1 }, cart: "a", hold: true });
    expect(decision.lines.map(({ reason }) => reason)).toEqual(["backOrder", "available", "notStocked", "untracked"]);
    expect(decision.hold).toMatchObject({ held: true });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 5", "a NUT 2"]);
  });

  it("is told that nothing is held where somebody was quicker and a policy alone lets the line pass now", async () => {
    const checkout = await openShards(stock, configWith("open"));
    const deps = withIfs(checkout.replica(), { plannedSupply: down });
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    const shard = holdShardOf({ site: "S1" as Contract, partNo: "BOLT" as PartNo });
    let isQuicker = false;
    const swap: typeof access.swap = async (number, ...rest) => {
      if (number === shard && !isQuicker) {
        isQuicker = true;
        await ask(checkout.replica(), { lines: { BOLT: 2 }, cart: "b", order: "o-b" });
      }
      return access.swap(number, ...rest);
    };
    const slow = { ...deps, holds: { ...access, swap } };
    const decision = await ask(slow, { lines: { BOLT: 2, NUT: 2 }, cart: "a", hold: true });
    await slow.context.holdShards.end();
    expect(short(decision)).toEqual([
      "BOLT: unknown by policy, null, ifsUnavailable",
      "NUT: confirm by ifs, 9, available",
    ]);
    expect(decision.hold).toEqual({ held: false });
    expect(toldHolds(await checkout.holds())).toEqual(["b BOLT 2 for o-b"]);
  });
});
