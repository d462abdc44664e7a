/** Replays a demand against one candidate. Pure and deterministic: the same streams give the same orders, telephone calls and lots to every candidate. */
import { unitsFor } from "../../domain/threshold.ts";
import { createItemStock, type ItemStock } from "./stock.ts";
import { type Assumptions, type Candidate, DAY, type Demand, type Item, type Streams } from "./world.ts";

export type Tally = {
  readonly checkouts: number;
  /** Orders with at least one piece that did not exist, and these pieces. */
  readonly oversoldOrders: number;
  readonly oversoldUnits: number;
  /** Orders of which a line was refused because IFS had too little. */
  readonly refusedOrders: number;
  /** Checkouts with a line below its threshold, and those of them for which IFS was really asked. */
  readonly askingCheckouts: number;
  readonly callingCheckouts: number;
  /** Of the busiest hour. */
  readonly mostCallsPerHour: number;
};

/** What happens outside of the web shop: the same for all candidates. */
export type Outside = {
  /** By ascending time. */
  readonly telephone: readonly { readonly at: number; readonly item: number; readonly quantity: number }[];
  readonly lots: readonly ItemLots[];
};

type ItemLots = { readonly lot: number; readonly first: number; readonly soldOut: readonly boolean[] };

/** Lots that one item can have in a simulation; a further one is not sold out. */
const MOST_LOTS = 1000;

export function drawOutside(demand: Demand, assumptions: Assumptions, streams: Streams): Outside {
  const days = demand.seconds / DAY;
  const telephone = demand.items.flatMap(({ name, webPerDay }, item) => {
    const chance = streams(`telephone/${name}`);
    const perDay = (webPerDay * assumptions.telephoneShare) / (1 + assumptions.telephoneExtra);
    return Array.from({ length: chance.poisson(perDay * days) }, () => ({
      at: chance.uniform() * demand.seconds,
      item,
      quantity: 1 + chance.geometric(assumptions.telephoneExtra),
    }));
  });
  return {
    telephone: telephone.sort((a, b) => a.at - b.at),
    lots: demand.items.map((item) => drawLots(item, { days, assumptions, streams })),
  };
}

function drawLots(
  { name, webPerDay }: Item,
  { days, assumptions, streams }: { days: number; assumptions: Assumptions; streams: Streams },
): ItemLots {
  const chance = streams(`lots/${name}`);
  const lot = Math.max(1, Math.round(webPerDay * (1 + assumptions.telephoneShare) * assumptions.lotDays));
  const first = Math.max(1, Math.round(lot * chance.uniform()));
  const count = Math.min(MOST_LOTS, Math.ceil((days / assumptions.lotDays) * 4) + 4);
  return { lot, first, soldOut: Array.from({ length: count }, () => chance.uniform() < assumptions.sellOutShare) };
}

export const thresholdOf = (candidate: Candidate, { webPerDay }: Pick<Item, "webPerDay">): number =>
  candidate.kind === "units"
    ? candidate.units
    : Math.max(candidate.minimumUnits, unitsFor(candidate.days, { units: webPerDay, days: 1 }));

export function simulate(
  demand: Demand,
  candidate: Candidate,
  { outside, assumptions }: { readonly outside: Outside; readonly assumptions: Assumptions },
): Tally {
  const stocks = outside.lots.map(({ lot, first, soldOut }) =>
    createItemStock({ lot, first, lots: (number) => soldOut[number] ?? false }, assumptions),
  );
  const thresholds = demand.items.map((item) => thresholdOf(candidate, item));
  const calls = new Map<number, number>();
  const tally = { oversoldOrders: 0, oversoldUnits: 0, refusedOrders: 0, askingCheckouts: 0, callingCheckouts: 0 };
  let next = 0;
  for (const checkout of demand.checkouts) {
    for (let call = outside.telephone[next]; call && call.at <= checkout.at; call = outside.telephone[next]) {
      stocks[call.item]?.sellOutside(call.at, call.quantity);
      next += 1;
    }
    const lines = checkout.lines.flatMap(({ item, quantity }) => {
      const stock = stocks[item];
      return stock ? [checkLine(stock, { at: checkout.at, quantity, threshold: thresholds[item] ?? 0 })] : [];
    });
    const missing = lines.reduce((sum, line) => sum + line.missing, 0);
    tally.oversoldUnits += missing;
    if (missing > 0) tally.oversoldOrders += 1;
    if (lines.some(({ refused }) => refused)) tally.refusedOrders += 1;
    if (lines.some(({ asks }) => asks)) tally.askingCheckouts += 1;
    if (lines.some(({ calls }) => calls)) {
      tally.callingCheckouts += 1;
      const hour = Math.floor(checkout.at / 3600);
      calls.set(hour, (calls.get(hour) ?? 0) + 1);
    }
  }
  return { checkouts: demand.checkouts.length, ...tally, mostCallsPerHour: Math.max(0, ...calls.values()) };
}

/** The guard's decision on one line: what the buyer cannot have leaves the order, and the rest is bought. */
function checkLine(
  stock: ItemStock,
  { at, quantity, threshold }: { readonly at: number; readonly quantity: number; readonly threshold: number },
) {
  if (stock.shown(at) - quantity >= threshold) {
    return { asks: false, calls: false, refused: false, missing: stock.sell(at, quantity) };
  }
  const calls = stock.ask(at);
  if (stock.answered() < quantity) return { asks: true, calls, refused: true, missing: 0 };
  return { asks: true, calls, refused: false, missing: stock.sell(at, quantity) };
}
