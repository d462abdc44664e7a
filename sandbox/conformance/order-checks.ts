import { type Check, found, holds, reading, same } from "./check.ts";
import {
  accepted,
  actionPath,
  cancel,
  cancelReason,
  headerDraft,
  lineDraft,
  linesPath,
  named,
  newOrder,
  orderRow,
  release,
} from "./drafts.ts";
import { CHARGES_OF_ORDER, LINES_OF_ORDER, ORDERS, quoted } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { messageOf, type Probe, type Row } from "./probe.ts";

const TOTALS = "CustomerOrdersHandling/CustomerOrderSet";

async function firstLine(probe: Probe, orderNo: string): Promise<Row> {
  return found((await probe.ask("GET", linesPath(probe, orderNo))).rows[0], `line of order ${orderNo}`);
}

async function gross(probe: Probe, orderNo: string): Promise<number> {
  const { names } = probe;
  const filter = `$filter=${names.of(`${TOTALS}/OrderNo`)} eq ${quoted(orderNo)}`;
  const row = found((await probe.ask("GET", `${names.url(TOTALS)}?${filter}`)).rows[0], "row of the order list");
  return Number(row[names.of(`${TOTALS}/TotalGrossInclChrgCurr`)]);
}

async function addCharge(probe: Probe, orderNo: string, body: Row) {
  const { contract, company } = await probe.site();
  const path = linesPath(probe, orderNo).replace(/[^/]+$/, probe.names.of(CHARGES_OF_ORDER));
  const order = await orderRow(probe, orderNo);
  const full = {
    OrderNo: orderNo,
    Contract: contract,
    Company: company,
    DeliveryAddress: order[probe.names.of(`${ORDERS}/ShipAddrNo`)],
    ...Object.fromEntries(["ChargeCost", "InvoicedQty", "StatisticalChargeDiff"].map((name) => [name, 0])),
    ChargedQty: 1,
    CurrencyRate: 1,
    SalesUnitMeas: "PCS",
    ...Object.fromEntries(
      [
        "CollectDb",
        "MultipleTaxLines",
        "PrintChargeTypeDb",
        "PrintCollectChargeDb",
        "IntrastatExempt",
        "UnitCharge",
      ].map((name) => [name, false]),
    ),
    ...body,
  };
  return probe.ask("POST", path, { body: named(probe, CHARGES_OF_ORDER, full) });
}

const amounts = (amount: number) => ({
  ChargeAmount: amount,
  ChargeAmountInclTax: amount,
  BaseChargeAmount: amount,
  BaseChargeAmtInclTax: amount,
});

/** What a new order, line or charge must carry, and what IFS makes of it. */
export const orderChecks: readonly Check[] = [
  {
    id: "order.number",
    title: "An order number of one's own is taken, passed over or refused; a number series gives the others",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const key = names.of(`${ORDERS}/OrderNo`);
      const own = `C${probe.target.now().toString(36).slice(-8).toUpperCase()}${probe.made.length % 10}`;
      const answer = await probe.ask("POST", names.url(ORDERS), { body: await headerDraft(probe, { OrderNo: own }) });
      const orderNo = String(answer.json[key]);
      if (answer.status < 300) probe.made.push(orderNo);
      const given = await newOrder(probe);
      holds(/^\w{1,12}$/.test(given), "the series gives a number of at most 12 characters", given);
      return reading(
        probe,
        "orderNoInsertable",
        answer.status >= 400 ? "refuse" : orderNo === own ? "accept" : "ignore",
      );
    },
  },
  {
    id: "order.created",
    title: "A new order is Planned; company, currency of the company and names come from basic data",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const row = await orderRow(probe, await newOrder(probe));
      const { company } = await probe.site();
      const seen = [row.Objstate, row[probe.names.of(`${ORDERS}/Company`)]];
      return same("state and company", seen, [probe.names.member("CustomerOrderState", "Planned"), company]);
    },
  },
  {
    id: "order.header-defaults",
    title: "What a header leaves out comes from customer and site, or is refused",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const body = await headerDraft(probe);
      for (const name of ["PayTermId", "DeliveryTerms", "ShipViaCode"]) delete body[names.of(`${ORDERS}/${name}`)];
      const answer = await probe.ask("POST", names.url(ORDERS), { body });
      if (answer.status >= 400) return reading(probe, "headerDefaults", "strict");
      probe.made.push(String(answer.json[names.of(`${ORDERS}/OrderNo`)]));
      const row = await orderRow(probe, String(answer.json[names.of(`${ORDERS}/OrderNo`)]));
      holds(typeof row[names.of(`${ORDERS}/PayTermId`)] === "string", "the payment term was filled in", row.PayTermId);
      return reading(probe, "headerDefaults", "fromCustomer");
    },
  },
  {
    id: "line.defaults",
    title: "The API does not fill in a line as the page does: what is missing is refused by name",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const line = await lineDraft(probe, orderNo);
      delete line[probe.names.of(`${LINES_OF_ORDER}/DesiredQty`)];
      const answer = await probe.ask("POST", linesPath(probe, orderNo), { body: line });
      holds(answer.status >= 400, "it is refused", answer.status);
      return holds(/\[DESIRED_QTY\]/.test(messageOf(answer)), "the text names the field", messageOf(answer));
    },
  },
  {
    id: "line.frozen-price",
    title: "A frozen price stays; a free one is priced again by IFS",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const odd = {
        SaleUnitPrice: 7654.32,
        UnitPriceInclTax: 7654.32,
        BaseSaleUnitPrice: 7654.32,
        BaseUnitPriceInclTax: 7654.32,
      };
      const price = async (extra: Row) => {
        const inclTax = (await probe.order())[names.of(`${ORDERS}/UsePriceInclTax`)];
        const name = names.of(`${LINES_OF_ORDER}/${inclTax === true ? "UnitPriceInclTax" : "SaleUnitPrice"}`);
        return Number((await firstLine(probe, await newOrder(probe, { lines: [{ ...odd, ...extra }] })))[name]);
      };
      same("frozen price", await price({}), 7654.32);
      const free = await price({ PriceFreeze: probe.tenant.priceFreezeFreeMember ?? "Free" });
      return holds(free !== 7654.32, "the free price is IFS's own", free);
    },
  },
  {
    id: "line.quantity",
    title: "RevisedQtyDue that is not BuyQtyDue x ConvFactor is refused, computed again or kept",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const orderNo = await newOrder(probe);
      const right = Number((await lineDraft(probe, orderNo))[names.of(`${LINES_OF_ORDER}/RevisedQtyDue`)]) * 5;
      const body = await lineDraft(probe, orderNo, { BuyQtyDue: 5, DesiredQty: 5, RevisedQtyDue: right + 3 });
      const answer = await probe.ask("POST", linesPath(probe, orderNo), { body });
      if (answer.status >= 400) return reading(probe, "quantityMismatch", "refuse");
      const stored = Number((await firstLine(probe, orderNo))[names.of(`${LINES_OF_ORDER}/RevisedQtyDue`)]);
      return reading(
        probe,
        "quantityMismatch",
        stored === right ? "recompute" : stored === right + 3 ? "keep" : undefined,
      );
    },
  },
  {
    id: "charge.discount-sign",
    title: "Which way the amount of a discount charge counts",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const ChargeType = found(probe.subject.discountChargeType, "charge type for discounts that was named");
      const orderNo = await newOrder(probe, { lines: [{}] });
      const before = await gross(probe, orderNo);
      const negative = await addCharge(probe, orderNo, { ChargeType, ...amounts(-5) });
      if (negative.status >= 400) return reading(probe, "discountChargeSign", "negativeRefused");
      const after = await gross(probe, orderNo);
      holds(after !== before, "the charge counts", [before, after]);
      return reading(probe, "discountChargeSign", after < before ? "asSent" : "negated");
    },
  },
  {
    id: "order.totals",
    title: "The order list totals lines, tax and charges",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const orderNo = (await probe.order())[names.of(`${ORDERS}/OrderNo`)];
      const filter = `$filter=${names.of(`${TOTALS}/OrderNo`)} eq ${quoted(orderNo)}`;
      const row = found((await probe.ask("GET", `${names.url(TOTALS)}?${filter}`)).rows[0], "row of the order list");
      const fields = [
        "TotalNetBase",
        "TotTaxAmtCurr",
        "TotalGrossAmtCurr",
        "TotChrgNetAmtBase",
        "TotalGrossInclChrgCurr",
      ];
      const values = fields.map((name) => row[names.of(`${TOTALS}/${name}`)]);
      return holds(
        values.every((value) => value !== null && Number.isFinite(Number(value))),
        fields.join(", "),
        values,
      );
    },
  },
  {
    id: "order.release",
    title: "The release takes an order out of Planned, and ends Blocked where the credit check says so",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      accepted(await release(probe, orderNo), "the release");
      const state = String((await orderRow(probe, orderNo)).Objstate);
      const member = (name: string) => probe.names.member("CustomerOrderState", name);
      return holds(
        [member("Released"), member("Blocked"), member("Reserved")].includes(state),
        "it left Planned",
        state,
      );
    },
  },
  {
    id: "order.release-empty",
    title: "An order without lines is not released",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const answer = await release(probe, orderNo);
      holds(answer.status >= 400, "it is refused", answer.status);
      return same(
        "state",
        (await orderRow(probe, orderNo)).Objstate,
        probe.names.member("CustomerOrderState", "Planned"),
      );
    },
  },
  {
    id: "order.cancel",
    title: "Cancelling needs a reason, which is a parameter or stands on the row",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      const path = actionPath(probe, orderNo, probe.tenant.cancelActionName ?? "CustomerOrder_Cancel");
      const call = (body: object) => probe.ask("POST", path, { body, headers: { "if-match": "*" } });
      const required = (await call({})).status >= 400;
      const asParameter = required ? (await call({ CancelReason: await cancelReason(probe) })).status < 300 : undefined;
      if (required && asParameter === false)
        accepted(await cancel(probe, orderNo), "the cancellation by the row's reason");
      const row = await orderRow(probe, orderNo);
      same("state", row.Objstate, probe.names.member("CustomerOrderState", "Cancelled"));
      const seen = reading(probe, "cancelReasonRequired", required);
      return asParameter === undefined ? seen : `${seen}, ${reading(probe, "cancelReasonParameter", asParameter)}`;
    },
  },
  {
    id: "page.drift",
    title: "Rows that are inserted between two pages shift what comes next",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const key = names.of(`${ORDERS}/OrderNo`);
      const { contract } = await probe.site();
      const path = `${names.url(ORDERS)}?$select=${key}&$filter=${names.of(`${ORDERS}/Contract`)} eq ${quoted(contract)}&$orderby=${names.of(`${ORDERS}/DateEntered`)} desc,${key} desc&$top=2`;
      await newOrder(probe);
      const first = (await probe.ask("GET", path)).rows;
      await newOrder(probe);
      const second = (await probe.ask("GET", `${path}&$skip=2`)).rows;
      if (first.length < 2) throw new Deviation("the first page is short");
      return same("the second page begins with the first page's last row", second[0], first[1]);
    },
  },
];
