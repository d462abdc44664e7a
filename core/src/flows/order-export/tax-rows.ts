/** Taxes that IFS must not compute, as charges: one for each tax of the order. */
import { decimal, multiply, roundTo, toBigInt } from "../../domain/decimal.ts";
import { type Money, plus, zeroOf } from "../../domain/money.ts";
import type { ShopOrder } from "./shop-order.ts";
import { type ShopRow, TAX_REF } from "./shop-row.ts";
import { spread } from "./spread.ts";

/** Rates as whole numbers, for proportions. */
const PARTS = decimal("1000000000000");

type Tax = { readonly name: string; readonly amount: Money };

export function taxCharges(order: ShopOrder, rows: readonly ShopRow[]): ShopRow[] {
  const taxes = new Map<string, Tax>();
  for (const { name, amount } of rows.flatMap(taxesOf)) {
    const known = taxes.get(name);
    taxes.set(name, { name, amount: known ? plus(known.amount, amount) : amount });
  }
  return [...taxes.values()].filter(({ amount }) => amount.minor !== 0n).map((tax) => taxCharge(order, tax));
}

/** The tax of a row, divided among the taxes that its rate consists of in proportion to their rates. */
function taxesOf({ taxRate, given }: ShopRow): Tax[] {
  if (!taxRate || taxRate.subRates.length < 2) return [{ name: taxRate?.name ?? "tax", amount: given.tax }];
  const weights = taxRate.subRates.map(({ rate }) => toBigInt(roundTo(multiply(rate, PARTS), 0)));
  const shares = spread(given.tax, weights);
  return taxRate.subRates.map(({ name }, index) => ({ name, amount: shares[index] ?? zeroOf(given.tax) }));
}

function taxCharge(order: ShopOrder, { name, amount }: Tax): ShopRow {
  const zero = zeroOf(order.total);
  return {
    ref: `${TAX_REF}-${name}`,
    id: `${TAX_REF}-${name}`,
    kind: "charge",
    source: "tax",
    label: `tax ${name}`,
    name,
    quantity: 1,
    taxRate: undefined,
    ifsTax: "none",
    stated: zero,
    given: { net: zero, tax: zero, gross: zero },
    amounts: { net: amount, tax: zero, gross: amount },
    total: amount,
    tolerance: 0n,
    custom: {},
  };
}
