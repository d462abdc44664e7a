import type { DiscountCode } from "./cart-discounts.ts";
import { isLive } from "./cart-discounts.ts";
import type { Cart } from "./cart-model.ts";
import type { World } from "./definition.ts";
import { refuse } from "./errors.ts";

/** Redeems a code. An unknown, inactive or expired one is refused; one whose predicate does not match stays without effect. */
export function addDiscountCode(world: World, cart: Cart, code: string): void {
  const found = world.collection<DiscountCode>("discount-code").findUnique("code", code);
  if (!found || !isLive(found, world.nowIso())) {
    throw refuse("DiscountCodeNonApplicable", `The discount code '${code}' cannot be applied to the cart.`, {
      discountCode: code,
      reason: found ? "TimeRangeNonApplicable" : "DoesNotExist",
      ...(found ? { discountCodeId: found.id } : {}),
    });
  }
  if (cart.discountCodes.some((one) => one.discountCode.id === found.id)) return;
  cart.discountCodes.push({ discountCode: { typeId: "discount-code", id: found.id }, state: "MatchesCart" });
}
