/**
 * What mappings see of an order, its lines and charges: a small, stable view, documented in docs/mapping.md, and not the
 * platform's own objects. Amounts are decimal texts ("12.50"), whole numbers are bigints, what the order does not have is an
 * empty text.
 */
import { toDecimal } from "../../domain/money.ts";
import type { RouteFacts } from "../../domain/routing.ts";
import type { ShopAddress, ShopOrder, ShopPayment } from "./shop-order.ts";
import type { ShopRow } from "./shop-row.ts";

/** Fields and their CEL types. A `dyn` is a text, a whole number, a boolean or a list of them. */
const custom = "map<string, dyn>";
export const addressFields = {
  title: "string",
  firstName: "string",
  lastName: "string",
  company: "string",
  department: "string",
  streetName: "string",
  streetNumber: "string",
  additionalStreetInfo: "string",
  building: "string",
  apartment: "string",
  pOBox: "string",
  postalCode: "string",
  city: "string",
  region: "string",
  state: "string",
  country: "string",
  additionalAddressInfo: "string",
  phone: "string",
  mobile: "string",
  email: "string",
  key: "string",
  externalId: "string",
  custom,
} as const;
export const paymentFields = {
  id: "string",
  interfaceId: "string",
  paymentInterface: "string",
  method: "string",
  amount: "string",
  currency: "string",
  states: "list<string>",
  text: "string",
} as const;
export const lineFields = {
  id: "string",
  key: "string",
  sku: "string",
  name: "string",
  productKey: "string",
  productType: "string",
  quantity: "int",
  unitPrice: "string",
  total: "string",
  net: "string",
  tax: "string",
  gross: "string",
  taxRate: "string",
  gift: "bool",
  customLineItem: "bool",
  shippingMethod: "string",
  addressKey: "string",
  custom,
} as const;
export const chargeFields = {
  kind: "string",
  slug: "string",
  name: "string",
  amount: "string",
  net: "string",
  tax: "string",
  gross: "string",
  taxRate: "string",
  custom,
} as const;
export const orderFields = {
  id: "string",
  orderNumber: "string",
  purchaseOrderNumber: "string",
  createdAt: "string",
  origin: "string",
  currency: "string",
  country: "string",
  locale: "string",
  store: "string",
  channel: "string",
  customerGroup: "string",
  businessUnit: "string",
  buyer: "string",
  customerId: "string",
  customerEmail: "string",
  vatId: "string",
  buyerCustom: custom,
  quote: "string",
  recurringOrder: "string",
  total: "string",
  net: "string",
  tax: "string",
  gross: "string",
  taxMode: "string",
  shippingMethod: "string",
  shippingMethods: "list<string>",
  discountCodes: "list<string>",
  payments: "list<Payment>",
  shippingAddress: "Address",
  billingAddress: "Address",
  lines: "list<Line>",
  custom,
  shippingCustom: custom,
} as const;

export type View = Readonly<Record<string, unknown>>;
export type Views = { readonly order: View; readonly line?: View; readonly charge?: View };

const text = (value: string | undefined): string => value ?? "";
const customView = (fields: View | undefined): View => Object.assign(Object.create(null), fields);

const addressTexts = Object.keys(addressFields).filter((field) => field !== "custom") as Exclude<
  keyof typeof addressFields,
  "custom"
>[];

const addressView = (address: ShopAddress | undefined): View => ({
  ...Object.fromEntries(addressTexts.map((field) => [field, text(address?.[field])])),
  custom: customView(address?.custom),
});

const paymentView = (payment: ShopPayment): View => ({
  id: payment.id,
  interfaceId: text(payment.interfaceId),
  paymentInterface: text(payment.paymentInterface),
  method: text(payment.method),
  amount: payment.amount ? toDecimal(payment.amount) : "",
  currency: text(payment.amount?.currency),
  states: payment.states,
  text: payment.words,
});

export function orderView(order: ShopOrder, facts: RouteFacts, rows: readonly ShopRow[]): View {
  const { shippings, taxed } = order;
  const methods = [...new Set(shippings.map(({ methodKey, methodName }) => methodKey ?? methodName))];
  return {
    id: order.id,
    orderNumber: text(order.orderNumber),
    purchaseOrderNumber: text(order.purchaseOrderNumber),
    createdAt: order.createdAt,
    origin: text(order.origin),
    currency: order.currency,
    country: text(order.country),
    locale: text(order.locale),
    store: text(order.storeKey),
    channel: [...new Set(facts.channels)].filter((key) => key !== "").join(","),
    customerGroup: text(facts.customerGroup),
    businessUnit: text(order.businessUnitKey),
    buyer: text(facts.buyer),
    customerId: text(order.customerId),
    customerEmail: text(order.customerEmail),
    vatId: text(facts.vatId),
    buyerCustom: customView(facts.buyerCustom),
    quote: text(order.quoteId),
    recurringOrder: text(order.recurringOrderId),
    total: toDecimal(order.total),
    net: taxed ? toDecimal(taxed.net) : "",
    tax: taxed ? toDecimal({ ...taxed.gross, minor: taxed.gross.minor - taxed.net.minor }) : "",
    gross: taxed ? toDecimal(taxed.gross) : "",
    taxMode: order.taxMode,
    shippingMethod: text(methods[0]),
    shippingMethods: methods,
    discountCodes: order.discountCodes,
    payments: order.payments.map(paymentView),
    shippingAddress: addressView(order.shippingAddress),
    billingAddress: addressView(order.billingAddress),
    lines: rows.filter(({ kind }) => kind === "line").map(lineView),
    custom: customView(order.custom),
    shippingCustom: customView(shippings[0]?.custom),
  };
}

const amountsView = ({ amounts, taxRate }: ShopRow): View => ({
  net: toDecimal(amounts.net),
  tax: toDecimal(amounts.tax),
  gross: toDecimal(amounts.gross),
  taxRate: taxRate?.rate ?? "",
});

export const lineView = (row: ShopRow): View => ({
  ...amountsView(row),
  id: row.id,
  key: text(row.item?.key),
  sku: text(row.item?.sku),
  name: row.name,
  productKey: text(row.item?.productKey),
  productType: text(row.item?.productType),
  quantity: BigInt(row.quantity),
  unitPrice: row.agreedPrice ? toDecimal(row.agreedPrice) : "",
  total: toDecimal(row.total),
  gift: row.item?.gift ?? false,
  customLineItem: row.item === undefined,
  shippingMethod: text(row.shipping?.methodKey ?? row.shipping?.methodName),
  addressKey: text(row.addressKey),
  custom: customView(row.custom),
});

export const chargeView = (row: ShopRow): View => ({
  ...amountsView(row),
  kind: row.source,
  slug: text(row.slug),
  name: row.name,
  amount: toDecimal(row.total),
  custom: customView(row.custom),
});
