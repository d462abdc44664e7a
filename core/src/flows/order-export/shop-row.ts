import { type DecimalString, ZERO } from "../../domain/decimal.ts";
import type { Money } from "../../domain/money.ts";
import type { CustomFields, ShopLine, ShopShipping, ShopTaxRate } from "./shop-order.ts";
import type { Amounts } from "./tax.ts";

export const SHIPPING_REF = "shipping";
export const DISCOUNT_REF = "discount";
export const ROUNDING_REF = "rounding";
export const TAX_REF = "tax";

/** What IFS does about the tax of a row: it computes it, it is expected to hold the shop's amount, or there is none. */
export type IfsTax = "computed" | "given" | "none";

/** Something of the order that becomes one line or one charge. */
export type ShopRow = {
  /** Unique in the order; `rowRefOf` of the IFS row. */
  readonly ref: string;
  /** Of the line item or custom line item; the parts of one have it in common. */
  readonly id: string;
  readonly kind: "line" | "charge";
  readonly source: "line" | "customLine" | "shipping" | "discount" | "tax";
  /** What people call it. */
  readonly label: string;
  readonly name: string;
  readonly quantity: number;
  /** Of one piece, with or without tax as the IFS order's prices are. */
  readonly agreedPrice?: Money;
  readonly taxRate: ShopTaxRate | undefined;
  readonly ifsTax: IfsTax;
  /** Signed; part of the order's total price. */
  readonly stated: Money;
  /** As the order shows it. */
  readonly given: Amounts;
  /** As it is expressed in IFS: the same, unless taxes go as charges of their own. */
  readonly amounts: Amounts;
  /** Signed; with or without tax as the IFS order's prices are. */
  readonly total: Money;
  /** Minor units by which tax rounding alone may make IFS differ. */
  readonly tolerance: bigint;
  readonly custom: CustomFields;
  readonly item?: ShopLine;
  /** Of a custom line item. */
  readonly slug?: string;
  /** The sales part of a custom line item that is a line. */
  readonly catalogNo?: string;
  readonly shipping?: ShopShipping;
  readonly addressKey?: string;
};

export const rateOf = ({ taxRate }: Pick<ShopRow, "taxRate">): DecimalString => taxRate?.rate ?? ZERO;

/** A tax that was rounded for each piece is off by at most half a unit per piece. */
export const pieceAmounts = (quantity: number): bigint => 1n + BigInt(Math.ceil(quantity / 2));
