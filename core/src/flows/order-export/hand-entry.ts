/**
 * An order that the connector cannot express, beside the IFS order that a person has entered for it. There is no draft to compare
 * with, so this is the shop's order itself: site and customer of its route, total, quantity and amounts of each line. Pure.
 */
import { z } from "zod";
import type { ConnectorConfig } from "../../domain/config.ts";
import { add, compare, decimal, multiply, ZERO } from "../../domain/decimal.ts";
import { type IfsOrderDocument, type IfsOrderLine, orderedLines } from "../../domain/ifs-records.ts";
import { formatMoney, fromDecimalRounded, type Money, minus, zeroOf } from "../../domain/money.ts";
import type { Route } from "../../domain/route-config.ts";
import { totalDifference } from "./equal-total.ts";
import { parseOrder, parseTotal } from "./parse.ts";
import { withPolicy } from "./policy.ts";
import type { ShopRow } from "./shop-row.ts";
import { shopRows } from "./shop-rows.ts";
import { type Amounts, sumOf } from "./tax.ts";

export type HandEntry = {
  readonly document: IfsOrderDocument;
  readonly config: Pick<ConnectorConfig, "charges" | "orders" | "tax" | "units">;
  /** Undefined: no route takes the order, and a person has chosen site and customer. */
  readonly route: Route | undefined;
};

/** Lines of an order that may be of no form that the export can read. */
const linesSchema = z.object({
  lineItems: z
    .array(z.object({ id: z.string(), quantity: z.int(), variant: z.object({ sku: z.string().nullish() }).nullish() }))
    .default([]),
  customLineItems: z.array(z.object({ id: z.string() })).default([]),
});

/**
 * Each difference in words; none: the IFS order is the shop's. The total is equal to the minor unit, lines and the whole tax within
 * what rounding explains. Of an order that cannot be read whole, total and quantities are compared.
 */
export function handDifferences(order: unknown, entry: HandEntry): string[] {
  const total = parseTotal(order);
  const lines = linesSchema.safeParse(order);
  if (!total || !lines.success) return ["the order's total or lines cannot be read, so nothing can be compared"];
  const live = orderedLines(entry.document.lines).filter(({ state }) => state !== "Cancelled");
  const whole = totalDifference(total, entry.document);
  return [
    ...headDifferences(entry),
    ...lines.data.lineItems.flatMap(({ id, quantity, variant }) =>
      quantityDifference({ id, quantity, label: variant?.sku ?? id }, live, entry),
    ),
    ...foreignLines(live, new Set([...lines.data.lineItems, ...lines.data.customLineItems].map(({ id }) => id))),
    ...(whole === undefined ? [] : [whole]),
    // Of another currency no amount can be compared.
    ...(entry.document.order.currencyCode === total.currency ? amountDifferences(order, live, entry) : []),
  ];
}

function headDifferences({ document, route }: HandEntry): string[] {
  if (!route) return [];
  const { contract, customerNo } = document.order;
  const differences = contract === route.site ? [] : [`site ${contract} instead of ${route.site}`];
  // A customer of the buyer's own may be what the order was refused for.
  if (route.customers.policy === "webshop" && customerNo !== route.customerNo) {
    differences.push(`customer ${customerNo} instead of ${route.customerNo}`);
  }
  return differences;
}

/** A clerk may split a line: what counts is the sum of all that carry its reference. */
function quantityDifference(
  { id, quantity, label }: { readonly id: string; readonly quantity: number; readonly label: string },
  live: readonly IfsOrderLine[],
  { config }: HandEntry,
): string[] {
  const own = live.filter(({ lineRef }) => lineRef === id);
  if (own.length === 0) return [`${label}: no line has the note [ref ${id}]`];
  const pieces = own.map(({ buyQtyDue, convFactor }) =>
    config.units.sellBySalesUnit ? buyQtyDue : multiply(buyQtyDue, convFactor),
  );
  const inIfs = add(ZERO, ...pieces);
  return compare(inIfs, decimal(quantity)) === 0 ? [] : [`${label}: quantity ${inIfs} instead of ${quantity}`];
}

const foreignLines = (live: readonly IfsOrderLine[], known: ReadonlySet<string>): string[] =>
  live
    .filter(({ lineRef }) => lineRef === null || !known.has(lineRef))
    .map(
      ({ lineNo, relNo, catalogNo }) =>
        `line ${lineNo}/${relNo} (${catalogNo}) has no reference to a line of the order`,
    );

type IfsRow = Pick<IfsOrderLine, "netAmountCurr" | "taxAmountCurr" | "grossAmountCurr">;

/** Charge types are for IFS people to choose, so charges count in the sum only. */
function amountDifferences(order: unknown, live: readonly IfsOrderLine[], { config, document }: HandEntry): string[] {
  const shop = parseOrder(order);
  if (!shop.ok) return [];
  const rows = shopRows(withPolicy(shop.value, config));
  const byLine = Map.groupBy(
    rows.filter(({ source }) => source === "line"),
    ({ id }) => id,
  );
  const zero = zeroOf(shop.value.total);
  const lines = [...byLine].flatMap(([id, parts]) => {
    const own = live.filter(({ lineRef }) => lineRef === id);
    return own.length === 0 ? [] : amountsOf(parts[0]?.label ?? id, parts, { zero, found: own });
  });
  return [...lines, ...amountsOf("all together", rows, { zero, found: [...live, ...document.charges] })];
}

function amountsOf(
  label: string,
  rows: readonly ShopRow[],
  { zero, found }: { readonly zero: Money; readonly found: readonly IfsRow[] },
): string[] {
  const wanted = sumOf(
    zero,
    rows.map(({ amounts }) => amounts),
  );
  const read = (value: IfsRow["netAmountCurr"]): Money => fromDecimalRounded(zero.currency, zero.digits, value);
  const inIfs = sumOf(
    zero,
    found.map((row) => ({
      net: read(row.netAmountCurr),
      tax: read(row.taxAmountCurr),
      gross: read(row.grossAmountCurr),
    })),
  );
  const tolerance = rows.reduce((sum, row) => sum + row.tolerance, 0n);
  const equal = (["net", "tax", "gross"] as const).every((of) => {
    const { minor } = minus(wanted[of], inIfs[of]);
    return minor >= -tolerance && minor <= tolerance;
  });
  return equal ? [] : [`${label}: ${inWords(inIfs)} instead of ${inWords(wanted)}`];
}

const inWords = ({ net, tax }: Amounts): string => `${formatMoney(net)} net + ${formatMoney(tax)} tax`;
