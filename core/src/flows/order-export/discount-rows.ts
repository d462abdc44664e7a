/** The discount on the total of an order: charges of its own, or less for each row. */
import { compare } from "../../domain/decimal.ts";
import { type Money, minus, negated, plus, zeroOf } from "../../domain/money.ts";
import { usesPricesInclTax } from "./policy.ts";
import type { ShopOrder, ShopTaxRate } from "./shop-order.ts";
import { DISCOUNT_REF, rateOf, type ShopRow } from "./shop-row.ts";
import { spread } from "./spread.ts";
import { type Amounts, ifsAmounts, shopAmounts } from "./tax.ts";

type Group = { readonly taxRate: ShopTaxRate | undefined; readonly rows: ShopRow[] };
type Discount = NonNullable<ShopOrder["discountOnTotal"]>;

function byTaxRate(rows: readonly ShopRow[]): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    if (row.stated.minor === 0n) continue;
    const same = groups.find((group) => compare(rateOf(group), rateOf(row)) === 0);
    if (same) same.rows.push(row);
    else groups.push({ taxRate: row.taxRate, rows: [row] });
  }
  return groups;
}

const sumOf = (rows: readonly ShopRow[]): bigint => rows.reduce((sum, row) => sum + row.stated.minor, 0n);

/**
 * Spread over the tax rates of the order by their share of it (largest remainder). The tax of each share is what the order's
 * own tax portions leave: the rows' tax minus the portion.
 */
export function discountCharges(order: ShopOrder, priced: readonly ShopRow[]): ShopRow[] {
  const discount = order.discountOnTotal;
  if (!discount || discount.total.minor === 0n) return [];
  const groups = byTaxRate(priced);
  const shares = spread(
    discount.total,
    groups.map(({ rows }) => sumOf(rows)),
  );
  const taxes = groupTaxes(order, discount, { groups, shares });
  return groups.flatMap((group, index) => {
    const share = shares[index] ?? zeroOf(discount.total);
    const rate = rateOf(group);
    const head =
      groups.length === 1
        ? { ref: DISCOUNT_REF, label: "discount on the order" }
        : { ref: `${DISCOUNT_REF}-${rate}`, label: `discount on the order, tax rate ${rate}` };
    return asTaxed(order, group, withTax(order, share, taxes[index] ?? zeroOf(share))).map((amounts, part) =>
      discountRow(order, group, {
        ref: part === 0 ? head.ref : `${head.ref}-rest`,
        label: part === 0 ? head.label : `${head.label} (rest)`,
        amounts: signed(amounts),
      }),
    );
  });
}

type Shares = { readonly groups: readonly Group[]; readonly shares: readonly Money[] };

/** The tax of each share; what the discount's own net and gross amounts show beyond their sum belongs to the largest. */
function groupTaxes(order: ShopOrder, discount: Discount, { groups, shares }: Shares): readonly Money[] {
  const whole = discount.net && discount.gross && minus(discount.gross, discount.net);
  const taxes = groups.map((group, index) => {
    const share = shares[index] ?? zeroOf(discount.total);
    return portionTax(order, group) ?? ifsAmounts(share, rateOf(group), order.pricesIncludeTax).tax;
  });
  if (!whole) return taxes;
  const left = taxes.reduce((rest, tax) => rest - tax.minor, whole.minor);
  const largest = shares.reduce((best, share, index) => (share.minor > (shares[best]?.minor ?? 0n) ? index : best), 0);
  return taxes.map((tax, index) => (index === largest ? { ...tax, minor: tax.minor + left } : tax));
}

const withTax = (order: ShopOrder, share: Money, tax: Money): Amounts =>
  order.pricesIncludeTax ? { net: minus(share, tax), tax, gross: share } : { net: share, tax, gross: plus(share, tax) };

function discountRow(
  order: ShopOrder,
  group: Group,
  { ref, label, amounts }: { readonly ref: string; readonly label: string; readonly amounts: Amounts },
): ShopRow {
  return {
    ref,
    id: ref,
    kind: "charge",
    source: "discount",
    label,
    name: label,
    quantity: 1,
    taxRate: group.taxRate,
    ifsTax: group.rows[0]?.ifsTax ?? "computed",
    stated: order.pricesIncludeTax ? amounts.gross : amounts.net,
    given: amounts,
    amounts,
    total: usesPricesInclTax(order) ? amounts.gross : amounts.net,
    // The tax of a discount is the difference of the rows' taxes, each rounded for each piece.
    tolerance: order.taxPerPiece ? group.rows.reduce((sum, row) => sum + row.tolerance, 0n) : 1n,
    custom: {},
  };
}

/** A second part above this many minor units is not looked for: fractions of tax repeat long before. */
const LARGEST_REST = 200n;

/**
 * The platform rounds the tax of a discount over the rows that it lowers, IFS rounds it once. Where that is not the same, two
 * charges whose taxes IFS rounds in the same direction often come to the platform's tax. One part where one will do, or where
 * no two parts do.
 */
function asTaxed(order: ShopOrder, group: Group, whole: Amounts): Amounts[] {
  if (group.rows.some(({ ifsTax }) => ifsTax !== "computed")) return [whole];
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

/**
 * Tax that the rows of the group carry beyond the order's portion of this rate. A rate of several taxes has a portion for each;
 * undefined where the order does not show them.
 */
function portionTax(order: ShopOrder, group: Group): Money | undefined {
  const { taxRate } = group;
  const wanted = taxRate && taxRate.subRates.length > 1 ? taxRate.subRates : [{ rate: rateOf(group) }];
  const portions = (order.taxed?.portions ?? []).filter((portion) =>
    wanted.some(({ rate }) => compare(rate, portion.rate) === 0),
  );
  const [first] = portions;
  if (!first) return undefined;
  const carried = group.rows.reduce((sum, row) => sum + row.given.tax.minor, 0n);
  return { ...first.tax, minor: portions.reduce((left, { tax }) => left - tax.minor, carried) };
}

const signed = ({ net, tax, gross }: Amounts): Amounts => ({
  net: negated(net),
  tax: negated(tax),
  gross: negated(gross),
});

/**
 * Each row less its share of the discount. How the platform divided the tax is not told, so the tax of each row is computed, and
 * what the order's own totals show beyond that is spread over the rows.
 */
export function loweredByDiscount(order: ShopOrder, priced: readonly ShopRow[]): ShopRow[] {
  const discount = order.discountOnTotal;
  if (!discount || discount.total.minor === 0n) return [...priced];
  const shares = spread(
    discount.total,
    priced.map(({ stated }) => stated.minor),
  );
  const lowered = priced.map((row, index): Amounts => {
    const base = minus(row.stated, shares[index] ?? zeroOf(discount.total));
    return base.minor === row.stated.minor
      ? row.given
      : shopAmounts(base, rateOf(row), order.pricesIncludeTax, order.taxRounding);
  });
  const amounts = settled(order, lowered);
  return priced.map((row, index) => {
    const own = amounts[index] ?? row.given;
    const { agreedPrice, ...rest } = row;
    const unchanged = (shares[index]?.minor ?? 0n) === 0n;
    return {
      ...rest,
      ...(unchanged && agreedPrice && { agreedPrice }),
      stated: order.pricesIncludeTax ? own.gross : own.net,
      given: own,
      amounts: own,
      total: usesPricesInclTax(order) ? own.gross : own.net,
      tolerance: row.tolerance + 1n,
    };
  });
}

/** The rows' taxes moved, in proportion to what the rows cost, until they add up to the order's tax. */
function settled(order: ShopOrder, rows: readonly Amounts[]): readonly Amounts[] {
  if (!order.taxed) return rows;
  const wanted = order.taxed.gross.minor - order.taxed.net.minor;
  const left = wanted - rows.reduce((sum, { tax }) => sum + tax.minor, 0n);
  const moves = spread(
    { ...order.total, minor: left },
    rows.map(({ gross }) => gross.minor),
  );
  return rows.map((row, index) => taxedMore(order, row, moves[index]?.minor ?? 0n));
}

function taxedMore(order: ShopOrder, { net, tax, gross }: Amounts, by: bigint): Amounts {
  const more = (amount: Money, units: bigint): Money => ({ ...amount, minor: amount.minor + units });
  return order.pricesIncludeTax
    ? { net: more(net, -by), tax: more(tax, by), gross }
    : { net, tax: more(tax, by), gross: more(gross, by) };
}
