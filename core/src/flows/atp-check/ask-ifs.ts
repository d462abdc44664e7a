/** IFS's answer to the demands that the shop's own figures could not settle: by the formula of the stock flow, from the same reads. */
import { allotmentOf, divide, type PartLine } from "../../domain/allotment.ts";
import { type Availability, availabilityOf, poolFigure } from "../../domain/availability.ts";
import { type CatalogNo, type Contract, type PartNo, partNoSchema, type Sku } from "../../domain/ids.ts";
import { drawsOn, inFlightLines, inFlightOf, type SoldOrder } from "../../domain/in-flight.ts";
import type { Kits } from "../../domain/kits.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { channelsOf, weightOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { createOrderReader } from "../in-flight-orders.ts";
import type { StockPart } from "../stock-part.ts";
import { figureKey, type PartFigure } from "./context.ts";
import type { Demand, IfsAnswer } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { readKits, readSharersOf, readSiteParts, type SiteParts, skusOf, stockPartOf } from "./site-parts.ts";

type Asked = { readonly demand: Demand; readonly pool: Pool };

/** Answers by demand id; demands that are absent belong to no pool. Outages are thrown. */
export async function askIfs(
  deps: AtpDeps,
  demands: readonly Demand[],
  channelIds: ReadonlyMap<string, string>,
): Promise<Map<string, IfsAnswer>> {
  const answers = new Map<string, IfsAnswer>();
  const asked: Asked[] = [];
  for (const demand of demands) {
    const pool = poolOf(deps, demand);
    if (pool) asked.push({ demand, pool });
    else answers.set(demand.id, { kind: "none", reason: "noSupplyChannel" });
  }
  const bySite = Map.groupBy(asked, ({ pool }) => pool.site as Contract);
  const found = await Promise.all([...bySite].map(([contract, list]) => askSite(deps, contract, list, channelIds)));
  for (const answersOfSite of found) for (const [id, answer] of answersOfSite) answers.set(id, answer);
  return answers;
}

const poolOf = ({ config }: AtpDeps, demand: Demand): Pool | undefined =>
  config.stock.pools.find(({ channels }) =>
    channels.some(({ supplyChannel }) => supplyChannel === demand.supplyChannel),
  );

type SiteRead = {
  readonly kits: Kits;
  readonly parts: SiteParts;
  readonly sharers: ReadonlyMap<CatalogNo, readonly StockPart[]>;
  readonly figures: ReadonlyMap<PartNo, PartFigure>;
  /** SKUs of those who share, that have an entry. */
  readonly shown: ReadonlySet<Sku>;
  readonly orders: readonly SoldOrder[];
  readonly channelIds: ReadonlyMap<string, string>;
};

async function askSite(
  deps: AtpDeps,
  contract: Contract,
  asked: readonly Asked[],
  channelIds: ReadonlyMap<string, string>,
): Promise<Map<string, IfsAnswer>> {
  const kits = await readKits(deps, contract);
  const site = { contract, kits };
  const skus = asked.map(({ demand }) => demand.sku);
  const parts = await readSiteParts(deps, site, skus);
  const own = skus.flatMap((sku) => {
    const part = stockPartOf(deps, { parts, kits }, sku);
    return typeof part === "string" ? [] : [part];
  });
  const sharers = await readSharersOf(deps, site, own);
  const all = [...own, ...[...sharers.values()].flat()];
  const partNos = [...new Set(all.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)))];
  const figures = await figuresOf(deps, contract, partNos);
  // After the figures: an order that left commercetools' list meanwhile is in them.
  const orders = partNos.length === 0 ? [] : await ordersInFlight(deps);
  const sold = await readSiteParts(
    deps,
    site,
    orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)),
  );
  const shown = await shownOf(deps, [...sharers.values()], channelIds);
  const read: SiteRead = { kits, parts: new Map([...parts, ...sold]), sharers, figures, shown, orders, channelIds };
  return new Map(asked.map(({ demand, pool }) => [demand.id, answerFor(deps, { demand, pool }, read)]));
}

/** Who has an entry can be bought, and has its part of what is shared. Asked only where somebody shares. */
async function shownOf(
  deps: AtpDeps,
  sharers: readonly (readonly StockPart[])[],
  channelIds: ReadonlyMap<string, string>,
): Promise<ReadonlySet<Sku>> {
  const bySkus = sharers.map((parts) => parts.flatMap((part) => skusOf(deps, part)));
  const skus = new Set(bySkus.filter((each) => each.length > 1).flat());
  if (skus.size === 0) return skus;
  const entries = await deps.entries([...skus], [...channelIds.values()]);
  return new Set(entries.map(({ sku }) => sku as Sku));
}

function answerFor(deps: AtpDeps, { demand, pool }: Asked, read: SiteRead): IfsAnswer {
  const { config, context } = deps;
  const part = stockPartOf(deps, read, demand.sku);
  if (part === "notStocked") return { kind: "notStocked" };
  const site = config.sites.find(({ site }) => site === pool.site);
  const own = part === "unknown" ? [] : part.draws.flatMap(({ partNo }) => read.figures.get(partNo) ?? []);
  if (part === "unknown" || own.length < part.draws.length || !site) return { kind: "none", reason: "unmappedSku" };
  if (own.some(({ demandSeen }) => !demandSeen)) return { kind: "none", reason: "demandUnseen" };
  const counts = drawsOn(pool, read.channelIds);
  const localDate = localDateOf(context.clock.now(), site.timeZone);
  const drawsOf = (sku: Sku) => {
    const sold = stockPartOf(deps, read, sku);
    return typeof sold === "string" ? [] : sold.draws;
  };
  const lineOf = (partNo: PartNo): PartLine | undefined => {
    const figure = read.figures.get(partNo);
    if (!figure) return undefined;
    const lines = inFlightLines(
      read.orders,
      { demand: figure.demand, reported: new Map() },
      {
        drawsOf: (sku) => drawsOf(sku).filter((draw) => draw.partNo === partNo),
        counts,
        demandStates: config.stock.demandStates,
        now: context.clock.now(),
      },
    );
    const { rows, demand: open } = figure;
    const poolRead = { rows, demand: open, rules: config.stock, localDate };
    return { figure: poolFigure(pool, partNo, poolRead), inFlight: inFlightOf(lines, partNo, counts) };
  };
  const target = targetsOf(
    deps,
    { demand, pool, part, sharers: read.sharers.get(part.catalogNo) ?? [part] },
    { read, lineOf },
  ).find(({ supplyChannel }) => supplyChannel === demand.supplyChannel);
  return target ? { kind: "target", target: target.target } : { kind: "none", reason: "noSupplyChannel" };
}

/** Of all channels of the pool, by the division that the stock flow makes. */
function targetsOf(
  deps: AtpDeps,
  { demand, pool, part, sharers }: Asked & { readonly part: StockPart; readonly sharers: readonly StockPart[] },
  { read, lineOf }: { readonly read: SiteRead; readonly lineOf: (partNo: PartNo) => PartLine | undefined },
): Availability[] {
  const { stock } = deps.config;
  const sharing = sharers
    .filter(({ ended }) => ended === undefined)
    .flatMap((sharer) => skusOf(deps, sharer).map((sku) => ({ sku, draws: sharer.draws })))
    .filter(({ sku }) => sku === demand.sku || read.shown.has(sku))
    .map((sharer) => ({ ...sharer, weight: weightOf(pool, sharer.sku, stock) }));
  const partNos = new Set([...part.draws, ...sharing.flatMap(({ draws }) => draws)].map(({ partNo }) => partNo));
  const lines = new Map(
    [...partNos].flatMap((partNo) => {
      const line = lineOf(partNo);
      return line ? [[partNo, line] as const] : [];
    }),
  );
  const allotted = allotmentOf({ sku: demand.sku, draws: part.draws }, divide(sharing, lines));
  if (!allotted) return [];
  const channels = channelsOf(pool, demand.sku, stock);
  return availabilityOf(allotted.figure, channels, {
    ...allotted,
    ...(part.ended !== undefined && { ended: part.ended }),
  });
}

/** Figures of the parts, `cacheSeconds` old at most: demand first, then stock, one read of each for all callers of the moment. */
async function figuresOf(
  deps: AtpDeps,
  contract: Contract,
  partNos: readonly PartNo[],
): Promise<Map<PartNo, PartFigure>> {
  const { context, config, ifs } = deps;
  const found = new Map<PartNo, PartFigure>();
  const missing: PartNo[] = [];
  for (const partNo of partNos) {
    const cached = context.figures.get(figureKey(contract, partNo));
    if (cached && context.clock.monotonic() - cached.readAt <= config.atp.cacheSeconds * 1000) {
      found.set(partNo, cached);
      context.counters.cachedFigures += 1;
    } else missing.push(partNo);
  }
  if (missing.length === 0) return found;
  const loaded = await context.batchers(contract).figures.load(missing, (keys) =>
    context.guarded(config.atp.deadlineMs, async () => {
      const asked = keys.map((key) => partNoSchema.parse(key));
      const readAt = context.clock.monotonic();
      const lines = await ifs.openDemand(contract, asked);
      const demand = Map.groupBy(lines, ({ partNo }) => partNo);
      const [stock, demandSeen] = await Promise.all([
        ifs.stockRows(contract, asked),
        isDemandSeen(deps, contract, { shown: lines.length > 0, readAt }),
      ]);
      const rows = Map.groupBy(stock, ({ partNo }) => partNo);
      return new Map(
        asked.map((partNo) => [
          partNo as string,
          { rows: rows.get(partNo) ?? [], demand: demand.get(partNo) ?? [], demandSeen, readAt },
        ]),
      );
    }),
  );
  for (const [key, value] of loaded) {
    const partNo = partNoSchema.parse(key);
    found.set(partNo, value);
    context.figures.set(figureKey(contract, partNo), value);
  }
  return found;
}

/** A lost grant answers like a site without open demand. Any order line of the site tells them apart; a proof counts as long as a figure. */
async function isDemandSeen(
  { context, config, ifs }: AtpDeps,
  contract: Contract,
  { shown, readAt }: { readonly shown: boolean; readonly readAt: number },
): Promise<boolean> {
  const provedAt = context.demandSeenAt.get(contract);
  const proved = provedAt !== undefined && readAt - provedAt <= config.atp.cacheSeconds * 1000;
  if (!shown && proved) return true;
  const seen = shown || (await ifs.orderLinesVisible(contract));
  if (seen) context.demandSeenAt.set(contract, readAt);
  return seen;
}

/**
 * Orders that the figures may not contain. Orders that were linked before the oldest usable figure was read, and have not changed
 * since, are in it; those of the last moments count unless its demand read shows them.
 */
async function ordersInFlight(deps: AtpDeps): Promise<readonly SoldOrder[]> {
  const { context, config, ordersPage } = deps;
  const { exportFrom } = config.orders;
  const read = await context.orders.load([exportFrom], async () => {
    const reader = createOrderReader(
      ordersPage,
      { channels: deps.channels, exportFrom },
      {
        changedSince: context.clock.now() - (config.atp.cacheSeconds * 1000 + config.atp.deadlineMs),
        known: [],
        now: context.clock.now,
      },
    );
    return new Map([[exportFrom, await reader.refresh()]]);
  });
  return read.get(exportFrom) ?? [];
}
