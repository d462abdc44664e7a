import { afterEach, expect, test } from "vitest";
import type { Contract, OrderNo } from "../domain/ids.ts";
import { createOrders } from "./orders.ts";
import { orderDocument, orderRow } from "./testing/order-rows.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, orders: createOrders(tenant.client({ ifs })) };
}
const rows = (...value: object[]): Answer => ({ json: { value } });
const S1 = "S1" as Contract;
const PERIOD = { from: "2026-06-30T22:00:00.000Z", to: "2026-07-01T22:00:00.000Z" };

test("orders of several references, of whatever site, each reference asked once", async () => {
  const { it, orders } = await start(() => rows(orderRow()));
  expect(await orders.ordersByReference(["order-1", "o'2", "order-1"])).toEqual([orderDocument.order]);
  expect(it.asked.map(({ query }) => query.$filter)).toEqual(["(ExternalRef eq 'order-1' or ExternalRef eq 'o''2')"]);
});

test("orders entered in a period, by the site's own digits and by number", async () => {
  const { it, orders } = await start(() => rows());
  await orders.pageOrdersEntered(S1, PERIOD, undefined, 100);
  await orders.pageOrdersEntered(S1, PERIOD, "P'9" as OrderNo, 100);
  const period = "DateEntered ge 2026-07-01T00:00:00Z and DateEntered le 2026-07-02T01:00:00Z";
  expect(it.asked.map(({ query }) => [query.$filter, query.$orderby, query.$top])).toEqual([
    [`Contract eq 'S1' and ${period}`, "OrderNo", "100"],
    [`Contract eq 'S1' and ${period} and OrderNo gt 'P''9'`, "OrderNo", "100"],
  ]);
});

test("an entered order says its order type and coordinator, where IFS shows them", async () => {
  const { orders } = await start(() => rows({ ...orderRow(), OrderId: "WEB", AuthorizeCode: "SHOP" }));
  expect(await orders.pageOrdersEntered(S1, PERIOD, undefined, 100)).toEqual([
    { ...orderDocument.order, orderId: "WEB", authorizeCode: "SHOP" },
  ]);
  await tenant?.close();
  const { AuthorizeCode: _, ...without } = { ...orderRow(), OrderId: "WEB", AuthorizeCode: "SHOP" };
  const bare = await start(() => rows(without));
  expect(await bare.orders.pageOrdersEntered(S1, PERIOD, undefined, 100)).toMatchObject([{ authorizeCode: null }]);
});

test("a tenant without entry date pages all orders of the site", async () => {
  const { it, orders } = await start(() => rows(), { binding: { order: { fields: { dateEntered: null } } } });
  await orders.pageOrdersEntered(S1, PERIOD, undefined, 100);
  expect(it.asked.map(({ query }) => query.$filter)).toEqual(["Contract eq 'S1'"]);
});

test("the sentinel proves that orders can be seen; without one, any order does", async () => {
  const seen = async (answer: Answer, ifs: Record<string, unknown> = {}) => {
    const { it, orders } = await start(() => answer, ifs);
    const visible = await orders.ordersVisible(S1);
    await tenant?.close();
    return [visible, it.asked[0]?.query.$filter];
  };
  const sentinel = { sentinelOrders: { S1: "KEEP" } };
  expect(await seen(rows(), sentinel)).toEqual([false, "Contract eq 'S1' and OrderNo eq 'KEEP'"]);
  expect(await seen(rows({ OrderNo: "KEEP" }), sentinel)).toEqual([true, "Contract eq 'S1' and OrderNo eq 'KEEP'"]);
  expect(await seen(rows({ OrderNo: "Z" }))).toEqual([true, "Contract eq 'S1'"]);
});
