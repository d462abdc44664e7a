/** One order on both sides: is it in IFS once, linked, and equal; and if not, does the connector know why? Pure. */
import { freeAt, mayBeInIfs } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import { add, compare, decimal, multiply, ZERO } from "../../domain/decimal.ts";
import { exportGate } from "../../domain/export-gate.ts";
import type { IfsOrder, IfsOrderDocument } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { isOrderReference } from "../../domain/order-reference.ts";
import type { Finding, FindingKind, OrderVerdict } from "./finding.ts";
import type { ShopFacts } from "./parse.ts";

export type LedgerContext = {
  readonly config: Pick<ConnectorConfig, "orders" | "units" | "statuses" | "schedules">;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Code of the exception that is open for the order. */
  readonly exception: string | undefined;
  /** Sites of which IFS shows no order at all, so that nothing proves an absence. */
  readonly unseenSites: readonly string[];
};

/** What IFS has of one shop order: everything that carries its reference, and what its link names. */
export type IfsFacts = {
  readonly byReference: readonly IfsOrder[];
  /** The linked order by its number; undefined where it is not linked or not visible. */
  readonly linked: IfsOrder | undefined;
  /** Of the live ones. */
  readonly documents: ReadonlyMap<string, IfsOrderDocument>;
};

/**
 * Whether the cut-over may have made the link: the order is from before it, and the claim names the linked order. That IFS order
 * carries what the former integration wrote, and it is compared by the link.
 */
export const mayBeFormer = (
  { createdAt, claim, orderNo }: ShopFacts,
  { orders: { cutOver } }: Pick<ConnectorConfig, "orders">,
): boolean =>
  cutOver !== undefined &&
  Date.parse(createdAt) < Date.parse(cutOver.at) &&
  orderNo !== undefined &&
  claim?.orderNo === orderNo;

/** An IFS order with another commercetools order's id is that one's, whoever linked it. */
const withFormer = (shop: ShopFacts, ifs: IfsFacts, { config }: LedgerContext): IfsFacts => {
  const { linked, byReference } = ifs;
  const former = linked !== undefined && mayBeFormer(shop, config) && !isOrderReference(linked.externalRef);
  return former ? { ...ifs, byReference: [linked, ...byReference] } : ifs;
};

export const isLive = ({ state }: IfsOrder): boolean => state !== "Cancelled";

export function judgeOrder(shop: ShopFacts, shown: IfsFacts, context: LedgerContext): OrderVerdict {
  const ifs = withFormer(shop, shown, context);
  if (shop.claim?.phase === "ignored") return { state: "ignored", findings: [] };
  const live = ifs.byReference.filter(isLive);
  if (live.length > 1) return finding(doubleOf(shop, live, ifs, context));
  if (shop.orderState === "Cancelled") {
    const [left] = live;
    if (!left) return { state: "cancelled", findings: [] };
    const detail = `cancelled in commercetools, and IFS order ${left.orderNo} is ${left.state}`;
    return finding(found("cancelledOnOneSide", shop, [left.orderNo], detail, context));
  }
  const linked = linkProblem(shop, ifs, context);
  if (linked) return finding(linked);
  const [only] = live;
  if (!only) return finding(absent(shop, ifs, context));
  if (shop.orderNo === undefined) {
    const detail = `IFS order ${only.orderNo} (${only.state}) carries its reference, and it is not linked`;
    return finding(found("notLinked", shop, [only.orderNo], detail, context));
  }
  if (only.orderNo !== shop.orderNo) {
    const detail = `IFS order ${only.orderNo} (${only.state}) carries its reference, and it is linked to ${shop.orderNo}, which is cancelled`;
    return finding(found("notLinked", shop, [only.orderNo, shop.orderNo], detail, context));
  }
  const document = ifs.documents.get(only.orderNo);
  if (!document) {
    const detail = `linked to IFS order ${only.orderNo}, whose rows cannot be read`;
    return finding(found("linkNotFound", shop, [only.orderNo], detail, context));
  }
  const differences = differencesOf(shop, document, context);
  return differences.length === 0 ? { state: "linkedOnce", findings: [] } : finding(...differences);
}

const finding = (...findings: Finding[]): OrderVerdict => ({ state: "finding", findings });

/** A link to what is not there, or to the order of somebody else. */
function linkProblem(shop: ShopFacts, { linked, byReference }: IfsFacts, context: LedgerContext): Finding | undefined {
  const { orderNo } = shop;
  if (orderNo === undefined || byReference.some((one) => one.orderNo === orderNo)) return undefined;
  const others = byReference.filter(isLive).map((one) => one.orderNo);
  const instead = others.length > 0 ? `; its reference is on ${others.join(", ")}` : "";
  const detail = linked
    ? `linked to IFS order ${orderNo}, which carries the reference ${linked.externalRef ?? "of nobody"}${instead}`
    : `linked to IFS order ${orderNo}, which cannot be seen in IFS${instead}`;
  return found("linkNotFound", shop, [orderNo, ...others], detail, context, !linked && others.length === 0);
}

/** Nothing alive in IFS. */
function absent(shop: ShopFacts, { byReference }: IfsFacts, context: LedgerContext): Finding {
  const numbers = byReference.map(({ orderNo }) => orderNo);
  if (numbers.length > 0) {
    const detail = `cancelled in IFS (${numbers.join(", ")}), and ${shop.orderState} in commercetools`;
    const plain = found("cancelledOnOneSide", shop, numbers, detail, context);
    const left = shop.orderNo !== undefined && context.config.statuses.order.Cancelled === undefined;
    const text = "`statuses.order` does not take a cancellation in IFS to commercetools";
    return plain.reason === null && left ? { ...plain, reason: { kind: "policy", text } } : plain;
  }
  return found("missing", shop, [], "not in IFS", context, true);
}

/** `byAbsence`: rests on something that IFS did not show. */
function found(
  kind: FindingKind,
  shop: ShopFacts,
  orderNos: readonly string[],
  detail: string,
  context: LedgerContext,
  byAbsence = false,
): Finding {
  const reason = whyNot(kind, shop, context) ?? (byAbsence ? unseen(context) : null);
  return { kind, orderId: shop.id, label: shop.label, orderNos, ageSeconds: ageOf(shop, context), detail, reason };
}

export const ageOf = ({ createdAt }: ShopFacts, { now }: Pick<LedgerContext, "now">): number =>
  Math.max(0, Math.round((now - Date.parse(createdAt)) / 1000));

/** Where grants are missing, absence proves nothing: neither missing nor well. */
const unseen = ({ unseenSites }: LedgerContext): Finding["reason"] =>
  unseenSites.length === 0
    ? null
    : { kind: "notProven", text: `IFS shows no order of site ${unseenSites.join(", ")}; grants may be missing` };

/** An event, and at the latest a sweep, has had its turn after this. */
const SHORTEST_TURN_MS = 180_000;
const SWEEPS = 3;

/** Milliseconds within which whatever changed is looked at. */
export const turnMs = ({ schedules }: Pick<ConnectorConfig, "schedules">): number =>
  Math.max(SHORTEST_TURN_MS, SWEEPS * schedules.sweepSeconds * 1000);

function whyNot(kind: FindingKind, shop: ShopFacts, context: LedgerContext): Finding["reason"] {
  const { config, now, exception } = context;
  if (exception !== undefined) return { kind: "exception", text: `exception ${exception} is open` };
  const turn = turnMs(config);
  const { claim } = shop;
  const working = claim && shop.orderNo === undefined && CLAIMED.has(claim.phase);
  if (working) {
    const at = freeAt(claim, config.orders.lateCommitWaitSeconds * 1000);
    if (now < at + turn) return { kind: "claim", text: claimText(claim.phase) };
  }
  const gate = kind === "missing" && !(claim && mayBeInIfs(claim)) && exportGate(shop, config.orders, now);
  if (gate) return { kind: "gate", text: gate.reason };
  const changedAt = Math.max(Date.parse(shop.createdAt), Date.parse(shop.lastModifiedAt));
  return now - changedAt < turn ? { kind: "recent", text: "created or changed a moment ago" } : null;
}

const CLAIMED: ReadonlySet<string> = new Set(["claimed", "posting", "unknown", "created"]);

const claimText = (phase: string): string =>
  phase === "unknown" ? "the outcome of its create is not known yet" : `being worked on (phase ${phase})`;

/** Total to the minor unit, quantity of each line. Cancelled lines of IFS are no longer part of the order. */
function differencesOf(shop: ShopFacts, document: IfsOrderDocument, context: LedgerContext): Finding[] {
  const { orderNo } = document.order;
  const total = totalDifference(shop, document);
  // The lines of a former integration carry no references of ours.
  const quantities = document.order.externalRef === shop.id ? quantityDifferences(shop, document, context) : [];
  return [
    ...(total === undefined ? [] : [found("differentTotal", shop, [orderNo], total, context)]),
    ...(quantities.length === 0
      ? []
      : [found("differentQuantities", shop, [orderNo], `IFS order ${orderNo}: ${quantities.join("; ")}`, context)]),
  ];
}

function totalDifference({ total }: ShopFacts, { order, lines, charges }: IfsOrderDocument): string | undefined {
  const rows = [...lines.filter(({ state }) => state !== "Cancelled"), ...charges];
  const sum = add(ZERO, ...rows.map(({ grossAmountCurr }) => grossAmountCurr));
  const wanted = toDecimal(total);
  if (compare(sum, wanted) === 0 && order.currencyCode === total.currency) return undefined;
  return `total ${wanted} ${total.currency} in commercetools, ${sum} ${order.currencyCode} in IFS order ${order.orderNo}`;
}

function quantityDifferences(shop: ShopFacts, { lines }: IfsOrderDocument, { config }: LedgerContext): string[] {
  const rest = lines.filter(({ state }) => state !== "Cancelled");
  const differences: string[] = [];
  for (const { id, label, quantity } of shop.lines) {
    // A clerk may split a line: what counts is the sum of all that carry its reference.
    const own = rest.filter(({ lineRef }) => lineRef === id);
    const pieces = own.map(({ buyQtyDue, convFactor }) =>
      config.units.sellBySalesUnit ? buyQtyDue : multiply(buyQtyDue, convFactor),
    );
    const inIfs = add(ZERO, ...pieces);
    if (compare(inIfs, decimal(quantity)) !== 0) differences.push(`${label}: ${quantity} ordered, ${inIfs} in IFS`);
  }
  const known = new Set(shop.lines.map(({ id }) => id));
  for (const { lineRef, lineNo, relNo, catalogNo, buyQtyDue } of rest) {
    if (lineRef === null || !known.has(lineRef)) {
      differences.push(`line ${lineNo}/${relNo} (${buyQtyDue} of ${catalogNo}) is not of the shop's order`);
    }
  }
  return differences;
}

export const PROGRESS: readonly IfsOrder["state"][] = [
  "Planned",
  "Blocked",
  "Released",
  "Reserved",
  "Picked",
  "PartiallyDelivered",
  "Delivered",
  "Invoiced",
];
const SHIPPED = PROGRESS.indexOf("PartiallyDelivered");
export const progressOf = ({ state }: IfsOrder): number => PROGRESS.indexOf(state);

/** Goods that have left cannot be called back; then the link, then equality, then progress, then the first number. */
function doubleOf(
  shop: ShopFacts,
  live: readonly IfsOrder[],
  { documents }: IfsFacts,
  context: LedgerContext,
): Finding {
  const equal = ({ orderNo }: IfsOrder): boolean => {
    const document = documents.get(orderNo);
    return document !== undefined && differencesOf(shop, document, context).length === 0;
  };
  const ranked = live.map((order) => ({
    order,
    rank: [
      progressOf(order) >= SHIPPED ? 1 : 0,
      order.orderNo === shop.orderNo ? 1 : 0,
      equal(order) ? 1 : 0,
      progressOf(order),
    ],
  }));
  ranked.sort((a, b) => {
    const index = a.rank.findIndex((value, place) => value !== b.rank[place]);
    if (index >= 0) return (b.rank[index] ?? 0) - (a.rank[index] ?? 0);
    return a.order.orderNo < b.order.orderNo ? -1 : 1;
  });
  const keep = ranked[0]?.order.orderNo ?? "";
  const states = live.map(({ orderNo, state }) => `${orderNo} (${state})`).join(", ");
  return {
    kind: "double",
    orderId: shop.id,
    label: shop.label,
    orderNos: live.map(({ orderNo }) => orderNo),
    ageSeconds: ageOf(shop, context),
    detail: `${live.length} live IFS orders: ${states}. Keep ${keep}, cancel the others`,
    // A second order is never in order, whoever knows of it.
    reason: null,
    keep,
  };
}
