/** Times of a seed, which readings of the platforms are true in it, and how its shop is configured. */
import type { CommercetoolsSettings } from "../../sandbox/commercetools/settings.ts";
import type { IfsSettings } from "../../sandbox/ifs/settings.ts";
import type { Chance } from "../chance.ts";
import type { Pool } from "../stock/books.ts";

/** People are busy and everything goes wrong until then, in milliseconds; afterwards nothing happens any more. */
export const TROUBLE_MS = 42_000;
/** Where answers are lost on their way: until then bindings of the beginning have ended, and some holds. */
export const LOST_ANSWERS_MS = 60_000;
export const LAST_CHECKOUT_MS = 38_000;
/** Longer than a binding or a hold lasts in many seeds, and than any lease. */
export const LONGEST_PAUSE_MS = 40_000;
export const TICK_MS = 14_000;

/** An order of this age counts by evidence alone. */
export const YOUTH_MS = 30_500;

export type Position = {
  readonly commercetools: Partial<CommercetoolsSettings>;
  readonly ifs: Partial<IfsSettings>;
};

export function positionOf(chance: Chance): Position {
  return {
    commercetools: {
      stockLagMs: chance.pick([0, 0, 1500, 10_000]),
      orderStockRaisesVersion: chance.happens(0.7),
      cancellationRestocks: chance.happens(0.35),
      // The product waits for queries as long as it keeps what an order has bound.
      orderQueryLagMs: chance.pick([0, 0, 1000, 8000]),
      extensionOrderId: chance.pick(["final", "provisional"] as const),
    },
    ifs: { reservationMovesLastActivityDate: chance.happens(0.5) },
  };
}

/** How the check is configured. */
export type Guard = {
  readonly deadlineMs: number;
  readonly cacheSeconds: number;
  readonly threshold: number;
  readonly failPolicy: "open" | "closed";
  /** How long a cart holds, and an order attempt binds. */
  readonly holds: { readonly seconds: number; readonly boundSeconds: number };
};

export const guardOf = (chance: Chance): Guard => ({
  deadlineMs: chance.pick([900, 1200]),
  cacheSeconds: chance.pick([0, 3, 8, 20]),
  // Mostly such that IFS is asked about everything.
  threshold: chance.pick([50, 50, 50, 2]),
  failPolicy: chance.pick(["open", "closed", "closed"] as const),
  // Mostly as by default, where a cart holds for longer than an attempt binds; else what is bound outlasts what the cart was told.
  holds: chance.pick([
    { seconds: 75, boundSeconds: 30 },
    { seconds: 75, boundSeconds: 30 },
    { seconds: 30, boundSeconds: 50 },
  ]),
});

/** One channel alone, or two on one pool. */
export const shops: readonly [Pool, ...Pool[]] = [
  { site: "101", channels: ["hamburg"] },
  { site: "101", channels: ["hamburg", "munich"] },
];
