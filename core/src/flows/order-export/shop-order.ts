import type { DecimalString } from "../../domain/decimal.ts";
import type { GateFacts } from "../../domain/export-gate.ts";
import type { OrderId, Sku } from "../../domain/ids.ts";
import type { Money } from "../../domain/money.ts";
import type { PostalAddress } from "../postal-address.ts";

/** Custom fields as mappings see them: texts, whole numbers, booleans, decimals as text, lists of them. */
export type CustomValue = string | bigint | boolean | readonly CustomValue[];
export type CustomFields = Readonly<Record<string, CustomValue>>;

export type ShopAddress = PostalAddress & { readonly custom?: CustomFields };

/** A tax rate as the shop applied it; `rate` is 0.19 for 19 percent. */
export type ShopTaxRate = {
  readonly name: string;
  readonly rate: DecimalString;
  readonly includedInPrice: boolean;
  readonly country: string;
  /** The taxes that it consists of; empty for a single one. */
  readonly subRates: readonly { readonly name: string; readonly rate: DecimalString }[];
};
export type ShopTaxed = { readonly net: Money; readonly gross: Money };

/** The pieces of a line that go one way: to one address, by one shipping method. A line of a single shipment has one part. */
export type ShopPart = {
  readonly quantity: number;
  /** Includes tax when its rate says so. */
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
  /** Key of one of the order's item shipping addresses. */
  readonly addressKey: string | undefined;
  readonly shippingKey: string | undefined;
};

export type ShopLine = {
  readonly id: string;
  readonly key: string | undefined;
  readonly sku: Sku | undefined;
  readonly name: string;
  readonly productKey: string | undefined;
  /** Key of the product type; its id where it was not expanded or has no key. */
  readonly productType: string | undefined;
  readonly quantity: number;
  /** The price of one piece before cart discounts; may be high precision. */
  readonly agreedPrice: Money;
  /** What the line costs, discounts taken off; includes tax when its rate says so. */
  readonly total: Money;
  /** Never empty. */
  readonly parts: readonly ShopPart[];
  readonly gift: boolean;
  readonly distributionChannelId: string | undefined;
  /** Whose stock the line was sold from. */
  readonly supplyChannelId: string | undefined;
  readonly custom: CustomFields;
};
export type ShopCustomLine = Omit<
  ShopLine,
  "sku" | "gift" | "distributionChannelId" | "supplyChannelId" | "productKey" | "productType"
> & {
  readonly slug: string;
};
export type ShopShipping = {
  /** Absent in an order with a single shipment. */
  readonly key: string | undefined;
  readonly methodName: string;
  readonly methodKey: string | undefined;
  /** After its discount. */
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
  readonly address: ShopAddress | undefined;
  readonly custom: CustomFields;
};
export type ShopPayment = {
  readonly id: string;
  readonly interfaceId: string | undefined;
  readonly paymentInterface: string | undefined;
  readonly method: string | undefined;
  readonly amount: Money | undefined;
  /** "Charge Success 12.30 EUR": type, state and, where it differs from the planned one, amount of each transaction. */
  readonly states: readonly string[];
  /** All of it in one line, for people. */
  readonly words: string;
};

/** How the merchant wants an order expressed in IFS, where there is more than one way. */
export type ChargesPolicy = {
  readonly discountOnTotal: "charge" | "lines";
  readonly lineDiscounts: "price" | "percent";
  readonly externalTax: "compute" | "check" | "charge" | "refuse";
  readonly subTaxes: "each" | "together";
  /** Most decimals of a unit price; undefined: as the currency suggests. */
  readonly priceDecimals: number | undefined;
  /** Slug of a custom line item (a `*` at its end stands for the rest) -> sales part. */
  readonly customLineItemParts: Readonly<Record<string, string>>;
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
  readonly customerId: string | undefined;
  readonly customerEmail: string | undefined;
  readonly customerGroupId: string | undefined;
  readonly quoteId: string | undefined;
  readonly recurringOrderId: string | undefined;
  /** Codes where the platform told them, else ids. */
  readonly discountCodes: readonly string[];
  readonly lines: readonly ShopLine[];
  readonly customLines: readonly ShopCustomLine[];
  /** None, one, or several in an order of several shipments. */
  readonly shippings: readonly ShopShipping[];
  /** Taken off the sum of lines, custom lines and shipping; positive. */
  readonly discountOnTotal:
    | { readonly total: Money; readonly net: Money | undefined; readonly gross: Money | undefined }
    | undefined;
  readonly total: Money;
  readonly taxed: (ShopTaxed & { readonly portions: readonly { rate: DecimalString; tax: Money }[] }) | undefined;
  readonly taxMode: "Platform" | "External" | "ExternalAmount" | "Disabled";
  /** The tax of each piece was rounded and multiplied, instead of the line's. */
  readonly taxPerPiece: boolean;
  readonly taxRounding: "halfEven" | "halfUp" | "halfDown";
  /** True when the IFS order is one of prices with tax. */
  readonly pricesIncludeTax: boolean;
  readonly shippingAddress: ShopAddress | undefined;
  readonly billingAddress: ShopAddress | undefined;
  readonly itemAddresses: readonly ShopAddress[];
  readonly payments: readonly ShopPayment[];
  readonly custom: CustomFields;
  /** How the merchant wants it expressed; `parseOrder` sets the defaults, `withPolicy` what is configured. */
  readonly policy: ChargesPolicy;
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
  /** For the export rule. */
  readonly facts?: GateFacts | undefined;
  readonly syncInfo: readonly {
    readonly channel: { readonly id: string };
    readonly externalId?: string;
    readonly syncedAt: string;
  }[];
};
