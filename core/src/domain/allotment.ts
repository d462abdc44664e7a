/** What falls to one SKU of parts that several draw on, with the terms of the part that limits it. Pure. */
import { type Availability, type PoolFigure, poolAvailable, toSalesUnits } from "./availability.ts";
import type { DecimalString } from "./decimal.ts";
import type { PartNo } from "./ids.ts";
import { divideAmongSharers, type Sharer } from "./shared-pool.ts";

/** An inventory part in a pool, with the orders that the figure does not contain. */
export type PartLine = { readonly figure: PoolFigure; readonly inFlight: DecimalString };

export type Allotment = PartLine & Pick<Availability, "factor"> & Required<Pick<Availability, "shared">>;

export type Division = {
  readonly sharers: readonly Sharer[];
  readonly lines: ReadonlyMap<PartNo, PartLine>;
  /** Whole sales units by SKU. */
  readonly units: ReadonlyMap<string, number>;
};

export function divide(sharers: readonly Sharer[], lines: ReadonlyMap<PartNo, PartLine>): Division {
  const available = new Map([...lines].map(([partNo, line]) => [partNo, poolAvailable(line.figure, line.inFlight)]));
  return { sharers, lines, units: divideAmongSharers(sharers, available) };
}

/** Undefined for a SKU none of whose parts is in the division. */
export function allotmentOf({ sku, draws }: Pick<Sharer, "sku" | "draws">, division: Division): Allotment | undefined {
  let scarcest: { allotted: Allotment; whole: number } | undefined;
  for (const { partNo, factor } of draws) {
    const line = division.lines.get(partNo);
    if (!line) continue;
    const whole = toSalesUnits(poolAvailable(line.figure, line.inFlight), factor);
    if (scarcest && scarcest.whole <= whole) continue;
    const sharers = division.sharers.filter((sharer) => sharer.draws.some((draw) => draw.partNo === partNo)).length;
    const components = draws.some(({ component }) => component) ? { components: draws.length } : {};
    const shared = { units: division.units.get(sku) ?? 0, sharers, ...components };
    scarcest = { allotted: { ...line, factor, shared }, whole };
  }
  return scarcest?.allotted;
}
