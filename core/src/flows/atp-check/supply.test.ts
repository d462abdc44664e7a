/** A line that may be ordered before the goods are there: as far as IFS expects enough of them within the horizon, and not further. */
import { describe, expect, it } from "vitest";
import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { RefusedError, RefusedKeysError, TransientError } from "../../domain/failure.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import type { IfsSupplyLine } from "../../domain/ifs-records.ts";
import { daysLater } from "../../domain/local-date.ts";
import type { StockHold } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout, orderOf, type Part } from "./testing/checkout.ts";

const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Berlin" }).format(Date.now());
const inDays = (days: number): string => daysLater(today, days);
const coming = (quantity: number, days: number, partNo = "BOLT"): IfsSupplyLine => ({
  ...{ contract: "S1" as Contract, partNo: partNo as PartNo },
  ...{ quantity: decimal(quantity), date: inDays(days) },
});

function configWith({
  atp = {},
  pools,
  kits = [],
}: {
  atp?: object;
  pools?: object[];
  kits?: object[];
} = {}): ConnectorConfig {
  const base = checkoutConfig({ supply: "ifs", defaultFailPolicy: "closed", cacheSeconds: 60, ...atp });
  return connectorConfigSchema.parse({
    ...base,
    stock: {
      ...base.stock,
      ...(pools && { pools }),
      kits: { list: kits },
      classes: [{ name: "to come", skus: ["BOLT", "KIT"], restockableInDays: "supply" }],
      supply: { sources: ["purchaseOrders"], handlingDays: 1, horizonDays: 30 },
    },
  });
}

function open(
  lines: readonly IfsSupplyLine[],
  {
    stock = { BOLT: { ifs: 2, shop: 2 }, NUT: { ifs: 2, shop: 2 } },
    config = configWith(),
  }: {
    stock?: Record<string, Part>;
    config?: ConnectorConfig;
  } = {},
) {
  let holds: readonly StockHold[] = [];
  const shards = {
    read: async () => ({ holds, version: 1 }),
    swap: async (_: number, next: readonly StockHold[]) => {
      holds = next;
      return 1;
    },
  };
  const checkout = openCheckout(stock, shards, config);
  const reads: string[][] = [];
  const base = checkout.replica();
  const deps: AtpDeps = {
    ...base,
    ifs: {
      ...base.ifs,
      async plannedSupply(_, partNos) {
        reads.push([...partNos]);
        return lines.filter(({ partNo }) => partNos.includes(partNo));
      },
    },
  };
  const told = async (wish: Parameters<typeof ask>[1], given: AtpDeps = deps) =>
    (await ask(given, wish)).lines.map(({ sku, outcome, source, available, reason, earliestDate }) =>
      [`${sku}: ${outcome} by ${source}`, available, reason, earliestDate]
        .filter((each) => each !== undefined)
        .join(", "),
    );
  return { checkout, deps, reads, told };
}

describe("a back-order", () => {
  it("passes where supply within the horizon covers it, with the first day on which all of it can be had", async () => {
    const { told } = open([coming(3, 5), coming(10, 9)]);
    expect(await told({ lines: { BOLT: 5 } })).toEqual([`BOLT: confirm by ifs, 2, backOrder, ${inDays(6)}`]);
    expect(await told({ lines: { BOLT: 6 } })).toEqual([`BOLT: confirm by ifs, 2, backOrder, ${inDays(10)}`]);
  });

  it("does not where it is more than is to come, and says from when there is more", async () => {
    const { told } = open([coming(3, 5), coming(10, 9)]);
    expect(await told({ lines: { BOLT: 16 } })).toEqual([`BOLT: partial by ifs, 2, partlyAvailable, ${inDays(6)}`]);
  });

  it.each([
    [29, `BOLT: confirm by ifs, 2, backOrder, ${inDays(30)}`],
    [30, "BOLT: partial by ifs, 2, partlyAvailable"],
    [-4, `BOLT: confirm by ifs, 2, backOrder, ${inDays(1)}`],
  ])("of supply in %i days, with a day of handling and a horizon of 30: %s", async (days, expected) => {
    expect(await open([coming(10, days)]).told({ lines: { BOLT: 5 } })).toEqual([expected]);
  });

  it("goes by IFS's word, not by what the entry still says: neither for how many, nor for the day", async () => {
    const { deps, told } = open([coming(3, 5)]);
    const says = { restockableInDays: 2, expectedDelivery: `${inDays(2)}T00:00:00.000Z` };
    const entries: AtpDeps["entries"] = async (skus, ids) =>
      (await deps.entries(skus, ids)).map((entry) => ({ ...entry, ...says }));
    expect(await told({ lines: { BOLT: 99 } }, { ...deps, entries })).toEqual([
      `BOLT: partial by ifs, 2, partlyAvailable, ${inDays(6)}`,
    ]);
    const none: AtpDeps = { ...deps, entries, ifs: { ...deps.ifs, plannedSupply: async () => [] } };
    none.context.supply.clear();
    expect(await told({ lines: { BOLT: 99 } }, none)).toEqual(["BOLT: partial by ifs, 2, partlyAvailable"]);
  });

  it("is for classes that allow it only, and of others no supply is read", async () => {
    const { told, reads } = open([coming(10, 5, "NUT")]);
    expect(await told({ lines: { NUT: 5 } })).toEqual(["NUT: partial by ifs, 2, partlyAvailable"]);
    expect(reads).toEqual([]);
  });

  it("is not asked about unless the configuration says so", async () => {
    const { told, reads } = open([coming(10, 5)], { config: configWith({ atp: { supply: "entry" } }) });
    expect(await told({ lines: { BOLT: 5 } })).toEqual(["BOLT: partial by ifs, 2, partlyAvailable"]);
    expect(reads).toEqual([]);
  });
});

describe("what is to come is there once", () => {
  it("orders in flight, and what other carts hold, come off it", async () => {
    const { checkout, told } = open([coming(5, 5)]);
    checkout.orders.push(orderOf({ id: "o", sku: "BOLT", quantity: 3, createdAt: checkout.clock.now() - 60_000 }));
    expect(await told({ lines: { BOLT: 4 }, order: "o1", cart: "c1" })).toEqual([
      `BOLT: confirm by ifs, 0, backOrder, ${inDays(6)}`,
    ]);
    expect(await told({ lines: { BOLT: 1 }, order: "o2", cart: "c2" })).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  });

  it("what another pool of the site has sold beyond its stock is its own", async () => {
    const pools = [
      { name: "main", site: "S1", locations: ["A"], channels: [{ supplyChannel: "web" }] },
      { name: "shop", site: "S1", locations: ["B"], channels: [{ supplyChannel: "store" }] },
    ];
    const { checkout, told } = open([coming(5, 5)], { config: configWith({ pools }) });
    const order = orderOf({ id: "o", sku: "BOLT", quantity: 4, createdAt: checkout.clock.now() - 60_000 });
    const lineItems = order.lineItems.map((line) => ({
      ...line,
      supplyChannel: { typeId: "channel" as const, id: "id-store" },
    }));
    checkout.orders.push({ ...order, lineItems });
    expect(await told({ lines: { BOLT: 3 } })).toEqual([`BOLT: confirm by ifs, 2, backOrder, ${inDays(6)}`]);
    expect(await told({ lines: { BOLT: 4 } })).toEqual([`BOLT: partial by ifs, 2, partlyAvailable, ${inDays(6)}`]);
  });

  it("of goods that arrive between two reads neither counts twice: supply is never older than the stock beside it", async () => {
    const lines = [coming(5, 0)];
    const { checkout, told, reads } = open(lines, { config: configWith({ atp: { cacheSeconds: 3 } }) });
    await told({ lines: { BOLT: 7 } });
    await told({ lines: { BOLT: 7 } });
    expect(reads).toHaveLength(1);
    // Received: in stock, and on its way no more.
    lines.length = 0;
    checkout.stock.BOLT = { ifs: 7, shop: 2 };
    checkout.idle(4);
    expect(await told({ lines: { BOLT: 12 } })).toEqual(["BOLT: partial by ifs, 7, partlyAvailable"]);
  });

  it("a kit waits for what it lacks", async () => {
    const kits = [{ catalogNo: "KIT", components: [{ catalogNo: "BOLT" }, { catalogNo: "NUT" }] }];
    const stock = { BOLT: { ifs: 0 }, NUT: { ifs: 0 }, KIT: { ifs: 0, shop: 0, partNo: null } };
    const { told } = open([coming(5, 3), coming(5, 8, "NUT")], { stock, config: configWith({ kits }) });
    expect(await told({ lines: { KIT: 2 } })).toEqual([`KIT: confirm by ifs, 0, backOrder, ${inDays(9)}`]);
  });
});

describe("supply that cannot be found out", () => {
  it.each(["down", "hanging"])("(%s) leaves the lines to their policy that need it, and no others", async (how) => {
    const { deps, told } = open([]);
    const plannedSupply = (): Promise<never> =>
      how === "down" ? Promise.reject(new TransientError("away")) : new Promise(() => {});
    const away = { ...deps, ifs: { ...deps.ifs, plannedSupply } };
    const reason = how === "down" ? "ifsUnavailable" : "deadline";
    expect(await told({ lines: { BOLT: 5, NUT: 1 }, deadlineMs: 600 }, away)).toEqual([
      `BOLT: unknown by policy, , ${reason}`,
      "NUT: confirm by ifs, 2, available",
    ]);
    expect(await told({ lines: { BOLT: 2 }, deadlineMs: 600 }, away)).toEqual(["BOLT: confirm by ifs, 2, available"]);
  });

  it("of a part that IFS refuses to be asked for is none, and spoils no other line", async () => {
    const { deps, told } = open([]);
    const plannedSupply: AtpDeps["ifs"]["plannedSupply"] = async (_, partNos) => {
      const cause = new RefusedError("ifs", "invalidInput", 400, "no");
      throw new RefusedKeysError([...partNos], { cause, asked: "PurchaseOrderLineSet" });
    };
    const odd = { ...deps, ifs: { ...deps.ifs, plannedSupply } };
    // What it has is answered for all the same, also the next time.
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await told({ lines: { BOLT: 5, NUT: 1 } }, odd)).toEqual([
        "BOLT: partial by ifs, 2, partlyAvailable",
        "NUT: confirm by ifs, 2, available",
      ]);
    }
  });
});
