/** Everything of a commercetools order that becomes a line or a charge in IFS, with the amounts that the shop shows. */
import { compare, type DecimalString, ZERO } from "../../domain/decimal.ts";
import { type Money, minus, negated, plus, zeroOf } from "../../domain/money.ts";
import type { ShopOrder, ShopTaxed, ShopTaxRate } from "./shop-order.ts";
import { type Amounts, ifsAmounts, shopAmounts } from "./tax.ts";

export const SHIPPING_REF = "shipping";
export const DISCOUNT_REF = "discount";
export const ROUNDING_REF = "rounding";

export type ShopRow = {
  /** `lineRef` or `chargeRef` of the IFS row. */
  readonly ref: string;
  /** What people call it. */
  readonly label: string;
  readonly kind: "line" | "charge";
  /** Signed; with or without tax as the order's prices are. */
  readonly total: Money;
  readonly taxRate: ShopTaxRate | undefined;
  readonly amounts: Amounts;
};

type Priced = {
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
};

function amountsOf(order: ShopOrder, { total, taxed, taxRate }: Priced): Amounts {
  if (taxed) return { net: taxed.net, tax: minus(taxed.gross, taxed.net), gross: taxed.gross };
  return shopAmounts(total, taxRate?.rate ?? ZERO, order.pricesIncludeTax, order.taxRounding);
}

/** Lines, custom lines, shipping that costs something, then the discount on the total, one row per tax rate. */
export function shopRows(order: ShopOrder): ShopRow[] {
  const row = (ref: string, label: string, kind: ShopRow["kind"], priced: Priced): ShopRow => ({
    ref,
    label,
    kind,
    total: priced.total,
    taxRate: priced.taxRate,
    amounts: amountsOf(order, priced),
  });
  const { shipping } = order;
  const priced = [
    ...order.lines.map((line) => row(line.id, line.sku ?? line.name, "line", line)),
    ...order.customLines.map((line) => row(line.id, line.slug, "charge", line)),
    ...(shipping && shipping.total.minor !== 0n
      ? [row(SHIPPING_REF, `shipping ${shipping.methodName}`, "charge", shipping)]
      : []),
  ];
  return [...priced, ...discountRows(order, priced)];
}

type Group = { readonly taxRate: ShopTaxRate | undefined; readonly rows: ShopRow[] };

function byTaxRate(rows: readonly ShopRow[]): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    if (row.total.minor === 0n) continue;
    const same = groups.find((group) => compare(rateOf(group), row.taxRate?.rate ?? ZERO) === 0);
    if (same) same.rows.push(row);
    else groups.push({ taxRate: row.taxRate, rows: [row] });
  }
  return groups;
}

const rateOf = (group: Group): DecimalString => group.taxRate?.rate ?? ZERO;

/**
 * The discount on the total, spread over the tax rates of the order by their share of it (largest remainder). The tax of each
 * share is what the order's own tax portions leave: the rows' tax minus the portion.
 */
function discountRows(order: ShopOrder, priced: readonly ShopRow[]): ShopRow[] {
  const discount = order.discountOnTotal;
  if (!discount || discount.total.minor === 0n) return [];
  const groups = byTaxRate(priced);
  const shares = spread(
    discount.total,
    groups.map(({ rows }) => rows.reduce((sum, row) => sum + row.total.minor, 0n)),
  );
  return groups.flatMap((group, index) => {
    const share = shares[index] ?? zeroOf(discount.total);
    const tax = groups.length === 1 ? wholeTax(discount) : undefined;
    const ref = groups.length === 1 ? DISCOUNT_REF : `${DISCOUNT_REF}-${rateOf(group)}`;
    const label = groups.length === 1 ? "discount on the order" : `discount on the order, tax rate ${rateOf(group)}`;
    return asTaxed(order, group, discountAmounts(order, group, share, tax)).map(
      (amounts, part): ShopRow => ({
        ref: part === 0 ? ref : `${ref}-rest`,
        label: part === 0 ? label : `${label} (rest)`,
        kind: "charge",
        total: negated(order.pricesIncludeTax ? amounts.gross : amounts.net),
        taxRate: group.taxRate,
        amounts: signed(amounts),
      }),
    );
  });
}

/** A second part above this many minor units is not looked for: fractions of tax repeat long before. */
const LARGEST_REST = 200n;

/**
 * The platform rounds the tax of a discount over the rows that it lowers, IFS rounds it once. Where that is not the same, two
 * charges whose taxes IFS rounds in the same direction often come to the platform's tax. One part where one will do, or where
 * no two parts do.
 */
function asTaxed(order: ShopOrder, group: Group, whole: Amounts): Amounts[] {
  const rate = rateOf(group);
  const computed = (base: Money) => ifsAmounts(base, rate, order.pricesIncludeTax);
  const base = order.pricesIncludeTax ? whole.gross : whole.net;
  if (computed(base).tax.minor === whole.tax.minor) return [whole];
  for (let minor = 1n; minor <= LARGEST_REST && 2n * minor <= base.minor; minor += 1n) {
    const rest = computed({ ...base, minor });
    const first = computed({ ...base, minor: base.minor - minor });
    if (plus(first.tax, rest.tax).minor === whole.tax.minor) return [first, rest];
  }
  return [whole];
}

const wholeTax = (discount: NonNullable<ShopOrder["discountOnTotal"]>): Money | undefined =>
  discount.net && discount.gross && minus(discount.gross, discount.net);

function discountAmounts(order: ShopOrder, group: Group, share: Money, known: Money | undefined): Amounts {
  const tax = known ?? portionTax(order, group);
  if (!tax) return ifsAmounts(share, rateOf(group), order.pricesIncludeTax);
  return order.pricesIncludeTax
    ? { net: minus(share, tax), tax, gross: share }
    : { net: share, tax, gross: { ...share, minor: share.minor + tax.minor } };
}

/** Tax that the rows of the group carry beyond the order's portion of this rate. */
function portionTax(order: ShopOrder, group: Group): Money | undefined {
  const portion = order.taxed?.portions.find(({ rate }) => compare(rate, rateOf(group)) === 0);
  if (!portion) return undefined;
  const carried = group.rows.reduce((sum, row) => sum + row.amounts.tax.minor, 0n);
  return { ...portion.tax, minor: carried - portion.tax.minor };
}

const signed = ({ net, tax, gross }: Amounts): Amounts => ({
  net: negated(net),
  tax: negated(tax),
  gross: negated(gross),
});

/** Splits an amount in proportion to the parts (a negative one gets nothing); the units that rounding leaves over go to the largest remainders. */
export function spread(amount: Money, parts: readonly bigint[]): Money[] {
  const weights = parts.map((part) => (part > 0n ? part : 0n));
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole <= 0n) return weights.map((_, index) => (index === 0 ? amount : zeroOf(amount)));
  const shares = weights.map((weight) => (amount.minor * weight) / whole);
  const remainders = weights.map((weight, index) => ({ index, left: (amount.minor * weight) % whole }));
  remainders.sort((a, b) => (a.left === b.left ? a.index - b.index : a.left > b.left ? -1 : 1));
  let left = amount.minor - shares.reduce((sum, share) => sum + share, 0n);
  for (const { index } of remainders) {
    if (left <= 0n) break;
    shares[index] = (shares[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares.map((minor) => ({ ...amount, minor }));
}
