/** Times of a seed, and which readings of the platforms are true in it. */
import type { CommercetoolsSettings } from "../../sandbox/commercetools/settings.ts";
import type { IfsSettings } from "../../sandbox/ifs/settings.ts";
import type { Chance } from "../chance.ts";

/** People are busy and everything goes wrong until then, in milliseconds; afterwards nothing happens any more. */
export const TROUBLE_MS = 42_000;
export const LAST_SALE_MS = 33_000;
/** Shoppers buy what is left. */
export const RUSH_MS = 37_000;
/** Right before, and while they do. */
export const LAST_EDIT_MS = 38_000;
/** Longer than the lease of a flow. */
export const LONGEST_PAUSE_MS = 65_000;
export const TICK_MS = 4000;
/** Rarer: nothing can come to rest before the last orders are no longer young. */
export const REST_TICK_MS = 12_000;

export type Position = {
  readonly commercetools: Partial<CommercetoolsSettings>;
  readonly ifs: Partial<IfsSettings>;
};

export function positionOf(chance: Chance): Position {
  const stockLagMs = chance.pick([0, 0, 0, chance.whole(500, 4000), 10_000]);
  return {
    commercetools: {
      stockLagMs,
      orderStockRaisesVersion: chance.happens(0.7),
      absoluteWriteDuringLag: chance.pick(["saleLandsAfter", "saleLost"] as const),
      cancellationRestocks: chance.happens(0.35),
      versionStep: chance.pick(["one", "perAction"] as const),
    },
    ifs: { reservationMovesLastActivityDate: chance.happens(0.5), freezeMovesLastActivityDate: chance.happens(0.5) },
  };
}
