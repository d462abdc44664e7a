import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  chargeBody,
  headerBody,
  headerRow,
  lineBody,
  lineRows,
  ORDERS,
  placeOrder,
  release,
  totals,
} from "./testing/orders.ts";

const bolt = { catalogNo: "HB-M5X20", qty: 3, price: 10 };
const LINES = "CustomerOrderHandling.svc/CustomerOrderLineSet";
const CUSTOMERS = "CustomerHandling.svc/CustomerInfoSet";

describe.each(forms)("IFS changes of what is there $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const linePath = (orderNo: string, lineNo = "1") =>
    `${LINES}(OrderNo='${orderNo}',LineNo='${lineNo}',RelNo='1',LineItemNo=0)`;
  const tagged = async (method: string, path: string, body: unknown, on = path) => {
    const tag = (await bench.ask("GET", on)).headers.get("etag") ?? "";
    return bench.ask(method, path, { body, headers: { "if-match": tag } });
  };
  const patch = (path: string, body: unknown) => tagged("PATCH", path, body);
  const cancelLine = (orderNo: string, lineNo: string, body: unknown) =>
    tagged(
      "POST",
      `${linePath(orderNo, lineNo)}/IfsApp.CustomerOrderHandling.CustomerOrderLine_Cancel`,
      body,
      linePath(orderNo, lineNo),
    );
  const said = async (answer: ReturnType<Bench["ask"]>) => messageOf(await answer).replace("ORA-20110: ", "");

  test("a line's quantity and price change with its tag until it is delivered; a stale tag changes nothing", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const path = linePath(orderNo);
    const stale = (await bench.ask("GET", path)).headers.get("etag") ?? "";
    accepted(await patch(path, { BuyQtyDue: 5, SaleUnitPrice: 8, UnitPriceInclTax: 9.52 }));
    const late = await bench.ask("PATCH", path, { body: { BuyQtyDue: 9 }, headers: { "if-match": stale } });
    expect(late.status).toBe(412);
    const select = "BuyQtyDue,RevisedQtyDue,SaleUnitPrice,NetAmountCurr,GrossAmountCurr";
    expect(await lineRows(bench, orderNo, select)).toEqual([
      { BuyQtyDue: 5, RevisedQtyDue: 5, SaleUnitPrice: 8, NetAmountCurr: 40, GrossAmountCurr: 47.6 },
    ]);
    accepted(await release(bench, orderNo));
    accepted(await patch(path, { BuyQtyDue: 6 }));
    accepted(await bench.clerk("ship", { orderNo }));
    expect(await said(patch(path, { BuyQtyDue: 7 }))).toBe(
      "CustomerOrderLine.NOUPDATE: The order line is Delivered and may not be changed.",
    );
  });

  test("a line is added and another cancelled with a reason; the last one takes the order with it", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    accepted(await release(bench, orderNo));
    const body = { OrderNo: orderNo, Identity1: orderNo, ...lineBody({ ...bolt, qty: 1 }) };
    const added = accepted(await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, { body }));
    expect([added.json.LineNo, added.json.Objstate]).toEqual(["2", "Released"]);
    expect(await said(cancelLine(orderNo, "1", {}))).toContain("NOREASON");
    accepted(await cancelLine(orderNo, "1", { CancelReason: "WEB" }));
    const again = await said(cancelLine(orderNo, "1", { CancelReason: "WEB" }));
    expect(again).toBe(`CustomerOrderLine.ISCANCELLED: Line 1 of order ${orderNo} is already cancelled.`);
    expect(await lineRows(bench, orderNo, "LineNo,Objstate,CancelReason")).toEqual([
      { LineNo: "1", Objstate: "Cancelled", CancelReason: "WEB" },
      { LineNo: "2", Objstate: "Released", CancelReason: null },
    ]);
    expect(await said(patch(linePath(orderNo), { BuyQtyDue: 1 }))).toContain("NOUPDATE");
    accepted(await bench.clerk("reserve", { orderNo }));
    accepted(await bench.clerk("pick", { orderNo }));
    expect(await said(cancelLine(orderNo, "2", { CancelReason: "WEB" }))).toContain("NOCANCELPICKED");

    const single = await placeOrder(bench, { lines: [bolt] });
    accepted(await cancelLine(single, "1", { CancelReason: "WEB" }));
    expect(await headerRow(bench, single, "Objstate")).toEqual({ Objstate: "Cancelled" });
  });

  test("a charge changes with its tax until the order is delivered, and can be taken away", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt], charges: [chargeBody("FREIGHT", 10)] });
    const path = `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray(OrderNo='${orderNo}',SequenceNo=1)`;
    accepted(await patch(path, { ChargeAmount: 20 }));
    expect(await totals(bench, orderNo)).toMatchObject({ TotChrgNetAmtBase: 20, TotalGrossInclChrgCurr: 59.5 });
    expect(await said(patch(path, { ChargeType: "DISCOUNT" }))).toBe(
      "CustomerOrderCharge.UPDNOTALLOWED: Field [ChargeType] may not be changed.",
    );
    accepted(await bench.clerk("ship", { orderNo }));
    expect(await said(patch(path, { ChargeAmount: 30 }))).toContain("CustomerOrderCharge.NOUPDATE");
    const other = await placeOrder(bench, { lines: [bolt], charges: [chargeBody("FREIGHT", 10)] });
    const gone = `${ORDERS}(OrderNo='${other}')/CustomerOrderChargeArray(OrderNo='${other}',SequenceNo=1)`;
    accepted(await tagged("DELETE", gone, undefined));
    expect(await totals(bench, other)).toMatchObject({ TotChrgNetAmtBase: 0 });
  });

  describe("addresses", () => {
    const second = async (id: string) => {
      const address = { AddressId: id, CustomerId: "WEB-DE", Address1: "Gasse 2", Country: "DE" };
      const addresses = `${CUSTOMERS}(CustomerId='WEB-DE')/CustomerInfoAddresses`;
      const known = await bench.ask("GET", `${addresses}(CustomerId='WEB-DE',AddressId='${id}')`);
      if (known.status === 200) return id;
      accepted(
        await bench.ask("POST", addresses, { body: { ...address, PartyType: "Customer", DefaultDomain: true } }),
      );
      const types = `${addresses}(CustomerId='WEB-DE',AddressId='${id}')/AddressTypes`;
      accepted(await bench.ask("POST", types, { body: { AddressTypeCode: "Delivery", DefAddress: false } }));
      return id;
    };

    test.each([
      ["headerOnly", "01"],
      ["linesFollow", "02"],
    ])("of the header: %s", async (headerAddressChange, ofLine) => {
      accepted(await bench.control("POST", "settings", { headerAddressChange }));
      const orderNo = await placeOrder(bench, { lines: [bolt] });
      accepted(await patch(`${ORDERS}(OrderNo='${orderNo}')`, { ShipAddrNo: await second("02") }));
      const lines = await lineRows(bench, orderNo, "ShipAddrNo");
      accepted(await bench.control("POST", "settings", { headerAddressChange: "headerOnly" }));
      expect(lines).toEqual([{ ShipAddrNo: ofLine }]);
      expect(await headerRow(bench, orderNo, "ShipAddrNo")).toEqual({ ShipAddrNo: "02" });
      const unknown = await said(patch(`${ORDERS}(OrderNo='${orderNo}')`, { ShipAddrNo: "99" }));
      expect(unknown).toBe('CustomerOrder.NOADDRESS: Address "99" of customer "WEB-DE" does not exist.');
      accepted(await bench.clerk("ship", { orderNo }));
      expect(await said(patch(`${ORDERS}(OrderNo='${orderNo}')`, { ShipAddrNo: "01" }))).toBe(
        `CustomerOrder.NOUPDATE: Customer order ${orderNo} is Delivered and may not be changed.`,
      );
    });

    test("of one occasion change with the order, not after it", async () => {
      const orderNo = await placeOrder(bench, { header: { AddrFlagDb: true }, lines: [bolt] });
      const array = `${ORDERS}(OrderNo='${orderNo}')/${bench.model.settings().addressArrayName}`;
      const body = { OrderNo: orderNo, Addr1: "Ann", Address1: "Weg 1", CountryCode: "DE" };
      accepted(await bench.ask("POST", array, { body }));
      const row = `${array}(OrderNo='${orderNo}')`;
      accepted(await patch(row, { Address1: "Weg 2" }));
      expect((await bench.ask("GET", row)).json.Address1).toBe("Weg 2");
      accepted(await bench.clerk("ship", { orderNo }));
      expect(await said(patch(row, { Address1: "Weg 3" }))).toContain("CustomerOrder.NOUPDATE");
    });
  });

  describe("customers", () => {
    const card = {
      Name: "Bare",
      CreationDate: "2026-03-10",
      Country: "DE",
      DefaultLanguage: "de",
      PartyType: "Customer",
      DefaultDomain: true,
    };
    const create = (body: unknown) => bench.ask("POST", CUSTOMERS, { body });

    test("the number series counts on, and a number is given once", async () => {
      const [first, next] = [accepted(await create(card)), accepted(await create(card))];
      expect(Number(next.json.CustomerId)).toBe(Number(first.json.CustomerId) + 1);
      accepted(await create({ ...card, CustomerId: "OWN-1" }));
      const twice = await create({ ...card, CustomerId: "OWN-1" });
      const copy = { CustomerId: "TEMPLATE", NewName: "X", NewCategory: "Customer", AssociationNo: "" };
      const copied = await bench.ask("POST", "CustomerHandling.svc/CopyExistingCustomer", {
        body: { ...copy, NewId: "OWN-1" },
      });
      const nobody = await bench.ask("POST", "CustomerHandling.svc/CopyExistingCustomer", {
        body: { ...copy, CustomerId: "NOBODY", NewId: "" },
      });
      expect([twice, copied].map(messageOf)).toEqual([
        expect.stringContaining("already exists"),
        expect.stringContaining("already exists"),
      ]);
      expect(messageOf(nobody)).toBe('ORA-20110: CustomerInfo.NOCUSTOMER: Customer "NOBODY" does not exist.');
    });

    test("a card becomes one to order for by addresses, sales data and invoice data, each in turn", async () => {
      const id = String(accepted(await create({ ...card, Name: "Step by step" })).json.CustomerId);
      const at = `${CUSTOMERS}(CustomerId='${id}')`;
      const order = () => said(bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: id }) }));
      expect(await order()).toContain("NOSALESDATA");
      const sales = { CustomerNo: id, CurrencyCode: "EUR", CustGrp: "B2C" };
      const set = "CustomerHandling.svc/CustOrdCustomerSet";
      expect(await said(bench.ask("POST", set, { body: { ...sales, CurrencyCode: null } }))).toContain("NULLVALUE");
      expect(await said(bench.ask("POST", set, { body: { ...sales, CustomerNo: "NOBODY" } }))).toContain("NOCUSTOMER");
      accepted(await bench.ask("POST", set, { body: sales }));
      expect(await order()).toContain("NOINVOICEDATA");
      const invoicing = { Company: "10", Identity: id, PayTermId: "PREPAID" };
      const unknown = bench.ask("POST", `${at}/CustomerInvoiceCompanies`, { body: { ...invoicing, PayTermId: "99" } });
      expect(await said(unknown)).toContain("NOPAYTERMID");
      accepted(await bench.ask("POST", `${at}/CustomerInvoiceCompanies`, { body: invoicing }));
      expect(await order()).toContain("NOADDRESS");
      const address = { AddressId: "01", CustomerId: id, Country: "DE", PartyType: "Customer", DefaultDomain: true };
      accepted(await bench.ask("POST", `${at}/CustomerInfoAddresses`, { body: address }));
      const again = bench.ask("POST", `${at}/CustomerInfoAddresses`, { body: address });
      expect(await said(again)).toContain("already exists");
      expect(await order()).toContain("NOADDRTYPE");
      for (const AddressTypeCode of ["Delivery", "Document"]) {
        const types = `${at}/CustomerInfoAddresses(CustomerId='${id}',AddressId='01')/AddressTypes`;
        accepted(await bench.ask("POST", types, { body: { AddressTypeCode, DefAddress: true } }));
      }
      const orderNo = await placeOrder(bench, { header: { CustomerNo: id }, lines: [] });
      expect(await headerRow(bench, orderNo, "CustomerName")).toEqual({ CustomerName: "Step by step" });
    });
  });
});
