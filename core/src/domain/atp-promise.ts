/** What a promise says: for which cart, of which lines, and where the holds are that keep it. Pure. */
import { z } from "zod";
import type { Result } from "./result.ts";
import { isLive, type StockHold } from "./stock-hold.ts";

const text = z.string().min(1).max(200);

export const promiseClaimsSchema = z.object({
  /** Id of the cart. */
  cart: text,
  /** Digest of its lines: SKU, supply channel and quantity. */
  lines: text,
  /** The shards that the cart holds in, each with a digest of what it holds there. */
  holds: z.array(z.tuple([z.int().min(0), text])).max(64),
  /** Seconds since the epoch; never later than the first of its holds. */
  exp: z.int(),
});
export type PromiseClaims = z.infer<typeof promiseClaimsSchema>;

/** Why a promise is not believed. The order then is checked as if there was none. */
export type PromiseRefusal =
  | "forged"
  | "expired"
  | "unreadable"
  | "otherCart"
  | "otherLines"
  | "notHeld"
  | "unavailable";

export type Promises = {
  readonly sign: (claims: PromiseClaims) => string;
  readonly verify: (token: string) => Result<PromiseClaims, PromiseRefusal>;
};

type Line = { readonly sku: string; readonly supplyChannel: string | undefined; readonly requested: number };

/** The same for the same cart, in whatever order its lines are. */
export const linesText = (lines: readonly Line[]): string =>
  JSON.stringify(
    lines
      .map(({ sku, supplyChannel, requested }) => JSON.stringify([sku, supplyChannel ?? null, requested]))
      .toSorted(),
  );

/** What a cart holds in a shard, in words that time and attempts do not change. */
export const holdsText = (holds: readonly StockHold[], owner: string, now: number): string =>
  JSON.stringify(
    holds
      .filter((hold) => hold.owner === owner && isLive(hold, now))
      .map(({ site, partNo, sku, channel, units, pieces }) =>
        JSON.stringify([site, partNo, sku, channel, units, pieces]),
      )
      .toSorted(),
  );
