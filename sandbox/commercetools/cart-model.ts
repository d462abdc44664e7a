import type { Address } from "./addresses.ts";
import type { CustomFields } from "./custom-fields.ts";
import type { Doc, KeyReference, Reference, Resource } from "./json.ts";
import type { CentMoney, RoundingMode, TypedMoney } from "./money.ts";
import type { Price, Variant } from "./product-model.ts";
import type { ShippingRate } from "./shipping-methods.ts";
import type { TaxRate } from "./taxes.ts";

export const INVENTORY_MODES = ["None", "TrackOnly", "ReserveOnOrder", "ReserveOnCart"] as const;
export type InventoryMode = (typeof INVENTORY_MODES)[number];
export const TAX_MODES = ["Platform", "External", "ExternalAmount", "Disabled"] as const;
export const TAX_CALCULATION_MODES = ["LineItemLevel", "UnitPriceLevel"] as const;

export type TaxPortion = { rate: number; name?: string; amount: CentMoney };
export type TaxedPrice = { totalNet: CentMoney; totalGross: CentMoney; taxPortions: TaxPortion[]; totalTax: CentMoney };
export type DiscountPortion = { discount: Reference<"cart-discount">; discountedAmount: TypedMoney };
export type DiscountedPrice = { value: TypedMoney; includedDiscounts: DiscountPortion[] };
export type DiscountedForQuantity = { quantity: number; discountedPrice: DiscountedPrice };
export type ItemState = { quantity: number; state: Reference<"state"> };
export type ShippingTarget = { addressKey: string; quantity: number; shippingMethodKey?: string };

/** What lines of goods and custom lines have in common for discounts and taxes. */
export type CartItem = Doc & {
  id: string;
  key?: string;
  quantity: number;
  totalPrice: CentMoney;
  discountedPricePerQuantity: DiscountedForQuantity[];
  taxRate?: TaxRate;
  taxedPrice?: TaxedPrice;
  perMethodTaxRate: { shippingMethodKey: string; taxRate: TaxRate }[];
  taxedPricePortions: { shippingMethodKey: string; taxedPrice: TaxedPrice }[];
  state: ItemState[];
  shippingDetails?: { targets: ShippingTarget[]; valid: boolean };
  custom?: CustomFields;
};

export type LineItem = CartItem & {
  productId: string;
  productKey?: string;
  name: Record<string, string>;
  variant: Variant;
  price: Omit<Price, "id"> & { id: string };
  supplyChannel?: Reference<"channel">;
  distributionChannel?: Reference<"channel">;
  priceMode: "Platform" | "ExternalPrice" | "ExternalTotal";
  lineItemMode: "Standard" | "GiftLineItem";
  inventoryMode?: InventoryMode;
  reservation?: Reference<"reservation">;
};

export type CustomLineItem = CartItem & {
  name: Record<string, string>;
  money: TypedMoney;
  slug: string;
  taxCategory?: Reference<"tax-category">;
  priceMode: "Standard" | "External";
};

export type ShippingInfo = Doc & {
  shippingMethodName: string;
  price: CentMoney;
  shippingRate: ShippingRate;
  taxRate?: TaxRate;
  taxedPrice?: TaxedPrice;
  taxCategory?: Reference<"tax-category">;
  shippingMethod?: Reference<"shipping-method">;
  discountedPrice?: DiscountedPrice;
  deliveries: Delivery[];
  shippingMethodState: "MatchesCart" | "DoesNotMatchCart";
};

export type Shipping = Doc & { shippingKey: string; shippingInfo: ShippingInfo; shippingAddress: Address };

export type DeliveryItem = { id: string; quantity: number };
export type Parcel = Doc & {
  id: string;
  key?: string;
  createdAt: string;
  items?: DeliveryItem[];
  custom?: CustomFields;
};
export type Delivery = Doc & {
  id: string;
  key?: string;
  createdAt: string;
  items: DeliveryItem[];
  parcels: Parcel[];
  address?: Address;
  custom?: CustomFields;
};

export type DiscountCodeInfo = { discountCode: Reference<"discount-code">; state: string };

/** The part that a cart hands on to the order made from it. */
export type Sale = {
  customerId?: string;
  customerEmail?: string;
  customerGroup?: Reference<"customer-group">;
  anonymousId?: string;
  businessUnit?: KeyReference<"business-unit">;
  store?: KeyReference<"store">;
  lineItems: LineItem[];
  customLineItems: CustomLineItem[];
  totalPrice: CentMoney;
  taxedPrice?: TaxedPrice;
  taxedShippingPrice?: TaxedPrice;
  discountOnTotalPrice?: Doc;
  taxMode: (typeof TAX_MODES)[number];
  priceRoundingMode: RoundingMode;
  taxRoundingMode: RoundingMode;
  taxCalculationMode: (typeof TAX_CALCULATION_MODES)[number];
  inventoryMode: InventoryMode;
  billingAddress?: Address;
  shippingAddress?: Address;
  shippingMode: "Single" | "Multiple";
  shippingInfo?: ShippingInfo;
  shipping: Shipping[];
  itemShippingAddresses: Address[];
  discountCodes: DiscountCodeInfo[];
  paymentInfo?: { payments: Reference<"payment">[] };
  country?: string;
  locale?: string;
  origin: "Customer" | "Merchant" | "Quote" | "RecurringOrder";
  custom?: CustomFields;
};

export type Cart = Resource &
  Sale & { key?: string; cartState: "Active" | "Ordered" | "Merged" | "Frozen"; warnings?: Doc[] };

export function currencyOf(sale: { totalPrice: CentMoney }): string {
  return sale.totalPrice.currencyCode;
}

/** What one unit costs before cart discounts: a product discount has the last word. */
export function unitPrice(item: CartItem): TypedMoney {
  if (!("variant" in item)) return (item as CustomLineItem).money;
  const { price } = item as LineItem;
  return price.discounted?.value ?? price.value;
}

/** Single shipping has one, Multiple has one per shipping key. */
export function shippingInfos(sale: Pick<Sale, "shippingInfo" | "shipping">): ShippingInfo[] {
  return [...(sale.shippingInfo ? [sale.shippingInfo] : []), ...sale.shipping.map((one) => one.shippingInfo)];
}
