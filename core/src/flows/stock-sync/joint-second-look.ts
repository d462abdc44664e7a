/**
 * Goods, or an open order line, that went from one site to another between the reads of the two are in both figures, or the line in
 * neither. So before a sum is raised, its sites are read once more: what one of them has less now is not counted on.
 */
import { poolAvailable, poolFigure } from "../../domain/availability.ts";
import { compare, subtract, ZERO } from "../../domain/decimal.ts";
import type { MissedUnits } from "./current.ts";
import type { Desired } from "./map.ts";
import { readFigures } from "./reads.ts";
import type { SiteRun } from "./site-run.ts";

/** `raised`: everything that is about to be raised, at each of its sites. */
export async function movedBetweenSites(run: SiteRun, raised: readonly Desired[]): Promise<MissedUnits[]> {
  const joint = raised.filter((desired) => desired.joint !== undefined);
  const found = await Promise.all(
    run.together.map((site) => lessAt(site, new Set(joint.filter(({ figure }) => figure.contract === site.contract)))),
  );
  return found.flat();
}

async function lessAt(site: SiteRun, desired: ReadonlySet<Desired>): Promise<MissedUnits[]> {
  if (desired.size === 0) return [];
  const { contract, deps } = site;
  const now = await readFigures(site, [...new Set([...desired].map(({ part }) => part))]);
  const rows = Map.groupBy(now.rows, ({ partNo }) => partNo);
  const demand = Map.groupBy(now.demand, ({ partNo }) => partNo);
  const less = new Map<string, MissedUnits>();
  for (const { pool, figure, more } of desired) {
    for (const before of [figure, ...more]) {
      const { partNo } = before;
      const read = { rows: rows.get(partNo) ?? [], demand: demand.get(partNo) ?? [] };
      const after = poolFigure(pool, partNo, { ...read, rules: deps.config.stock, localDate: now.localDate });
      const quantity = subtract(poolAvailable(before, ZERO), poolAvailable(after, ZERO));
      if (compare(quantity, less.get(partNo)?.quantity ?? ZERO) <= 0) continue;
      less.set(partNo, { contract, partNo, supplyChannelId: undefined, quantity });
    }
  }
  return [...less.values()];
}
