import { found, reading, same } from "./check.ts";
import { LINES_OF_ORDER, ORDERS, quoted } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { type Answer, messageOf, type Probe, type Row, tagOf } from "./probe.ts";

/** Orders that checks make: copies of what the tenant already has, so that nothing has to be known of its basic data. */

const taken = "CustomerNo BillAddrNo ShipAddrNo CurrencyCode ShipViaCode Contract AuthorizeCode OrderId".split(" ");
const terms = ["DeliveryTerms", "PayTermId", "WantedDeliveryDate"];

export async function headerDraft(probe: Probe, extra: Row = {}): Promise<Row> {
  const order = await probe.order();
  const copied = [...taken, ...terms].map((name) => [name, order[probe.names.of(`${ORDERS}/${name}`)]]);
  return named(probe, ORDERS, { ...Object.fromEntries(copied), ExternalRef: probe.mark(), ...extra });
}

/** Properties under the usual names -> under the tenant's. */
export function named(probe: Probe, set: string, body: Row): Row {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [probe.names.of(`${set}/${name}`), value]));
}

const sameAsTemplate = [
  ..."DeliverToCustomerNo ShipAddrNo Contract CatalogNo PartNo SalesUnitMeas PriceUnitMeas ConvFactor".split(" "),
  ..."PriceConvFactor SupplyCode CatalogType SaleUnitPrice UnitPriceInclTax WantedDeliveryDate ConsignmentStock".split(
    " ",
  ),
  ..."ChargedItem CreateSmObjectOption DefaultAddrFlag AddrFlag StagedBilling TaxLiability SmConnection".split(" "),
  ..."PriceSource ConfigurationId ReleasePlanning FetchTaxFromDefaults CurrencyRate BaseSaleUnitPrice".split(" "),
  ..."BaseUnitPriceInclTax".split(" "),
];
const numbers = new Set(
  "ConvFactor PriceConvFactor SaleUnitPrice UnitPriceInclTax CurrencyRate BaseSaleUnitPrice BaseUnitPriceInclTax".split(
    " ",
  ),
);

/** A line like one that is there, one piece of it, at a price that IFS is not to change. */
export async function lineDraft(probe: Probe, orderNo?: string, extra: Row = {}): Promise<Row> {
  const { names } = probe;
  const key = names.of(`${ORDERS}/OrderNo`);
  const path = `${names.url(ORDERS)}(${key}=${quoted((await probe.order())[key])})/${names.of(LINES_OF_ORDER)}`;
  const part = names.of(`${LINES_OF_ORDER}/PartNo`);
  const { rows } = await probe.ask("GET", path);
  const template = found(
    rows.find((row) => typeof row[part] === "string" && row[part] !== ""),
    "order line of an inventory part",
  );
  const copied = sameAsTemplate.map((name) => {
    const value = template[names.of(`${LINES_OF_ORDER}/${name}`)];
    return [name, numbers.has(name) && value !== null ? Number(value) : value];
  });
  const body: Row = Object.fromEntries(copied);
  const zeros = "Cost Discount OrderDiscount QtyAssigned QtyShort CloseTolerance PartPrice".split(" ");
  return named(probe, LINES_OF_ORDER, {
    ...body,
    ...Object.fromEntries(zeros.map((name) => [name, 0])),
    ...(orderNo === undefined ? {} : { OrderNo: orderNo, Identity1: orderNo }),
    Source: "CUSTOMERORDER",
    BuyQtyDue: 1,
    DesiredQty: 1,
    RevisedQtyDue: body.ConvFactor,
    PlannedDeliveryDate: body.WantedDeliveryDate,
    TargetDate: body.WantedDeliveryDate,
    PriceFreeze: probe.tenant.priceFreezeFrozenMember ?? "Frozen",
    ...extra,
  });
}

export function orderPath(probe: Probe, orderNo: string): string {
  return `${probe.names.url(ORDERS)}(${probe.names.of(`${ORDERS}/OrderNo`)}=${quoted(orderNo)})`;
}

export function linesPath(probe: Probe, orderNo: string): string {
  return `${orderPath(probe, orderNo)}/${probe.names.of(LINES_OF_ORDER)}`;
}

export function accepted(answer: Answer, what: string): Answer {
  if (answer.status < 300) return answer;
  throw new Deviation(`${what}: refused with ${answer.status} ${messageOf(answer)}`);
}

export async function newOrder(probe: Probe, options: { header?: Row; lines?: Row[] } = {}): Promise<string> {
  const body = await headerDraft(probe, options.header);
  const created = accepted(await probe.ask("POST", probe.names.url(ORDERS), { body }), "a new order");
  same("status of a new order", created.status, 201);
  const orderNo = String(created.json[probe.names.of(`${ORDERS}/OrderNo`)]);
  probe.made.push(orderNo);
  for (const extra of options.lines ?? []) {
    const line = await lineDraft(probe, orderNo, extra);
    accepted(await probe.ask("POST", linesPath(probe, orderNo), { body: line }), "a new order line");
  }
  return orderNo;
}

export async function orderRow(probe: Probe, orderNo: string): Promise<Row> {
  return accepted(await probe.ask("GET", orderPath(probe, orderNo)), `order ${orderNo}`).json;
}

export async function orderTag(probe: Probe, orderNo: string): Promise<string> {
  return tagOf(await probe.ask("GET", orderPath(probe, orderNo)));
}

/** How often an order with this reference is there. */
export async function countByRef(probe: Probe, ref: string): Promise<number> {
  const { names } = probe;
  const filter = `$filter=${names.of(`${ORDERS}/ExternalRef`)} eq ${quoted(ref)}&$top=5`;
  const { rows } = await probe.ask("GET", `${names.url(ORDERS)}?${filter}`);
  probe.made.push(...rows.map((row) => String(row[names.of(`${ORDERS}/OrderNo`)])));
  return rows.length;
}

export function actionPath(probe: Probe, orderNo: string, name: string): string {
  return `${orderPath(probe, orderNo)}/IfsApp.${probe.names.of("CustomerOrderHandling")}.${name}`;
}

export async function release(probe: Probe, orderNo: string, ifMatch?: string): Promise<Answer> {
  const name = probe.tenant.releaseActionName ?? "CustomerOrder_Release";
  const headers = { "if-match": ifMatch ?? (await orderTag(probe, orderNo)) };
  return probe.ask("POST", actionPath(probe, orderNo, name), { body: {}, headers });
}

export async function cancelReason(probe: Probe): Promise<string> {
  const { rows } = await probe.ask(
    "GET",
    `${probe.names.of("CustomerOrderHandling")}.svc/Reference_OrderCancelReason?$top=1`,
  );
  return String(found(rows[0], "cancellation reason").CancelReason);
}

/** Cancels as the tenant takes the reason: as a parameter, or from the row. */
export async function cancel(probe: Probe, orderNo: string): Promise<Answer> {
  const name = probe.tenant.cancelActionName ?? "CustomerOrder_Cancel";
  const reason = await cancelReason(probe);
  const star = { "if-match": "*" };
  if (probe.tenant.cancelReasonParameter === false) {
    const body = named(probe, ORDERS, { CancelReason: reason });
    accepted(await probe.ask("PATCH", orderPath(probe, orderNo), { body, headers: star }), "the reason on the order");
    return probe.ask("POST", actionPath(probe, orderNo, name), { body: {}, headers: star });
  }
  return probe.ask("POST", actionPath(probe, orderNo, name), { body: { CancelReason: reason }, headers: star });
}

/** Cancels what the checks made. Gives the numbers that could not be cancelled. */
export async function cleanUp(probe: Probe): Promise<string[]> {
  const left: string[] = [];
  for (const orderNo of new Set(probe.made)) {
    const row = await probe.ask("GET", orderPath(probe, orderNo));
    const ended = ["Cancelled", "Delivered", "Invoiced"].map((state) =>
      probe.names.member("CustomerOrderState", state),
    );
    if (row.status !== 200 || ended.includes(String(row.json.Objstate))) continue;
    if ((await cancel(probe, orderNo)).status >= 300) left.push(orderNo);
  }
  return left;
}

export function voidStatus(probe: Probe, answer: Answer): string {
  if (answer.status >= 300) accepted(answer, "the action");
  return reading(probe, "voidActionStatus", answer.status === 204 || answer.status === 200 ? answer.status : undefined);
}
