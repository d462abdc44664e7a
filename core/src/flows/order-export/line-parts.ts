/** The parts of a line that go different ways, with what each of them costs. */
import type { Rejection } from "../../domain/failure.ts";
import type { Money } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuse } from "../refuse.ts";
import type { RawPriced, RawTaxRate } from "./order-schema.ts";
import type { ShopPart, ShopTaxed, ShopTaxRate } from "./shop-order.ts";
import { spread } from "./spread.ts";

export const toTaxed = (value: { totalNet: Money; totalGross: Money } | undefined): ShopTaxed | undefined =>
  value && { net: value.totalNet, gross: value.totalGross };

export const toTaxRate = (value: RawTaxRate | undefined): ShopTaxRate | undefined =>
  value && {
    name: value.name,
    rate: value.amount,
    includedInPrice: value.includedInPrice,
    country: value.country,
    subRates: (value.subRates ?? []).map(({ name, amount }) => ({ name, rate: amount })),
  };

type Target = { readonly quantity: number; readonly addressKey?: string; readonly shippingKey?: string };

/**
 * One part where all pieces go the same way. Amounts are divided by the number of pieces, the units that are left over go to
 * the largest remainders; taxes come from the platform's own portions of the shipping method where it tells them. Rejection
 * `invalidInput` where the targets name more pieces than the line has.
 */
export function partsOf(line: RawPriced, path: string): Result<ShopPart[], Rejection> {
  const targets = targetsOf(line);
  const left = line.quantity - targets.reduce((sum, target) => sum + target.quantity, 0);
  if (left < 0) {
    return refuse("invalidInput", "developer", {
      message: `The shipping targets of the line name ${line.quantity - left} pieces, the line has ${line.quantity}.`,
      action: "Correct the shipping details of the line in commercetools.",
      field: `${path}.shippingDetails.targets`,
      value: String(line.quantity - left),
    });
  }
  const ways: Target[] = left > 0 ? [...targets, { quantity: left }] : targets;
  const totals = spread(
    line.totalPrice,
    ways.map(({ quantity }) => BigInt(quantity)),
  );
  return ok(
    ways.map((way, index) => ({
      quantity: way.quantity,
      total: totals[index] ?? line.totalPrice,
      taxed: taxedOf(line, ways, index),
      taxRate: toTaxRate(rateOf(line, way.shippingKey)),
      addressKey: way.addressKey,
      shippingKey: way.shippingKey,
    })),
  );
}

/** Targets that go the same way are one. */
function targetsOf({ shippingDetails }: RawPriced): Target[] {
  const ways = new Map<string, Target>();
  for (const { quantity, addressKey, shippingMethodKey } of shippingDetails?.targets ?? []) {
    if (quantity === 0) continue;
    const way = JSON.stringify([addressKey, shippingMethodKey]);
    ways.set(way, {
      quantity: quantity + (ways.get(way)?.quantity ?? 0),
      ...(addressKey !== undefined && { addressKey }),
      ...(shippingMethodKey !== undefined && { shippingKey: shippingMethodKey }),
    });
  }
  return [...ways.values()];
}

const rateOf = (line: RawPriced, shippingKey: string | undefined): RawTaxRate | undefined =>
  line.perMethodTaxRate?.find((one) => one.shippingMethodKey === shippingKey)?.taxRate ??
  portionOf(line, shippingKey)?.taxRate ??
  line.taxRate;

const portionOf = (line: RawPriced, shippingKey: string | undefined) =>
  line.taxedPricePortions?.find((one) => one.shippingMethodKey === shippingKey);

/** The share of the pieces in what the platform taxed together: the portion of the shipping method, else the line. */
function taxedOf(line: RawPriced, ways: readonly Target[], index: number): ShopTaxed | undefined {
  const way = ways[index];
  const portion = toTaxed(portionOf(line, way?.shippingKey)?.taxedPrice);
  const whole = portion ?? (sameRates(line, ways) ? toTaxed(line.taxedPrice) : undefined);
  if (!whole || !way) return undefined;
  const together = portion ? ways.filter(({ shippingKey }) => shippingKey === way.shippingKey) : ways;
  const quantities = together.map(({ quantity }) => BigInt(quantity));
  const position = together.indexOf(way);
  const share = (amount: Money): Money => spread(amount, quantities)[position] ?? amount;
  return { net: share(whole.net), gross: share(whole.gross) };
}

const sameRates = (line: RawPriced, ways: readonly Target[]): boolean =>
  new Set(ways.map(({ shippingKey }) => rateOf(line, shippingKey)?.amount)).size === 1;
