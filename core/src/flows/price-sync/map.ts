/** Rows of one part in one price list -> the prices that the shop should have from now on. Pure. */
import { type DecimalString, decimal, isInteger, multiply } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import { toKey } from "../../domain/key.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { fromDecimal } from "../../domain/money.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { currencyDigits } from "./currency.ts";
import type { PriceListConfig, PriceRow } from "./parse.ts";
import { type Interval, ladders } from "./validity.ts";

/** A price list with the ids of what its configuration names by key. */
export type PriceList = PriceListConfig & {
  /** The same IFS list may serve several scopes. */
  readonly listId: string;
  readonly customerGroupId: string | undefined;
  readonly channelId: string | undefined;
};

/** Different for entries that differ in list or scope. */
export const listIdOf = ({ priceListNo, currency, country, customerGroup, channel }: PriceListConfig): string =>
  JSON.stringify([priceListNo, currency, country ?? null, customerGroup ?? null, channel ?? null]);

export type DesiredPrice = Interval & {
  readonly key: string;
  readonly centAmount: number;
  /** Ascending; quantities of 2 and more. */
  readonly tiers: readonly { readonly minimumQuantity: number; readonly centAmount: number }[];
};

/** All prices of one SKU that one list decides. They are planned together: half of a change may leave a day without price. */
export type DesiredPart = {
  readonly list: PriceList;
  readonly catalogNo: CatalogNo;
  readonly sku: Sku;
  /** What all keys of this part begin with; a price whose key begins so is ours. */
  readonly keyPrefix: string;
  readonly prices: readonly DesiredPrice[];
};

export type PartRows = { readonly list: PriceList; readonly catalogNo: CatalogNo; readonly rows: readonly PriceRow[] };

/**
 * What the keys of a part's prices share; the date of the first day is the last piece. A SKU that is not named like its
 * part is a piece of its own, because several SKUs may sell one part. Undefined where the key would be too long.
 */
export function keyPrefixOf(list: PriceListConfig, catalogNo: CatalogNo, sku: Sku): string | undefined {
  const scope = [list.currency, list.country ?? "", list.customerGroup ?? "", list.channel ?? ""];
  const own = sku === (catalogNo as string) ? [] : [sku];
  try {
    return `${toKey("prc", list.priceListNo, catalogNo, ...scope, ...own)}-`;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const MAX_PREFIX = 256 - "20260101".length;

/** `factor`: price units per sales unit of the part. */
export function toDesiredPart(
  part: PartRows,
  sku: Sku,
  options: { readonly factor: DecimalString; readonly now: number },
): Result<DesiredPart, Rejection> {
  const { list, catalogNo, rows } = part;
  const keyPrefix = keyPrefixOf(list, catalogNo, sku);
  if (keyPrefix === undefined || keyPrefix.length > MAX_PREFIX) return err(longKey(part, sku));
  const prices: DesiredPrice[] = [];
  for (const ladder of ladders(rows, ({ minimumQuantity }) => minimumQuantity)) {
    if (ladder.until !== undefined && ladder.until <= options.now) continue;
    const [base, ...tiers] = ladder.rows;
    if (base?.minimumQuantity !== 1) return err(orphanTier(part, ladder.rows[0]));
    const amounts = [base, ...tiers].map((row) => toCents(part, row, options.factor));
    const problem = amounts.find((amount) => !amount.ok);
    if (problem && !problem.ok) return problem;
    const [centAmount = 0, ...tierAmounts] = amounts.map((amount) => (amount.ok ? amount.value : 0));
    prices.push({
      key: `${keyPrefix}${dateKey(ladder.from, list.timeZone)}`,
      from: ladder.from,
      until: ladder.until,
      centAmount,
      tiers: tiers.map(({ minimumQuantity }, index) => ({ minimumQuantity, centAmount: tierAmounts[index] ?? 0 })),
    });
  }
  return ok({ list, catalogNo, sku, keyPrefix, prices });
}

const dateKey = (from: number | undefined, timeZone: string): string =>
  from === undefined ? "any" : localDateOf(from, timeZone).replaceAll("-", "");

function toCents({ list, catalogNo }: PartRows, row: PriceRow, factor: DecimalString): Result<number, Rejection> {
  const digits = currencyDigits(list.currency);
  const price = multiply(row.price, factor);
  const minor = multiply(price, decimal(10n ** BigInt(digits)));
  const fits = isInteger(minor) && fromDecimal(list.currency, digits, price).minor <= BigInt(Number.MAX_SAFE_INTEGER);
  if (fits) return ok(Number(fromDecimal(list.currency, digits, price).minor));
  return err({
    code: "heldForReview",
    message: `Price list ${list.priceListNo}, part ${catalogNo}: ${price} ${list.currency} per piece is not a whole number of the currency's smallest unit (${digits} digits). No price of this part was written.`,
    action: "Round the price in IFS.",
    owner: "ifsAdministrator",
    field: "SalesPrice",
    value: price,
  });
}

const orphanTier = ({ list, catalogNo }: PartRows, tier: PriceRow | undefined): Rejection => ({
  code: "unsupported",
  message: `Price list ${list.priceListNo}, part ${catalogNo}: the price from ${tier?.minimumQuantity} pieces counts at a time without a price for one piece. No price of this part was written.`,
  action: "Add a line for one piece in IFS for the whole time of the tier, or shorten the tier.",
  owner: "ifsAdministrator",
  field: "MinQuantity",
  value: String(tier?.minimumQuantity),
});

const longKey = ({ list, catalogNo }: PartRows, sku: Sku): Rejection => ({
  code: "unsupported",
  message: `Price list ${list.priceListNo}, part ${catalogNo}: the identifiers of SKU ${sku} are too long for a key of commercetools (256 characters).`,
  action: "Shorten the key of the customer group or channel of this list in the configuration.",
  owner: "merchant",
  field: "key",
});
