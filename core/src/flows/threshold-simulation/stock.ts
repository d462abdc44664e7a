/** One item's stock as it is, as the shop shows it, and as the guard's last answer of IFS has it. Driven by events in the order of their times. */
import type { Assumptions } from "./world.ts";

type Movement = { readonly at: number; readonly quantity: number };

export type ItemStock = {
  /** An order that IFS takes by itself; refused where there is not enough, for its clerks see the stock. */
  sellOutside(at: number, quantity: number): void;
  /** What the shop shows: without the sales of the last moments and without what IFS did since the last run. */
  shown(at: number): number;
  /** True: the last answer is too old, so IFS was asked. */
  ask(at: number): boolean;
  /** Of the last answer of IFS, with all that the web shop sold since. */
  answered(): number;
  /** Takes the pieces; how many of them did not exist. */
  sell(at: number, quantity: number): number;
};

/** `lots`: for the n-th lot, whether it is sold out. */
export function createItemStock(
  { lot, first, lots }: { readonly lot: number; readonly first: number; readonly lots: (number: number) => boolean },
  assumptions: Assumptions,
): ItemStock {
  const { stockRunSeconds, lagSeconds, unseenSeconds, cacheSeconds, outageSeconds } = assumptions;
  let truth = first;
  let lotNumber = 0;
  let soldOut = lots(0);
  /** When the next lot arrives; known once this one is low enough. */
  let arrival: number | undefined;
  /** What IFS did and no run has shown yet: sales positive, arrivals negative. */
  const outside: Movement[] = [];
  const web: Movement[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  /** Pieces that the answer has and that are not there any more, because IFS sold them since. */
  let answerAhead = 0;

  function arrive(at: number): void {
    if (arrival === undefined || arrival > at) return;
    truth += lot;
    outside.push({ at: arrival, quantity: -lot });
    answerAhead -= lot;
    lotNumber += 1;
    soldOut = lots(lotNumber);
    arrival = undefined;
  }

  function orderNext(at: number): void {
    if (arrival !== undefined) return;
    if (soldOut && truth <= 0) arrival = at + outageSeconds;
    if (!soldOut && truth <= lot / 4) arrival = at;
    arrive(at);
  }

  const lastRead = (at: number): number => Math.floor((at - lagSeconds) / stockRunSeconds) * stockRunSeconds;

  return {
    sellOutside(at, quantity) {
      arrive(at);
      if (truth < quantity) return;
      truth -= quantity;
      outside.push({ at, quantity });
      answerAhead += quantity;
      orderNext(at);
    },
    shown(at) {
      arrive(at);
      const readAt = lastRead(at);
      forget(outside, readAt);
      forget(web, at - unseenSeconds);
      return truth + sum(outside) + sum(web);
    },
    ask(at) {
      arrive(at);
      if (at - askedAt <= cacheSeconds) return false;
      askedAt = at;
      answerAhead = 0;
      return true;
    },
    answered: () => truth + answerAhead,
    sell(at, quantity) {
      arrive(at);
      const missing = Math.max(0, quantity - Math.max(0, truth));
      truth -= quantity;
      web.push({ at, quantity });
      orderNext(at);
      return missing;
    },
  };
}

const sum = (movements: readonly Movement[]): number => {
  let all = 0;
  for (const { quantity } of movements) all += quantity;
  return all;
};

/** Movements come by ascending time. */
function forget(movements: Movement[], until: number): void {
  for (let first = movements[0]; first && first.at <= until; first = movements[0]) movements.shift();
}
