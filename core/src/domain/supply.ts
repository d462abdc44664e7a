/** When goods will be there that nobody has ordered yet. Pure. */
import { add, compare, type DecimalString, isNegative, ZERO } from "./decimal.ts";
import type { IfsSupplyLine } from "./ifs-records.ts";
import { daysLater } from "./local-date.ts";
import type { StockConfig } from "./stock-config.ts";

export type ExpectedSupply = {
  /** Local date. */
  readonly date: string;
  /** From today at the site. */
  readonly days: number;
};

/** A part as it stands (less than nothing: more was sold than is there), and what is on its way. */
export type SuppliedPart = {
  readonly left: DecimalString;
  readonly lines: readonly Pick<IfsSupplyLine, "quantity" | "date">[];
};

type Terms = {
  readonly localDate: string;
  readonly supply: Pick<StockConfig["supply"], "handlingDays" | "horizonDays">;
};

/**
 * The first day on which something is left after everybody who has ordered already; undefined where no supply within the horizon
 * covers them. A kit waits for the last of those components that it lacks. What is overdue is taken to come today.
 */
export function expectedSupply(
  parts: readonly SuppliedPart[],
  { localDate, supply }: Terms,
): ExpectedSupply | undefined {
  const short = parts.filter(({ left }) => compare(left, ZERO) <= 0);
  const dates = (short.length > 0 ? short : parts).map((part) => firstDate(part));
  if (dates.length === 0 || (short.length > 0 && dates.includes(undefined))) return undefined;
  const known = dates.filter((date) => date !== undefined).toSorted();
  const date = short.length > 0 ? known.at(-1) : known[0];
  if (date === undefined) return undefined;
  const sellable = sellableDay(date, { localDate, supply });
  return sellable === undefined ? undefined : { date: sellable, days: daysBetween(localDate, sellable) };
}

/** The day on which supply of this date can be sold; undefined beyond the horizon. What is overdue is taken to come today. */
export function sellableDay(date: string, { localDate, supply }: Terms): string | undefined {
  const sellable = daysLater(date < localDate ? localDate : date, supply.handlingDays);
  return daysBetween(localDate, sellable) > supply.horizonDays ? undefined : sellable;
}

/** What is to come of a part, without what pools have sold of it that have less than nothing left. */
export function withoutDeficits(coming: DecimalString, left: readonly DecimalString[]): DecimalString {
  const rest = add(coming, ...left.filter(isNegative));
  return isNegative(rest) ? ZERO : rest;
}

function firstDate({ left, lines }: SuppliedPart): string | undefined {
  let balance = compare(left, ZERO) < 0 ? left : ZERO;
  for (const { quantity, date } of lines.toSorted((a, b) => (a.date < b.date ? -1 : 1))) {
    balance = add(balance, quantity);
    if (compare(balance, ZERO) > 0) return date;
  }
  return undefined;
}

const DAY_MS = 86_400_000;
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
