import type { ConnectorConfig, Route } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { formatMoney } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { fitting, type MaxLengths, shortened } from "./lengths.ts";
import { ownValue } from "./map-charges.ts";
import { addressLine, personOf } from "./map-ship-to.ts";
import { refuse } from "./refuse.ts";
import type { ShopOrder, ShopPayment } from "./shop-order.ts";

const DAY_MS = 86_400_000;

/**
 * Wanted delivery as a date of the site's zone: the configured number of days after the order, or after today for an order
 * that is exported late, because IFS plans backwards from it.
 */
export function wantedDate(
  order: ShopOrder,
  route: Route,
  config: ConnectorConfig,
  now: number,
): Result<string, Rejection> {
  const site = config.sites.find((candidate) => candidate.site === route.site);
  if (!site) {
    return refuse("unmappedSite", "merchant", {
      message: `Route "${route.name}" sells from site ${route.site}, which is not listed under \`sites\`.`,
      action: "Add the site with its company and time zone under `sites`.",
      field: "sites",
      value: route.site,
    });
  }
  const from = Math.max(Date.parse(order.createdAt), now);
  return ok(localDateOf(from + config.orders.wantedDeliveryDays * DAY_MS, site.timeZone));
}

export function toHeader(
  order: ShopOrder,
  route: Route,
  { wanted, limits }: { readonly wanted: string; readonly limits: MaxLengths },
): Result<IfsOrderDraft["header"], Rejection> {
  const shipVia = shipViaOf(order, route);
  if (!shipVia.ok) return shipVia;
  const references = referencesOf(order, limits);
  if (!references.ok) return references;
  const contact = personOf(order.shippingAddress ?? order.billingAddress);
  return ok({
    externalRef: order.id,
    contract: route.site as Contract,
    company: route.company,
    orderId: route.orderType,
    authorizeCode: route.coordinator,
    customerNo: route.customerNo,
    currencyCode: order.currency,
    wantedDeliveryDate: wanted,
    billAddrNo: route.addressNo,
    shipAddrNo: route.addressNo,
    noteText: shortened(noteOf(order), limits.noteText),
    usePriceInclTax: order.pricesIncludeTax,
    ...references.value,
    // For people; the whole name stands in the address.
    ...(contact !== "" && { custRef: shortened(contact, limits.custRef) }),
    ...(route.deliveryTerms !== undefined && { deliveryTerms: route.deliveryTerms }),
    ...(shipVia.value !== undefined && { shipViaCode: shipVia.value }),
    ...(route.paymentTerms !== undefined && { payTermId: route.paymentTerms }),
    ...(route.language !== undefined && { languageCode: route.language }),
    ...(Object.keys(route.extra).length > 0 && { extra: route.extra }),
  });
}

/** References are what people search for: they are whole or refused. */
function referencesOf(
  order: ShopOrder,
  limits: MaxLengths,
): Result<Pick<IfsOrderDraft["header"], "customerPoNo" | "internalRef">, Rejection> {
  const { purchaseOrderNumber, orderNumber } = order;
  const field = purchaseOrderNumber === undefined ? "orderNumber" : "purchaseOrderNumber";
  const customerPoNo = purchaseOrderNumber ?? orderNumber;
  const buyers = fitting(customerPoNo ?? "", { field, setting: "customerPoNo", limits });
  if (!buyers.ok) return buyers;
  const internalRef = limits.internalRef === 0 ? undefined : orderNumber;
  const ours = fitting(internalRef ?? "", { field: "orderNumber", setting: "internalRef", limits });
  if (!ours.ok) return ours;
  return ok({
    ...(customerPoNo !== undefined && { customerPoNo }),
    ...(internalRef !== undefined && { internalRef }),
  });
}

/** By the method's key where the order carries it, else by its name, else the route's default. */
function shipViaOf(order: ShopOrder, route: Route): Result<string | undefined, Rejection> {
  const { shipping } = order;
  if (!shipping) return ok(route.defaultShipVia);
  const byKey = shipping.methodKey === undefined ? undefined : ownValue(route.shipVia, shipping.methodKey);
  const code = byKey ?? ownValue(route.shipVia, shipping.methodName) ?? route.defaultShipVia;
  if (code !== undefined) return ok(code);
  return refuse("unmappedShipping", "merchant", {
    message: `Route "${route.name}" has no ship-via code for the shipping method "${shipping.methodKey ?? shipping.methodName}".`,
    action: "Add it under `shipVia` of the route, or set `defaultShipVia`.",
    field: "shippingInfo.shippingMethodName",
    value: shipping.methodKey ?? shipping.methodName,
  });
}

const paymentWords = (payment: ShopPayment): string =>
  [
    "Payment",
    payment.paymentInterface,
    payment.method,
    payment.interfaceId ?? payment.id,
    payment.amount && formatMoney(payment.amount),
    payment.states.length > 0 ? `(${payment.states.join(", ")})` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(" ");

/** Where the order comes from, how it was paid, and the invoice address where it differs: all that has no field of its own. */
function noteOf(order: ShopOrder): string {
  const origin = [
    `commercetools order ${order.orderNumber ?? order.id}`,
    order.storeKey && `store ${order.storeKey}`,
    order.origin && `origin ${order.origin}`,
    order.quoteId && `quote ${order.quoteId}`,
    order.businessUnitKey && `business unit ${order.businessUnitKey}`,
  ];
  const billing = order.billingAddress && addressLine(order.billingAddress);
  const shipping = order.shippingAddress && addressLine(order.shippingAddress);
  return [
    origin.filter((part) => part).join(", "),
    ...order.payments.map(paymentWords),
    ...(billing && billing !== shipping ? [`Invoice to: ${billing}`] : []),
  ].join("\n");
}
