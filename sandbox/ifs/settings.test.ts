import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultSettings, type IfsSettings } from "./settings.ts";
import { type Bench, codeOf, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  action,
  chargeBody,
  headerBody,
  headerRow,
  type LineWish,
  lineBody,
  lineRows,
  ORDERS,
  placeOrder,
  release,
  totals,
  withoutTag,
} from "./testing/orders.ts";

const bolt: LineWish = { catalogNo: "HB-M5X20", qty: 3, price: 9.5 };
const boxes: LineWish = {
  catalogNo: "HB-M5X20-B12",
  partNo: "HB-M5X20",
  unit: "BOX",
  qty: 2,
  factor: 12,
  due: 24,
  price: 3.79,
};
const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet";

/** Every switch of an unverified point, in the position that is not the default. */
describe.each(forms)("IFS switches $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterEach(() => {
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const set = async (changes: Partial<IfsSettings>) => accepted(await bench.control("POST", "settings", changes));
  const path = (orderNo: string) => `${ORDERS}(OrderNo='${orderNo}')`;

  test("settings are read, changed in part, and checked", async () => {
    expect((await bench.control("GET", "settings")).json).toEqual(defaultSettings);
    expect((await set({ pageSize: 7 })).json).toEqual({ ...defaultSettings, pageSize: 7 });
    const refusals = [{ nope: 1 }, { pageSize: "7" }, { inOperator: "maybe" }, { historyLog: [1] }];
    const answers = await Promise.all(refusals.map((body) => bench.control("POST", "settings", body)));
    expect(answers.map((answer) => [answer.status, answer.json.message])).toEqual([
      [400, 'there is no setting "nope"'],
      [400, '"pageSize" is a number, not a string'],
      [400, '"inOperator" is one of refuse, accept'],
      [400, '"historyLog" is a list of texts, not a list'],
    ]);
  });

  test("missing and stale preconditions in the other words", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    await set({ missingPrecondition: "400-code", patchWithoutIfMatch: "refuse", stalePrecondition: "500-modified" });
    const missing = await bench.ask("PATCH", path(orderNo), { body: { NoteText: "x" } });
    const stale = await bench.ask("PATCH", path(orderNo), {
      body: { NoteText: "x" },
      headers: { "if-match": 'W/"x"' },
    });
    expect([missing.status, codeOf(missing), stale.status, messageOf(stale)]).toEqual([
      400,
      "ODP_MISSING_PRECONDITION",
      500,
      "ORA-20114: FndRecord.FND_RECORD_MODIFIED: The object has been modified by another user.",
    ]);
  });

  test("an own order number is taken once, ignored or refused", async () => {
    const create = () => bench.ask("POST", ORDERS, { body: headerBody({ OrderNo: "CT000001" }) });
    const taken = await create();
    const twice = await create();
    await set({ orderNoInsertable: "ignore" });
    const ignored = await create();
    const upserted = await bench.ask("PATCH", path("CT000002"), { body: headerBody({ ExternalRef: "upsert" }) });
    const left = await bench.ask("GET", `${ORDERS}?$filter=ExternalRef eq 'upsert'`);
    await set({ orderNoInsertable: "refuse" });
    const refused = await create();
    expect([taken.json.OrderNo, messageOf(twice)]).toEqual([
      "CT000001",
      "ORA-20112: CustomerOrder.FND_RECORD_EXIST: The Customer Order object already exists.",
    ]);
    expect([upserted.status, left.rows]).toEqual([400, []]);
    expect(ignored.json.OrderNo).toMatch(/^H1\d{5}$/);
    expect(messageOf(refused)).toContain("CustomerOrder.INSORDERNO");
  });

  test("release and cancel under other names", async () => {
    await set({ releaseActionName: "CustomerOrder_SetReleased", cancelActionName: "CustomerOrder_SetCancelled" });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const old = await release(bench, orderNo);
    const named = await action(bench, orderNo, "CustomerOrder_SetReleased", {});
    const metadata = await bench.ask("GET", "CustomerOrderHandling.svc/$metadata");
    expect([old.status, named.status]).toEqual([404, 204]);
    expect(metadata.text).toContain('<Action Name="CustomerOrder_SetReleased" IsBound="true">');
    expect(metadata.text).not.toContain("CustomerOrder_Release");
  });

  test("another spelling of supply code and frozen price", async () => {
    await set({ supplyFromStockMember: "InvOrder", priceFreezeFrozenMember: "FrozenPrice" });
    const orderNo = await placeOrder(bench, {
      lines: [{ ...bolt, extra: { SupplyCode: "InvOrder", PriceFreeze: "FrozenPrice" } }],
    });
    const unknown = await bench.ask("POST", `${path(orderNo)}/OrderLinesArray`, { body: lineBody(bolt) });
    expect(await lineRows(bench, orderNo, "SupplyCode,SaleUnitPrice")).toEqual([
      { SupplyCode: "InvOrder", SaleUnitPrice: 9.5 },
    ]);
    expect([unknown.status, codeOf(unknown)]).toEqual([400, "ODP_DESERIALIZATION_ERROR"]);
  });

  test("in, counts everywhere, OData's NULL, small pages, short tops, long URLs", async () => {
    await set({
      inOperator: "accept",
      countSupport: "all",
      nullComparison: "odata",
      maxTop: 2,
      nextLinkForm: "relative",
      pageSize: 2,
    });
    const listed = await bench.ask(
      "GET",
      `${stock}?$select=PartNo&$top=5&$filter=PartNo in ('HB-M5X20','HB-M5X40') and Contract eq '101'&$count=true`,
    );
    const sites = await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite?$select=Contract");
    const orderNo = await placeOrder(bench, { lines: [] });
    const unequal = await bench.ask(
      "GET",
      `${ORDERS}?$select=OrderNo&$filter=OrderNo eq '${orderNo}' and LabelNote ne 'x'`,
    );
    await set({ nextLinkWithoutTop: false, maxTop: 0 });
    const uncut = await bench.ask(
      "GET",
      "SalesPartHandling.svc/SalesPartSet?$select=CatalogNo&$filter=Contract eq '201'",
    );
    await set({ maxUrlLength: 300 });
    const long = await bench.ask("GET", `${stock}?$filter=${Array(20).fill("PartNo eq 'HB-M5X20'").join(" or ")}`);
    expect([listed.rows.length, Number(listed.json["@odata.count"]) > 2]).toEqual([2, true]);
    expect([sites.rows.length, sites.json["@odata.nextLink"]]).toEqual([
      2,
      "Reference_CompanySite?$select=Contract&$skiptoken=Mg",
    ]);
    expect(unequal.rows.map(withoutTag)).toEqual([{ OrderNo: orderNo }]);
    expect([uncut.rows.length, uncut.json["@odata.nextLink"]]).toEqual([270, undefined]);
    expect(long.status).toBe(414);
  });

  test("decimals as strings, no ETag header, tags by the second, an encoded slash refused", async () => {
    await set({
      decimalsAsStrings: true,
      etagHeader: false,
      objversionResolution: "seconds",
      encodedSlashInKeys: "refuse",
    });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const row = await bench.ask("GET", path(orderNo));
    const changed = await bench.ask("PATCH", path(orderNo), { body: { NoteText: "same second" } });
    const key = encodeURIComponent("'WSH 5.3/A2'");
    const slash = await bench.ask("GET", `SalesPartHandling.svc/SalesPartSet(Contract='101',CatalogNo=${key})`);
    expect((await lineRows(bench, orderNo, "NetAmountCurr"))[0]).toEqual({ NetAmountCurr: "28.5" });
    expect([row.headers.get("etag"), changed.json["@odata.etag"]]).toEqual([null, row.json["@odata.etag"]]);
    expect(slash.status).toBe(400);
  });

  test("whether a reservation moves LastActivityDate", async () => {
    const moved = async () => {
      const row = [...bench.model.world().table("InventoryPartInStock").all()].find(
        (one) => one.values.PartNo === "HB-M10X60",
      );
      const before = "2026-01-01T00:00:00Z";
      if (row) bench.model.world().table("InventoryPartInStock").update(row, { LastActivityDate: before });
      accepted(await bench.clerk("sell", { part: "HB-M10X60", qty: "1", site: String(row?.values.Contract) }));
      return row?.values.LastActivityDate !== before;
    };
    const byDefault = await moved();
    await set({ reservationMovesLastActivityDate: false });
    expect([byDefault, await moved()]).toEqual([true, false]);
  });

  test("the sign of a discount charge", async () => {
    const grossWith = async (amount: number) => {
      const orderNo = await placeOrder(bench, { lines: [bolt], charges: [chargeBody("DISCOUNT", amount)] });
      return (await totals(bench, orderNo)).TotalGrossInclChrgCurr;
    };
    const asSent = [await grossWith(-5), await grossWith(5)];
    await set({ discountChargeSign: "negated" });
    const negated = await grossWith(5);
    await set({ discountChargeSign: "negativeRefused" });
    await expect(grossWith(-5)).rejects.toThrow("CustomerOrderCharge.NEGATIVE");
    expect([asSent, negated]).toEqual([[27.97, 39.87], 27.97]);
  });

  test("business errors as 400, a missing row as ITEM_NOT_EXIST", async () => {
    await set({ businessErrorStatus: 400, missingRowCode: "ITEM_NOT_EXIST" });
    const refused = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: "NOBODY" }) });
    const missing = await bench.ask("GET", path("NONE"));
    expect([refused.status, missing.status, codeOf(missing)]).toEqual([400, 404, "ITEM_NOT_EXIST"]);
  });

  test("quantities that do not fit are computed again or kept", async () => {
    await set({ quantityMismatch: "recompute" });
    const again = await placeOrder(bench, { lines: [{ ...boxes, due: 1, factor: 1 }] });
    await set({ quantityMismatch: "keep" });
    const kept = await placeOrder(bench, { lines: [{ ...boxes, due: 1 }] });
    expect(await lineRows(bench, again, "RevisedQtyDue,ConvFactor")).toEqual([{ RevisedQtyDue: 24, ConvFactor: 12 }]);
    expect(await lineRows(bench, kept, "RevisedQtyDue,ConvFactor")).toEqual([{ RevisedQtyDue: 1, ConvFactor: 12 }]);
  });

  test("a price with tax that the tax does not explain is refused", async () => {
    await set({ taxPriceMismatch: "refuse" });
    await expect(placeOrder(bench, { lines: [bolt] })).rejects.toThrow("CustomerOrderLine.PRICETAX");
    await placeOrder(bench, { lines: [{ ...bolt, priceInclTax: 11.305 }] });
  });

  test("strict headers, and other lists of what a line or charge must carry", async () => {
    const { PayTermId: _left, ...short } = headerBody();
    const defaulted = accepted(await bench.ask("POST", ORDERS, { body: short }));
    await set({ headerDefaults: "strict" });
    const strict = await bench.ask("POST", ORDERS, { body: short });
    await set({
      ...defaultSettings,
      lineMandatory: ["CatalogNo", "CustomerPoLineNo"],
      chargeMandatory: ["ChargeCostPercent"],
    });
    expect(defaulted.json.PayTermId).toBe("PREPAID");
    expect(messageOf(strict)).toContain("[PAY_TERM_ID]");
    await expect(placeOrder(bench, { lines: [bolt] })).rejects.toThrow("[CUSTOMER_PO_LINE_NO]");
    await expect(placeOrder(bench, { lines: [], charges: [chargeBody("FREIGHT", 1)] })).rejects.toThrow(
      "[CHARGE_COST_PERCENT]",
    );
  });

  test("invoiced quantity in inventory units, and the invoice number on the line", async () => {
    await set({ qtyInvoicedUnit: "inventory", cfInvoiceNo: true });
    const orderNo = await placeOrder(bench, { lines: [boxes] });
    accepted(await bench.clerk("ship", { orderNo }));
    const { invoiceNo } = accepted(await bench.clerk("invoice", { orderNo })).json;
    const joined = await bench.ask(
      "GET",
      "CustomerOrderLinesHandling.svc/CustomerOrderJoinSet?$select=OrderNo,Cf_Invoice_No&$filter=(Cf_Invoice_No ne null) and (Company eq '10')",
    );
    expect(await lineRows(bench, orderNo, "QtyInvoiced,Objstate")).toEqual([{ QtyInvoiced: 24, Objstate: "Invoiced" }]);
    expect(joined.rows.map(withoutTag)).toEqual([{ OrderNo: orderNo, Cf_Invoice_No: invoiceNo }]);
  });

  test("total tax with or without the tax of charges", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt], charges: [chargeBody("FREIGHT", 4.95)] });
    const without = (await totals(bench, orderNo)).TotTaxAmtCurr;
    await set({ totalTaxIncludesCharges: true });
    expect([without, (await totals(bench, orderNo)).TotTaxAmtCurr]).toEqual([5.42, 6.36]);
  });

  test("the single-occurrence address in a child array, or in the header", async () => {
    const orderNo = await placeOrder(bench, { header: { AddrFlagDb: true }, lines: [bolt] });
    const early = await release(bench, orderNo);
    const body = { Addr1: "Dana Doe", Address1: "Gasse 1", ZipCode: "20095", City: "Hamburg", CountryCode: "DE" };
    accepted(await bench.ask("POST", `${path(orderNo)}/CustomerOrderAddressArray`, { body }));
    const late = await release(bench, orderNo);
    expect([messageOf(early), late.status]).toEqual([
      `ORA-20110: CustomerOrder.NOSINGLEOCC: Order ${orderNo} lacks its single occurrence address.`,
      204,
    ]);

    await set({ singleOccurrenceAddress: "headerFields" });
    const inFields = { AddrFlagDb: true, SingleOccName: "Dana Doe", SingleOccAddress1: "Gasse 1" };
    const other = await placeOrder(bench, { header: inFields, lines: [bolt] });
    expect([
      (await release(bench, other)).status,
      (await bench.ask("GET", `${path(other)}/CustomerOrderAddressArray`)).status,
    ]).toEqual([204, 404]);
    await set({ singleOccurrenceAddress: "childArray", addressArrayName: "AddressesArray" });
    expect((await bench.ask("GET", `${path(orderNo)}/AddressesArray?$select=City`)).rows.map(withoutTag)).toEqual([
      { City: "Hamburg" },
    ]);
  });

  test("lines that cannot be read across orders", async () => {
    await set({ linesAcrossOrders: false });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const lines = "CustomerOrderHandling.svc/CustomerOrderLineSet?$select=LineNo&$filter=";
    const across = await bench.ask("GET", `${lines}PartNo eq 'HB-M5X20'`);
    const own = await bench.ask("GET", `${lines}OrderNo eq '${orderNo}'`);
    expect([across.status, own.rows.map(withoutTag)]).toEqual([400, [{ LineNo: "1" }]]);
  });

  test("history of the units that are switched on", async () => {
    await set({ historyLog: ["CustomerOrder"] });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    await release(bench, orderNo);
    const log = await bench.ask(
      "GET",
      "HistoryLogHandling.svc/HistoryLogOverviewSet?$filter=LuName eq 'CustomerOrder' and TimeStamp gt 2026-01-01T00:00:00Z&$orderby=LogId",
    );
    const last = Number(log.rows.at(-1)?.LogId);
    const details = await bench.ask(
      "GET",
      `HistoryLogHandling.svc/HistoryLogDetailsSet(LogId=${last})/HistoryLogAttributeArray`,
    );
    expect(log.rows.map((row) => [row.LuName, row.HistoryType, row.Keys, row.Username])).toEqual([
      ["CustomerOrder", "Insert", `ORDER_NO=${orderNo}^`, "CTCONNECTOR"],
      ["CustomerOrder", "Modify", `ORDER_NO=${orderNo}^`, "CTCONNECTOR"],
    ]);
    expect(details.rows.map((row) => [row.ColumnName, row.ColumnNamePrompt, row.OldValue, row.NewValue])).toEqual([
      ["OBJSTATE", "Objstate", "Planned", "Released"],
    ]);
  });

  test("another tenant's names for projection, set and array, and a property it lacks", async () => {
    await set({
      renames: {
        CustomerOrderHandling: "CCustomerOrderHandling",
        "CustomerOrderHandling/CustomerOrderSet": "Orders",
        "CustomerOrderHandling/CustomerOrderSet/OrderLinesArray": "Lines",
      },
      hiddenProperties: ["CustomerOrderHandling/CustomerOrderSet/ExternalRef"],
    });
    const listed = await bench.ask(
      "GET",
      "AllProjections.svc/Projections?$select=ProjectionName&$filter=contains(ProjectionName,'CustomerOrderHandling')",
    );
    const old = await bench.ask("GET", ORDERS);
    const renamed = await bench.ask(
      "GET",
      "CCustomerOrderHandling.svc/Orders?$top=1&$filter=Objstate eq IfsApp.CCustomerOrderHandling.CustomerOrderState'Planned'",
    );
    const lines = await bench.ask(
      "GET",
      `CCustomerOrderHandling.svc/Orders(OrderNo='${String(renamed.rows[0]?.OrderNo)}')/Lines?$select=LineNo`,
    );
    expect(listed.rows.map(withoutTag)).toEqual([{ ProjectionName: "CCustomerOrderHandling" }]);
    expect([old.status, renamed.status, lines.rows.length]).toEqual([404, 200, 2]);
    expect(Object.keys(renamed.rows[0] ?? {})).not.toContain("ExternalRef");
  });

  test("no credit check", async () => {
    await set({ creditCheck: false, cancelReasonRequired: false });
    const header = { CustomerNo: "10003", PayTermId: "30" };
    const orderNo = await placeOrder(bench, { header, lines: [{ ...bolt, extra: { DeliverToCustomerNo: "10003" } }] });
    await release(bench, orderNo);
    expect((await headerRow(bench, orderNo, "Objstate")).Objstate).toBe("Released");
    expect((await action(bench, orderNo, "CustomerOrder_Cancel", {})).status).toBe(204);
  });

  test("grants change while the client works", async () => {
    const sites = async () =>
      (await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite?$select=Contract", { as: "sweden" })).rows.map(
        (row) => row.Contract,
      );
    expect(await sites()).toEqual(["201"]);
    accepted(await bench.control("POST", "grants/sweden", { companies: ["10", "20"], sites: ["102", "201"] }));
    expect(await sites()).toEqual(["102", "201"]);
    accepted(await bench.control("DELETE", "grants/sweden"));
    expect((await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite", { as: "sweden" })).status).toBe(401);
  });
});
