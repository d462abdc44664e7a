/**
 * The penny ledger: what the shop charged beside what IFS will compute (before) and did compute (after), row by row in minor
 * units. IFS's arithmetic: a row's amount is quantity x price factor x price, rounded half up; its tax is the amount times the
 * rate, rounded half up; a gross price contains the tax. Whether a tenant computes like that shows the comparison afterwards.
 */
import { add, compare, type DecimalString, decimal, divide, multiply, roundTo } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import {
  type IfsCharge,
  type IfsOrderDocument,
  type IfsOrderDraft,
  type IfsOrderLine,
  orderedLines,
  rowRefOf,
} from "../../domain/ifs-records.ts";
import { matchLines } from "../../domain/line-match.ts";
import { formatMoney, fromDecimal, fromDecimalRounded, type Money, minus, plus, zeroOf } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuse } from "../refuse.ts";
import { isTaxedOutside } from "./policy.ts";
import type { ShopOrder } from "./shop-order.ts";
import { ROUNDING_REF, rateOf, type ShopRow } from "./shop-row.ts";
import { shopRows } from "./shop-rows.ts";
import { type Amounts, ifsAmounts, ifsAmountsOfEach, sumOf } from "./tax.ts";
import { missOf, priceDigits } from "./unit-price.ts";

export type LedgerRow = {
  readonly ref: string;
  readonly label: string;
  readonly kind: "line" | "charge";
  readonly shop: Amounts;
  readonly ifs: Amounts;
  /** Minor units by which rounding alone, of the tax or of a unit price, may make the two differ. */
  readonly tolerance: bigint;
  /** Minor units by which the amounts of a part of a line may be off, because commercetools tells those of the whole line alone. */
  readonly division: bigint;
  /** No unit price of as many decimals as IFS is sent gives the row's total. */
  readonly priceMisses: boolean;
};

export type Ledger = {
  readonly rows: readonly LedgerRow[];
  /** The rows' parts of the order's total price, and their amounts as the order shows them. */
  readonly stated: Money;
  readonly given: Amounts;
  /** Sums of the rows. */
  readonly shop: Amounts;
  readonly ifs: Amounts;
  /** Difference of the gross sums that the explicit rounding charge has to carry: shop minus IFS. */
  readonly rounding: Money;
};

const hundred = decimal(100);

function lineBase(order: ShopOrder, line: IfsOrderDraft["lines"][number], includesTax: boolean): Money {
  const price = includesTax ? line.unitPriceInclTax : line.saleUnitPrice;
  const paid = divide(add(hundred, multiply(line.discount, decimal(-1))), hundred);
  const exact = multiply(multiply(multiply(line.buyQtyDue, line.priceConvFactor), price), paid);
  return fromDecimal(order.currency, order.digits, roundTo(exact, order.digits));
}

function chargeBase(order: ShopOrder, charge: IfsOrderDraft["charges"][number], includesTax: boolean): Money {
  const exact = multiply(charge.chargedQty, includesTax ? charge.chargeAmountInclTax : charge.chargeAmount);
  return fromDecimal(order.currency, order.digits, roundTo(exact, order.digits));
}

type Taxed = { readonly taxCalcStructureId?: string };

/** What IFS makes of the amount of a row: the tax that it computes, that it is given, or none. */
function expectedAmounts(
  order: ShopOrder,
  draft: IfsOrderDraft,
  { row, base, taxed }: { row: ShopRow | undefined; base: Money; taxed: Taxed },
): Amounts {
  const includesTax = draft.header.usePriceInclTax;
  if (!row || row.ifsTax === "none") return { net: base, tax: zeroOf(base), gross: base };
  if (row.ifsTax === "given") {
    const { tax } = row.amounts;
    return includesTax ? { net: minus(base, tax), tax, gross: base } : { net: base, tax, gross: plus(base, tax) };
  }
  const subRates = row.taxRate?.subRates ?? [];
  const each = taxed.taxCalcStructureId !== undefined && order.policy.subTaxes === "each" && subRates.length > 1;
  if (!each || includesTax) return ifsAmounts(base, rateOf(row), includesTax);
  return ifsAmountsOfEach(
    base,
    subRates.map(({ rate }) => rate),
  );
}

/** What IFS is expected to show for each row of the draft, by reference. */
function expectedOf(order: ShopOrder, draft: IfsOrderDraft, rows: readonly ShopRow[]): Map<string, Amounts> {
  const includesTax = draft.header.usePriceInclTax;
  const byRef = new Map(rows.map((row) => [row.ref, row]));
  const amounts = (ref: string, base: Money, taxed: Taxed): [string, Amounts] => [
    ref,
    expectedAmounts(order, draft, { row: byRef.get(ref), base, taxed }),
  ];
  return new Map([
    ...draft.lines.map((line) => amounts(rowRefOf(line), lineBase(order, line, includesTax), line)),
    ...draft.charges.map((charge) => amounts(charge.chargeRef, chargeBase(order, charge, includesTax), charge)),
  ]);
}

/**
 * Lines whose unit price, the nearest one that can be sent, does not give their total, with what that explains: the miss itself,
 * and its tax. A line that misses by more differs for another reason.
 */
function priceMisses(order: ShopOrder, draft: IfsOrderDraft, rows: readonly ShopRow[]): Map<string, bigint> {
  const byRef = new Map(rows.map((row) => [row.ref, row]));
  const includesTax = draft.header.usePriceInclTax;
  return new Map(
    draft.lines.flatMap((line): [string, bigint][] => {
      const row = byRef.get(rowRefOf(line));
      if (!row) return [];
      const explained = missOf(multiply(line.buyQtyDue, line.priceConvFactor), {
        digits: order.digits,
        max: priceDigits(order),
      });
      const base = lineBase(order, line, includesTax);
      if (base.minor === row.total.minor || !within(base, row.total, explained)) return [];
      const { minor } = minus(base, row.total);
      const missed = minor < 0n ? -minor : minor;
      const tax = BigInt(roundTo(multiply(decimal(String(missed)), rateOf(row)), 0));
      return [[rowRefOf(line), missed + (includesTax ? 0n : tax)]];
    }),
  );
}

/** Of its net and of its gross amount a part has its share, each to less than a minor unit; the sum of the parts is exact. */
const DIVISION = 2n;

const nothing = (zero: Money): Amounts => ({ net: zero, tax: zero, gross: zero });

/** Both sides of an order, row by row. Rows that only one side knows stand against zero. */
export function ledgerOf(order: ShopOrder, draft: IfsOrderDraft): Ledger {
  const zero = zeroOf(order.total);
  const shop = shopRows(order);
  const known = new Set(shop.map(({ ref }) => ref));
  const expected = expectedOf(order, draft, shop);
  const missing = priceMisses(order, draft, shop);
  const partsOf = Map.groupBy(shop, ({ id }) => id);
  const ofShop = shop.map(
    (row): LedgerRow => ({
      ref: row.ref,
      label: row.label,
      kind: row.kind,
      shop: row.amounts,
      ifs: expected.get(row.ref) ?? nothing(zero),
      tolerance: row.tolerance + (missing.get(row.ref) ?? 0n),
      division: (partsOf.get(row.id)?.length ?? 0) > 1 ? DIVISION : 0n,
      priceMisses: missing.has(row.ref),
    }),
  );
  const ofIfs = [...expected]
    .filter(([ref]) => !known.has(ref))
    .map(
      ([ref, ifs]): LedgerRow => ({
        ref,
        label: ref,
        kind: "charge",
        shop: nothing(zero),
        ifs,
        tolerance: 1n,
        division: 0n,
        priceMisses: false,
      }),
    );
  const rows = [...ofShop, ...ofIfs];
  const side = (pick: (row: LedgerRow) => Amounts) => sumOf(zero, rows.map(pick));
  const [shopSum, ifsSum] = [side((row) => row.shop), side((row) => row.ifs)];
  return {
    rows,
    stated: shop.reduce((sum, row) => plus(sum, row.stated), zero),
    given: sumOf(
      zero,
      shop.map((row) => row.given),
    ),
    shop: shopSum,
    ifs: ifsSum,
    rounding: minus(shopSum.gross, ifsSum.gross),
  };
}

const sameAmounts = (a: Amounts, b: Amounts): boolean =>
  a.net.minor === b.net.minor && a.tax.minor === b.tax.minor && a.gross.minor === b.gross.minor;

const inWords = (amounts: Amounts): string => `${formatMoney(amounts.net)} net + ${formatMoney(amounts.tax)} tax`;

/** One sentence for each row whose two sides differ. */
export const differencesOf = (ledger: Ledger): string[] =>
  ledger.rows
    .filter((row) => row.ref !== ROUNDING_REF && !sameAmounts(row.shop, row.ifs))
    .map((row) => `${row.label}: commercetools ${inWords(row.shop)}, IFS ${inWords(row.ifs)}`);

const differ = (message: string, action: string, value?: string): Result<never, Rejection> =>
  refuse("totalsDiffer", "merchant", { message, action, field: "totalPrice", value });

/** What the order itself says about its totals, against the sum of its own rows. */
function shopTotals(order: ShopOrder, ledger: Ledger): Result<null, Rejection> {
  const stated: [string, Money, Money][] = [["total price", order.total, ledger.stated]];
  if (order.taxed) {
    stated.push(
      ["total net", order.taxed.net, ledger.given.net],
      ["total gross", order.taxed.gross, ledger.given.gross],
    );
  }
  const wrong = stated.find(([, total, rows]) => total.minor !== rows.minor);
  if (!wrong) return ok(null);
  return differ(
    `The order's ${wrong[0]} is ${formatMoney(wrong[1])}, but its lines, charges and discounts add up to ${formatMoney(wrong[2])}.`,
    "Correct the order in commercetools; it is not exported while its own amounts do not add up.",
    formatMoney(wrong[1]),
  );
}

const within = (a: Money, b: Money, tolerance: bigint): boolean => {
  const { minor } = minus(a, b);
  return minor >= -tolerance && minor <= tolerance;
};

/** No row misses the shop's net, tax or gross by more than rounding explains. */
const isRoundingOnly = (ledger: Ledger): boolean =>
  ledger.rows
    .filter((row) => row.ref !== ROUNDING_REF)
    .every(({ shop, ifs, tolerance, division }) =>
      (["net", "tax", "gross"] as const).every((of) => within(shop[of], ifs[of], tolerance + division)),
    );

/** The tax in all is within what rounding explains of each row. */
const isTaxRounding = ({ shop, ifs, rows }: Ledger): boolean =>
  within(
    shop.tax,
    ifs.tax,
    rows.reduce((sum, { tolerance }) => sum + tolerance, 0n),
  );

/** Why an order whose tax was rounded for each piece differs. */
export const PER_PIECE = {
  message:
    " Its `taxCalculationMode` is UnitPriceLevel: commercetools rounded the tax of each piece, IFS rounds the tax of a line.",
  action:
    "Configure a charge type for rounding differences under `charges.rounding`, or set `taxCalculationMode` to LineItemLevel where carts are created and enter this order in IFS by hand.",
};

/**
 * commercetools total = IFS lines + charges + tax + explicit rounding, in minor units: the gross sums are always equal. A
 * difference of rows is accepted where a rounding charge of the draft carries exactly its sum; or, once the merchant has
 * allowed rounding (`roundingAllowed`: a rounding charge type is configured), where rows miss net or tax by no more than rounding
 * explains (a minor unit, or half a one per piece; two more for a part of a line) and make up for each other. Rejection `totalsDiffer` explains the difference row by row.
 */
export function checkBefore(
  order: ShopOrder,
  draft: IfsOrderDraft,
  roundingAllowed = false,
): Result<Ledger, Rejection> {
  const ledger = ledgerOf(order, draft);
  const totals = shopTotals(order, ledger);
  if (!totals.ok) return totals;
  const differences = differencesOf(ledger);
  const rounded = ledger.rows.some((row) => row.ref === ROUNDING_REF);
  const rounding = rounded ? isTaxRounding(ledger) : roundingAllowed && isRoundingOnly(ledger);
  const accepted = differences.length === 0 || rounding;
  if (ledger.rounding.minor === 0n && accepted) return ok(ledger);
  const explained =
    differences.length > 0 ? differences.join("; ") : `the sums differ by ${formatMoney(ledger.rounding)}`;
  const message = `IFS would not come to the amounts of the order: ${explained}.`;
  if (order.taxPerPiece)
    return differ(`${message}${PER_PIECE.message}`, PER_PIECE.action, formatMoney(ledger.rounding));
  if (isTaxedOutside(order)) return differ(message, OUTSIDE, formatMoney(ledger.rounding));
  const fine = ledger.rows.filter((row) => row.priceMisses).map(({ label }) => label);
  if (fine.length > 0) return differ(message, tooFine(order, fine, roundingAllowed), formatMoney(ledger.rounding));
  const action = roundingAllowed
    ? "Correct prices or tax rates: a row differs by more than the one minor unit that rounding explains."
    : "Configure a charge type for rounding differences under `charges.rounding`, or correct prices or tax rates.";
  return differ(message, action, formatMoney(ledger.rounding));
}

function tooFine(order: ShopOrder, labels: readonly string[], roundingAllowed: boolean): string {
  const most = `No unit price of at most ${priceDigits(order)} decimals gives the total of ${labels.join(", ")}.`;
  const more = "raise `orders.priceDecimals` as far as your IFS keeps decimals of a sales price";
  return roundingAllowed
    ? `${most} To have it exact, ${more}; else enter this order in IFS by hand.`
    : `${most} To have it exact, ${more}; or configure a charge type for rounding differences under \`charges.rounding\`, which then carries what is missing.`;
}

const OUTSIDE =
  "Its taxes were computed outside of commercetools. Say under `tax.external.amounts` how such amounts go to IFS, or correct the tax rules.";

/** A document of IFS beside the draft: what is not there yet, and what is there but otherwise. */
export type Comparison = {
  readonly missing: readonly string[];
  readonly differences: readonly string[];
};

const foreign = (values: readonly [string, string, string][]): string[] =>
  values
    .filter(([, plan, found]) => plan !== found)
    .map(([name, plan, found]) => `${name}: ${found} instead of ${plan}`);

function lineDifferences(order: ShopOrder, draft: IfsOrderDraft, found: IfsOrderLine, plan: LedgerRow): string[] {
  const line = draft.lines.find((one) => rowRefOf(one) === plan.ref);
  const differences = amountDifferences(order, plan, {
    net: found.netAmountCurr,
    tax: found.taxAmountCurr,
    gross: found.grossAmountCurr,
  });
  if (line && line.catalogNo !== found.catalogNo) {
    differences.push(`${plan.label}: sales part ${found.catalogNo} instead of ${line.catalogNo}`);
  }
  if (line && compare(line.buyQtyDue, found.buyQtyDue) !== 0) {
    differences.push(`${plan.label}: quantity ${found.buyQtyDue} instead of ${line.buyQtyDue}`);
  }
  if (found.state === "Cancelled") differences.push(`${plan.label}: the line is cancelled in IFS`);
  return differences;
}

type Computed = { readonly net: DecimalString; readonly tax: DecimalString; readonly gross: DecimalString };

export function amountDifferences(order: ShopOrder, plan: LedgerRow, found: Computed): string[] {
  const amounts: Amounts = {
    net: fromDecimalRounded(order.currency, order.digits, found.net),
    tax: fromDecimalRounded(order.currency, order.digits, found.tax),
    gross: fromDecimalRounded(order.currency, order.digits, found.gross),
  };
  return sameAmounts(amounts, plan.ifs) ? [] : [`${plan.label}: planned ${inWords(plan.ifs)}, IFS ${inWords(amounts)}`];
}

/** Charges carry no reference in IFS: each planned one takes the first unused one of its type, an equal amount first. */
export function chargeDifferences(order: ShopOrder, draft: IfsOrderDraft, ledger: Ledger, found: readonly IfsCharge[]) {
  const unused = [...found];
  const missing: string[] = [];
  const differences: string[] = [];
  const planned = draft.charges.map((charge) => ({
    charge,
    row: ledger.rows.find((row) => row.ref === charge.chargeRef),
  }));
  const take = (fits: (candidate: IfsCharge) => boolean): IfsCharge | undefined => {
    const index = unused.findIndex(fits);
    return index < 0 ? undefined : unused.splice(index, 1)[0];
  };
  const wordsFor = (row: LedgerRow, candidate: IfsCharge): string[] =>
    amountDifferences(order, row, {
      net: candidate.netAmountCurr,
      tax: candidate.taxAmountCurr,
      gross: candidate.grossAmountCurr,
    });
  const open = planned.filter(({ charge, row }) => {
    if (!row) return false;
    return !take((one) => one.chargeType === charge.chargeType && wordsFor(row, one).length === 0);
  });
  for (const { charge, row } of open) {
    const other = take((one) => one.chargeType === charge.chargeType);
    if (other && row) differences.push(...wordsFor(row, other));
    else missing.push(charge.chargeRef);
  }
  for (const charge of unused)
    differences.push(`charge ${charge.chargeType} ${charge.sequenceNo} is not of this order`);
  return { missing, differences };
}

/** Compares row by row to the minor unit; rows of IFS that the draft does not know are differences, but for the components of a package part. */
export function compareDocument(order: ShopOrder, draft: IfsOrderDraft, document: IfsOrderDocument): Comparison {
  const ledger = ledgerOf(order, draft);
  const missing: string[] = [];
  const differences = foreign([
    ["reference", draft.header.externalRef, document.order.externalRef ?? "none"],
    ["site", draft.header.contract, document.order.contract],
    ["customer", draft.header.customerNo, document.order.customerNo],
    ["currency", draft.header.currencyCode, document.order.currencyCode],
  ]);
  const lines = orderedLines(document.lines);
  const matched = matchLines(draft.lines, lines, ({ lineRef }, line) => lineRef === line.lineRef);
  draft.lines.forEach((line, index) => {
    const plan = ledger.rows.find((row) => row.ref === rowRefOf(line));
    const found = matched.get(index);
    if (!found) missing.push(rowRefOf(line));
    else if (plan) differences.push(...lineDifferences(order, draft, found, plan));
  });
  const known = new Set(matched.values());
  for (const line of lines.filter((one) => !known.has(one)))
    differences.push(`line ${line.lineNo}/${line.relNo} (${line.catalogNo}) is not of this order`);
  const charges = chargeDifferences(order, draft, ledger, document.charges);
  return { missing: [...missing, ...charges.missing], differences: [...differences, ...charges.differences] };
}

/** Rejection `ifsAmountsDiffer`, naming each line, unless IFS shows exactly what was planned. */
export function checkAfter(
  order: ShopOrder,
  draft: IfsOrderDraft,
  document: IfsOrderDocument,
): Result<null, Rejection> {
  const { missing, differences } = compareDocument(order, draft, document);
  const findings = [...missing.map((ref) => `${ref} is missing in IFS`), ...differences];
  if (findings.length === 0) return ok(null);
  return refuse("ifsAmountsDiffer", "ifsAdministrator", {
    message: `IFS order ${document.order.orderNo} differs from the order and was not released: ${findings.join("; ")}.`,
    action:
      "Correct the order in IFS, or the tax code, price or charge type that leads to the difference. Where the site or the customer differs, the route has changed since it was sent: route it as before and retry. It is compared again by itself.",
    field: "orderNo",
    value: document.order.orderNo,
  });
}
