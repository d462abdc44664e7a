import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { addressLine, personOf } from "../ifs-address.ts";
import { fitting, type Lengths } from "../lengths.ts";
import { refuse } from "../refuse.ts";
import { usesPricesInclTax } from "./policy.ts";
import { shipViaOf } from "./ship-via.ts";
import type { ShopOrder } from "./shop-order.ts";

const DAY_MS = 86_400_000;

/** The IFS customer that an order is booked on; which one it is was decided before the order is mapped. */
export type OrderCustomer = {
  readonly customerNo: string;
  readonly addressNo: string;
  /** Number of the customer's address that all goods go to; absent: a one-time address. */
  readonly shipAddressNo?: string;
};

/** One customer of the route for all its orders. */
export const webshopCustomer = ({ customerNo, addressNo }: Route): OrderCustomer => ({ customerNo, addressNo });

/** Rejection `unmappedSite` for a route whose site the configuration does not describe. */
export function siteOf(route: Route, config: ConnectorConfig): Result<ConnectorConfig["sites"][number], Rejection> {
  const site = config.sites.find((candidate) => candidate.site === route.site);
  if (site) return ok(site);
  return refuse("unmappedSite", "merchant", {
    message: `Route "${route.name}" sells from site ${route.site}, which is not listed under \`sites\`.`,
    action: "Add the site with its company and time zone under `sites`.",
    field: "sites",
    value: route.site,
  });
}

/**
 * Wanted delivery as a date of the site's zone: the configured number of days after the order, or after today for an order
 * that is exported late, because IFS plans backwards from it. A mapping may name another one.
 */
export function wantedDate(
  order: ShopOrder,
  timeZone: string,
  { config, now }: { readonly config: ConnectorConfig; readonly now: number },
): string {
  const from = Math.max(Date.parse(order.createdAt), now);
  return localDateOf(from + config.orders.wantedDeliveryDays * DAY_MS, timeZone);
}

type HeaderContext = {
  readonly route: Route;
  readonly customer: OrderCustomer;
  readonly wanted: string;
  /** Numbers to ask for; empty: IFS chooses. */
  readonly orderNos: readonly OrderNo[];
  readonly lengths: Lengths;
  /** IFS has no place of its own for the invoice address. */
  readonly billToInNote: boolean;
};

export function toHeader(order: ShopOrder, context: HeaderContext): Result<IfsOrderDraft["header"], Rejection> {
  const { route, customer, lengths } = context;
  const shipVia = shipViaOf(order.shippings, route);
  if (!shipVia.ok) return shipVia;
  const references = referencesOf(order, lengths);
  if (!references.ok) return references;
  const people = wordsOf(order, context);
  if (!people.ok) return people;
  return ok({
    externalRef: order.id,
    ...(context.orderNos.length > 0 && { orderNos: context.orderNos }),
    contract: route.site as Contract,
    company: route.company,
    orderId: route.orderType,
    authorizeCode: route.coordinator,
    customerNo: customer.customerNo,
    currencyCode: order.currency,
    wantedDeliveryDate: context.wanted,
    billAddrNo: customer.addressNo,
    shipAddrNo: customer.shipAddressNo ?? customer.addressNo,
    usePriceInclTax: usesPricesInclTax(order),
    ...references.value,
    ...people.value,
    ...(route.deliveryTerms !== undefined && { deliveryTerms: route.deliveryTerms }),
    ...(shipVia.value !== undefined && { shipViaCode: shipVia.value }),
    ...(route.paymentTerms !== undefined && { payTermId: route.paymentTerms }),
    ...(route.language !== undefined && { languageCode: route.language }),
    ...(Object.keys(route.extra).length > 0 && { extra: route.extra }),
  });
}

/** References are what people search for. */
function referencesOf(
  order: ShopOrder,
  lengths: Lengths,
): Result<Pick<IfsOrderDraft["header"], "customerPoNo" | "internalRef">, Rejection> {
  const { purchaseOrderNumber, orderNumber } = order;
  const field = purchaseOrderNumber === undefined ? "orderNumber" : "purchaseOrderNumber";
  const buyers = fitting(purchaseOrderNumber ?? orderNumber ?? "", { field, setting: "customerPoNo", lengths });
  if (!buyers.ok) return buyers;
  const internalRef = lengths.max.internalRef === 0 ? "" : (orderNumber ?? "");
  const ours = fitting(internalRef, { field: "orderNumber", setting: "internalRef", lengths });
  if (!ours.ok) return ours;
  return ok({
    ...(buyers.value !== "" && { customerPoNo: buyers.value }),
    ...(ours.value !== "" && { internalRef: ours.value }),
  });
}

/** For people: the contact, whose whole name stands in the address, and the note. */
function wordsOf(
  order: ShopOrder,
  { lengths, billToInNote }: Pick<HeaderContext, "lengths" | "billToInNote">,
): Result<Pick<IfsOrderDraft["header"], "custRef" | "noteText">, Rejection> {
  const address = order.shippingAddress ?? order.shippings[0]?.address ?? order.billingAddress;
  const contact = fitting(personOf(address), { field: "shippingAddress.lastName", setting: "custRef", lengths });
  if (!contact.ok) return contact;
  const note = fitting(noteOf(order, billToInNote), { field: "noteText", setting: "noteText", lengths });
  if (!note.ok) return note;
  return ok({ noteText: note.value, ...(contact.value !== "" && { custRef: contact.value }) });
}

/** Where the order comes from, how it was paid, and the invoice address where it differs: all that has no field of its own. */
function noteOf(order: ShopOrder, billToInNote: boolean): string {
  const origin = [
    `commercetools order ${order.orderNumber ?? order.id}`,
    order.storeKey && `store ${order.storeKey}`,
    order.origin && `origin ${order.origin}`,
    order.quoteId && `quote ${order.quoteId}`,
    order.recurringOrderId && `recurring order ${order.recurringOrderId}`,
    order.businessUnitKey && `business unit ${order.businessUnitKey}`,
    order.discountCodes.length > 0 && `discount codes ${order.discountCodes.join(" ")}`,
  ];
  const billing = order.billingAddress && addressLine(order.billingAddress);
  const shipping = order.shippingAddress && addressLine(order.shippingAddress);
  return [
    origin.filter((part) => part).join(", "),
    ...order.payments.map(({ words }) => words),
    ...(billToInNote && billing && billing !== shipping ? [`Invoice to: ${billing}`] : []),
  ].join("\n");
}
