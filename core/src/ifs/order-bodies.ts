/** An order draft -> the bodies IFS is sent. Pure. Names and constants come from the binding. */
import { type DecimalString, decimal, multiply } from "../domain/decimal.ts";
import { RefusedError } from "../domain/failure.ts";
import type {
  ExtraFields,
  IfsAddress,
  IfsChargeDraft,
  IfsOrderDraft,
  IfsOrderLineDraft,
} from "../domain/ifs-records.ts";
import { type Binding, type ObjectBinding, underProperties } from "./binding.ts";
import { type Body, type BodyValue, type JsonNumber, jsonNumber, toBody } from "./json.ts";
import { writeLineReference } from "./line-reference.ts";

export type OrderBodies = {
  readonly header: Body;
  /** undefined: no one-time address, or it is part of the header. */
  readonly address: Body | undefined;
  /** In the order of the draft. */
  readonly lines: readonly Body[];
  readonly charges: readonly Body[];
};

/** What is known of the tenant beyond its names: what its defaults functions told, what a write probe found. All optional. */
export type OrderDefaults = {
  readonly header?: Body;
  /** Currency of the company's books. */
  readonly companyCurrency?: string;
  /** Company currency per unit of the order's currency. */
  readonly currencyRate?: DecimalString;
  /** Charge type whose amounts IFS turns: they are sent with the opposite sign. */
  readonly turnedChargeType?: string | undefined;
};

/** Throws a RefusedError `baseAmountUnknown` when base amounts are required and no rate is known; nothing was sent then. */
export function orderBodies(binding: Binding, draft: IfsOrderDraft, defaults: OrderDefaults = {}): OrderBodies {
  const rate = baseRate(binding, draft, defaults);
  const { shipTo } = draft;
  const inHeader = binding.singleOccurrence.place === "header";
  return {
    header: toBody({
      ...defaults.header,
      ...binding.constants.order,
      ...named(binding.order, headerValues(draft.header)),
      ...(shipTo ? binding.singleOccurrence.header : {}),
      ...(shipTo && inHeader ? addressBody(binding, shipTo) : {}),
      ...(draft.billTo ? named({ fields: binding.singleOccurrence.billAddress }, draft.billTo) : {}),
      ...underProperties(binding.order, exact(draft.header.extra)),
    }),
    address: shipTo && !inHeader ? addressBody(binding, shipTo) : undefined,
    lines: draft.lines.map((line, index) => lineBody(binding, draft, { line, position: index + 1, rate })),
    charges: draft.charges.map((charge) =>
      chargeBody(binding, draft, {
        charge: charge.chargeType === defaults.turnedChargeType ? turned(charge) : charge,
        rate,
      }),
    ),
  };
}

/** `extra` and the fields that are spelled alike in draft and binding are passed by name; only dates need care. */
function headerValues(header: IfsOrderDraft["header"]) {
  const { extra, company, wantedDeliveryDate, orderNos, ...same } = header;
  return { ...same, wantedDeliveryDate: localMidnight(wantedDeliveryDate) };
}

/** Exact numbers keep all their digits. */
const exact = (extra: ExtraFields | undefined) =>
  Object.fromEntries(
    Object.entries(extra ?? {}).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null ? jsonNumber(value.decimal) : value,
    ]),
  );

const addressBody = (binding: Binding, address: IfsAddress): Body => toBody(named(binding.orderAddress, address));

/** Whether a line goes to an address of its own, to another one of the customer, or to the header's. */
function addressFlags({ singleOccurrence }: Binding, draft: IfsOrderDraft, line: IfsOrderLineDraft) {
  if (line.shipAddrNo !== undefined) return singleOccurrence.otherAddressLine;
  return draft.shipTo || line.shipTo ? singleOccurrence.line : singleOccurrence.regularLine;
}

function lineBody(
  binding: Binding,
  draft: IfsOrderDraft,
  { line, position, rate }: { line: IfsOrderLineDraft; position: number; rate: DecimalString | undefined },
): Body {
  const { constants, singleOccurrence, orderLine } = binding;
  const wanted = localMidnight(line.wantedDeliveryDate);
  const qty = jsonNumber(line.buyQtyDue);
  return toBody({
    ...constants.orderLine,
    ...(line.partNo === null ? constants.nonInventoryLine : constants.inventoryLine),
    ...(line.taxCode || line.taxCalcStructureId ? constants.taxedLine : {}),
    ...addressFlags(binding, draft, line),
    ...(line.shipTo ? named({ fields: singleOccurrence.lineAddress }, line.shipTo) : {}),
    ...named(orderLine, {
      deliverToCustomerNo: draft.header.customerNo,
      shipAddrNo: line.shipAddrNo ?? draft.header.shipAddrNo ?? draft.header.billAddrNo,
      contract: line.contract,
      catalogNo: line.catalogNo,
      partNo: line.partNo,
      plannedDeliveryDate: wanted,
      wantedDeliveryDate: wanted,
      targetDate: wanted,
      salesUnitMeas: line.salesUnitMeas,
      priceUnitMeas: line.priceUnitMeas,
      buyQtyDue: qty,
      desiredQty: qty,
      // In inventory units; IFS reserves this quantity.
      revisedQtyDue: jsonNumber(multiply(line.buyQtyDue, line.convFactor)),
      convFactor: jsonNumber(line.convFactor),
      priceConvFactor: jsonNumber(line.priceConvFactor),
      saleUnitPrice: jsonNumber(line.saleUnitPrice),
      unitPriceInclTax: jsonNumber(line.unitPriceInclTax),
      baseSaleUnitPrice: inBase(line.saleUnitPrice, rate),
      baseUnitPriceInclTax: inBase(line.unitPriceInclTax, rate),
      currencyRate: rate && jsonNumber(rate),
      discount: jsonNumber(line.discount),
      priceListNo: line.priceListNo,
      shipViaCode: line.shipViaCode,
      taxCode: line.taxCode,
      taxCalcStructureId: line.taxCalcStructureId,
      taxLiability: draft.header.taxLiability,
      ...writeLineReference(binding.lineReference, line, position),
    }),
    ...underProperties(orderLine, exact(line.extra)),
  });
}

/** A line, charge or address of an order whose number is known: IFS wants it in the body as well. */
export function childOf(binding: Binding, orderNo: string, child: { array: string; body: Body }): Body {
  const { array, body } = child;
  if (array === binding.linesArray) {
    const { orderNo: own, identity1 } = binding.orderLine.fields;
    return { ...(own ? { [own]: orderNo } : {}), ...(identity1 ? { [identity1]: orderNo } : {}), ...body };
  }
  const { orderNo: own } = array === binding.orderCharge.set ? binding.orderCharge.fields : binding.orderAddress.fields;
  return own ? { [own]: orderNo, ...body } : body;
}

/** A discount as a tenant wants it that takes discounts as positive amounts. Other charges of the type are sent as they are. */
function turned(charge: IfsChargeDraft): IfsChargeDraft {
  const opposite = (amount: DecimalString): DecimalString => multiply(amount, decimal("-1"));
  if (!charge.chargeAmount.startsWith("-") && !charge.chargeAmountInclTax.startsWith("-")) return charge;
  return {
    ...charge,
    chargeAmount: opposite(charge.chargeAmount),
    chargeAmountInclTax: opposite(charge.chargeAmountInclTax),
  };
}

function chargeBody(
  binding: Binding,
  draft: IfsOrderDraft,
  { charge, rate }: { charge: IfsChargeDraft; rate: DecimalString | undefined },
): Body {
  return toBody({
    ...binding.constants.charge,
    ...named(binding.orderCharge, {
      deliveryAddress: draft.header.shipAddrNo ?? draft.header.billAddrNo,
      contract: charge.contract,
      company: draft.header.company,
      chargeType: charge.chargeType,
      chargeAmount: jsonNumber(charge.chargeAmount),
      chargeAmountInclTax: jsonNumber(charge.chargeAmountInclTax),
      baseChargeAmount: inBase(charge.chargeAmount, rate),
      baseChargeAmtInclTax: inBase(charge.chargeAmountInclTax, rate),
      chargedQty: jsonNumber(charge.chargedQty),
      currencyRate: rate && jsonNumber(rate),
      taxCode: charge.taxCode,
      taxCalcStructureId: charge.taxCalcStructureId,
    }),
    ...underProperties(binding.orderCharge, exact(charge.extra)),
  });
}

/**
 * Company currency per order currency, or undefined when base amounts are left out. A rate is never invented: it is 1 where
 * the books are kept in the order's currency, else what IFS's own defaults answered, else what the merchant configured.
 * IFS computes base amounts itself from its rate table; where a tenant refuses rows without them and no rate is known,
 * `required` stops the order before anything is sent, and `auto` lets IFS say so.
 */
function baseRate(binding: Binding, draft: IfsOrderDraft, defaults: OrderDefaults): DecimalString | undefined {
  const { mode, companyCurrency, rates } = binding.baseAmounts;
  if (mode === "never") return undefined;
  const { company, currencyCode } = draft.header;
  if ((companyCurrency[company] ?? defaults.companyCurrency) === currencyCode) return decimal("1");
  const rate = defaults.currencyRate ?? rates[company]?.[currencyCode];
  if (rate !== undefined) return decimal(rate);
  if (mode === "auto") return undefined;
  throw new RefusedError(
    "ifs",
    "baseAmountUnknown",
    0,
    `this tenant needs amounts in the currency of company "${company}", and neither ifs.binding.baseAmounts nor IFS's defaults tell the rate from ${currencyCode}`,
  );
}

const inBase = (amount: DecimalString, rate: DecimalString | undefined): JsonNumber | undefined =>
  rate && jsonNumber(multiply(amount, rate));

/** A date of the site as IFS wants it where projections are not time-zone aware: its midnight digits plus `Z`. */
export const localMidnight = (date: string): string => `${date.slice(0, 10)}T00:00:00Z`;

/** Logical names -> IFS properties. What is unbound or has no value is left out, so that a constant stays in force. */
export function named<F extends string>(
  object: Pick<ObjectBinding<F>, "fields">,
  values: Readonly<Partial<Record<F, BodyValue | null | undefined>>>,
): Record<string, BodyValue> {
  const out: Record<string, BodyValue> = {};
  for (const [field, value] of Object.entries(values) as [F, BodyValue | null | undefined][]) {
    const bound = object.fields[field];
    if (bound && value !== null && value !== undefined) out[bound] = value;
  }
  return out;
}
