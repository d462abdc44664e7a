import type { Reference } from "./json.ts";
import type { TypedMoney } from "./money.ts";

export type PriceTier = { minimumQuantity: number; value: TypedMoney };
export type DiscountedPrice = { value: TypedMoney; discount: Reference<"product-discount"> };

/** What price selection looks at; embedded prices have the same form. */
export type PriceScope = {
  value: TypedMoney;
  country?: string;
  customerGroup?: Reference<"customer-group">;
  channel?: Reference<"channel">;
  validFrom?: string;
  validUntil?: string;
  tiers?: PriceTier[];
  discounted?: DiscountedPrice;
};
