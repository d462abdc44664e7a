/**
 * The carts for which callers hold, so that a cap of them can be kept however many questions come at once, on however many replicas: a
 * cart is entered before anything is held for it, in the one document of its caller. Pure.
 */
import { z } from "zod";

/** Documents among which the callers are divided. All of them exist from the installation on. */
export const CALLER_SHARDS = 16;

const text = z.string().min(1);

const callerCartSchema = z.object({
  /** OAuth 2 client. */
  caller: text,
  cart: text,
  /** The question that entered it last: only that one may take it off again. */
  by: text,
  /** When it was entered, and until when it counts at most: milliseconds since the epoch. */
  at: z.int(),
  until: z.int(),
});
export type CallerCart = z.infer<typeof callerCartSchema>;

export const callerShardSchema = z.object({ carts: z.array(callerCartSchema) });

/** FNV-1a over UTF-16 code units. */
export function callerShardOf(caller: string): number {
  let hash = 0x811c9dc5;
  for (const character of caller) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash % CALLER_SHARDS;
}

/**
 * The carts of the shard with this one; undefined where its caller has `most` others. A cart that is there already is entered anew.
 * Expired ones are gone.
 */
export function enterCart(
  carts: readonly CallerCart[],
  { most, ...entry }: CallerCart & { readonly most: number },
): readonly CallerCart[] | undefined {
  const live = carts.filter(({ until }) => until > entry.at);
  const known = live.find((one) => isSameCart(one, entry));
  const others = live.filter((one) => one !== known);
  if (!known && others.filter(({ caller }) => caller === entry.caller).length >= most) return undefined;
  return [...others, entry];
}

export const isSameCart = (a: CallerCart, b: Pick<CallerCart, "caller" | "cart">): boolean =>
  a.caller === b.caller && a.cart === b.cart;

/** Without those, but for carts that another question has entered anew since. */
export function withoutCarts(carts: readonly CallerCart[], gone: readonly CallerCart[]): readonly CallerCart[] {
  const left = carts.filter((one) => !gone.some((other) => isSameCart(one, other) && one.by === other.by));
  return left.length === carts.length ? carts : left;
}
