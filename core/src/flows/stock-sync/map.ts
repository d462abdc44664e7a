/** Stock of a site -> what each SKU's pools have. Pure. */
import { exclusionOf, lastDayOfSale, type PoolFigure, poolFigure, rulesOf } from "../../domain/availability.ts";
import type { ConnectorConfig, Site } from "../../domain/config.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsStockRow, IfsSupplyLine } from "../../domain/ifs-records.ts";
import { type JointPools, jointPoolsOf } from "../../domain/joint-pools.ts";
import { daysLater } from "../../domain/local-date.ts";
import { toCatalogNo, toSkus } from "../../domain/sku.ts";
import { channelsOf, type SkuChannel, weightOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { RefusedRecord, Sorted } from "../run-delta.ts";
import type { StockPart } from "../stock-part.ts";

/** What IFS showed of a site's parts, in the order of reading: demand first, then stock. */
export type SiteFigures = {
  readonly demand: readonly IfsDemandLine[];
  readonly rows: readonly IfsStockRow[];
  /** Today at the site. */
  readonly localDate: string;
  /** Clock.monotonic() before the first of the two reads. */
  readonly readAt: number;
  /** What is on its way, of parts for which a class goes by it. */
  readonly supply?: readonly IfsSupplyLine[];
  /** What was read for the same SKUs at the sites that feed channels together with this one. */
  readonly peers?: readonly PeerFigures[];
  /** No row is shown, not even of parts that had some; only asked where there are peers. */
  readonly isHidden?: boolean;
};

/** Another site's parts of the SKUs of a page, with everybody who shares them there. */
export type PeerFigures = {
  readonly contract: Contract;
  /** Those that feed channels together with pools of the page's site. */
  readonly pools: readonly Pool[];
  readonly parts: readonly StockPart[];
  readonly beside: readonly StockPart[];
  readonly figures: SiteFigures;
  /** Sales parts whose stock there is not known; `all`: nothing of the site can be seen. */
  readonly unread: ReadonlySet<CatalogNo> | "all";
};

/** One SKU in one pool. */
export type Desired = {
  readonly sku: Sku;
  readonly part: StockPart;
  readonly pool: Pool;
  /** Of the pool, as they count for this SKU. */
  readonly channels: readonly SkuChannel[];
  /** Of the part; of a kit, of its first component. */
  readonly figure: PoolFigure;
  /** Of a kit's other components, in the order of its draws. */
  readonly more: readonly PoolFigure[];
  /** What IFS expects of its parts. */
  readonly expects: {
    readonly lines: readonly IfsSupplyLine[];
    readonly localDate: string;
    readonly supply: ConnectorConfig["stock"]["supply"];
  };
  /** Everybody who draws on the same parts; undefined: nobody else does. */
  readonly group: Group | undefined;
  /** Which entries get the connector's key. */
  readonly adopts: Adopts;
  /** Newest movement of the part's rows at the site, milliseconds since the epoch; undefined where none tells. */
  readonly movedAt: number | undefined;
  /** What it draws on and no stock row was shown of, not even an empty one. */
  readonly unshown: readonly PartNo[];
  /** Where the pool feeds channels together with others; undefined: it has all of its channels to itself. */
  readonly joint?: JointDesired | undefined;
};

/** One SKU in all pools that feed channels together, as far as their sites sell it. */
export type JointDesired = {
  readonly pools: JointPools;
  /** In the order of the sites' reads; the page's own among them. */
  readonly parts: readonly Desired[];
  /** Sites of which nobody knows what they have: the entries stay as they are. */
  readonly unread: readonly Contract[];
};

/** `missing`: those without a key; `all`: also those with somebody else's. */
type Adopts = "none" | ConnectorConfig["stock"]["adoptKeys"];

/** SKUs that have to be planned together, because what one of them shows the others cannot. */
export type Group = {
  /** In every pool. */
  readonly members: readonly Member[];
};
export type Member = Desired & {
  readonly weight: number;
  /** Counts for its part, and is planned with parts of its own. */
  readonly beside: boolean;
};

export function poolsOf(config: Pick<ConnectorConfig, "stock">, site: Pick<Site, "site">): Pool[] {
  return config.stock.pools.filter((pool) => pool.site === site.site);
}

/** Inventory parts of which some SKU goes by what is expected: only for those is it worth a read. */
export function suppliedParts(
  parts: readonly StockPart[],
  { config, pools }: Pick<ToDesired, "config" | "pools">,
): PartNo[] {
  const bySupply = config.stock.classes.some(({ restockableInDays }) => restockableInDays === "supply");
  if (!bySupply) return [];
  const going = parts.filter(({ catalogNo }) =>
    toSkus(config, catalogNo).some((sku) =>
      pools.some((pool) =>
        channelsOf(pool, sku, config.stock).some(({ terms }) => terms.restockableInDays === "supply"),
      ),
    ),
  );
  return [...new Set(going.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)))];
}

export type ToDesired = {
  readonly config: Pick<ConnectorConfig, "stock" | "skus">;
  readonly pools: readonly Pool[];
  /** Where others draw on the same parts: those that are not among the parts. */
  readonly beside?: readonly StockPart[] | undefined;
  /** Adds a SKU of a pool to those of the other sites. */
  readonly join?: (desired: Omit<Desired, "joint">) => Desired;
};

/** Every tracked SKU of the parts with its figure in every pool of the site; warehouses that no pool names are refused. */
export function toDesired(parts: readonly StockPart[], figures: SiteFigures, given: ToDesired): Sorted<Desired> {
  const { config, pools, beside } = given;
  const sort = sorterOf(figures, given);
  if (beside === undefined) {
    const values = parts.flatMap((part) => sort(part, undefined));
    return { values, refused: unmappedWarehouses(figures, config, declaredBeside(config, pools)) };
  }
  const members: Member[] = [];
  const group: Group = { members };
  const join = (part: StockPart, besides: boolean): void => {
    for (const desired of sort(part, group)) {
      members.push({ ...desired, weight: weightOf(desired.pool, desired.sku, config.stock), beside: besides });
    }
  };
  for (const part of parts) join(part, false);
  for (const part of beside) join(part, true);
  const values = members.filter((member) => !member.beside);
  return { values, refused: unmappedWarehouses(figures, config, declaredBeside(config, pools)) };
}

/** Of a page: one for each SKU and group of pools. Sites that are asked by keys come first, the page's own parts join them. */
function createJoining({ peers = [], isHidden = false }: SiteFigures, { config, pools: own }: ToDesired) {
  type Joining = { pools: JointPools; parts: Desired[]; unread: Contract[] };
  const known = new Map<string, Joining>();
  function jointOf(pools: JointPools, sku: Sku): Joining {
    const name = JSON.stringify([sku, pools.pools[0]?.name]);
    const catalogNo = toCatalogNo(config, sku);
    const isUnread = ({ unread, ...peer }: PeerFigures): boolean =>
      peer.pools.some((pool) => pools.pools.includes(pool)) && (unread === "all" || unread.has(catalogNo));
    const isRead = (pool: Pool): boolean => own.includes(pool) || peers.some((peer) => peer.pools.includes(pool));
    const unread = [
      // A pool that is left out for now, because of one of its channels.
      ...pools.pools.filter((pool) => !isRead(pool)).map(({ site }) => site as Contract),
      ...(isHidden ? own.slice(0, 1).map(({ site }) => site as Contract) : []),
      ...peers.filter(isUnread).map(({ contract }) => contract),
    ];
    const joint = known.get(name) ?? { pools, parts: [], unread };
    known.set(name, joint);
    return joint;
  }
  const join = (desired: Omit<Desired, "joint">): Desired => {
    const pools = jointPoolsOf(config.stock, desired.pool);
    const joint = pools && jointOf(pools, desired.sku);
    const joined = { ...desired, joint };
    joint?.parts.push(joined);
    return joined;
  };
  for (const { figures, parts, beside, pools } of peers) {
    toDesired(parts, figures, { config, pools, beside, join });
  }
  return join;
}

function sorterOf(
  figures: SiteFigures,
  { config, pools, join = createJoining(figures, { config, pools }) }: ToDesired,
) {
  const rows = Map.groupBy(figures.rows, ({ partNo }) => partNo);
  const demand = Map.groupBy(figures.demand, ({ partNo }) => partNo);
  const supply = Map.groupBy(figures.supply ?? [], ({ partNo }) => partNo);
  const untracked = new Set<string>(config.skus.untracked);
  const adopts = config.stock.direction === "ifs" ? config.stock.adoptKeys : "none";
  const known = new Map<Pool, Map<PartNo, PoolFigure>>(pools.map((pool) => [pool, new Map()]));
  const figureOf = (pool: Pool, partNo: PartNo): PoolFigure => {
    const found = known.get(pool)?.get(partNo);
    if (found) return found;
    const read = { rules: config.stock, localDate: figures.localDate };
    const figure = poolFigure(pool, partNo, {
      rows: rows.get(partNo) ?? [],
      demand: demand.get(partNo) ?? [],
      ...read,
    });
    known.get(pool)?.set(partNo, figure);
    return figure;
  };
  return (part: StockPart, group: Group | undefined): Desired[] => {
    const skus = toSkus(config, part.catalogNo).filter((sku) => !untracked.has(sku));
    if (skus.length === 0) return [];
    const lines = part.draws.flatMap(({ partNo }) => supply.get(partNo) ?? []);
    const expects = { lines, localDate: figures.localDate, supply: config.stock.supply };
    const unshown = part.draws.flatMap(({ partNo }) => (rows.has(partNo) ? [] : [partNo]));
    const movedAt = newestMovement(part.draws.flatMap(({ partNo }) => rows.get(partNo) ?? []));
    return pools.flatMap((pool) => {
      const figure = figureOf(pool, part.partNo);
      const more = part.draws
        .filter(({ partNo }) => partNo !== part.partNo)
        .map(({ partNo }) => figureOf(pool, partNo));
      return skus.map((sku) => {
        const channels = channelsOf(pool, sku, config.stock);
        return join({ sku, part, pool, channels, figure, more, expects, group, adopts, movedAt, unshown });
      });
    });
  };
}

function newestMovement(rows: readonly IfsStockRow[]): number | undefined {
  const stamps = rows.flatMap(({ lastActivityDate }) =>
    lastActivityDate === null ? [] : Date.parse(lastActivityDate),
  );
  const known = stamps.filter((stamp) => !Number.isNaN(stamp));
  return known.length === 0 ? undefined : Math.max(...known);
}

/** A pool that is left out, because one of its channels is gone, names its warehouses all the same. */
const declaredBeside = (config: Pick<ConnectorConfig, "stock">, [first]: readonly Pool[]): Pool[] =>
  first ? poolsOf(config, first) : [];

/** Warehouses with stock that could be sold if any pool named them, or the place in them. None where a pool takes the whole site. */
function unmappedWarehouses(
  figures: SiteFigures,
  config: Pick<ConnectorConfig, "stock">,
  pools: readonly Pool[],
): RefusedRecord[] {
  if (pools.some(({ warehouses, locations }) => warehouses.length + locations.length === 0)) return [];
  const sellable = pools.map((pool) => ({ rules: rulesOf(pool, config.stock), localDate: figures.localDate }));
  const found = new Map<string | null, { contract: string; locations: Set<string> }>();
  for (const row of figures.rows) {
    if (pools.some((pool) => liesIn(pool, row))) continue;
    if (sellable.every((terms) => exclusionOf(row, EVERYWHERE, terms) !== undefined)) continue;
    const known = found.get(row.warehouse) ?? { contract: row.contract, locations: new Set() };
    found.set(row.warehouse, known);
    known.locations.add(row.locationNo);
  }
  const named = new Set(pools.flatMap(({ warehouses }) => warehouses));
  return [...found].map(([warehouse, { contract, locations }]) => {
    if (warehouse === null) return withoutWarehouse(contract, [...locations]);
    return named.has(warehouse)
      ? unnamedLocations(contract, warehouse, [...locations])
      : unnamedWarehouse(contract, warehouse);
  });
}

const EVERYWHERE = { warehouses: [], locations: [] };

const liesIn = ({ warehouses, locations }: Pool, { warehouse, locationNo }: IfsStockRow): boolean =>
  (warehouses.length === 0 || (warehouse !== null && warehouses.includes(warehouse))) &&
  (locations.length === 0 || locations.includes(locationNo));

const warehouseRecord = (contract: string, warehouse: string) =>
  ({
    recordType: "flow",
    recordId: `warehouse ${contract}/${warehouse}`,
    recordLabel: `${contract} / ${warehouse}`,
  }) as const;

const unnamedWarehouse = (contract: string, warehouse: string): RefusedRecord => ({
  ...warehouseRecord(contract, warehouse),
  rejection: {
    code: "unmappedSite",
    message: `IFS shows stock in warehouse ${warehouse} of site ${contract}, which no pool of the configuration names. It is not offered for sale.`,
    action: "Add the warehouse to a pool under `stock.pools`, or give it a location type that is not sold.",
    owner: "merchant",
    field: "stock.pools",
    value: warehouse,
  },
});

const unnamedLocations = (contract: string, warehouse: string, locations: readonly string[]): RefusedRecord => ({
  ...warehouseRecord(contract, warehouse),
  rejection: {
    code: "unmappedSite",
    message: `IFS shows stock in locations of warehouse ${warehouse} of site ${contract} that no pool names: ${locations.slice(0, 10).join(", ")}. It is not offered for sale.`,
    action: "Add the locations to a pool under `stock.pools`, or give them a location type that is not sold.",
    owner: "merchant",
    field: "stock.pools.locations",
    value: warehouse,
  },
});

const withoutWarehouse = (contract: string, locations: readonly string[]): RefusedRecord => ({
  recordType: "flow",
  recordId: `locations ${contract}`,
  recordLabel: `locations of ${contract} without a warehouse`,
  rejection: {
    code: "unmappedSite",
    message: `IFS shows stock of site ${contract} in locations that belong to no warehouse, and that no pool names: ${locations.slice(0, 10).join(", ")}. It is not offered for sale.`,
    action:
      "Give the locations a warehouse in IFS, name them under `locations` of a pool that names no warehouses, or give them a location type that is not sold.",
    owner: "merchant",
    field: "stock.pools.locations",
  },
});

/** Lots of the sellable kind whose last day of sale, of any of the pools, is from today on within the horizon. */
export function expiringLots(
  figures: SiteFigures,
  terms: {
    readonly config: Pick<ConnectorConfig, "stock">;
    readonly pools: readonly Pool[];
    readonly horizonDays: number;
  },
): { partNo: PartNo; date: string }[] {
  const until = daysLater(figures.localDate, terms.horizonDays);
  const rules = terms.pools.map((pool) => rulesOf(pool, terms.config.stock));
  const lots = new Map<string, { partNo: PartNo; date: string }>();
  for (const row of figures.rows) {
    for (const date of new Set(rules.flatMap((rule) => lastDayOfSale(row, rule) ?? []))) {
      if (date < figures.localDate || date > until) continue;
      lots.set(JSON.stringify([row.partNo, date]), { partNo: row.partNo, date });
    }
  }
  return [...lots.values()];
}

/** The site has no pool: said once, and nothing of it is written. */
export const siteWithoutPool = (site: Site): RefusedRecord => ({
  recordType: "flow",
  recordId: `site ${site.site}`,
  recordLabel: `site ${site.site}`,
  rejection: {
    code: "unmappedSite",
    message: `Site ${site.site} has no pool, so its stock feeds no supply channel and none of it is offered for sale.`,
    action: "Add a pool for the site under `stock.pools`, or remove the site from `sites`.",
    owner: "merchant",
    field: "stock.pools",
    value: site.site,
  },
});

/** A pool names a supply channel that commercetools does not have. */
export const channelMissing = (pool: Pool, key: string): RefusedRecord => ({
  recordType: "flow",
  recordId: `channel ${key}`,
  recordLabel: `pool ${pool.name}`,
  rejection: {
    code: "unmappedSite",
    message: `Pool ${pool.name} feeds the supply channel "${key}", which does not exist in commercetools. The pool is left out.`,
    action: "Create the channel with role InventorySupply, or correct its key under `stock.pools`.",
    owner: "merchant",
    field: "stock.pools.channels.supplyChannel",
    value: key,
  },
});
