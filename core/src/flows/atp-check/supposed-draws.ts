/** What an order draws on that passes although IFS was not heard. */
import { ONE_TO_ONE } from "../../domain/availability.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { feeds } from "../../domain/joint-pools.ts";
import { kitsOf } from "../../domain/kits.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { Demand } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { HeldDraw } from "./holds.ts";
import { stockPartOf } from "./site-parts.ts";

/** What a demand probably draws on, by what this process remembers; where it does not, the part of the sales part's number. */
export function supposedDraws(deps: AtpDeps, demand: Demand): HeldDraw[] {
  const feeding = deps.config.stock.pools.filter((pool) => feeds(pool, demand.supplyChannel ?? ""));
  return feeding.flatMap((pool) => supposedDrawsIn(deps, demand, pool));
}

function supposedDrawsIn(deps: AtpDeps, demand: Demand, pool: Pool): HeldDraw[] {
  const { config, context } = deps;
  const site = pool.site as Contract;
  const packages = config.stock.kits.fromIfs ? (context.packages.get(site)?.list ?? []) : [];
  const kits = kitsOf(config.stock, site, packages);
  const catalogNo = toCatalogNo(config, demand.sku);
  const names = [catalogNo, ...(kits.componentsOf(catalogNo) ?? []).map((component) => component.catalogNo)];
  const parts = new Map(
    names.flatMap((name) => {
      const known = context.parts.get(JSON.stringify([site, name]));
      return known ? [[name, known] as const] : [];
    }),
  );
  const part = stockPartOf(deps, { contract: site, parts, kits }, demand.sku);
  if (part === "notStocked") return [];
  if (part === "unknown" || part === "refused")
    return [{ site, partNo: catalogNo as string as PartNo, factor: ONE_TO_ONE }];
  return part.draws.map(({ partNo, factor }) => ({ site, partNo, factor }));
}
