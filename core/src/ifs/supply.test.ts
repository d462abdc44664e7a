/** Goods on their way and what packages are made of: what is asked, and how rows are read. */
import { afterEach, expect, test } from "vitest";
import type { Contract, PartNo } from "../domain/ids.ts";
import { createParts } from "./parts.ts";
import { createSupply } from "./supply.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());
async function start(answer: (asked: Asked, count: number) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, client: tenant.client({ ifs }) };
}
const S1 = "S1" as Contract;
const rows = (...value: object[]): Answer => ({ json: { value } });

test("supply is what is left of open lines with a date, from the sources that were chosen", async () => {
  const { it, client } = await start(({ path }) =>
    path.includes("PurchaseOrder")
      ? rows(
          {
            OrderNo: "1",
            LineNo: "1",
            ReleaseNo: "1",
            Contract: "S1",
            PartNo: "P1",
            PlannedReceiptDate: "2026-08-10",
            DueInStores: 5,
            Objstate: "Released",
          },
          {
            OrderNo: "2",
            LineNo: "1",
            ReleaseNo: "1",
            Contract: "S1",
            PartNo: "P1",
            PlannedReceiptDate: "2026-08-11",
            DueInStores: 5,
            Objstate: "Closed",
          },
          {
            OrderNo: "3",
            LineNo: "1",
            ReleaseNo: "1",
            Contract: "S1",
            PartNo: "P1",
            PlannedReceiptDate: null,
            DueInStores: 5,
            Objstate: "Released",
          },
          {
            OrderNo: "4",
            LineNo: "1",
            ReleaseNo: "1",
            Contract: "S1",
            PartNo: "P1",
            PlannedReceiptDate: "2026-08-12",
            DueInStores: 0,
            Objstate: "Released",
          },
        )
      : rows({
          ...{
            OrderNo: "5",
            LineNo: "1",
            ReleaseNo: "1",
            Contract: "S1",
            PartNo: "P1",
            RevisedDueDate: "2026-08-09T00:00:00Z",
            Objstate: "Started",
          },
          ...{ SequenceNo: "*", RevisedQtyDue: 10, QtyComplete: 4 },
        }),
  );
  const supply = createSupply(client);
  const bought = { contract: "S1", partNo: "P1", quantity: "5", date: "2026-08-10" };
  expect(await supply.plannedSupply(["purchaseOrders"], S1, ["P1", "P1"] as PartNo[])).toEqual([bought]);
  expect(it.asked.map(({ query }) => query.$filter)).toEqual(["Contract eq 'S1' and PartNo eq 'P1'"]);
  expect(await supply.plannedSupply(["purchaseOrders", "shopOrders"], S1, ["P1"] as PartNo[])).toEqual([
    bought,
    { contract: "S1", partNo: "P1", quantity: "6", date: "2026-08-09" },
  ]);
  expect(await supply.plannedSupply([], S1, ["P1"] as PartNo[])).toEqual([]);
});

test("the tenant's names and states are those of the binding", async () => {
  const binding = {
    purchaseOrderLine: {
      projection: "PurchaseOrderLineEntity",
      group: "entity",
      fields: { date: "WantedDeliveryDate", quantity: "BuyQtyDue" },
    },
    openPurchaseStates: ["OnItsWay"],
  };
  const { it, client } = await start(
    () =>
      rows(
        {
          OrderNo: "6",
          LineNo: "1",
          ReleaseNo: "1",
          Contract: "S1",
          PartNo: "P1",
          WantedDeliveryDate: "2026-08-10",
          BuyQtyDue: 5,
          Objstate: "OnItsWay",
        },
        {
          OrderNo: "7",
          LineNo: "1",
          ReleaseNo: "1",
          Contract: "S1",
          PartNo: "P1",
          WantedDeliveryDate: "2026-08-10",
          BuyQtyDue: 5,
          Objstate: "Released",
        },
      ),
    { binding },
  );
  const read = await createSupply(client).plannedSupply(["purchaseOrders"], S1, ["P1"] as PartNo[]);
  expect(read.map(({ quantity }) => quantity)).toEqual(["5"]);
  expect(it.asked[0]?.path).toContain("/entity/v1/PurchaseOrderLineEntity.svc/PurchaseOrderLineSet");
});

test("packages are read whole, with their components together, and lines of nothing left out", async () => {
  const line = (ParentPart: string, LineItemNo: number, CatalogNo: string, QtyPerAssembly: number) => ({
    ...{ Contract: "S1", ParentPart, LineItemNo, CatalogNo, QtyPerAssembly },
  });
  const { client } = await start(() =>
    rows(line("KIT", 1, "A", 2), line("KIT", 2, "B", 0.5), line("KIT", 3, "NOTHING", 0), line("SET", 1, "A", 1)),
  );
  expect(await createParts(client).packages(S1)).toEqual([
    {
      catalogNo: "KIT",
      components: [
        { catalogNo: "A", quantity: "2" },
        { catalogNo: "B", quantity: "0.5" },
      ],
    },
    { catalogNo: "SET", components: [{ catalogNo: "A", quantity: "1" }] },
  ]);
});

/** A tenant that pages by number of rows and refuses to be asked for what comes behind a key: lists come once more from their beginning. */
const withoutKeys =
  (lines: readonly object[]) =>
  ({ query }: Asked): Answer => {
    if (query.$filter?.includes(" gt ")) return { status: 400, json: { error: { code: "FILTER", message: "no" } } };
    const skip = Number(query.$skip ?? 0);
    return rows(...lines.slice(skip, skip + Number(query.$top)));
  };

test("a package whose lines come twice needs no more than before", async () => {
  const lines = Array.from({ length: 12 }, (_, nth) => ({
    ...{ Contract: "S1", ParentPart: "KIT", LineItemNo: nth + 1 },
    ...{ CatalogNo: nth < 11 ? `C${nth}` : "C0", QtyPerAssembly: 1 },
  }));
  const { it, client } = await start(withoutKeys(lines), { pageSize: 10 });
  const [kit] = await createParts(client).packages(S1);
  expect(kit?.components.map(({ catalogNo }) => catalogNo)).toEqual(lines.map(({ CatalogNo }) => CatalogNo));
  expect(it.asked.filter(({ query }) => query.$filter?.includes(" gt ")).length).toBe(1);
});

test("sales parts that come twice are counted once", async () => {
  const parts = Array.from({ length: 12 }, (_, nth) => ({ Contract: "S1", CatalogNo: `C${nth + 10}` }));
  const { client } = await start(withoutKeys(parts), { pageSize: 10 });
  expect(await createParts(client).countSalesParts(S1)).toBe(12);
});
