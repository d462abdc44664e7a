/**
 * The completeness ledger: every order of a period in both systems, compared directly and not by the connector's own records.
 * First commercetools against IFS, then back. Page by page, so that the length of the period costs time and no memory.
 */
import type { Order } from "@commercetools/platform-sdk";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrder, IfsOrderDocument } from "../../domain/ifs-records.ts";
import { isOrderReference } from "../../domain/order-reference.ts";
import type { ExceptionRecord } from "../../domain/records.ts";
import { exceptionId } from "../exception-id.ts";
import { type IfsFacts, judgeOrder, mayBeFormer } from "./compare.ts";
import type { ReconcileDeps } from "./deps.ts";
import { type Finding, type LedgerCounts, type OrderVerdict, startTally } from "./finding.ts";
import { orphansOf } from "./orphans.ts";
import { parseShopFacts, type ShopFacts } from "./parse.ts";
import { FIRST, type Position } from "./position.ts";
import { returnFindings } from "./returns.ts";

/** ISO 8601; orders created at `from` and before `to`. */
export type Period = { readonly from: string; readonly to: string };

export type LedgerOptions = {
  /** Where an earlier run stopped. */
  readonly position?: Position;
  /** Asked between pages. */
  readonly stop?: () => boolean;
  readonly report: (finding: Finding) => void;
  readonly progress?: (counts: LedgerCounts) => void;
};

export type LedgerRun = {
  readonly counts: LedgerCounts;
  /** Where to go on; undefined: all of the period was compared. */
  readonly next: Position | undefined;
};

const PAGE = 100;
/** Orders are entered in IFS when they are exported, and clocks differ. */
const OVERLAP_MS = 24 * 3_600_000;
const OPEN_DOUBLES = 5000;

/** Writes nothing but the exception of a double, and its end. Throws the outage of either side. */
export async function reconcile(deps: ReconcileDeps, period: Period, options: LedgerOptions): Promise<LedgerRun> {
  const tally = startTally();
  const doubles = new Map((await deps.exceptions.byCode("ifsDuplicate", OPEN_DOUBLES)).map((row) => [row.id, row]));
  const inCharge = await inChargeOf(deps);
  const entered = enteredIn(period, deps);
  let position: Position | undefined = options.position ?? FIRST;
  while (position !== undefined && options.stop?.() !== true) {
    if (position.side === "commercetools") {
      const page: Order[] = await shopPage(deps, period, position.after);
      for (const verdict of await compareOrders(deps, page.filter(inCharge), doubles)) {
        tally.order(verdict);
        verdict.findings.forEach(options.report);
      }
      position = page.length < PAGE ? firstSite(deps) : { side: "commercetools", after: page.at(-1)?.id };
    } else {
      const { rows, findings } = await ifsPage(deps, entered, position);
      tally.ifsPage(rows.length, findings);
      findings.forEach(options.report);
      position = rows.length < PAGE ? nextSite(deps, position.site) : { ...position, after: rows.at(-1)?.orderNo };
    }
    options.progress?.(tally.counts());
  }
  return { counts: tally.counts(), next: position };
}

/**
 * Orders before `exportFrom` belong to whatever exported them then, but for those that this connector has linked or claimed, and
 * those of periods that a back-fill covered: a back-fill has to be judged like everything else.
 */
async function inChargeOf({ config, channels, backfilled }: ReconcileDeps): Promise<(order: Order) => boolean> {
  const from = Date.parse(config.orders.exportFrom);
  const periods = (await backfilled()).map((one) => ({ from: Date.parse(one.from), to: Date.parse(one.to) }));
  return (order) => {
    const createdAt = Date.parse(order.createdAt);
    const asked = createdAt >= from || periods.some((one) => createdAt >= one.from && createdAt < one.to);
    return asked || parseShopFacts(order, channels).touched;
  };
}

/** The way back looks at what IFS entered since `exportFrom`: what is from before may be anybody's. */
const enteredIn = ({ from, to }: Period, { config }: ReconcileDeps): Period => ({
  from: Date.parse(from) < Date.parse(config.orders.exportFrom) ? config.orders.exportFrom : from,
  to,
});

const shopPage = (deps: ReconcileDeps, { from, to }: Period, afterId: string | undefined): Promise<Order[]> =>
  deps.orders.page({
    where: ["createdAt >= :from", "createdAt < :to"],
    variables: { from, to },
    limit: PAGE,
    ...(afterId !== undefined && { afterId }),
  });

const sitesOf = ({ config }: ReconcileDeps): string[] => config.sites.map(({ site }) => site);
const firstSite = (deps: ReconcileDeps): Position | undefined => siteAt(deps, 0);
const nextSite = (deps: ReconcileDeps, site: string): Position | undefined =>
  siteAt(deps, sitesOf(deps).indexOf(site) + 1);
function siteAt(deps: ReconcileDeps, index: number): Position | undefined {
  const site = sitesOf(deps)[index];
  return site === undefined ? undefined : { side: "ifs", site, after: undefined };
}

type Judged = { readonly shop: ShopFacts; readonly verdict: OrderVerdict };

/** One page of orders: judge each, look once more where nothing explains a finding, and show or end its double. */
async function compareOrders(
  deps: ReconcileDeps,
  page: readonly Order[],
  doubles: ReadonlyMap<string, ExceptionRecord>,
): Promise<OrderVerdict[]> {
  if (page.length === 0) return [];
  const first = await judgePage(deps, page);
  const doubtful = first.filter(({ verdict }) => verdict.findings.some(({ reason }) => reason === null));
  // Orders go on while they are compared: what was exported between the two reads is no finding.
  const again = doubtful.length === 0 ? [] : await judgePage(deps, await sameOrders(deps, doubtful));
  const later = new Map(again.map((judged) => [judged.shop.id, judged]));
  const judged = first.map((one) => later.get(one.shop.id) ?? one);
  for (const { shop, verdict } of judged) await settleDouble(deps, shop, verdict, doubles);
  const returns = await returnFindings(deps, page);
  return judged.map(({ shop, verdict }) => ({
    ...verdict,
    findings: [...verdict.findings, ...(returns.get(shop.id) ?? [])],
  }));
}

const sameOrders = (deps: ReconcileDeps, judged: readonly Judged[]): Promise<Order[]> =>
  deps.orders.page({
    where: ["id in :ids"],
    variables: { ids: judged.map(({ shop }) => shop.id) },
    limit: judged.length,
  });

async function judgePage(deps: ReconcileDeps, page: readonly Order[]): Promise<Judged[]> {
  const orders = page.map((order) => parseShopFacts(order, deps.channels));
  const ifs = await ifsFacts(deps, orders);
  const plain = orders.map((shop) => ({
    shop,
    verdict: verdictOf(deps, shop, ifs, { exception: undefined, unseenSites: [] }),
  }));
  const odd = plain.filter(({ verdict }) => verdict.state === "finding").map(({ shop }) => shop);
  if (odd.length === 0) return plain;
  const { exceptions, unseenSites } = await explanations(deps, odd);
  return plain.map((one) =>
    one.verdict.state === "finding"
      ? {
          shop: one.shop,
          verdict: verdictOf(deps, one.shop, ifs, { exception: exceptions.get(one.shop.id), unseenSites }),
        }
      : one,
  );
}

type AllIfs = {
  readonly byReference: ReadonlyMap<string, readonly IfsOrder[]>;
  readonly documents: ReadonlyMap<string, IfsOrderDocument>;
};

async function ifsFacts({ ifs, config }: ReconcileDeps, shop: readonly ShopFacts[]): Promise<AllIfs> {
  const found = await ifs.ordersByReference(shop.map(({ id }) => id));
  const byReference = Map.groupBy(found, ({ externalRef }) => externalRef ?? "");
  const known = new Set<string>(found.map(({ orderNo }) => orderNo));
  const live = found.filter(({ state }) => state !== "Cancelled").map(({ orderNo }) => orderNo);
  // What a link names and the reference does not lead to.
  const led = shop.flatMap((one) => (one.orderNo === undefined || known.has(one.orderNo) ? [] : [one]));
  const whole = [...live, ...led.filter((one) => mayBeFormer(one, config)).flatMap(({ orderNo }) => orderNo ?? [])];
  const named = led.filter((one) => !mayBeFormer(one, config)).flatMap(({ orderNo }) => orderNo ?? []);
  const documents = [
    ...(whole.length === 0 ? [] : await ifs.documents(whole)),
    ...(named.length === 0 ? [] : await ifs.documents(named, { charges: false })),
  ];
  return { byReference, documents: new Map(documents.map((document) => [document.order.orderNo, document])) };
}

function verdictOf(
  { config, clock }: ReconcileDeps,
  shop: ShopFacts,
  all: AllIfs,
  known: { readonly exception: string | undefined; readonly unseenSites: readonly string[] },
): OrderVerdict {
  const ifs: IfsFacts = {
    byReference: all.byReference.get(shop.id) ?? [],
    linked: all.documents.get(shop.orderNo ?? "")?.order,
    documents: all.documents,
  };
  return judgeOrder(shop, ifs, { config, now: clock.now(), ...known });
}

/** Asked only for orders with a finding, and after it: an exception that opened in between counts. */
async function explanations(deps: ReconcileDeps, odd: readonly ShopFacts[]) {
  const rows = new Map((await deps.exceptions.byIds(odd.map(({ id }) => exportRow(id)))).map((row) => [row.id, row]));
  const exceptions = new Map(odd.map(({ id }) => [id, rows.get(exportRow(id))?.code]));
  const unseenSites: string[] = [];
  for (const site of sitesOf(deps)) {
    if (!(await deps.ifs.ordersVisible(site as Contract))) unseenSites.push(site);
  }
  return { exceptions, unseenSites };
}

const exportRow = (orderId: string): string => exceptionId("order-export", orderId);
const doubleRow = (orderId: string): string => exceptionId("order-export", orderId, "ifsDuplicate");

/** A double is a row of its own, because the export may have linked one of the two and be done with the order. */
async function settleDouble(
  { exceptions }: ReconcileDeps,
  shop: ShopFacts,
  { findings }: OrderVerdict,
  doubles: ReadonlyMap<string, ExceptionRecord>,
): Promise<void> {
  const id = doubleRow(shop.id);
  const double = findings.find(({ kind }) => kind === "double");
  if (!double) {
    if (doubles.has(id)) await exceptions.close(id);
    return;
  }
  if (doubles.get(exportRow(shop.id))) return;
  await exceptions.open({
    id,
    flow: "order-export",
    code: "ifsDuplicate",
    recordType: "order",
    recordId: shop.id,
    recordLabel: shop.label,
    message: `IFS has ${double.orderNos.length} live orders of this order: ${double.orderNos.join(", ")}.`,
    action: `Keep ${double.keep} and cancel the others in IFS. The next ledger of the period closes this.`,
    owner: "operator",
  });
}

type IfsPage = { readonly rows: readonly IfsOrder[]; readonly findings: readonly Finding[] };

/** The way back: does commercetools have what IFS says it has? */
async function ifsPage(
  deps: ReconcileDeps,
  { from, to }: Period,
  { site, after }: Extract<Position, { side: "ifs" }>,
): Promise<IfsPage> {
  // A period before `exportFrom` has no way back.
  if (from >= to) return { rows: [], findings: [] };
  const wide = {
    from: new Date(Date.parse(from) - OVERLAP_MS).toISOString(),
    to: new Date(Date.parse(to) + OVERLAP_MS).toISOString(),
  };
  const rows = await deps.ifs.pageOrdersEntered(site as Contract, wide, after as OrderNo | undefined, PAGE);
  const ours = rows.filter(({ externalRef }) => isOrderReference(externalRef));
  const ids = [...new Set(ours.flatMap(({ externalRef }) => externalRef ?? []))];
  if (ids.length === 0) return { rows, findings: [] };
  const orders = await deps.orders.page({ where: ["id in :ids"], variables: { ids }, limit: PAGE });
  return { rows, findings: orphansOf(ours, new Set(orders.map(({ id }) => id)), deps.config) };
}
