/** ShopOrder + route + sales parts -> the IFS order as it is to be created, to the cent. */
import type { ConnectorConfig, Route } from "../../domain/config.ts";
import { decimal, ONE } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsChargeDraft, IfsOrderDraft, IfsSalesPart } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { ledgerOf, PER_PIECE } from "./ledger.ts";
import { toCharges } from "./map-charges.ts";
import { toHeader, wantedDate } from "./map-header.ts";
import { toLines } from "./map-lines.ts";
import { toShipTo } from "./map-ship-to.ts";
import { refuse } from "./refuse.ts";
import type { ShopOrder } from "./shop-order.ts";
import { ROUNDING_REF } from "./shop-rows.ts";

/**
 * `salesParts` are the parts of the route's site that the order's SKUs name; `now` is in milliseconds since the epoch.
 * The draft's amounts are proven by `checkBefore`; everything that has no place in IFS is a Rejection.
 */
export function toCustomerOrder(
  order: ShopOrder,
  route: Route,
  config: ConnectorConfig,
  salesParts: readonly IfsSalesPart[],
  now: number,
): Result<IfsOrderDraft, Rejection> {
  const wanted = wantedDate(order, route, config, now);
  if (!wanted.ok) return wanted;
  const lines = toLines(order, { route, config, salesParts, wantedDeliveryDate: wanted.value });
  if (!lines.ok) return lines;
  const charges = toCharges(order, route, config);
  if (!charges.ok) return charges;
  const header = toHeader(order, route, { wanted: wanted.value, limits: config.orders.maxLengths });
  if (!header.ok) return header;
  const shipTo = toShipTo(order, lines.value, config.orders.maxLengths);
  if (!shipTo.ok) return shipTo;
  return withRounding(order, config, {
    header: header.value,
    ...(shipTo.value && { shipTo: shipTo.value }),
    lines: lines.value,
    charges: charges.value,
  });
}

/** Adds the configured rounding charge where the rows alone miss the total; more than a unit per row is no rounding. */
function withRounding(
  order: ShopOrder,
  config: ConnectorConfig,
  draft: IfsOrderDraft,
): Result<IfsOrderDraft, Rejection> {
  const { rounding, rows } = ledgerOf(order, draft);
  const chargeType = config.charges.rounding;
  const differs = rounding.minor !== 0n;
  if (!differs || !chargeType) return ok(draft);
  const size = rounding.minor < 0n ? -rounding.minor : rounding.minor;
  if (size > BigInt(rows.length)) {
    return refuse("totalsDiffer", "merchant", {
      message: `The order and the amounts that IFS would compute differ by ${toDecimal(rounding)} ${order.currency}, too much for rounding.${order.taxPerPiece ? PER_PIECE.message : ""}`,
      action: order.taxPerPiece
        ? PER_PIECE.action
        : "Compare tax rates, tax rules and price units of the order's lines.",
      field: "totalPrice",
      value: toDecimal(rounding),
    });
  }
  const charge: IfsChargeDraft = {
    chargeRef: ROUNDING_REF,
    chargeType,
    contract: draft.header.contract as Contract,
    chargeAmount: toDecimal(rounding),
    chargeAmountInclTax: toDecimal(rounding),
    chargedQty: ONE,
    ...zeroTax(config, order),
  };
  return ok({ ...draft, charges: [...draft.charges, charge] });
}

/** A tax code belongs to a country's company: one of another country would be refused, or booked wrongly. */
function zeroTax(config: ConnectorConfig, order: ShopOrder): { taxCode?: string } {
  const country = order.shippingAddress?.country ?? order.country;
  const zero = config.tax.rules.filter(({ rate }) => decimal(rate) === "0");
  const rule = zero.find((one) => one.country === country) ?? zero.find((one) => one.country === undefined);
  return rule ? { taxCode: rule.taxCode } : {};
}
