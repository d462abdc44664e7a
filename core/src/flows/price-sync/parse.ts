/** A row of an IFS price list, checked for what no later step could repair. */
import type { ConnectorConfig } from "../../domain/config.ts";
import { compare, type DecimalString, isInteger, ONE, toBigInt, ZERO } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { CatalogNo } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { endOfDay, type Interval, startOfDay } from "./validity.ts";

export type PriceListConfig = ConnectorConfig["prices"]["lists"][number];

export type PriceRow = Interval & {
  readonly catalogNo: CatalogNo;
  /** 1: the price itself; 2 and more: a tier. */
  readonly minimumQuantity: number;
  /** Per price unit, gross or net as the list's configuration says. */
  readonly price: DecimalString;
};

/** IFS writes "for ever" as a date far ahead; commercetools knows years up to 9999. */
const FOR_EVER = "9999";

export function parsePriceRow(row: IfsPriceListPart, list: PriceListConfig): Result<PriceRow, Rejection> {
  const price = list.includesTax ? row.salesPriceInclTax : row.salesPrice;
  if (compare(price, ZERO) <= 0) {
    return err(held(row, "price", price, `the price ${price} ${list.currency} is not above zero`));
  }
  const minimumQuantity = tierQuantity(row.minQuantity);
  if (minimumQuantity === undefined) {
    return err(held(row, "MinQuantity", row.minQuantity, `a tier cannot begin at ${row.minQuantity} pieces`));
  }
  const from = row.validFromDate === null ? undefined : startOfDay(row.validFromDate, list.timeZone);
  const until =
    row.validToDate === null || row.validToDate.startsWith(FOR_EVER)
      ? undefined
      : endOfDay(row.validToDate, list.timeZone);
  if (from !== undefined && until !== undefined && until <= from) {
    return err(held(row, "ValidToDate", String(row.validToDate), `it ends on ${row.validToDate}, before it begins`));
  }
  return ok({ catalogNo: row.catalogNo, minimumQuantity, price, from, until });
}

/** Up to one piece: the price itself. Beyond, whole pieces only, as commercetools counts them. */
function tierQuantity(value: DecimalString): number | undefined {
  if (compare(value, ZERO) < 0) return undefined;
  if (compare(value, ONE) <= 0) return 1;
  if (!isInteger(value)) return undefined;
  const whole = toBigInt(value);
  return whole > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(whole);
}

const held = (row: IfsPriceListPart, field: string, value: string, problem: string): Rejection => ({
  code: "heldForReview",
  message: `Price list ${row.priceListNo}, part ${row.catalogNo}, from ${row.validFromDate ?? "any date"}: ${problem}. No price of this part was written.`,
  action: "Correct the line of the price list in IFS.",
  owner: "ifsAdministrator",
  field,
  value,
});
