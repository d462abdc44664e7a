import type { CartDiscount } from "./cart-discounts.ts";
import { readLine } from "./cart-lines.ts";
import { type Cart, currencyOf, type LineItem, unitPrice } from "./cart-model.ts";
import type { World } from "./definition.ts";
import { PlatformError } from "./errors.ts";
import { compact } from "./json.ts";
import { cents } from "./money.ts";

/** One free unit for each gift discount. A gift that has no price in this cart is not given; one that stays keeps its id. */
export function giftLines(world: World, cart: Cart, discounts: CartDiscount[]): LineItem[] {
  const given = cart.lineItems.filter((line) => line.lineItemMode === "GiftLineItem");
  return discounts.flatMap((discount) => {
    const line = giftLine(world, cart, discount);
    const before = line && given.find((one) => isSameGift(one, line));
    if (!line || !before) return line ?? [];
    const { id, state, addedAt, custom } = before;
    return compact({ ...line, id, state, addedAt, custom });
  });
}

function isSameGift(a: LineItem, b: LineItem): boolean {
  const discountOf = (line: LineItem) =>
    line.discountedPricePerQuantity[0]?.discountedPrice.includedDiscounts[0]?.discount.id;
  return a.productId === b.productId && a.variant.id === b.variant.id && discountOf(a) === discountOf(b);
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
