/** ShopOrder + route + sales parts -> the IFS order as it is to be created, to the cent. */
import type { ConnectorConfig } from "../../domain/config.ts";
import { ONE } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import { type IfsChargeDraft, type IfsOrderDraft, type IfsSalesPart, rowRefOf } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import type { RouteFacts } from "../../domain/routing.ts";
import { type Lengths, lengthsOf } from "../lengths.ts";
import { refuse } from "../refuse.ts";
import { noLines } from "./check-order.ts";
import { toDestinations } from "./destinations.ts";
import { ledgerOf, PER_PIECE } from "./ledger.ts";
import { hasBillTo, toBillTo } from "./map-bill-to.ts";
import { chargeTypesOf, toCharges } from "./map-charges.ts";
import { mapCharge, mapHeader, mapLine } from "./map-fields.ts";
import { type OrderCustomer, siteOf, toHeader, wantedDate } from "./map-header.ts";
import { toLines } from "./map-lines.ts";
import { orderNosOf } from "./order-number.ts";
import { chargeView, lineView, orderView, type View } from "./order-view.ts";
import { isTaxedOutside } from "./policy.ts";
import type { ShopOrder } from "./shop-order.ts";
import { ROUNDING_REF, type ShopRow } from "./shop-row.ts";
import { shopRows } from "./shop-rows.ts";
import { zeroTaxTarget } from "./tax-target.ts";

export type MapContext = {
  readonly route: Route;
  readonly config: ConnectorConfig;
  /** The IFS customer that carries the order. */
  readonly customer: OrderCustomer;
  /** What the route was chosen by. */
  readonly facts: RouteFacts;
  /** The parts of the route's site that `catalogNosOf` names. */
  readonly salesParts: readonly IfsSalesPart[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

export type MappedOrder = {
  readonly draft: IfsOrderDraft;
  /** What was cut to its column's length, in words, without the texts. */
  readonly shortened: readonly string[];
};

/** The draft's amounts are proven by `checkBefore`; everything that has no place in IFS is a Rejection. `order` carries its policy. */
export function toCustomerOrder(order: ShopOrder, context: MapContext): Result<MappedOrder, Rejection> {
  const { route, config } = context;
  if (isTaxedOutside(order) && order.policy.externalTax === "refuse") return externalTaxRefused(order);
  const site = siteOf(route, config);
  if (!site.ok) return site;
  const { timeZone } = site.value;
  const lengths = lengthsOf(config.orders);
  const rows = shopRows(order);
  if (!rows.some(({ kind }) => kind === "line")) return noLines();
  const wanted = wantedDate(order, timeZone, context);
  const header = mappedHeader(order, rows, { ...context, timeZone, lengths, wanted });
  if (!header.ok) return header;
  const draft = withRows(order, rows, { ...context, timeZone, lengths, header: header.value });
  if (!draft.ok) return draft;
  const rounded = withRounding(order, draft.value, context);
  return rounded.ok ? ok({ draft: rounded.value, shortened: lengths.cut }) : rounded;
}

type Mapping = MapContext & { readonly timeZone: string; readonly lengths: Lengths };
type Header = { readonly header: IfsOrderDraft["header"]; readonly order: View };

function mappedHeader(
  order: ShopOrder,
  rows: readonly ShopRow[],
  context: Mapping & { readonly wanted: string },
): Result<Header, Rejection> {
  const orderNos = orderNosOf(order.id, context.config.orders.ifsOrderNo);
  const header = toHeader(order, { ...context, orderNos, billToInNote: !hasBillTo(context.config) });
  if (!header.ok) return header;
  const view = orderView(order, context.facts, rows);
  const mapped = mapHeader(header.value, { order: view }, context);
  return mapped.ok ? ok({ header: mapped.value, order: view }) : mapped;
}

function withRows(
  order: ShopOrder,
  rows: readonly ShopRow[],
  context: Mapping & { readonly header: Header },
): Result<IfsOrderDraft, Rejection> {
  const { header, order: view } = context.header;
  const lines = toLines(order, rows, { ...context, wantedDeliveryDate: header.wantedDeliveryDate });
  if (!lines.ok) return lines;
  const charges = toCharges(order, rows, context);
  if (!charges.ok) return charges;
  const sent = toDestinations(order, { rows, lines: lines.value }, context);
  if (!sent.ok) return sent;
  const byRef = new Map(rows.map((row) => [row.ref, row]));
  const mappedLines = each(sent.value.lines, (line) => {
    const row = byRef.get(rowRefOf(line));
    return row ? mapLine(line, { order: view, line: lineView(row) }, context) : ok(line);
  });
  if (!mappedLines.ok) return mappedLines;
  const mappedCharges = each(charges.value, (charge) => {
    const row = byRef.get(charge.chargeRef);
    return row ? mapCharge(charge, { order: view, charge: chargeView(row) }, context) : ok(charge);
  });
  if (!mappedCharges.ok) return mappedCharges;
  const shipTo = context.customer.shipAddressNo === undefined ? sent.value.shipTo : undefined;
  const billTo = toBillTo(order, context);
  if (!billTo.ok) return billTo;
  const addresses = { ...(shipTo && { shipTo }), ...(billTo.value && { billTo: billTo.value }) };
  return ok({ header, ...addresses, lines: mappedLines.value, charges: mappedCharges.value });
}

function each<T>(rows: readonly T[], map: (row: T) => Result<T, Rejection>): Result<T[], Rejection> {
  const mapped: T[] = [];
  for (const row of rows) {
    const one = map(row);
    if (!one.ok) return one;
    mapped.push(one.value);
  }
  return ok(mapped);
}

const externalTaxRefused = (order: ShopOrder): Result<never, Rejection> =>
  refuse("unsupported", "merchant", {
    message: `The order's taxes were computed outside of commercetools (tax mode ${order.taxMode}).`,
    action: "Say under `tax.external.amounts` how such taxes go to IFS, or enter this order in IFS by hand.",
    field: "taxMode",
    value: order.taxMode,
  });

/** Adds the configured rounding charge where the rows alone miss the total; more than tax rounding explains is no rounding. */
function withRounding(order: ShopOrder, draft: IfsOrderDraft, context: MapContext): Result<IfsOrderDraft, Rejection> {
  const { rounding, rows } = ledgerOf(order, draft);
  const chargeType = chargeTypesOf(context).rounding;
  const differs = rounding.minor !== 0n;
  if (!differs || !chargeType) return ok(draft);
  const size = rounding.minor < 0n ? -rounding.minor : rounding.minor;
  if (size > rows.reduce((sum, row) => sum + row.tolerance, 0n)) {
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
    contract: draft.header.contract,
    chargeAmount: toDecimal(rounding),
    chargeAmountInclTax: toDecimal(rounding),
    chargedQty: ONE,
    ...zeroTaxTarget(order, context),
  };
  return ok({ ...draft, charges: [...draft.charges, charge] });
}
