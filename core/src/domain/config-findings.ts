/** What no single field of a configuration can show: references between its sections. Pure. */
import type { ConnectorConfig, Site } from "./config.ts";
import { customerFindings } from "./customer-findings.ts";
import { jointFindings } from "./joint-findings.ts";
import type { Route } from "./route-config.ts";
import type { KitRow, Pool, StockClass, StockConfig } from "./stock-config.ts";

/** Path and sentence of each finding; empty when the document is consistent. */
export function configInconsistencies(config: ConnectorConfig): { path: string; message: string }[] {
  const sites = new Map(config.sites.map((site) => [site.site, site]));
  const findings = [
    ...sitesListedTwice(config.sites),
    ...poolsThatOverlap(config.stock.pools),
    ...customerFindings(config),
  ];
  config.routes.forEach((route, index) => {
    const site = sites.get(route.site);
    if (!site)
      findings.push({ path: `routes[${index}].site`, message: `site "${route.site}" is not listed under sites` });
    else if (site.company !== route.company) {
      findings.push({
        path: `routes[${index}].company`,
        message: `site "${route.site}" belongs to company "${site.company}", not "${route.company}"`,
      });
    }
    findings.push(...alternativesOfNobody(route, index, config.stock.pools));
  });
  findings.push(...classesOfNothing(config), ...kitFindings(config));
  config.stock.pools.forEach((pool, index) => {
    if (!sites.has(pool.site)) {
      findings.push({ path: `stock.pools[${index}].site`, message: `site "${pool.site}" is not listed under sites` });
    }
  });
  findings.push(...jointFindings(config.stock));
  const skus = new Set<string>();
  for (const { sku } of config.skus.exceptions) {
    if (skus.has(sku)) findings.push({ path: "skus.exceptions", message: `SKU "${sku}" is mapped twice` });
    skus.add(sku);
  }
  const { atp } = config;
  if (atp.extension === "armed" && atp.deadlineMs + EXTENSION_RESERVE_MS > atp.extensionTimeoutMs) {
    findings.push({
      path: "atp.deadlineMs",
      message: `the extension has ${atp.extensionTimeoutMs} ms (atp.extensionTimeoutMs) and fails the order after that; at most ${atp.extensionTimeoutMs - EXTENSION_RESERVE_MS} ms leave time for the way back`,
    });
  }
  const { seconds, longestSeconds } = atp.holds;
  if (longestSeconds < seconds) {
    const message = `a cart is told that it holds for ${seconds} seconds (atp.holds.seconds): it has to be allowed as many at least`;
    findings.push({ path: "atp.holds.longestSeconds", message });
  }
  return findings;
}

type Finding = { path: string; message: string };

function sitesListedTwice(sites: readonly Site[]): Finding[] {
  return sites.flatMap(({ site }, index) =>
    sites.findIndex((other) => other.site === site) === index
      ? []
      : [{ path: `sites[${index}].site`, message: `site "${site}" is listed twice` }],
  );
}

/** A channel that nobody feeds has nothing, and one of another site would be offered for an order that is then refused. */
function alternativesOfNobody({ alternatives, supply, site }: Route, index: number, pools: readonly Pool[]): Finding[] {
  return alternatives.flatMap((key): Finding[] => {
    const path = `routes[${index}].alternatives`;
    const pool = pools.find(({ channels }) => channels.some(({ supplyChannel }) => supplyChannel === key));
    if (!pool) return [{ path, message: `no pool feeds supply channel "${key}"` }];
    if (supply === "any" || pool.site === site) return [];
    const message = `supply channel "${key}" is of site "${pool.site}", and the route refuses what is not of "${site}" (supply: site)`;
    return [{ path, message }];
  });
}

/** A class of a site or channel that no pool has would be a buffer that nobody keeps. */
function classesOfNothing({ stock }: Pick<ConnectorConfig, "stock">): Finding[] {
  const sites = new Set(stock.pools.map(({ site }) => site));
  const channels = new Set(stock.pools.flatMap((pool) => pool.channels.map(({ supplyChannel }) => supplyChannel)));
  return stock.classes.flatMap((row, index) => [
    ...limitsThatExclude(row, index),
    ...supplyFromNowhere(stock, row, index),
    ...row.sites
      .filter((site) => !sites.has(site))
      .map((site) => ({ path: `stock.classes[${index}].sites`, message: `no pool is of site "${site}"` })),
    ...row.supplyChannels
      .filter((key) => !channels.has(key))
      .map((key) => ({
        path: `stock.classes[${index}].supplyChannels`,
        message: `no pool feeds supply channel "${key}"`,
      })),
  ]);
}

/** A kit that two rows make of different things, or that is made of itself. */
function kitFindings({ stock }: Pick<ConnectorConfig, "stock">): Finding[] {
  const { list } = stock.kits;
  const sitesOf = new Set(stock.pools.map(({ site }) => site));
  return list.flatMap((kit, index) => {
    const path = `stock.kits.list[${index}]`;
    const sameSite = (other: KitRow) =>
      kit.sites.length === 0 || other.sites.length === 0 || kit.sites.some((site) => other.sites.includes(site));
    const twice = list.slice(0, index).some((other) => other.catalogNo === kit.catalogNo && sameSite(other));
    return [
      ...(twice ? [{ path: `${path}.catalogNo`, message: `kit "${kit.catalogNo}" is listed twice` }] : []),
      ...(isMadeOf(list, kit.catalogNo, kit.catalogNo)
        ? [{ path: `${path}.components`, message: `kit "${kit.catalogNo}" contains itself` }]
        : []),
      ...kit.sites
        .filter((site) => !sitesOf.has(site))
        .map((site) => ({ path: `${path}.sites`, message: `no pool is of site "${site}"` })),
    ];
  });
}

function isMadeOf(list: readonly KitRow[], kit: string, part: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (seen.has(kit)) return false;
  const components = list.filter(({ catalogNo }) => catalogNo === kit).flatMap((row) => row.components);
  const deeper = new Set([...seen, kit]);
  return components.some(({ catalogNo }) => catalogNo === part || isMadeOf(list, catalogNo, part, deeper));
}

const supplyFromNowhere = (stock: StockConfig, { restockableInDays }: StockClass, index: number): Finding[] =>
  restockableInDays === "supply" && stock.supply.sources.length === 0
    ? [
        {
          path: `stock.classes[${index}].restockableInDays`,
          message: "nothing tells of supply; name purchaseOrders or shopOrders under stock.supply.sources",
        },
      ]
    : [];

const limitsThatExclude = ({ minCartQuantity, maxCartQuantity }: StockClass, index: number): Finding[] =>
  typeof minCartQuantity === "number" && typeof maxCartQuantity === "number" && minCartQuantity > maxCartQuantity
    ? [{ path: `stock.classes[${index}].minCartQuantity`, message: "it is more than maxCartQuantity" }]
    : [];

/** Units that lie in two pools would be offered twice. */
function poolsThatOverlap(pools: readonly Pool[]): Finding[] {
  return pools.flatMap((pool, index) =>
    pools.slice(0, index).flatMap((other): Finding[] => {
      const common = pool.site === other.site ? commonOf(pool, other) : undefined;
      if (common === undefined) return [];
      const message = `${common} of site "${pool.site}" is in pool "${other.name}" as well: the same units would be offered twice`;
      return [{ path: `stock.pools[${index}].warehouses`, message }];
    }),
  );
}

function commonOf(pool: Pool, other: Pool): string | undefined {
  // A pool that names no locations is all of its warehouses, one that names no warehouses either is the whole site.
  if (pool.locations.length > 0 && other.locations.length > 0) {
    if (!pool.locations.some((location) => other.locations.includes(location))) return undefined;
  }
  if (pool.warehouses.length === 0 || other.warehouses.length === 0) return "stock";
  const shared = pool.warehouses.find((warehouse) => other.warehouses.includes(warehouse));
  return shared === undefined ? undefined : `warehouse "${shared}"`;
}

/** For the way between commercetools and the service, and for the answer itself. */
const EXTENSION_RESERVE_MS = 400;
