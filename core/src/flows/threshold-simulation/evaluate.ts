/** Candidates compared: the same chance for each, repeated, with an interval for what the repetitions leave open; and which one to take. */
import { drawOutside, simulate, type Tally } from "./simulate.ts";
import { type Assumptions, type Candidate, type Demand, nameOf, type Streams } from "./world.ts";

export type Evaluated = {
  readonly candidate: string;
  /** Oversold orders of 10,000, with a 95 % interval. */
  readonly risk: number;
  readonly riskLow: number;
  readonly riskHigh: number;
  /** Oversold units of 10,000 orders. */
  readonly unitsPerTenThousand: number;
  readonly refusedPerTenThousand: number;
  /** Share of the checkouts for which IFS is asked, from 0 to 1, and of those that are below a threshold, answers from the cache included. */
  readonly callShare: number;
  readonly askShare: number;
  readonly callsPerHour: number;
  readonly mostCallsPerHour: number;
};

export type Evaluation = {
  readonly checkouts: number;
  readonly repetitions: number;
  readonly candidates: readonly Evaluated[];
  /** Where more calls begin to buy little: the candidate farthest below the straight line from the fewest calls to the lowest risk. */
  readonly knee: string | undefined;
  /** The fewest calls of those whose whole interval is within the goal; undefined: none is. */
  readonly chosen: string | undefined;
};

export type EvaluationAsked = {
  readonly candidates: readonly Candidate[];
  readonly assumptions: Assumptions;
  readonly repetitions: number;
  /** Most oversold orders of 10,000 that are accepted. */
  readonly riskGoal: number;
  /** The demand of a repetition. A history is the same in each, and only what happens outside of the shop differs. */
  readonly demand: (repetition: number) => Demand;
  readonly streams: (repetition: number) => Streams;
};

const TEN_THOUSAND = 10_000;

export function evaluate(asked: EvaluationAsked): Evaluation {
  const tallies = asked.candidates.map((): Tally[] => []);
  let hours = 0;
  for (let repetition = 0; repetition < asked.repetitions; repetition += 1) {
    const demand = asked.demand(repetition);
    const outside = drawOutside(demand, asked.assumptions, asked.streams(repetition));
    hours += demand.seconds / 3600;
    asked.candidates.forEach((candidate, index) => {
      tallies[index]?.push(simulate(demand, candidate, { outside, assumptions: asked.assumptions }));
    });
  }
  const candidates = asked.candidates.map((candidate, index) =>
    summarize(nameOf(candidate), tallies[index] ?? [], hours),
  );
  return {
    checkouts: total(tallies[0] ?? [], "checkouts"),
    repetitions: asked.repetitions,
    candidates,
    ...chooseFrom(candidates, asked.riskGoal),
  };
}

export function chooseFrom(candidates: readonly Evaluated[], riskGoal: number): Pick<Evaluation, "knee" | "chosen"> {
  return {
    knee: kneeOf(candidates)?.candidate,
    chosen: cheapest(candidates.filter(({ riskHigh }) => riskHigh <= riskGoal))?.candidate,
  };
}

const total = (tallies: readonly Tally[], name: keyof Tally): number =>
  tallies.reduce((sum, tally) => sum + tally[name], 0);

function summarize(candidate: string, tallies: readonly Tally[], hours: number): Evaluated {
  const checkouts = Math.max(1, total(tallies, "checkouts"));
  const per = (name: keyof Tally) => total(tallies, name) / checkouts;
  const [riskLow, riskHigh] = intervalOf(tallies);
  return {
    candidate,
    risk: per("oversoldOrders") * TEN_THOUSAND,
    ...{ riskLow, riskHigh },
    unitsPerTenThousand: per("oversoldUnits") * TEN_THOUSAND,
    refusedPerTenThousand: per("refusedOrders") * TEN_THOUSAND,
    callShare: per("callingCheckouts"),
    askShare: per("askingCheckouts"),
    callsPerHour: total(tallies, "callingCheckouts") / hours,
    mostCallsPerHour: Math.max(0, ...tallies.map(({ mostCallsPerHour }) => mostCallsPerHour)),
  };
}

/** 97.5 % of the standard normal, and the t distribution's by degrees of freedom; beyond them the normal is close enough. */
const NORMAL = 1.96;
const STUDENT = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09,
];

/**
 * 95 % interval of the oversold orders of 10,000. Oversells come in groups, when an item runs out, so the repetitions and not the orders are
 * the sample. What never happened in n orders may still happen: the upper end is never below that of Wilson's interval for n single orders.
 */
export function intervalOf(tallies: readonly Pick<Tally, "checkouts" | "oversoldOrders">[]): [number, number] {
  const n = tallies.reduce((sum, { checkouts }) => sum + checkouts, 0);
  if (n === 0) return [0, TEN_THOUSAND];
  const happened = tallies.reduce((sum, { oversoldOrders }) => sum + oversoldOrders, 0);
  const rates = tallies.map(({ checkouts, oversoldOrders }) => oversoldOrders / Math.max(1, checkouts));
  const mean = happened / n;
  const count = rates.length;
  const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / Math.max(1, count - 1));
  const half = count > 1 ? ((STUDENT[count - 2] ?? 2) * deviation) / Math.sqrt(count) : 0;
  const [wilsonLow, wilsonHigh] = wilson(mean, n);
  return [
    Math.max(0, Math.min(mean - half, wilsonLow)) * TEN_THOUSAND,
    Math.max(mean + half, wilsonHigh) * TEN_THOUSAND,
  ];
}

function wilson(share: number, n: number): [number, number] {
  const square = NORMAL ** 2;
  const center = share + square / (2 * n);
  const half = NORMAL * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  return [(center - half) / (1 + square / n), (center + half) / (1 + square / n)];
}

/** The fewest calls; of equal ones the lower risk. */
const cheapest = (candidates: readonly Evaluated[]): Evaluated | undefined =>
  candidates.toSorted((a, b) => a.callShare - b.callShare || a.risk - b.risk)[0];

function kneeOf(candidates: readonly Evaluated[]): Evaluated | undefined {
  const sorted = candidates.toSorted((a, b) => a.callShare - b.callShare || b.risk - a.risk);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || sorted.length < 3) return undefined;
  const [width, height] = [last.callShare - first.callShare, first.risk - last.risk];
  if (width <= 0 || height <= 0) return undefined;
  const below = ({ callShare, risk }: Evaluated): number =>
    1 - (callShare - first.callShare) / width - (risk - last.risk) / height;
  const best = sorted.reduce((most, each) => (below(each) > below(most) ? each : most));
  return below(best) > 0 ? best : undefined;
}
