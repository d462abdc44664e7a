/** Rows of one part in one price list -> the prices that the shop should have from now on. Pure. */
import { type DecimalString, decimal, isInteger, multiply } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import { toKey } from "../../domain/key.ts";
import { fromDecimal } from "../../domain/money.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { currencyDigits } from "./currency.ts";
import type { PriceListConfig, PriceRow } from "./parse.ts";
import { type Interval, localDate, segments } from "./validity.ts";

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
  const bases = rows.filter(({ minimumQuantity }) => minimumQuantity === 1);
  const tiers = rows.filter(({ minimumQuantity }) => minimumQuantity > 1);
  const orphan = tiers.find((tier) => !bases.some((base) => sameValidity(base, tier)));
  if (orphan) return err(orphanTier(part, orphan));
  const keyPrefix = keyPrefixOf(list, catalogNo, sku);
  if (keyPrefix === undefined || keyPrefix.length > MAX_PREFIX) return err(longKey(part, sku));
  const prices: DesiredPrice[] = [];
  for (const segment of segments(bases)) {
    if (segment.until !== undefined && segment.until <= options.now) continue;
    const own = tiers.filter((tier) => sameValidity(segment.row, tier));
    const amounts = [segment.row, ...own].map((row) => toCents(part, row, options.factor));
    const problem = amounts.find((amount) => !amount.ok);
    if (problem && !problem.ok) return problem;
    const [centAmount = 0, ...tierAmounts] = amounts.map((amount) => (amount.ok ? amount.value : 0));
    prices.push({
      key: `${keyPrefix}${dateKey(segment.from, list.timeZone)}`,
      from: segment.from,
      until: segment.until,
      centAmount,
      tiers: own
        .map(({ minimumQuantity }, index) => ({ minimumQuantity, centAmount: tierAmounts[index] ?? 0 }))
        .sort((a, b) => a.minimumQuantity - b.minimumQuantity),
    });
  }
  return ok({ list, catalogNo, sku, keyPrefix, prices });
}

const dateKey = (from: number | undefined, timeZone: string): string =>
  from === undefined ? "any" : localDate(from, timeZone).replaceAll("-", "");

const sameValidity = (a: Interval, b: Interval): boolean => a.from === b.from && a.until === b.until;

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

const orphanTier = ({ list, catalogNo }: PartRows, tier: PriceRow): Rejection => ({
  code: "unsupported",
  message: `Price list ${list.priceListNo}, part ${catalogNo}: the price from ${tier.minimumQuantity} pieces has no price for one piece with the same validity. No price of this part was written.`,
  action: "Give the tier the same dates as the line for one piece, or add that line, in IFS.",
  owner: "ifsAdministrator",
  field: "MinQuantity",
  value: String(tier.minimumQuantity),
});

const longKey = ({ list, catalogNo }: PartRows, sku: Sku): Rejection => ({
  code: "unsupported",
  message: `Price list ${list.priceListNo}, part ${catalogNo}: the identifiers of SKU ${sku} are too long for a key of commercetools (256 characters).`,
  action: "Shorten the key of the customer group or channel of this list in the configuration.",
  owner: "merchant",
  field: "key",
});
