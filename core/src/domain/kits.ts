/** What is sold as one and made of several sales parts. Pure. */
import { unitFactor } from "./availability.ts";
import { type DecimalString, decimal, multiply } from "./decimal.ts";
import type { CatalogNo, PartNo } from "./ids.ts";
import type { IfsPackage, IfsSalesPart } from "./ifs-records.ts";
import { type Draw, mergeDraws } from "./shared-pool.ts";
import type { StockConfig } from "./stock-config.ts";

/** The kits of one site, taken apart down to what is no kit itself. */
export type Kits = {
  readonly all: readonly CatalogNo[];
  readonly componentsOf: (kit: CatalogNo) => readonly Component[] | undefined;
  /** Kits that contain the sales part. */
  readonly containing: (component: CatalogNo) => readonly CatalogNo[];
};

/** Sales units of a sales part in one kit. */
export type Component = { readonly catalogNo: CatalogNo; readonly quantity: DecimalString };

/** The configured kits of a site, and IFS's packages where no row of the configuration has their number. */
export function kitsOf({ kits }: Pick<StockConfig, "kits">, site: string, packages: readonly IfsPackage[]): Kits {
  const raw = new Map<CatalogNo, readonly Component[]>();
  for (const { catalogNo, components } of packages) raw.set(catalogNo, components);
  for (const { catalogNo, sites, components } of kits.list) {
    if (sites.length > 0 && !sites.includes(site)) continue;
    const parsed = components.map((row) => ({
      catalogNo: row.catalogNo as CatalogNo,
      quantity: decimal(row.quantity),
    }));
    raw.set(catalogNo as CatalogNo, parsed);
  }
  const whole = new Map([...raw.keys()].map((kit) => [kit, takenApart(raw, kit, new Set())]));
  const containing = new Map<CatalogNo, CatalogNo[]>();
  for (const [kit, components] of whole) {
    for (const catalogNo of new Set(components.map((row) => row.catalogNo))) {
      const list = containing.get(catalogNo);
      if (list) list.push(kit);
      else containing.set(catalogNo, [kit]);
    }
  }
  return {
    all: [...whole.keys()],
    componentsOf: (kit) => whole.get(kit),
    containing: (component) => containing.get(component) ?? [],
  };
}

/** A kit inside itself, which IFS and the configuration refuse, ends the search. */
function takenApart(
  raw: ReadonlyMap<CatalogNo, readonly Component[]>,
  kit: CatalogNo,
  above: ReadonlySet<CatalogNo>,
): Component[] {
  const inside = new Set([...above, kit]);
  return (raw.get(kit) ?? []).flatMap(({ catalogNo, quantity }): Component[] => {
    if (!raw.has(catalogNo) || inside.has(catalogNo)) return [{ catalogNo, quantity }];
    return takenApart(raw, catalogNo, inside).map((part) => ({ ...part, quantity: multiply(part.quantity, quantity) }));
  });
}

export type KitDraws = {
  /** Of components with an inventory part; services and the like never run short. */
  readonly draws: readonly Draw[];
  /** Components that the site does not have, or not any more, or that cannot be counted: as long as there is one, no kit can be made. */
  readonly missing: readonly CatalogNo[];
};

export function drawsOfKit(
  components: readonly Component[],
  partOf: (catalogNo: CatalogNo) => IfsSalesPart | undefined,
  units: { readonly sellBySalesUnit: boolean },
): KitDraws {
  const draws: Draw[] = [];
  const missing: CatalogNo[] = [];
  for (const { catalogNo, quantity } of components) {
    const part = partOf(catalogNo);
    const by = part && unitFactor(part, units);
    if (part?.active && part.partNo === null) continue;
    if (!part?.active || !by) missing.push(catalogNo);
    if (!part?.partNo || !by) continue;
    const factor = { factor: multiply(by.factor, quantity), inverted: by.inverted };
    draws.push({ partNo: part.partNo as PartNo, factor, component: true });
  }
  return { draws: mergeDraws(draws), missing };
}
