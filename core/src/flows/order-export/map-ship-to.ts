import type { Rejection } from "../../domain/failure.ts";
import type { IfsAddress, IfsOrderLineDraft } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuse } from "./refuse.ts";
import type { ShopAddress, ShopOrder } from "./shop-order.ts";

const joined = (separator: string, ...parts: readonly (string | undefined)[]): string =>
  parts
    .map((part) => part?.trim())
    .filter((part) => part)
    .join(separator);

export const personOf = (address: ShopAddress | undefined): string =>
  address ? joined(" ", address.title, address.firstName, address.lastName) : "";

const streetOf = (address: ShopAddress): string => joined(" ", address.streetName, address.streetNumber);

/** One line for people. */
export const addressLine = (address: ShopAddress): string =>
  joined(
    ", ",
    address.company,
    personOf(address),
    streetOf(address),
    address.additionalStreetInfo,
    address.pOBox,
    joined(" ", address.postalCode, address.city),
    address.region ?? address.state,
    address.country,
  );

/**
 * The one-time delivery address. A company comes before the person, who then stands in the second line. An order without
 * address goes to the customer's own one, but only when none of its lines is a thing that can be delivered.
 */
export function toShipTo(
  order: ShopOrder,
  lines: readonly IfsOrderLineDraft[],
): Result<IfsAddress | undefined, Rejection> {
  const address = order.shippingAddress;
  if (!address) {
    return lines.some((line) => line.partNo !== null)
      ? missing("shippingAddress", "no shipping address")
      : ok(undefined);
  }
  const person = personOf(address);
  const name = address.company?.trim() || person;
  const address1 = streetOf(address) || joined(" ", address.pOBox);
  if (name === "") return missing("shippingAddress.lastName", "a shipping address without name");
  if (address1 === "") return missing("shippingAddress.streetName", "a shipping address without street");
  const address2 = joined(
    ", ",
    name === person ? undefined : person,
    address.department,
    address.additionalStreetInfo,
    address.building,
    address.apartment,
    address1 === address.pOBox ? undefined : address.pOBox,
    address.additionalAddressInfo,
  );
  const state = address.region ?? address.state;
  return ok({
    name,
    address1,
    countryCode: address.country,
    ...(address2 !== "" && { address2 }),
    ...(address.postalCode && { zipCode: address.postalCode }),
    ...(address.city && { city: address.city }),
    ...(state && { state }),
  });
}

const missing = (field: string, what: string): Result<never, Rejection> =>
  refuse("addressMissing", "merchant", {
    message: `The order has ${what}.`,
    action: "Complete the shipping address of the order in commercetools.",
    field,
  });
