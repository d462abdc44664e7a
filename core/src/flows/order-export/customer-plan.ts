/** Which IFS customer an order goes to, and what has to be done to it before: decided from what was read, nothing is read here. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { IfsCustomerAddress, IfsCustomerCopy, IfsCustomerFields } from "../../domain/ifs-customers.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { countryOf } from "../address-codes.ts";
import { chosenAddressId } from "../customer-number.ts";
import { type CustomerFacts, planParty } from "../customer-plan.ts";
import { missing, toAddress } from "../ifs-address.ts";
import { lengthsOf } from "../lengths.ts";
import type { Party } from "../party.ts";
import type { OrderCustomer } from "./map-header.ts";
import type { ShopAddress, ShopOrder } from "./shop-order.ts";

/** `webshop`: the route's own customer, nothing to do. */
export type CustomerPlan =
  | { readonly kind: "webshop"; readonly customer: OrderCustomer }
  | {
      readonly kind: "own";
      readonly customer: OrderCustomer;
      readonly party: Party;
      /** Absent: it exists. */
      readonly copy?: IfsCustomerCopy;
      /** Fields that the IFS customer is to have before it is linked. */
      readonly fields: IfsCustomerFields;
      readonly addresses: readonly IfsCustomerAddress[];
      /** The number is not on the commercetools resource yet. */
      readonly link: boolean;
      /** It has the number that follows from the buyer's id, so that no other buyer can have found it. */
      readonly ours: boolean;
    };

type Context = { readonly order: ShopOrder; readonly route: Route; readonly config: ConnectorConfig };

/** Rejection where a person has to say which customer it is, or where the order's addresses cannot be written. */
export function planCustomer(facts: CustomerFacts, context: Context): Result<CustomerPlan, Rejection> {
  const { party } = facts;
  const planned = planParty(facts, context);
  if (!planned.ok) return planned;
  const places = placesOf(context);
  if (!places.ok) return places;
  const { addresses, ...numbers } = places.value;
  const { customerNo, copy, link, ours } = planned.value;
  const owed = ours ? fieldsOf(party, context) : { reference: party.id };
  return ok({
    kind: "own",
    party,
    addresses,
    customer: { customerNo, ...numbers },
    ...(copy && { copy }),
    fields: link ? owed : {},
    link,
    ours,
  });
}

function fieldsOf(party: Party, { order, config }: Context): IfsCustomerFields {
  const address = billingAddressOf(order)?.address;
  return {
    reference: party.id,
    ...(party.email !== undefined && { email: party.email }),
    ...(party.vatId !== undefined && { vatNo: party.vatId }),
    ...(address && { country: countryOf(address, config.addresses) }),
  };
}

type Place = { readonly path: string; readonly address: ShopAddress };

function billingAddressOf(order: ShopOrder): Place | undefined {
  if (order.billingAddress) return { path: "billingAddress", address: order.billingAddress };
  return shippingAddressOf(order);
}

function shippingAddressOf(order: ShopOrder): Place | undefined {
  if (order.shippingAddress) return { path: "shippingAddress", address: order.shippingAddress };
  const [only, ...others] = order.shippings;
  return only?.address && others.length === 0
    ? { path: `shipping.${only.key}.shippingAddress`, address: only.address }
    : undefined;
}

type Places = Omit<OrderCustomer, "customerNo"> & { readonly addresses: readonly IfsCustomerAddress[] };

/** Invoices always go to an address of the customer; deliveries where the configuration says so, and they have one place. */
function placesOf(context: Context): Result<Places, Rejection> {
  const { order, config } = context;
  const billing = billingAddressOf(order);
  if (!billing) return missing("billingAddress", "neither a billing nor a shipping address");
  const bill = numbered(billing, context);
  if (!bill.ok) return bill;
  const { addressId: addressNo } = bill.value;
  const shipping = shippingAddressOf(order);
  const onePlace = order.itemAddresses.length === 0 && order.shippings.length <= 1;
  if (config.customers.delivery === "oneTime" || !shipping || !onePlace) {
    return ok({ addressNo, addresses: rowsOf(bill.value) });
  }
  const ship = numbered(shipping, context);
  if (!ship.ok) return ship;
  const { addressId: shipAddressNo } = ship.value;
  const addresses = [...rowsOf(bill.value), ...(shipAddressNo === addressNo ? [] : rowsOf(ship.value))];
  return ok({ addressNo, shipAddressNo, addresses });
}

type Numbered = { readonly addressId: string; readonly row?: IfsCustomerAddress };
const rowsOf = ({ row }: Numbered): readonly IfsCustomerAddress[] => (row ? [row] : []);

/** The number that the address carries (`externalId`) is one of IFS, and is only referred to. */
function numbered({ path, address }: Place, { config }: Context): Result<Numbered, Rejection> {
  const given = address.externalId?.trim();
  if (given) return ok({ addressId: given });
  const mapped = toAddress(address, { path, lengths: lengthsOf(config.orders), addresses: config.addresses });
  if (!mapped.ok) return mapped;
  const { countryCode, county: _, ...same } = mapped.value;
  const row = { ...same, country: countryCode };
  const addressId = chosenAddressId(row, config.customers);
  return ok({ addressId, row: { addressId, ...row } });
}
