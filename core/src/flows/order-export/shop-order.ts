import type { DecimalString } from "../../domain/decimal.ts";
import type { OrderId, Sku } from "../../domain/ids.ts";
import type { Money } from "../../domain/money.ts";
import type { RawAddress } from "./order-schema.ts";

export type ShopAddress = RawAddress;

/** A tax rate as the shop applied it; `rate` is 0.19 for 19 percent. */
export type ShopTaxRate = {
  readonly name: string;
  readonly rate: DecimalString;
  readonly includedInPrice: boolean;
  readonly country: string;
};
export type ShopTaxed = { readonly net: Money; readonly gross: Money };

export type ShopLine = {
  readonly id: string;
  readonly sku: Sku | undefined;
  readonly name: string;
  readonly quantity: number;
  /** The price of one piece before cart discounts; may be high precision. */
  readonly agreedPrice: Money;
  /** What the line costs, discounts taken off; includes tax when its rate says so. */
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
  readonly gift: boolean;
  readonly distributionChannelId: string | undefined;
};
export type ShopCustomLine = Omit<ShopLine, "sku" | "gift" | "distributionChannelId"> & { readonly slug: string };
export type ShopShipping = {
  readonly methodName: string;
  readonly methodKey: string | undefined;
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
};
export type ShopPayment = {
  readonly id: string;
  readonly interfaceId: string | undefined;
  readonly paymentInterface: string | undefined;
  readonly method: string | undefined;
  readonly amount: Money | undefined;
  readonly states: readonly string[];
};

/** An order as the export understands it. All amounts are of `currency` with `digits`, but for agreed unit prices. */
export type ShopOrder = {
  readonly id: OrderId;
  readonly version: number;
  readonly createdAt: string;
  readonly orderNumber: string | undefined;
  readonly purchaseOrderNumber: string | undefined;
  readonly currency: string;
  readonly digits: number;
  readonly origin: string | undefined;
  readonly country: string | undefined;
  readonly locale: string | undefined;
  readonly storeKey: string | undefined;
  readonly businessUnitKey: string | undefined;
  readonly customerGroupId: string | undefined;
  readonly quoteId: string | undefined;
  readonly lines: readonly ShopLine[];
  readonly customLines: readonly ShopCustomLine[];
  readonly shipping: ShopShipping | undefined;
  /** Taken off the sum of lines, custom lines and shipping; positive. */
  readonly discountOnTotal:
    | { readonly total: Money; readonly net: Money | undefined; readonly gross: Money | undefined }
    | undefined;
  readonly total: Money;
  readonly taxed: (ShopTaxed & { readonly portions: readonly { rate: DecimalString; tax: Money }[] }) | undefined;
  /** The tax of each piece was rounded and multiplied, instead of the line's. */
  readonly taxPerPiece: boolean;
  readonly taxRounding: "halfEven" | "halfUp" | "halfDown";
  /** True when prices include tax. */
  readonly pricesIncludeTax: boolean;
  readonly shippingAddress: ShopAddress | undefined;
  readonly billingAddress: ShopAddress | undefined;
  readonly payments: readonly ShopPayment[];
};

/** The few fields that decide whether an order is looked at; parsed before, and apart from, the content. */
export type OrderHead = {
  readonly id: OrderId;
  readonly version: number;
  readonly createdAt: string;
  readonly orderNumber: string | undefined;
  readonly orderState: string;
  /** `none` for an order without payment state. */
  readonly paymentState: string;
  readonly syncInfo: readonly {
    readonly channel: { readonly id: string };
    readonly externalId?: string;
    readonly syncedAt: string;
  }[];
};
