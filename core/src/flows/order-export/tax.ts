/** Tax of an amount, and the IFS tax code of a commercetools tax rate. */
import type { ConnectorConfig } from "../../domain/config.ts";
import {
  add,
  compare,
  type DecimalString,
  decimal,
  divide,
  multiply,
  ONE,
  type Rounding,
  roundTo,
} from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import { fromDecimal, type Money, minus, plus, toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuse } from "./refuse.ts";
import type { ShopTaxRate } from "./shop-order.ts";

export type Amounts = { readonly net: Money; readonly tax: Money; readonly gross: Money };

/** As IFS computes: the tax of the (net or gross) amount, rounded half up at the minor unit, the other figure by difference. */
export function ifsAmounts(base: Money, rate: DecimalString, includesTax: boolean): Amounts {
  const exact = multiply(toDecimal(base), includesTax ? divide(rate, add(ONE, rate)) : rate);
  const tax = fromDecimal(base.currency, base.digits, roundTo(exact, base.digits));
  return includesTax ? { net: minus(base, tax), tax, gross: base } : { net: base, tax, gross: plus(base, tax) };
}

/** As commercetools computes a line without stored tax: the other total is rounded, the tax is the difference. */
export function shopAmounts(base: Money, rate: DecimalString, includesTax: boolean, rounding: Rounding): Amounts {
  const factor = add(ONE, rate);
  const exact = includesTax ? divide(toDecimal(base), factor) : multiply(toDecimal(base), factor);
  const other = fromDecimal(base.currency, base.digits, roundTo(exact, base.digits, rounding));
  return includesTax
    ? { net: other, tax: minus(base, other), gross: base }
    : { net: base, tax: minus(other, base), gross: other };
}

/** The first rule that fits country, name and rate. Rejection `unmappedTax` without one. */
export function taxCodeOf(config: ConnectorConfig, rate: ShopTaxRate): Result<string, Rejection> {
  const rule = config.tax.rules.find(
    (candidate) =>
      compare(decimal(candidate.rate), rate.rate) === 0 &&
      (candidate.country === undefined || candidate.country === rate.country) &&
      (candidate.name === undefined || candidate.name === rate.name),
  );
  if (rule) return ok(rule.taxCode);
  const value = `${rate.name}, ${rate.country}, ${multiply(rate.rate, decimal(100))} percent`;
  return refuse("unmappedTax", "merchant", {
    message: `No IFS tax code is configured for the tax rate "${value}".`,
    action: "Add a rule for this country and rate under `tax.rules`.",
    field: "taxRate",
    value,
  });
}
