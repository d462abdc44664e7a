/** A hold is for a cart as it is: what is asked for is compared with it. Pure. */
import type { Rejection } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { AvailabilityRequest, RequestLine } from "./parse.ts";

/** The part of a cart that is compared. */
export type HeldCart = {
  readonly id: string;
  readonly isOver: boolean;
  readonly lines: readonly {
    readonly sku: string | undefined;
    readonly quantity: number;
    readonly supplyChannelId: string | undefined;
    readonly reserved: number;
  }[];
};

/**
 * The request with what the cart has reserved; a Rejection where its lines are not those of the cart. `keyOf`: key of a supply
 * channel by the id that the cart has; undefined for one that no pool feeds.
 */
export function ofCart(
  request: AvailabilityRequest,
  cart: HeldCart | undefined,
  channelKeyOf: (line: Pick<RequestLine, "supplyChannel">) => string | undefined,
): Result<AvailabilityRequest, Rejection> {
  if (!cart) return err(refusal("cart", "commercetools has no such cart"));
  if (cart.isOver) return err(refusal("cart", "the cart was ordered already, or is merged into another one"));
  const slots = new Map<string, { wanted: number; inCart: number; reserved: number }>();
  const slot = (sku: string, line: Pick<RequestLine, "supplyChannel">) => {
    const key = JSON.stringify([sku, channelKeyOf(line) ?? line.supplyChannel?.value ?? null]);
    const known = slots.get(key) ?? { wanted: 0, inCart: 0, reserved: 0 };
    slots.set(key, known);
    return known;
  };
  for (const line of request.lines) slot(line.sku, line).wanted += line.quantity;
  for (const { sku, quantity, supplyChannelId, reserved } of cart.lines) {
    // A line without SKU has no stock.
    if (sku === undefined) continue;
    const supplyChannel = supplyChannelId === undefined ? undefined : ({ by: "id", value: supplyChannelId } as const);
    const found = slot(sku, { supplyChannel });
    found.inCart += quantity;
    found.reserved += reserved;
  }
  if ([...slots.values()].some(({ wanted, inCart }) => wanted !== inCart)) {
    return err(refusal("lines", "they are not those of the cart: a hold is for all that is in it"));
  }
  const lines = request.lines.map((line) => {
    const left = slot(line.sku, line);
    const ownReserved = Math.min(line.quantity, left.reserved);
    left.reserved -= ownReserved;
    return { ...line, ownReserved };
  });
  return ok({ ...request, lines });
}

/** One client may not keep the goods of more carts than it is allowed to. */
export const tooManyHeld = (most: number): Rejection => ({
  ...refusal("hold", `this client holds for ${most} carts already (atp.holds.perCaller)`),
  action: "Wait until some of them are ordered or expire, or raise atp.holds.perCaller.",
});

const refusal = (field: string, reason: string): Rejection => ({
  code: "invalidInput",
  message: `The request can't be held for: ${field}: ${reason}.`,
  action: "Correct the request.",
  owner: "developer",
  field,
});
