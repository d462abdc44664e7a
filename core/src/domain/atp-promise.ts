/** What a promise says: for which cart, of which lines, and where the holds are that keep it. Pure. */
import { z } from "zod";
import type { Result } from "./result.ts";
import { HOLD_SHARDS, isLive, type StockHold } from "./stock-hold.ts";

const text = z.string().min(1).max(200);

/** A shard in two digits of base 36, and a digest in eight characters: so that a cart that holds in all shards has a promise that fits a field. */
const HELD = /[0-9a-z]{2}[-_0-9A-Za-z]{8}/g;
const heldSchema = z
  .string()
  .regex(new RegExp(`^(?:${HELD.source})+$`))
  .max(10 * HOLD_SHARDS)
  .transform((all) =>
    (all.match(HELD) ?? []).map((one) => [Number.parseInt(one.slice(0, 2), 36), one.slice(2)] as const),
  );

/** As `promiseClaimsSchema` reads it. */
export const heldText = (holds: PromiseClaims["holds"]): string =>
  holds.map(([shard, digest]) => shard.toString(36).padStart(2, "0") + digest).join("");

/** Of a digest in base64url: 48 bits. It tells own holds of one cart apart, and what is held counts beside it. */
export const shortDigest = (digest: string): string => digest.slice(0, 8);

export const promiseClaimsSchema = z.object({
  /** Id of the cart. */
  cart: text,
  /** Digest of its lines: SKU, supply channel and quantity. */
  lines: text,
  /** The shards that the cart holds in, each with a short digest of what it holds there. */
  holds: heldSchema,
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
