/** IFS's answer to the demands that the shop's own figures could not settle: by the formula of the stock flow, from the same reads. */
import { availabilityOf, poolFigure, unitFactor } from "../../domain/availability.ts";
import { type CatalogNo, type Contract, type PartNo, partNoSchema, type Sku } from "../../domain/ids.ts";
import { drawsOn, inFlightLines, inFlightOf, type SoldOrder } from "../../domain/in-flight.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { channelsOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { createOrderReader } from "../in-flight-orders.ts";
import { type CachedPart, figureKey, type PartFigure } from "./context.ts";
import type { Demand, IfsAnswer } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";

const REFERENCE_MS = 5 * 60_000;

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
  readonly parts: Map<CatalogNo, CachedPart>;
  readonly figures: ReadonlyMap<PartNo, PartFigure>;
  readonly orders: readonly SoldOrder[];
  readonly channelIds: ReadonlyMap<string, string>;
};

async function askSite(
  deps: AtpDeps,
  contract: Contract,
  asked: readonly Asked[],
  channelIds: ReadonlyMap<string, string>,
): Promise<Map<string, IfsAnswer>> {
  const parts = await partsOf(
    deps,
    contract,
    asked.map(({ demand }) => demand.sku),
  );
  const partNos = [...new Set([...parts.values()].flatMap(({ part }) => part?.partNo ?? []))];
  const figures = await figuresOf(deps, contract, partNos);
  // After the figures: an order that left commercetools' list meanwhile is in them.
  const orders = partNos.length === 0 ? [] : await ordersInFlight(deps);
  const sold = await partsOf(
    deps,
    contract,
    orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)),
  );
  const read: SiteRead = { parts: new Map([...parts, ...sold]), figures, orders, channelIds };
  return new Map(asked.map(({ demand, pool }) => [demand.id, answerFor(deps, { demand, pool }, read)]));
}

function answerFor(deps: AtpDeps, { demand, pool }: Asked, read: SiteRead): IfsAnswer {
  const { config, context } = deps;
  const part = read.parts.get(toCatalogNo(config, demand.sku))?.part;
  if (!part) return { kind: "none", reason: "unmappedSku" };
  const { partNo } = part;
  if (partNo === null) return { kind: "notStocked" };
  const factor = unitFactor(part, config.units);
  const figure = read.figures.get(partNo);
  const site = config.sites.find(({ site }) => site === pool.site);
  if (!factor || !figure || !site) return { kind: "none", reason: "unmappedSku" };
  if (!figure.demandSeen) return { kind: "none", reason: "demandUnseen" };
  const counts = drawsOn(pool, read.channelIds);
  const lines = inFlightLines(
    read.orders,
    { demand: figure.demand, reported: new Map() },
    {
      partOf(sku) {
        const sold = read.parts.get(toCatalogNo(config, sku))?.part;
        const by = sold?.partNo === partNo ? unitFactor(sold, config.units) : undefined;
        return by && { partNo, factor: by };
      },
      counts,
      demandStates: config.stock.demandStates,
      now: context.clock.now(),
    },
  );
  const poolRead = {
    rows: figure.rows,
    demand: figure.demand,
    rules: config.stock,
    localDate: localDateOf(context.clock.now(), site.timeZone),
  };
  const targets = availabilityOf(poolFigure(pool, partNo, poolRead), channelsOf(pool, demand.sku, config.stock), {
    inFlight: inFlightOf(lines, partNo, counts),
    factor,
  });
  const target = targets.find(({ supplyChannel }) => supplyChannel === demand.supplyChannel);
  return target ? { kind: "target", target: target.target } : { kind: "none", reason: "noSupplyChannel" };
}

/** Sales parts of the SKUs, minutes old at most. Numbers that the site does not have are kept as absent, too. */
async function partsOf(deps: AtpDeps, contract: Contract, skus: readonly Sku[]): Promise<Map<CatalogNo, CachedPart>> {
  const { context, config, ifs } = deps;
  const untracked = new Set<string>(config.skus.untracked);
  const found = new Map<CatalogNo, CachedPart>();
  const missing = new Set<CatalogNo>();
  for (const sku of skus) {
    if (untracked.has(sku)) continue;
    const catalogNo = toCatalogNo(config, sku);
    const cached = context.parts.get(JSON.stringify([contract, catalogNo]));
    if (cached && context.clock.monotonic() - cached.readAt < REFERENCE_MS) found.set(catalogNo, cached);
    else missing.add(catalogNo);
  }
  if (missing.size === 0) return found;
  const loaded = await context.batchers(contract).parts.load([...missing], (keys) =>
    context.guarded(config.atp.deadlineMs, async () => {
      const readAt = context.clock.monotonic();
      const parts = await ifs.salesParts(contract, keys as CatalogNo[]);
      const byNo = new Map(parts.map((part) => [part.catalogNo as string, part]));
      return new Map(keys.map((key) => [key, { part: byNo.get(key) ?? null, readAt }]));
    }),
  );
  for (const [key, value] of loaded) {
    found.set(key as CatalogNo, value);
    context.parts.set(JSON.stringify([contract, key]), value);
  }
  return found;
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
