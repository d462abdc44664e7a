/** What may be ordered at zero, by the platform's own decision: run of the stock flow, then purchases, between both served models. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stockDeps } from "../../core/src/compose/flows.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { runStockSync } from "../../core/src/flows/stock-sync/run.ts";
import { ApiRefusal } from "../../sandbox/commercetools/api-caller.ts";
import { addDays } from "../../sandbox/ifs/time.ts";
import { ifs, sandbox, shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

/** Stocked at site 101 and sold by the piece there: each at zero in Hamburg. */
const [ALWAYS, EXPECTED, UNEXPECTED, NEVER] = ["HN.M5.A2", "HN.M5.A4", "HN.M6.A2", "HN.M6.A4"] as const;
const SOLD_OUT = [ALWAYS, EXPECTED, UNEXPECTED, NEVER];

const classes = [
  { name: "always", skus: [ALWAYS], supplyChannels: ["hamburg"], restockableInDays: 14 },
  { name: "while goods are expected", skus: [EXPECTED, UNEXPECTED], restockableInDays: "supply" },
];
/** A day as the site's calendar counts. */
const inDays = (days: number): string => addDays(ifs.model.world().siteToday("101"), days);

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
  for (const site of ["101", "102"]) for (const part of SOLD_OUT) await soldOut(part, site);
  for (const part of [EXPECTED, NEVER]) expectGoods(part, inDays(20));
});
afterAll(() => bench.close());

/** Everything that could be sold goes out for another use. */
async function soldOut(part: string, site: string): Promise<void> {
  for (const row of ifs.model.world().table("InventoryPartInStock").find("PartNo", part) ?? []) {
    const { Contract, LocationNo, QtyOnhand, QtyReserved, FreezeFlagDb } = row.values;
    const qty = Number(QtyOnhand) - Number(QtyReserved);
    if (Contract !== site || FreezeFlagDb === true || qty <= 0) continue;
    await sandbox("clerk/issue", { part, site, qty: String(qty), location: LocationNo });
  }
}

let orderNo = 0;
function expectGoods(part: string, day: string): void {
  orderNo += 1;
  ifs.model
    .world()
    .table("PurchaseOrderLine")
    .insert({
      ...{ OrderNo: `P${orderNo}`, LineNo: "1", ReleaseNo: "1", Contract: "101", PartNo: part, Objstate: "Confirmed" },
      ...{ BuyQtyDue: "50", DueInStores: "50", PlannedReceiptDate: `${day}T08:00:00Z` },
    });
}

async function run(stock: object): Promise<void> {
  const { config } = bench.active;
  const supply = { sources: ["purchaseOrders"] };
  const configured = connectorConfigSchema.parse({ ...config, stock: { ...config.stock, supply, ...stock } });
  const deps = stockDeps(bench.connector, { ...bench.active, config: configured });
  await runStockSync(deps, { now: Date.now(), mode: "full" });
}

type Entry = { sku: string; quantityOnStock: number; restockableInDays?: number; expectedDelivery?: string };

function entryOf(sku: string, channelKey = "hamburg"): Entry | undefined {
  const channel = shop.model.world.collection("channel").findUnique("key", channelKey);
  for (const row of shop.model.world.collection("inventory-entry").values()) {
    const entry = row as unknown as Entry & { supplyChannel?: { id: string } };
    if (entry.sku === sku && entry.supplyChannel?.id === channel?.id) return entry;
  }
  return undefined;
}

/** A shopper orders one of each by itself; what the platform says to it. */
async function buys(supplyChannelKey: string): Promise<string[]> {
  const answers: string[] = [];
  for (const sku of SOLD_OUT) {
    const lines = [{ sku, quantity: 1, externalPrice: 199, supplyChannelKey }];
    try {
      await bench.buy({ lines, inventoryMode: "ReserveOnOrder" });
      answers.push("ordered");
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      answers.push((error.body as { errors: { code: string }[] }).errors[0]?.code ?? error.message);
    }
  }
  return answers;
}

const terms = (channelKey: string) =>
  SOLD_OUT.map((sku) => {
    const { quantityOnStock, restockableInDays = null, expectedDelivery = null } = entryOf(sku, channelKey) ?? {};
    return [quantityOnStock, restockableInDays, expectedDelivery];
  });

test("terms are written, and accepted as orders at zero, where a class of the SKU and channel says so, and nowhere else", async () => {
  await run({ classes });
  const none = [0, null, null];
  expect(terms("hamburg")).toEqual([[0, 14, null], [0, 20, `${inDays(20)}T00:00:00.000Z`], none, none]);
  expect(terms("munich")).toEqual([none, none, none, none]);
  expect(await buys("hamburg")).toEqual(["ordered", "ordered", "OutOfStock", "OutOfStock"]);
  expect(await buys("munich")).toEqual(Array(SOLD_OUT.length).fill("OutOfStock"));
});

test("goods that are expected no more, and a class that is taken back, end it with the next run", async () => {
  for (const row of [...ifs.model.world().table("PurchaseOrderLine").all()])
    ifs.model.world().table("PurchaseOrderLine").update(row, { Objstate: "Closed" });
  await run({ classes: classes.map((one) => (one.name === "always" ? { ...one, restockableInDays: null } : one)) });
  expect(terms("hamburg").map(([, ...told]) => told)).toEqual(Array(SOLD_OUT.length).fill([null, null]));
  expect(await buys("hamburg")).toEqual(Array(SOLD_OUT.length).fill("OutOfStock"));
});

test("with stock again, all of them are sold, and no more than there is", async () => {
  for (const part of SOLD_OUT) await sandbox("clerk/receive", { part, site: "101", qty: "2", location: "PICK-01" });
  await run({ classes: [] });
  // Of the first two one piece each is owed to the orders of before.
  expect(terms("hamburg").map(([quantity]) => quantity)).toEqual([1, 1, 2, 2]);
  expect(await buys("hamburg")).toEqual(Array(SOLD_OUT.length).fill("ordered"));
  expect(await buys("hamburg")).toEqual(["OutOfStock", "OutOfStock", "ordered", "ordered"]);
  expect(await buys("hamburg")).toEqual(Array(SOLD_OUT.length).fill("OutOfStock"));
});
