/** What the shopper pays against what IFS invoices. Pure. */
import { add, compare, ZERO } from "../../domain/decimal.ts";
import type { IfsOrderDocument } from "../../domain/ifs-records.ts";
import { formatMoney, type Money, toDecimal } from "../../domain/money.ts";

/** In words; cancelled lines left out. Undefined: equal to the minor unit. */
export function totalDifference(total: Money, { order, lines, charges }: IfsOrderDocument): string | undefined {
  if (order.currencyCode !== total.currency) return `it is in ${order.currencyCode}, not ${total.currency}`;
  const rows = [...lines.filter(({ state }) => state !== "Cancelled"), ...charges];
  const gross = rows.reduce((sum, row) => add(sum, row.grossAmountCurr), ZERO);
  if (compare(gross, toDecimal(total)) === 0) return undefined;
  return `its total is ${gross} ${order.currencyCode}, not ${formatMoney(total)}`;
}
