/**
 * What several SKUs draw on is divided among them: pieces and boxes of one part, kits and what they are made of. Whatever is
 * sold of one, the others cannot sell again, because what all of them show together never exceeds what a part has. Pure.
 */
import { toInventoryUnits, toSalesUnits, type UnitFactor } from "./availability.ts";
import { add, type DecimalString, decimal, divide, isNegative, multiply, roundTo, subtract, ZERO } from "./decimal.ts";
import type { PartNo } from "./ids.ts";

/** What one sales unit takes of an inventory part; `component`: as one component of a kit. */
export type Draw = { readonly partNo: PartNo; readonly factor: UnitFactor; readonly component?: true };

/** A SKU and what it takes: one part, or for a kit every component that can run short. */
export type Sharer = {
  readonly sku: string;
  /** How large its part is beside the others'. 0: only what they leave over. */
  readonly weight: number;
  readonly draws: readonly Draw[];
};

/**
 * Whole sales units of each SKU, by SKU. Each gets its part of every inventory part by its weight; a kit as many as the scarcest of
 * its components allows. What kits leave of a part, and what rounding leaves, goes to the SKUs that are made of this part alone.
 * `available`: inventory units of each part, negative ones count as none. Parts that are not in it limit nothing, so a SKU that
 * draws on one may be given too many; it is there for its weight.
 */
export function divideAmongSharers(
  sharers: readonly Sharer[],
  available: ReadonlyMap<PartNo, DecimalString>,
): ReadonlyMap<string, number> {
  const ordered = sharers.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
  const left = new Map([...available].map(([partNo, units]) => [partNo, isNegative(units) ? ZERO : units]));
  const given = new Map<string, number>();
  const give = ({ sku, draws }: Sharer, units: number): void => {
    given.set(sku, (given.get(sku) ?? 0) + units);
    for (const { partNo, factor } of draws) {
      const before = left.get(partNo);
      if (before !== undefined) left.set(partNo, atLeastZero(subtract(before, toInventoryUnits(units, factor))));
    }
  };
  const shares = new Map([...left].map(([partNo, units]) => [partNo, partsOf(units, drawersOf(ordered, partNo))]));
  for (const sharer of ordered) {
    give(
      sharer,
      least(sharer, (partNo) => shares.get(partNo)?.get(sharer.sku)),
    );
  }
  for (const partNo of available.keys()) {
    const alone = drawersOf(ordered, partNo).filter(({ draws }) => draws.length === 1);
    const again = partsOf(left.get(partNo) ?? ZERO, alone);
    for (const sharer of alone)
      give(
        sharer,
        least(sharer, () => again.get(sharer.sku)),
      );
    // The odd pieces: whoever can use them, the smallest units last, because they fit into every gap.
    for (const sharer of alone.toSorted(byFactor))
      give(
        sharer,
        least(sharer, (part) => left.get(part)),
      );
  }
  return given;
}

const drawersOf = (sharers: readonly Sharer[], partNo: PartNo): Sharer[] =>
  sharers.filter(({ draws }) => draws.some((draw) => draw.partNo === partNo));

/** Cumulative rounding in whole units leaves none over; whoever is alone has it all, to the last fraction. */
function partsOf(units: DecimalString, sharers: readonly Sharer[]): Map<string, DecimalString> {
  const [only, ...others] = sharers;
  if (only && others.length === 0) return new Map([[only.sku, units]]);
  const sum = sharers.reduce((all, { weight }) => all + weight, 0);
  let cumulative = 0;
  let before = ZERO;
  return new Map(
    sharers.map(({ sku, weight }) => {
      cumulative += weight;
      const upTo = sum === 0 ? ZERO : wholeOf(divide(multiply(units, decimal(cumulative)), decimal(sum)));
      const part = subtract(upTo, before);
      before = upTo;
      return [sku, part];
    }),
  );
}

const wholeOf = (units: DecimalString): DecimalString => roundTo(units, 0, "down");

/** Sales units that the scarcest of its parts allows. */
function least({ draws }: Sharer, has: (partNo: PartNo) => DecimalString | undefined): number {
  const each = draws.flatMap(({ partNo, factor }) => {
    const units = has(partNo);
    return units === undefined ? [] : [toSalesUnits(units, factor)];
  });
  return each.length === 0 ? 0 : Math.min(...each);
}

const atLeastZero = (units: DecimalString): DecimalString => (isNegative(units) ? ZERO : units);

const perUnit = ({ draws }: Sharer): number => {
  const [first] = draws;
  return first ? Number(first.factor.factor) / Number(first.factor.inverted) : 0;
};
const byFactor = (a: Sharer, b: Sharer): number => perUnit(b) - perUnit(a);

/** One draw a part: a kit that names a component twice takes both at once. */
export function mergeDraws(draws: readonly Draw[]): Draw[] {
  const merged = new Map<PartNo, Draw>();
  for (const draw of draws) {
    const known = merged.get(draw.partNo);
    merged.set(draw.partNo, known ? { ...known, factor: sumOf(known.factor, draw.factor) } : draw);
  }
  return [...merged.values()];
}

const sumOf = (a: UnitFactor, b: UnitFactor): UnitFactor => ({
  factor: add(multiply(a.factor, b.inverted), multiply(b.factor, a.inverted)),
  inverted: multiply(a.inverted, b.inverted),
});
