/** Where the quantity of a SKU comes from: every term of every channel, the rows behind them, and what the next run would write. */
import {
  type Availability,
  type ExclusionReason,
  exclusionOf,
  explain,
  openQuantity,
  rulesOf,
} from "../../domain/availability.ts";
import { type DecimalString, divide, isZero } from "../../domain/decimal.ts";
import type { OrderId, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsStockRow } from "../../domain/ifs-records.ts";
import { explainJoint, type JointAvailability } from "../../domain/joint-stock.ts";
import { toCatalogNo, toSkus } from "../../domain/sku.ts";
import { readSharers } from "../sharers.ts";
import { isKit, type StockPart } from "../stock-part.ts";
import { slotOf } from "./current.ts";
import type { StockSyncDeps } from "./deps.ts";
import { jointTargetsOf } from "./joint-plan.ts";
import { lookAtParts, openLook, type SeenPage } from "./look.ts";
import type { Desired } from "./map.ts";
import { parseWriter } from "./parse.ts";
import type { SiteRun } from "./site-run.ts";
import { targetsOf } from "./targets.ts";
import { unreadableRecords } from "./unreadable.ts";

/** Quantities are inventory units as decimal texts; sales units and what commercetools shows are numbers. */
export type StockExplanation = {
  readonly sku: Sku;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** False: the SKU is listed under `skus.untracked`, and the connector leaves it alone. */
  readonly tracked: boolean;
  /** What keeps the quantity from being known, or part of it, in words. */
  readonly problems: readonly string[];
  readonly sites: readonly SiteExplanation[];
};

export type SiteExplanation = {
  readonly site: string;
  readonly catalogNo: string;
  /** null: a sales part without inventory part, which never has stock. */
  readonly partNo: string | null;
  readonly channels: readonly ChannelExplanation[];
  /** Of a kit: inventory units in one of it, by inventory part. */
  readonly components: readonly { readonly partNo: string; readonly quantity: DecimalString }[];
  readonly rows: readonly RowShown[];
  readonly demand: readonly DemandShown[];
  /** Order lines that commercetools has and the figure does not contain, of every SKU that draws on the same inventory parts. */
  readonly inFlight: readonly InFlightShown[];
};

export type ChannelExplanation = Omit<Availability, "contract"> & {
  /** The terms as the journal and the exceptions write them. */
  readonly derivation: string;
  /** Where pools of several sites feed the channel: what they give together. `target` above is this pool's part alone. */
  readonly sum?: SumShown;
  /** null: there is none. */
  readonly entry: EntryShown | null;
  /** What the next run would write now; null: nothing. */
  readonly next: { readonly to: number; readonly cause: string } | null;
};

/** In sales units. */
export type SumShown = {
  readonly parts: readonly { readonly site: string; readonly pool: string; readonly units: number }[];
  readonly sold: number;
  readonly owed: number;
  readonly buffer: number;
  readonly target: number;
  readonly derivation: string;
  /** Sites of which nothing is shown now: as long as there are some, the entry stays as it is. */
  readonly unread: readonly string[];
};

export type EntryShown = {
  readonly quantityOnStock: number;
  readonly availableQuantity: number;
  readonly lastModifiedAt: string;
  readonly lastModifiedBy: string | null;
};

export type RowShown = Omit<IfsStockRow, "contract"> & {
  /** Pool -> `counts`, or why the row does not. */
  readonly pools: Readonly<Record<string, "counts" | ExclusionReason>>;
};

export type DemandShown = Pick<IfsDemandLine, "partNo" | "orderNo" | "lineNo" | "relNo" | "lineItemNo" | "state"> & {
  readonly open: DecimalString;
};

export type InFlightShown = {
  readonly orderId: OrderId;
  readonly ifsOrderNo: OrderNo | null;
  readonly createdAt: string;
  readonly sku: Sku;
  readonly supplyChannel: string | null;
  readonly quantity: DecimalString;
};

/** Reads both systems as a run does, for this SKU alone, and writes nothing. Outages are thrown. */
export async function explainStock(deps: StockSyncDeps, asked: { sku: Sku; now: number }): Promise<StockExplanation> {
  const { sku, now } = asked;
  const head = { sku, at: new Date(now).toISOString() };
  if (deps.config.skus.untracked.includes(sku)) {
    return { ...head, tracked: false, problems: ["The SKU is listed under `skus.untracked`."], sites: [] };
  }
  const look = await openLook(deps, now);
  const problems = look.refused.map(({ rejection }) => rejection.message);
  const sites: SiteExplanation[] = [];
  for (const run of look.sites) sites.push(...(await explainSite(run, sku, problems)));
  if (sites.length === 0) {
    problems.push(`No site with a pool has the sales part ${toCatalogNo(deps.config, sku)}.`);
  }
  return { ...head, tracked: true, problems, sites };
}

async function explainSite(run: SiteRun, sku: Sku, problems: string[]): Promise<SiteExplanation[]> {
  const { deps, contract } = run;
  const asked = toCatalogNo(deps.config, sku);
  const [part] = await deps.parts.salesParts(contract, [asked]);
  const nothing = { channels: [], components: [], rows: [], demand: [], inFlight: [] };
  const tellUnreadable = () =>
    problems.push(...unreadableRecords(run.contract, run.seen.unreadable).map(({ rejection }) => rejection.message));
  if (!part && run.seen.unreadable.catalogNos.has(asked)) {
    tellUnreadable();
    return [{ site: contract, catalogNo: asked, partNo: null, ...nothing }];
  }
  if (!part) return [];
  const { catalogNo, partNo } = part;
  const shared = run.kits.componentsOf(catalogNo)
    ? { partNos: [], kitNos: [catalogNo] }
    : { partNos: partNo === null ? [] : [partNo as PartNo], kitNos: [] };
  const { drawing, beside, refused } = await readSharers(
    deps.parts,
    { contract, kits: run.kits, config: deps.config, unanswered: run.seen.unreadable },
    shared,
  );
  problems.push(...refused.map(({ rejection }) => rejection.message));
  const own = drawing.find((each) => each.catalogNo === catalogNo);
  if (!own) {
    tellUnreadable();
    return [{ site: contract, catalogNo, partNo, ...nothing }];
  }
  const shares = drawing.length > 1 || isKit(own) || toSkus(deps.config, catalogNo).length > 1;
  const looked = { parts: drawing, beside: shares ? beside : undefined };
  const page = await lookAtParts(run, looked, (desired) => desired.sku === sku);
  problems.push(...page.refused.map(({ rejection }) => rejection.message));
  tellUnreadable();
  if (run.seen.demandLost) {
    problems.push(
      `IFS shows no open order lines of site ${contract} where there were some: a run would raise nothing.`,
    );
  }
  const isLeftOut = run.seen.unreadable.leftOut.has(catalogNo);
  if (!isLeftOut && page.current.entries.size === 0 && !page.current.inShop.has(sku)) {
    problems.push(`No product of commercetools has the SKU ${sku}, so no entry is created for it.`);
  }
  const draws = new Set(own.draws.map((draw) => draw.partNo));
  const demand = page.figures.demand.filter((line) => draws.has(line.partNo));
  return [
    {
      site: contract,
      catalogNo,
      partNo,
      channels: page.desired.flatMap((each) => channelsOfPool(run, each, page)),
      components: componentsOf(own),
      rows: page.figures.rows.filter((row) => draws.has(row.partNo)).map((row) => showRow(run, row)),
      demand: demand.map((line) => {
        const { partNo, orderNo, lineNo, relNo, lineItemNo, state } = line;
        return { partNo, orderNo, lineNo, relNo, lineItemNo, state, open: openQuantity(line, deps.config.stock) };
      }),
      inFlight: await showInFlight(run, page, draws),
    },
  ];
}

function channelsOfPool(run: SiteRun, desired: Desired, { current, plan }: SeenPage): ChannelExplanation[] {
  const { joint } = desired;
  // What comes off the sum comes off none of its parts.
  const own = joint ? { ...current, inFlight: [] } : current;
  const sums = new Map(joint && jointTargetsOf(desired, joint, current).map((sum) => [sum.supplyChannel, sum]));
  return targetsOf(desired, own).map(({ contract: _site, ...target }) => {
    const sum = sums.get(target.supplyChannel);
    const id = current.channelIds.get(target.supplyChannel) ?? "";
    const entry = current.entries.get(slotOf(desired.sku, id));
    const change = plan.changes.find(({ record }) => record === `${desired.sku} @ ${target.supplyChannel}`);
    const to = change && (change.apply.kind === "move" ? change.apply.to : change.apply.draft.quantityOnStock);
    return {
      ...target,
      derivation: explain({ ...target, contract: run.contract }),
      ...(sum && { sum: sumShown(sum, joint?.unread ?? []) }),
      entry: entry
        ? {
            quantityOnStock: entry.quantityOnStock,
            availableQuantity: entry.availableQuantity,
            lastModifiedAt: entry.lastModifiedAt,
            lastModifiedBy: parseWriter(entry.lastModifiedBy) ?? null,
          }
        : null,
      next: change && to !== undefined ? { to, cause: change.cause } : null,
    };
  });
}

const sumShown = (sum: JointAvailability, unread: readonly string[]): SumShown => ({
  parts: sum.rows.map(({ contract, pool, target }) => ({ site: contract, pool, units: target })),
  ...{ sold: sum.sold, owed: sum.owed, buffer: sum.buffer, target: sum.target, unread },
  derivation: explainJoint(sum),
});

function showRow({ pools, deps, localDate }: SiteRun, row: IfsStockRow): RowShown {
  const { contract: _site, ...shown } = row;
  const judged = pools.map((pool) => {
    const rules = rulesOf(pool, deps.config.stock);
    return [pool.name, exclusionOf(row, pool, { rules, localDate }) ?? "counts"] as const;
  });
  return { ...shown, pools: Object.fromEntries(judged) };
}

const componentsOf = (part: StockPart): SiteExplanation["components"] =>
  isKit(part)
    ? part.draws.map(({ partNo, factor }) => ({ partNo, quantity: divide(factor.factor, factor.inverted) }))
    : [];

async function showInFlight(
  run: SiteRun,
  { current }: SeenPage,
  partNos: ReadonlySet<PartNo>,
): Promise<InFlightShown[]> {
  const keys = new Map([...run.channelIds].map(([key, id]) => [id, key]));
  const orders = new Map((await run.orders.refresh()).map((order) => [order.orderId, order]));
  return current.inFlight
    .filter(({ partNo, quantity }) => partNos.has(partNo) && !isZero(quantity))
    .map(({ orderId, sku, supplyChannelId, quantity }) => {
      const order = orders.get(orderId);
      return {
        orderId,
        ifsOrderNo: order?.orderNo ?? null,
        createdAt: order ? new Date(order.createdAt).toISOString() : "",
        sku,
        supplyChannel: supplyChannelId === undefined ? null : (keys.get(supplyChannelId) ?? supplyChannelId),
        quantity,
      };
    });
}
