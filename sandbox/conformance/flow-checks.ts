import { type Check, found, holds, reading, same } from "./check.ts";
import { accepted, cancel, named, newOrder, orderPath, orderRow, release } from "./drafts.ts";
import { LINES_OF_ORDER, ORDERS, quoted, STOCK } from "./names.ts";
import type { Answer, Probe, Row } from "./probe.ts";

const SHIPMENTS = "ShipmentHandling/ShipmentSet";
const SHIPMENT_LINES = "ShipmentHandling/ShipmentLineSet";
const INVOICES = "ArCustomerInvoicesAnalysis/Reference_InvoiceLedgerItemCu";
const RMAS = "ReturnMaterialHandling/ReturnMaterialSet";
const RMA_LINES = `${RMAS}/ReturnMaterialLineArray`;

async function clerk(probe: Probe, command: string, body: object): Promise<Answer> {
  return accepted(await probe.controls().call("POST", `clerk/${command}`, body), `the clerk's ${command}`);
}

const state = (probe: Probe, member: string) => probe.names.member("CustomerOrderState", member);

type StockLook = { available: number; activity: Map<string, string> };

async function stockOf(probe: Probe, orderNo: string): Promise<StockLook> {
  const { names } = probe;
  const lines = await probe.ask("GET", `${orderPath(probe, orderNo)}/${names.of(LINES_OF_ORDER)}`);
  const line = found(lines.rows[0], "line");
  const filter = ["Contract", "PartNo"].map(
    (name) => `${names.of(`${STOCK}/${name}`)} eq ${quoted(line[names.of(`${LINES_OF_ORDER}/${name}`)])}`,
  );
  const { rows } = await probe.ask("GET", `${names.url(STOCK)}?$filter=${filter.join(" and ")}`);
  const available = rows.reduce((sum, row) => sum + Number(row[names.of(`${STOCK}/AvailableQty`)]), 0);
  return {
    available,
    activity: new Map(rows.map((row) => [String(row.keyref), String(row[names.of(`${STOCK}/LastActivityDate`)])])),
  };
}

/** A date tells seconds only: what happens within one cannot be told apart. A clock that stands still has nothing to wait for. */
async function nextSecond(probe: Probe): Promise<void> {
  const now = probe.target.now();
  await new Promise((done) => setTimeout(done, 20));
  if (probe.target.now() !== now) await new Promise((done) => setTimeout(done, 1100));
}

/** Rows that were there before and have another date now. */
function movedOf(before: StockLook, after: StockLook): string[] {
  return [...before.activity].filter(([row, date]) => after.activity.get(row) !== date).map(([row]) => row);
}

/** An order whose goods have left, and the shipment they left in. */
async function shipped(probe: Probe): Promise<{ orderNo: string; shipmentId: string; trackingNumber: string }> {
  const orderNo = await newOrder(probe, { lines: [{}] });
  const trackingNumber = probe.mark();
  const { shipmentId } = (await clerk(probe, "ship", { orderNo, trackingNumber })).json;
  return { orderNo, shipmentId: String(shipmentId), trackingNumber };
}

async function invoiced(probe: Probe): Promise<{ orderNo: string; invoiceNo: string }> {
  const { orderNo } = await shipped(probe);
  const { invoiceNo } = (await clerk(probe, "invoice", { orderNo })).json;
  return { orderNo, invoiceNo: String(invoiceNo) };
}

/** What happens to an order when people work on it; only the sandbox has people that a check can send. */
export const flowChecks: readonly Check[] = [
  {
    id: "flow.reservation",
    title: "A reservation lowers AvailableQty by what it takes; whether it moves LastActivityDate is unsettled",
    confidence: "unverified",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      accepted(await release(probe, orderNo), "the release");
      await nextSecond(probe);
      const before = await stockOf(probe, orderNo);
      await clerk(probe, "reserve", { orderNo });
      const after = await stockOf(probe, orderNo);
      same("order", (await orderRow(probe, orderNo)).Objstate, state(probe, "Reserved"));
      same("lower by", Math.round((before.available - after.available) * 1000) / 1000 > 0, true);
      return reading(probe, "reservationMovesLastActivityDate", movedOf(before, after).length > 0);
    },
  },
  {
    id: "flow.transaction-moves-date",
    title: "A transaction of goods moves LastActivityDate",
    confidence: "seen",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const { names } = probe;
      const { contract } = await probe.site();
      const at = (name: string) => names.of(`${STOCK}/${name}`);
      const scope = `${at("Contract")} eq ${quoted(contract)} and ${at("LotBatchNo")} eq '*'`;
      const order = `$orderby=${at("LastActivityDate")}&$top=1`;
      const row = found((await probe.ask("GET", `${names.url(STOCK)}?$filter=${scope}&${order}`)).rows[0], "stock row");
      const [part, location] = [row[at("PartNo")], row[at("LocationNo")]];
      await clerk(probe, "receive", { part, location, site: contract, qty: "1" });
      const place = `${scope} and ${at("PartNo")} eq ${quoted(part)} and ${at("LocationNo")} eq ${quoted(location)}`;
      const after = (await probe.ask("GET", `${names.url(STOCK)}?$filter=${place}&$top=1`)).rows[0] ?? {};
      same("more of it", Number(after[at("QtyOnhand")]) - Number(row[at("QtyOnhand")]) > 0, true);
      const dates = [row, after].map((one) => String(one[at("LastActivityDate")]));
      return holds((dates[0] ?? "") < (dates[1] ?? ""), "the date moved", dates);
    },
  },
  {
    id: "flow.credit-check",
    title: "The credit check blocks at the release, and names why",
    confidence: "documented",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      const customerNo = (await orderRow(probe, orderNo))[probe.names.of(`${ORDERS}/CustomerNo`)];
      await clerk(probe, "credit-block", { customerNo });
      accepted(await release(probe, orderNo), "the release");
      await clerk(probe, "credit-unblock", { customerNo });
      const row = await orderRow(probe, orderNo);
      const blocked = row.Objstate === state(probe, "Blocked");
      if (blocked)
        holds(typeof row[probe.names.of(`${ORDERS}/BlockedReason`)] === "string", "a reason", row.BlockedReason);
      return reading(probe, "creditCheck", blocked);
    },
  },
  {
    id: "flow.shipment",
    title: "Goods leave in a shipment: its lines name order and line as texts, its date says that they left",
    confidence: "seen",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const { names } = probe;
      const { orderNo, shipmentId, trackingNumber } = await shipped(probe);
      const key = names.of(`${SHIPMENTS}/ShipmentId`);
      const row = accepted(
        await probe.ask("GET", `${names.url(SHIPMENTS)}(${key}=${shipmentId})`),
        "the shipment",
      ).json;
      holds(typeof row[names.of(`${SHIPMENTS}/ActualShipDate`)] === "string", "it has left", row);
      const lineKey = names.of(`${SHIPMENT_LINES}/ShipmentId`);
      const { rows } = await probe.ask("GET", `${names.url(SHIPMENT_LINES)}?$filter=${lineKey} eq ${shipmentId}`);
      const source = (line: Row) =>
        ["SourceRef1", "SourceRef2", "SourceRef4"].map((name) => line[names.of(`${SHIPMENT_LINES}/${name}`)]);
      same("sources", rows.map(source), [[orderNo, "1", "0"]]);
      same(
        "kind of source",
        rows[0]?.[names.of(`${SHIPMENT_LINES}/SourceRefType`)],
        names.member("LogisticsSourceRefType", "CustomerOrder"),
      );
      same("order", (await orderRow(probe, orderNo)).Objstate, state(probe, "Delivered"));
      const fields = ["ConsignmentNoteId", "AirwayBillNo", "ProNo"] as const;
      const tracking = fields.find((name) => row[names.of(`${SHIPMENTS}/${name}`)] === trackingNumber);
      const left = (["Completed", "Closed"] as const).find(
        (member) => row.Objstate === names.member("ShipmentState", member),
      );
      return `${reading(probe, "trackingField", tracking)}, ${reading(probe, "shipmentAfterDelivery", left)}`;
    },
  },
  {
    id: "flow.cancel-late",
    title: "What was delivered is not cancelled",
    confidence: "unverified",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const { orderNo } = await shipped(probe);
      const path = orderPath(probe, orderNo);
      const name = probe.tenant.cancelActionName ?? "CustomerOrder_Cancel";
      const body = probe.tenant.cancelReasonParameter === false ? {} : { CancelReason: "CUST" };
      const action = `${path}/IfsApp.${probe.names.of("CustomerOrderHandling")}.${name}`;
      const answer = await probe.ask("POST", action, { body, headers: { "if-match": "*" } });
      holds(answer.status >= 400, "it is refused", answer.status);
      return same("state", (await orderRow(probe, orderNo)).Objstate, state(probe, "Delivered"));
    },
  },
  {
    id: "flow.invoice",
    title:
      "An invoice is in the ledger under the customer, without the order; the line knows its quantity and perhaps its number",
    confidence: "seen",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const { names } = probe;
      const { orderNo, invoiceNo } = await invoiced(probe);
      const order = await orderRow(probe, orderNo);
      same("order", order.Objstate, state(probe, "Invoiced"));
      const filter = `$filter=${names.of(`${INVOICES}/InvoiceNo`)} eq ${quoted(invoiceNo)}`;
      const row = found((await probe.ask("GET", `${names.url(INVOICES)}?${filter}`)).rows[0], "ledger row");
      same("customer", row[names.of(`${INVOICES}/Identity`)], order[names.of(`${ORDERS}/CustomerNo`)]);
      same(
        "values of the row that are the order number",
        Object.values(row).filter((value) => value === orderNo),
        [],
      );
      const line = (await probe.ask("GET", `${orderPath(probe, orderNo)}/${names.of(LINES_OF_ORDER)}`)).rows[0] ?? {};
      const number = line[names.of(`${LINES_OF_ORDER}/Cf_Invoice_No`)];
      return reading(probe, "cfInvoiceNo", number === invoiceNo ? true : number === undefined ? false : undefined);
    },
  },
  {
    id: "flow.cancel-gives-back",
    title: "A cancelled order gives its stock back",
    confidence: "documented",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      const before = await stockOf(probe, orderNo);
      await clerk(probe, "reserve", { orderNo: await releasedOrder(probe, orderNo) });
      accepted(await cancel(probe, orderNo), "the cancellation");
      return same("available", (await stockOf(probe, orderNo)).available, before.available);
    },
  },
  {
    id: "flow.return",
    title: "A return refers to a delivered line of the same customer, site and currency, and is released",
    confidence: "unverified",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const { names } = probe;
      const { orderNo } = await invoiced(probe);
      const order = await orderRow(probe, orderNo);
      const head = Object.fromEntries(
        ["Contract", "CustomerNo", "CurrencyCode"].map((name) => [name, order[names.of(`${ORDERS}/${name}`)]]),
      );
      const rma = accepted(
        await probe.ask("POST", names.url(RMAS), { body: named(probe, RMAS, head) }),
        "a new return",
      );
      const path = `${names.url(RMAS)}(${names.of(`${RMAS}/RmaNo`)}=${String(rma.json[names.of(`${RMAS}/RmaNo`)])})`;
      const reasons = await probe.ask(
        "GET",
        `${names.of("ReturnMaterialHandling")}.svc/Reference_ReturnMaterialReason?$top=1`,
      );
      const body = named(probe, RMA_LINES, {
        RmaNo: Number(rma.json[names.of(`${RMAS}/RmaNo`)]),
        OrderNo: orderNo,
        LineNo: "1",
        RelNo: "1",
        LineItemNo: 0,
        QtyToReturn: 1,
        ReturnReasonCode: found(reasons.rows[0], "return reason").ReturnReasonCode,
      });
      const early = await newOrder(probe, { lines: [{}] });
      const lines = `${path}/${names.of(RMA_LINES)}`;
      const wrong = await probe.ask("POST", lines, { body: { ...body, [names.of(`${RMA_LINES}/OrderNo`)]: early } });
      holds(wrong.status >= 400, "a line of an order that has not left is refused", wrong.status);
      accepted(await probe.ask("POST", lines, { body }), "a line of the return");
      const action = `${path}/IfsApp.${names.of("ReturnMaterialHandling")}.ReturnMaterial_Release`;
      accepted(
        await probe.ask("POST", action, { body: {}, headers: { "if-match": "*" } }),
        "the release of the return",
      );
      const after = (await probe.ask("GET", path)).json.Objstate;
      return same("state", after, names.member("ReturnMaterialState", "Released"));
    },
  },
];

async function releasedOrder(probe: Probe, orderNo: string): Promise<string> {
  accepted(await release(probe, orderNo), "the release");
  return orderNo;
}
