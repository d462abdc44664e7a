import type { CartDiscount } from "./cart-discounts.ts";
import { readLine } from "./cart-lines.ts";
import { type Cart, currencyOf, type LineItem, unitPrice } from "./cart-model.ts";
import type { World } from "./definition.ts";
import { PlatformError } from "./errors.ts";
import { cents } from "./money.ts";

/** One free unit for each gift discount. A gift that has no price in this cart is not given. */
export function giftLines(world: World, cart: Cart, discounts: CartDiscount[]): LineItem[] {
  return discounts.map((discount) => giftLine(world, cart, discount)).filter((line) => line !== undefined);
}

function giftLine(world: World, cart: Cart, discount: CartDiscount): LineItem | undefined {
  const { value } = discount;
  if (value.type !== "giftLineItem") return undefined;
  const currency = currencyOf(cart);
  try {
    const line = readLine(world, cart, {
      productId: value.product.id,
      variantId: value.variantId,
      ...(value.supplyChannel ? { supplyChannel: value.supplyChannel } : {}),
      ...(value.distributionChannel ? { distributionChannel: value.distributionChannel } : {}),
    });
    return {
      ...line,
      lineItemMode: "GiftLineItem",
      totalPrice: cents(currency, 0),
      discountedPricePerQuantity: [
        {
          quantity: 1,
          discountedPrice: {
            value: cents(currency, 0),
            includedDiscounts: [
              {
                discount: { typeId: "cart-discount", id: discount.id },
                discountedAmount: cents(currency, unitPrice(line).centAmount),
              },
            ],
          },
        },
      ],
    };
  } catch (error) {
    if (error instanceof PlatformError && error.errors[0]?.code === "MatchingPriceNotFound") return undefined;
    throw error;
  }
}
