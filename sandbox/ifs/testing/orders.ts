import type { Answer, Bench } from "./harness.ts";

/** Bodies as a client sends them, written out so that a test shows what goes over the wire. */

export type LineWish = {
  catalogNo: string;
  qty: number;
  price: number;
  priceInclTax?: number;
  unit?: string;
  factor?: number;
  /** Inventory quantity, where it is not the sales quantity. */
  due?: number;
  partNo?: string;
  extra?: Record<string, unknown>;
};

const WANTED = "2026-03-12T00:00:00Z";

export function headerBody(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    IsNewCustomer: false,
    CustomerNo: "WEB-DE",
    CustomerPoNo: "PO-4711",
    ExternalRef: "shop-order-1",
    BillAddrNo: "01",
    ShipAddrNo: "01",
    CurrencyCode: "EUR",
    ShipViaCode: "PAR",
    WantedDeliveryDate: WANTED,
    Contract: "101",
    AuthorizeCode: "WEBSHOP",
    OrderId: "WEB",
    DeliveryTerms: "DAP",
    PayTermId: "PREPAID",
    ...extra,
  };
}

export function lineBody(wish: LineWish): Record<string, unknown> {
  const service = wish.partNo === "";
  const withTax = wish.priceInclTax ?? wish.price;
  return {
    Source: "CUSTOMERORDER",
    DeliverToCustomerNo: "WEB-DE",
    ShipAddrNo: "01",
    Contract: "101",
    PlannedDeliveryDate: WANTED,
    WantedDeliveryDate: WANTED,
    TargetDate: WANTED,
    CatalogNo: wish.catalogNo,
    PartNo: service ? null : (wish.partNo ?? wish.catalogNo),
    SalesUnitMeas: wish.unit ?? "PCS",
    PriceUnitMeas: wish.unit ?? "PCS",
    BuyQtyDue: wish.qty,
    DesiredQty: wish.qty,
    RevisedQtyDue: wish.due ?? wish.qty,
    BaseSaleUnitPrice: wish.price,
    BaseUnitPriceInclTax: withTax,
    SaleUnitPrice: wish.price,
    UnitPriceInclTax: withTax,
    Cost: 0,
    SupplyCode: service ? "NonInventory" : "InventOrder",
    ConvFactor: wish.factor ?? 1,
    CurrencyRate: 1,
    Discount: 0,
    OrderDiscount: 0,
    PriceConvFactor: 1,
    QtyAssigned: 0,
    QtyShort: 0,
    CloseTolerance: 0,
    PartPrice: 0,
    CatalogType: service ? "NonInventoryPart" : "InventoryPart",
    ConsignmentStock: "NoConsignmentStock",
    ChargedItem: "ChargedItem",
    CreateSmObjectOption: "DoNotCreateSMObject",
    DefaultAddrFlag: "Yes",
    AddrFlag: "No",
    StagedBilling: "NotStagedBilling",
    TaxLiability: "TAX",
    SmConnection: "NotConnected",
    PriceSource: "SalesPart",
    PriceFreeze: "Frozen",
    ConfigurationId: "*",
    ReleasePlanning: "NotReleased",
    FetchTaxFromDefaults: "TRUE",
    ...wish.extra,
  };
}

export function chargeBody(chargeType: string, amount: number, extra: Record<string, unknown> = {}) {
  return {
    DeliveryAddress: "01",
    Contract: "101",
    Company: "10",
    ChargeType: chargeType,
    ChargeAmount: amount,
    ChargeAmountInclTax: amount,
    BaseChargeAmount: amount,
    BaseChargeAmtInclTax: amount,
    ChargeCost: 0,
    ChargedQty: 1,
    InvoicedQty: 0,
    CurrencyRate: 1,
    StatisticalChargeDiff: 0,
    SalesUnitMeas: "PCS",
    CollectDb: false,
    MultipleTaxLines: false,
    PrintChargeTypeDb: false,
    PrintCollectChargeDb: false,
    IntrastatExempt: false,
    UnitCharge: false,
    ...extra,
  };
}

export const ORDERS = "CustomerOrderHandling.svc/CustomerOrderSet";

/** Header, lines and charges by single requests; throws when one is refused. Gives the order number. */
export async function placeOrder(
  bench: Bench,
  order: { header?: Record<string, unknown>; lines: LineWish[]; charges?: Record<string, unknown>[] },
): Promise<string> {
  const header = accepted(await bench.ask("POST", ORDERS, { body: headerBody(order.header) }));
  const orderNo = String(header.json.OrderNo);
  for (const line of order.lines) {
    const body = { OrderNo: orderNo, Identity1: orderNo, ...lineBody(line) };
    accepted(await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, { body }));
  }
  for (const charge of order.charges ?? []) {
    const body = { OrderNo: orderNo, ...charge };
    accepted(await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray`, { body }));
  }
  return orderNo;
}

export function accepted(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`refused with ${answer.status}: ${answer.text}`);
  return answer;
}

export async function release(bench: Bench, orderNo: string): Promise<Answer> {
  return action(bench, orderNo, "CustomerOrder_Release", {});
}

/** A bound action of an order with the tag just read. */
export async function action(bench: Bench, orderNo: string, name: string, body: unknown): Promise<Answer> {
  const path = `${ORDERS}(OrderNo='${orderNo}')`;
  const etag = (await bench.ask("GET", path)).headers.get("etag") ?? "";
  return bench.ask("POST", `${path}/IfsApp.CustomerOrderHandling.${name}`, { body, headers: { "if-match": etag } });
}

export async function lineRows(bench: Bench, orderNo: string, select: string): Promise<Record<string, unknown>[]> {
  const answer = await bench.ask("GET", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray?$select=${select}`);
  return accepted(answer).rows.map(withoutTag);
}

export async function headerRow(bench: Bench, orderNo: string, select: string): Promise<Record<string, unknown>> {
  const row = withoutTag(accepted(await bench.ask("GET", `${ORDERS}(OrderNo='${orderNo}')?$select=${select}`)).json);
  const { "@odata.context": _context, ...rest } = row;
  return rest;
}

export async function totals(bench: Bench, orderNo: string): Promise<Record<string, unknown>> {
  const select = "TotalNetBase,TotTaxAmtCurr,TotalGrossAmtCurr,TotChrgNetAmtBase,TotalGrossInclChrgCurr";
  const path = `CustomerOrdersHandling.svc/CustomerOrderSet?$filter=OrderNo eq '${orderNo}'&$select=${select}`;
  const row = accepted(await bench.ask("GET", path)).rows[0];
  if (!row) throw new Error(`the order list has no ${orderNo}`);
  return withoutTag(row);
}

export function withoutTag(row: Record<string, unknown>): Record<string, unknown> {
  const { "@odata.etag": _etag, ...rest } = row;
  return rest;
}

/** On hand minus reserved of each place of a part. */
export async function stockByPlace(bench: Bench, site: string, partNo: string): Promise<Record<string, number>> {
  const path = `InventoryPartInStockHandling.svc/InventoryPartInStockSet?$select=LocationNo,AvailableQty&$filter=Contract eq '${site}' and PartNo eq '${partNo}' and LotBatchNo eq '*'`;
  const rows = accepted(await bench.ask("GET", path)).rows;
  return Object.fromEntries(rows.map((row) => [String(row.LocationNo), Number(row.AvailableQty)]));
}
