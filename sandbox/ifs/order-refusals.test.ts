import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  chargeBody,
  headerBody,
  headerRow,
  type LineWish,
  lineBody,
  lineRows,
  ORDERS,
  placeOrder,
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
const service: LineWish = { catalogNo: "SRV-INSTALL-S", partNo: "", qty: 1, price: 15 };

describe.each(forms)("IFS order refusals $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  describe("refusals", () => {
    test("a header names what is missing or unknown", async () => {
      const refusal = async (extra: Record<string, unknown>) =>
        messageOf(await bench.ask("POST", ORDERS, { body: headerBody(extra) })).replace(
          "ORA-20110: CustomerOrder.",
          "",
        );
      expect(
        await Promise.all([
          refusal({ CustomerNo: null }),
          refusal({ AuthorizeCode: null }),
          refusal({ Contract: "999" }),
          refusal({ OrderId: "XXX" }),
          refusal({ ShipAddrNo: "77" }),
          refusal({ CurrencyCode: "CHF" }),
          refusal({ PayTermId: "99" }),
          refusal({ CustomerNo: "WEB-SE" }),
        ]),
      ).toEqual([
        "NULLVALUE: Field [CUSTOMER_NO] is mandatory for Customer Order and requires a value.",
        "NULLVALUE: Field [AUTHORIZE_CODE] is mandatory for Customer Order and requires a value.",
        "NOTALLOWEDSITE: User CTCONNECTOR is not connected to site 999.",
        'NOORDERID: Order type "XXX" does not exist.',
        'NOADDRESS: Address "77" of customer "WEB-DE" does not exist.',
        'NOCURRENCY: Currency code "CHF" is not valid in company 10.',
        'NOPAYTERMID: Payment term "99" does not exist.',
        'NOINVOICEDATA: Customer "WEB-SE" has no invoice information in company 10.',
      ]);
    });

    test("a line names what is missing or does not fit the sales part", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const refusal = async (wish: Partial<LineWish>) => {
        const body = lineBody({ ...bolt, ...wish });
        const answer = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, { body });
        return messageOf(answer).replace("ORA-20110: CustomerOrderLine.", "");
      };
      expect(
        await Promise.all([
          refusal({ extra: { ChargedItem: null } }),
          refusal({ catalogNo: "NOPE" }),
          refusal({ partNo: "HB-M5X40" }),
          refusal({ unit: "BOX" }),
          refusal({ ...boxes, due: 2 }),
          refusal({ ...boxes, factor: 10 }),
          refusal({ qty: 0 }),
          refusal({ ...service, extra: { SupplyCode: "InventOrder" } }),
          refusal({ extra: { TaxCode: "DE99", FetchTaxFromDefaults: "FALSE" } }),
        ]),
      ).toEqual([
        "NULLVALUE: Field [CHARGED_ITEM] is mandatory for Customer Order Line and requires a value.",
        'NOSALESPART: Sales part "NOPE" does not exist on site 101.',
        'PARTDIFF: Part "HB-M5X40" is not the part of sales part "HB-M5X20".',
        'UNITDIFF: Unit "BOX" is not the sales part\'s "PCS".',
        "QTYMISMATCH: The inventory quantity must be 24.",
        "CONVDIFF: The conversion factor is 12.",
        "QTYZERO: The quantity must be greater than zero.",
        "SUPPLYDIFF: Supply code InventOrder is not valid for a part of type NonInventoryPart.",
        'NOTAXCODE: Tax code "DE99" does not exist in company 10.',
      ]);
      expect(await lineRows(bench, orderNo, "LineNo")).toEqual([]);
    });

    test("an unknown charge type is refused", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const answer = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray`, {
        body: chargeBody("TIP", 1),
      });
      expect(messageOf(answer)).toBe(
        'ORA-20110: CustomerOrderCharge.NOCHARGETYPE: Charge type "TIP" does not exist on site 101.',
      );
    });
  });

  describe("customers", () => {
    test("a copy of the template with an address can be ordered for; a bare card cannot", async () => {
      const copy = accepted(
        await bench.ask("POST", "CustomerHandling.svc/CopyExistingCustomer", {
          body: {
            CustomerId: "TEMPLATE",
            NewId: "",
            NewName: "Dana O'Neil",
            NewCategory: "Customer",
            AssociationNo: "",
          },
        }),
      );
      const id = String(copy.json.value);
      const addresses = `CustomerHandling.svc/CustomerInfoSet(CustomerId='${id}')/CustomerInfoAddresses`;
      const address = {
        AddressId: "01",
        CustomerId: id,
        Name: "Dana O'Neil",
        Address1: "Gasse 1",
        ZipCode: "20095",
        City: "Hamburg",
        Country: "DE",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      accepted(await bench.ask("POST", addresses, { body: address }));
      for (const AddressTypeCode of ["Delivery", "Document"]) {
        const types = `${addresses}(CustomerId='${id}',AddressId='01')/AddressTypes`;
        accepted(await bench.ask("POST", types, { body: { AddressTypeCode, DefAddress: true } }));
      }
      const orderNo = await placeOrder(bench, { header: { CustomerNo: id }, lines: [] });
      const found = await bench.ask(
        "GET",
        "CustomerHandling.svc/CustomerInfoSet?$select=CustomerId&$filter=Name eq 'Dana O''Neil'",
      );
      expect(await headerRow(bench, orderNo, "CustomerName")).toEqual({ CustomerName: "Dana O'Neil" });
      expect(found.rows.map(withoutTag)).toEqual([{ CustomerId: id }]);

      const card = {
        Name: "Bare",
        CreationDate: "2026-03-10",
        Country: "DE",
        DefaultLanguage: "de",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      const bare = accepted(await bench.ask("POST", "CustomerHandling.svc/CustomerInfoSet", { body: card }));
      const refused = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: bare.json.CustomerId }) });
      expect(messageOf(refused)).toContain("CustomerOrder.NOSALESDATA");
    });

    test("required fields, digits and the default domain are insisted on", async () => {
      const card = {
        Name: "X",
        CreationDate: "2026-03-10",
        Country: "DE",
        DefaultLanguage: "de",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      const refusal = async (extra: Record<string, unknown>) =>
        messageOf(await bench.ask("POST", "CustomerHandling.svc/CustomerInfoSet", { body: { ...card, ...extra } }));
      expect(
        await Promise.all([
          refusal({ Name: null }),
          refusal({ AssociationNo: "DE1" }),
          refusal({ AssociationNo: "811234501" }),
          refusal({ DefaultDomain: false }),
        ]),
      ).toEqual([
        "ORA-20110: CustomerInfo.NULLVALUE: Field [NAME] is mandatory for Customer Info and requires a value.",
        "ORA-20110: CustomerInfo.ASSOCIATIONNO: The association number may hold digits only.",
        "ORA-20110: CustomerInfo.ASSOCIATIONEXIST: Association number 811234501 belongs to another customer.",
        "ORA-20110: CustomerInfo.NODOMAIN: Field [DEFAULT_DOMAIN] must be true.",
      ]);
    });
  });
});
