/** What the timeline of an order says was sent to IFS, also where the work was broken off, against what the model has. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { num, text } from "../sandbox/ifs/rows.ts";
import { type Document, installConnector } from "./install.ts";
import { timelineNamed } from "./operators.ts";
import { buy, germany, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const ordersOnly: Document = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: { exportFrom: "2026-01-01T00:00:00Z", lateCommitWaitSeconds: 5 },
};
const SKUS = ["BAT.12V.2AH", "BAT.18V.2AH"];
const wish: Wish = { lines: SKUS.map((sku) => ({ sku, quantity: 1, externalPrice: 1990 })), inventoryMode: "None" };

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await installConnector(world, ordersOnly);
  await world.run(5000);
});
afterAll(() => world?.close());

const bought = async (): Promise<string> => String((await world.drive(buy(world, germany, wish))).id);
const swept = async (): Promise<void> => {
  await world.run(15_000);
  await world.tick();
  await world.run(5000);
};
/** Answers of what was sent, with the request's last word. */
const sentOf = async (id: string): Promise<string[]> => {
  const { entries } = await timelineNamed(world, id);
  return entries
    .filter(({ event, detail }) => event === "sent to IFS" && detail.part === undefined)
    .map(({ detail }) => `${String(detail.request).replace(/^.*[./]/, "")}: ${String(detail.answer)}`);
};
const allOf = async (id: string) => (await timelineNamed(world, id)).entries;

test("every line and charge is told as the model got it, by which configuration, and no name or street", async () => {
  const id = await bought();
  await world.run(15_000);
  const [orderNo = ""] = ordersInIfs(world, id);
  expect(await sentOf(id)).toEqual(["$batch: accepted", "CustomerOrder_Release: accepted"]);
  const entries = await allOf(id);
  const told = entries.flatMap(({ event, detail }) => (event === "sent to IFS" ? Object.entries(detail) : []));
  const ifs = world.ifs.model.world();
  const lines = [...(ifs.table("CustomerOrderLine").find("OrderNo", orderNo) ?? [])];
  const charges = [...(ifs.table("CustomerOrderCharge").find("OrderNo", orderNo) ?? [])];
  expect([lines.length, charges.length]).toEqual([2, 1]);
  for (const [index, line] of lines.entries()) {
    const own = told.find(([name]) => name === `OrderLinesArray ${index + 1}`)?.[1];
    expect(own).toContain(`CatalogNo=${text(line, "CatalogNo")}`);
  }
  const each = String(told.find(([name]) => name === "OrderLinesArray, each")?.[1]);
  expect(each).toContain(`BuyQtyDue=${num(lines[0] as never, "BuyQtyDue").toFixed()}`);
  expect(each).toContain(`SaleUnitPrice=${num(lines[0] as never, "SaleUnitPrice").toFixed()}`);
  const charge = String(told.find(([name]) => name === "CustomerOrderChargeArray")?.[1]);
  expect(charge).toContain(`ChargeAmount=${num(charges[0] as never, "ChargeAmount").toFixed()}`);
  expect(entries.filter(({ event }) => event === "sent to IFS").every(({ configVersion }) => configVersion === 1)).toBe(
    true,
  );
  expect(JSON.stringify(entries)).not.toMatch(/Muster|Hafenstra|20457|shopper@/);
});

test("doubt and refusal are told, each once", async () => {
  world.ifs.faults.add({ kind: "loseResponse", path: "batch$", methods: ["POST"], times: 1 });
  const doubtful = await bought();
  await swept();
  await swept();
  expect(await sentOf(doubtful)).toEqual(["$batch: in doubt: no answer that tells", "CustomerOrder_Release: accepted"]);
  world.ifs.faults.add({
    kind: "status",
    status: 500,
    path: "batch$",
    times: 3,
    responseBody: {
      error: {
        code: "DATABASE_ERROR",
        message: "x",
        details: [{ message: "ORA-20110: CustomerOrder.CLOSED: Closed." }],
      },
    },
  });
  const refused = await bought();
  await swept();
  const told = await sentOf(refused);
  expect([told.filter((line) => line.includes("refused")).length > 0, new Set(told).size]).toEqual([true, told.length]);
  world.ifs.faults.clear();
});

test("what was changed in IFS before the work was broken off is told too", async () => {
  const id = await bought();
  await world.run(15_000);
  const [orderNo = ""] = ordersInIfs(world, id);
  // The change of the first line goes through; from then on IFS is down for a while.
  let patches = 0;
  const away = world.network.before(({ origin, method, path }) => {
    if (!origin.includes("ifs") || !path.includes(orderNo)) return;
    if (method === "PATCH") patches += 1;
    else if (patches > 0) throw new TypeError("fetch failed: down");
  });
  const { version } = await orderById(world, id);
  await world.drive(
    world.shop.post(`/orders/${id}`, {
      version,
      actions: [{ action: "setPurchaseOrderNumber", purchaseOrderNumber: "PO-4711" }],
    }),
  );
  await world.run(5000);
  away();
  const broken = (await sentOf(id)).filter((line) => !line.startsWith("$batch") && !line.includes("Release"));
  expect([patches, broken]).toEqual([1, [`CustomerOrderSet(OrderNo='${orderNo}'): accepted`]]);
  await swept();
  const patched = (await sentOf(id)).filter((line) => !line.startsWith("$batch") && !line.includes("Release"));
  expect([patched, orderInIfs(world, orderNo).state]).toEqual([broken, "Released"]);
});
