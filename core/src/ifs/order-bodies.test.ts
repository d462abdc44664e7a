import { describe, expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import { RefusedError } from "../domain/failure.ts";
import type { IfsOrderDraft } from "../domain/ifs-records.ts";
import { resolveBinding } from "./binding.ts";
import { orderBodies } from "./order-bodies.ts";
import { aDraft } from "./testing/draft.ts";

function binding(overrides: unknown = {}) {
  const result = resolveBinding(overrides);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
/** As it goes over the wire. */
const wire = (value: unknown) => JSON.parse(JSON.stringify(value));

test("an order with a one-time address, without base amounts", () => {
  expect(wire(orderBodies(binding(), aDraft()))).toEqual({
    header: {
      IsNewCustomer: false,
      ExternalRef: "order-1",
      Contract: "S1",
      OrderId: "WEB",
      AuthorizeCode: "COORD",
      CustomerNo: "C1",
      CurrencyCode: "EUR",
      CustomerPoNo: "PO-9",
      WantedDeliveryDate: "2026-03-04T00:00:00Z",
      BillAddrNo: "01",
      ShipAddrNo: "02",
      UsePriceInclTax: false,
      Cf_Source: "shop",
      AddrFlagDb: true,
      DummySingleOccur: true,
    },
    address: { Addr1: "Ada", Address1: "Street 1", ZipCode: "111", City: "Town", CountryCode: "DE" },
    lines: [
      {
        Source: "CUSTOMERORDER",
        OrderDiscount: 0,
        QtyAssigned: 0,
        QtyShort: 0,
        CloseTolerance: 0,
        PartPrice: 0,
        Cost: 0,
        ConsignmentStock: "NoConsignmentStock",
        ChargedItem: "ChargedItem",
        CreateSmObjectOption: "DoNotCreateSMObject",
        StagedBilling: "NotStagedBilling",
        TaxLiability: "TAX",
        SmConnection: "NotConnected",
        PriceSource: "SalesPart",
        PriceFreeze: "Frozen",
        ConfigurationId: "*",
        ReleasePlanning: "NotReleased",
        FetchTaxFromDefaults: "TRUE",
        CatalogType: "InventoryPart",
        SupplyCode: "InventOrder",
        AddrFlag: "Yes",
        DefaultAddrFlag: "No",
        DeliverToCustomerNo: "C1",
        ShipAddrNo: "02",
        Contract: "S1",
        CatalogNo: "BOX",
        PartNo: "PIECE",
        PlannedDeliveryDate: "2026-03-04T00:00:00Z",
        WantedDeliveryDate: "2026-03-04T00:00:00Z",
        TargetDate: "2026-03-04T00:00:00Z",
        SalesUnitMeas: "BOX",
        PriceUnitMeas: "BOX",
        BuyQtyDue: 2,
        DesiredQty: 2,
        RevisedQtyDue: 24,
        ConvFactor: 12,
        PriceConvFactor: 1,
        SaleUnitPrice: 9.5,
        UnitPriceInclTax: 11.305,
        Discount: 0,
        CustomerPoLineNo: "1",
        NoteText: "[ref line-aaaaaaaaaaaaaaaaaaaaaaaaaa]",
      },
      expect.objectContaining({
        CatalogType: "NonInventoryPart",
        SupplyCode: "NonInventory",
        CatalogNo: "SERVICE",
        TaxCode: "V19",
        FetchTaxFromDefaults: "FALSE",
        CustomerPoLineNo: "L2",
      }),
    ],
    charges: [
      {
        ChargeCost: 0,
        InvoicedQty: 0,
        StatisticalChargeDiff: 0,
        SalesUnitMeas: "PCS",
        CollectDb: false,
        MultipleTaxLines: false,
        PrintChargeTypeDb: false,
        PrintCollectChargeDb: false,
        IntrastatExempt: false,
        UnitCharge: false,
        DeliveryAddress: "02",
        Contract: "S1",
        Company: "10",
        ChargeType: "FREIGHT",
        ChargeAmount: 5,
        ChargeAmountInclTax: 5.95,
        ChargedQty: 1,
      },
    ],
  });
  expect(wire(orderBodies(binding(), aDraft()).lines[1])).not.toHaveProperty("PartNo");
});

test("without a one-time address, lines go to the customer's own", () => {
  const bodies = wire(orderBodies(binding(), { ...aDraft(), shipTo: undefined }));
  expect(bodies.header).not.toHaveProperty("AddrFlagDb");
  expect(bodies).not.toHaveProperty("address");
  expect(bodies.lines[0]).toMatchObject({ AddrFlag: "No", DefaultAddrFlag: "Yes" });
});

test("a line may go to another address of the customer, or have a one-time address of its own", () => {
  const [first, second] = aDraft().lines;
  if (!first || !second) throw new Error("two lines");
  const shipTo = { name: "Bob", address1: "Road 2", city: "Elsewhere", countryCode: "SE" };
  const draft = {
    ...aDraft(),
    lines: [
      { ...first, shipAddrNo: "07", shipViaCode: "EX" },
      { ...second, shipTo },
    ],
  };
  const { lines } = wire(orderBodies(binding(), draft)) as { lines: Record<string, unknown>[] };
  expect([
    [lines[0]?.ShipAddrNo, lines[0]?.AddrFlag, lines[0]?.DefaultAddrFlag, lines[0]?.ShipViaCode, lines[0]?.City],
    [lines[1]?.AddrFlag, lines[1]?.DefaultAddrFlag, lines[1]?.Addr1, lines[1]?.City, lines[1]?.CountryCode],
  ]).toEqual([
    ["07", "No", "No", "EX", undefined],
    ["Yes", "No", "Bob", "Elsewhere", "SE"],
  ]);
  const renamed = binding({ singleOccurrence: { lineAddress: { name: "Cf_Name", city: null } } });
  const [, other] = (wire(orderBodies(renamed, draft)) as { lines: Record<string, unknown>[] }).lines;
  expect([other?.Cf_Name, other?.Addr1, other?.City, other?.Address1]).toEqual(["Bob", undefined, undefined, "Road 2"]);
});

test("an invoice address goes to the properties that the binding names, and nowhere without them", () => {
  const billTo = { name: "Bill", address1: "Road 1", city: "Town", countryCode: "SE" };
  const own = binding({ singleOccurrence: { billAddress: { name: "Cf_Bill_Name", city: null } } });
  const headerOf = (bound: Parameters<typeof orderBodies>[0]) =>
    (wire(orderBodies(bound, { ...aDraft(), billTo })) as { header: Record<string, unknown> }).header;
  const [bound, unbound] = [headerOf(own), headerOf(binding())];
  expect([bound.Cf_Bill_Name, JSON.stringify(unbound).includes("Road 1")]).toEqual(["Bill", false]);
  expect(Object.keys(bound).length).toBe(Object.keys(unbound).length + 1);
});

test("a tax calculation structure stands for a tax code, and IFS looks for no other", () => {
  const [first] = aDraft().lines;
  const [charge] = aDraft().charges;
  if (!first || !charge) throw new Error("a line and a charge");
  const taxed = { taxCode: undefined, taxCalcStructureId: "US-SPR" };
  const draft = {
    ...aDraft(),
    lines: [{ ...first, ...taxed, priceListNo: "B2B" }],
    charges: [{ ...charge, ...taxed }],
  };
  const { lines, charges } = wire(orderBodies(binding(), draft)) as Record<
    "lines" | "charges",
    Record<string, unknown>[]
  >;
  expect([
    [lines[0]?.TaxCalcStructureId, lines[0]?.TaxCode, lines[0]?.FetchTaxFromDefaults, lines[0]?.PriceListNo],
    [charges[0]?.TaxCalcStructureId, charges[0]?.TaxCode],
  ]).toEqual([
    ["US-SPR", undefined, "FALSE", "B2B"],
    ["US-SPR", undefined],
  ]);
});

test("numbers of mapped fields keep all their digits", () => {
  const extra = { Cf_Exact: { decimal: decimal("0.1234567890123456789") }, Cf_Text: "a", Cf_Flag: true };
  const [line] = aDraft().lines;
  if (!line) throw new Error("a line");
  const bodies = orderBodies(binding(), { ...aDraft(), lines: [{ ...line, extra }] });
  const text = JSON.stringify(bodies.lines);
  expect([text.includes('"Cf_Exact":0.1234567890123456789'), text.includes('"Cf_Flag":true')]).toEqual([true, true]);
});

test("the address may be fields of the header", () => {
  const overrides = {
    singleOccurrence: { place: "header" },
    orderAddress: { fields: { name: "SingleOccName", county: null } },
  };
  const bodies = wire(orderBodies(binding(overrides), aDraft()));
  expect(bodies.header).toMatchObject({ SingleOccName: "Ada", Address1: "Street 1", AddrFlagDb: true });
  expect(bodies).not.toHaveProperty("address");
});

test("defaults of the tenant yield to what the order says and to constants of the merchant", () => {
  const overrides = { constants: { order: { Priority: null, MarketCode: "WEB" } } };
  const header = { header: { CustomerNo: "?", MarketCode: "X", DistrictCode: "D" } };
  expect(wire(orderBodies(binding(overrides), aDraft(), header)).header).toMatchObject({
    CustomerNo: "C1",
    MarketCode: "WEB",
    DistrictCode: "D",
  });
});

test("an exempt order has exempt lines", () => {
  const draft: IfsOrderDraft = { ...aDraft(), header: { ...aDraft().header, taxLiability: "EXEMPT" } };
  expect(wire(orderBodies(binding(), draft)).lines[0]).toMatchObject({ TaxLiability: "EXEMPT" });
});

test("discounts of a charge type whose amounts IFS turns are sent as positive amounts, other charges as they are", () => {
  const draft = aDraft();
  const [freight] = draft.charges;
  if (!freight) throw new Error("the draft has no charge");
  const discount = {
    ...freight,
    chargeType: "DISCOUNT",
    chargeAmount: decimal("-10"),
    chargeAmountInclTax: decimal("-11.9"),
  };
  const sent = (turnedChargeType: string | undefined, charges = [freight, discount]) =>
    wire(orderBodies(binding(), { ...draft, charges }, { turnedChargeType })).charges.map(
      (body: Record<string, unknown>) => [body.ChargeType, body.ChargeAmount, body.ChargeAmountInclTax],
    );
  expect(sent("DISCOUNT")).toEqual([
    ["FREIGHT", 5, 5.95],
    ["DISCOUNT", 10, 11.9],
  ]);
  expect(sent(undefined)).toEqual([
    ["FREIGHT", 5, 5.95],
    ["DISCOUNT", -10, -11.9],
  ]);
  expect(sent("FREIGHT", [freight])).toEqual([["FREIGHT", 5, 5.95]]);
});

describe("amounts in the company's currency", () => {
  const base = (overrides: unknown, defaults = {}) => {
    const { lines, charges } = wire(orderBodies(binding({ baseAmounts: overrides }), aDraft(), defaults));
    const [{ BaseSaleUnitPrice, BaseUnitPriceInclTax, CurrencyRate }] = lines;
    const [{ BaseChargeAmount, CurrencyRate: chargeRate }] = charges;
    return { BaseSaleUnitPrice, BaseUnitPriceInclTax, CurrencyRate, BaseChargeAmount, chargeRate };
  };
  const none = {};
  const same = {
    BaseSaleUnitPrice: 9.5,
    BaseUnitPriceInclTax: 11.305,
    CurrencyRate: 1,
    BaseChargeAmount: 5,
    chargeRate: 1,
  };
  const sek = {
    BaseSaleUnitPrice: 106.875,
    BaseUnitPriceInclTax: 127.18125,
    CurrencyRate: 11.25,
    BaseChargeAmount: 56.25,
    chargeRate: 11.25,
  };
  test.each([
    ["unknown currency", {}, {}, none],
    ["equal by configuration", { companyCurrency: { "10": "EUR" } }, {}, same],
    ["equal by IFS's word", {}, { companyCurrency: "EUR" }, same],
    ["other company", { companyCurrency: { "20": "EUR" } }, {}, none],
    ["foreign without a rate", { companyCurrency: { "10": "SEK" } }, {}, none],
    ["foreign, rate from IFS", { companyCurrency: { "10": "SEK" } }, { currencyRate: decimal("11.25") }, sek],
    ["foreign, rate of the merchant", { companyCurrency: { "10": "SEK" }, rates: { "10": { EUR: "11.25" } } }, {}, sek],
    ["switched off", { mode: "never", companyCurrency: { "10": "EUR" } }, {}, none],
  ])("%s", (_name, overrides, defaults, expected) => {
    expect(base(overrides, defaults)).toEqual(expected);
  });

  test("required and unknown stops the order before anything is sent", () => {
    expect(() => base({ mode: "required" })).toThrow(RefusedError);
  });
});

test("no digit is lost on the way to the wire", () => {
  const price = decimal(`0.${"1234567890".repeat(6)}12345`);
  const draft = aDraft();
  const [line] = draft.lines;
  if (!line) throw new Error("the draft has lines");
  const { lines } = orderBodies(binding(), { ...draft, lines: [{ ...line, saleUnitPrice: price }] });
  expect(JSON.stringify(lines[0])).toContain(`"SaleUnitPrice":${price}`);
});
