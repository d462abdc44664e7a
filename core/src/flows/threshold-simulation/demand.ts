/** Orders by chance, where there is no history: uneven in time, a few SKUs sold often and most seldom. */
import type { Sale } from "../../domain/sales.ts";
import { type Checkout, DAY, type Demand, type Item, type Streams } from "./world.ts";

export type GeneratedAsked = {
  readonly skus: number;
  readonly days: number;
  readonly ordersPerDay: number;
  /** Lines of an order beyond the first, on average. */
  readonly extraLines: number;
  /** Pieces of a line beyond the first, on average. */
  readonly extraPieces: number;
  /**
   * How uneven demand is from hour to hour, as the shape of a gamma distribution that each SKU's rate is multiplied with: with it the orders of
   * an hour are negative binomial. Infinity: Poisson.
   */
  readonly evenness: number;
};

const HOUR = 3600;
const MOST_LINES = 500;

/** Deterministic by the streams. */
export function generateDemand(asked: GeneratedAsked, streams: Streams): Demand {
  const weights = Array.from({ length: asked.skus }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const pick = pickBy(shares);
  const checkouts = shares.flatMap((share, item) => {
    const chance = streams(`orders/${item}`);
    const perHour = (asked.ordersPerDay * share) / 24;
    return Array.from({ length: asked.days * 24 }, (_, hour) => hour).flatMap((hour) => {
      const rate = Number.isFinite(asked.evenness) ? perHour * chance.gamma(asked.evenness) : perHour;
      return Array.from({ length: chance.poisson(rate) }, (): Checkout => {
        const more = Math.min(chance.geometric(asked.extraLines), MOST_LINES - 1);
        const items = [item, ...Array.from({ length: more }, () => pick(chance.uniform()))];
        return {
          at: (hour + chance.uniform()) * HOUR,
          lines: [...new Set(items)].map((each) => ({ item: each, quantity: 1 + chance.geometric(asked.extraPieces) })),
        };
      });
    });
  });
  return demandOf(
    shares.map((_, item) => `SKU-${String(item + 1).padStart(String(asked.skus).length, "0")}`),
    checkouts,
    asked.days * DAY,
  );
}

/** A number from 0 to 1 -> the index of the share in which it falls. */
function pickBy(shares: readonly number[]): (fraction: number) => number {
  let sum = 0;
  const ends = shares.map((share) => {
    sum += share;
    return sum;
  });
  return (fraction) => {
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 1) > fraction) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Orders of the shop, each with its sales. `from`: epoch milliseconds of the simulation's begin. */
export function historyDemand(
  orders: readonly (readonly Sale[])[],
  { from, days }: { readonly from: number; readonly days: number },
): Demand {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    names.push(name);
    return names.length - 1;
  };
  const checkouts = orders.flatMap((sales): Checkout[] => {
    const [first] = sales;
    if (!first) return [];
    const pieces = Map.groupBy(sales, ({ sku, supplyChannel }) =>
      numberOf(supplyChannel === "" ? sku : `${sku} @ ${supplyChannel}`),
    );
    const lines = [...pieces].map(([item, lines]) => ({
      item,
      quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    }));
    return [{ at: (first.at - from) / 1000, lines }];
  });
  return demandOf(names, checkouts, days * DAY);
}

function demandOf(names: readonly string[], checkouts: readonly Checkout[], seconds: number): Demand {
  const units = names.map(() => 0);
  for (const { lines } of checkouts) {
    for (const { item, quantity } of lines) units[item] = (units[item] ?? 0) + quantity;
  }
  const items = names.map((name, item): Item => ({ name, webPerDay: ((units[item] ?? 0) * DAY) / seconds }));
  return { items, checkouts: checkouts.toSorted((a, b) => a.at - b.at), seconds };
}
