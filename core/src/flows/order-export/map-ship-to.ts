import type { Rejection } from "../../domain/failure.ts";
import type { IfsAddress, IfsOrderLineDraft } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import { firstLine, fitting, type MaxLengths, tooLong } from "./lengths.ts";
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
 * address goes to the customer's own one, but only when none of its lines is a thing that can be delivered. A street that is
 * too long goes on in the second line; what no column holds is the Rejection, never cut.
 */
export function toShipTo(
  order: ShopOrder,
  lines: readonly IfsOrderLineDraft[],
  limits: MaxLengths,
): Result<IfsAddress | undefined, Rejection> {
  const address = order.shippingAddress;
  if (!address) {
    return lines.some((line) => line.partNo !== null)
      ? missing("shippingAddress", "no shipping address")
      : ok(undefined);
  }
  const addressee = address.company?.trim() || personOf(address);
  if (addressee === "") return missing("shippingAddress.lastName", "a shipping address without name");
  const street = linesOf(address, limits);
  if (!street.ok) return street;
  const { name, address1, address2 } = street.value;
  const place = placeOf(address, limits);
  if (!place.ok) return place;
  const field = address.company?.trim() ? "shippingAddress.company" : "shippingAddress.lastName";
  const fits = fitting(name, { field, setting: "name", limits });
  if (!fits.ok) return fits;
  return ok({
    name,
    address1,
    countryCode: address.country,
    ...(address2 !== "" && { address2 }),
    ...place.value,
  });
}

type Lines = { readonly name: string; readonly address1: string; readonly address2: string };

function linesOf(address: ShopAddress, limits: MaxLengths): Result<Lines, Rejection> {
  const max = limits.addressLine;
  const street = streetOf(address) || joined(" ", address.pOBox);
  const streetField = streetOf(address) ? "shippingAddress.streetName" : "shippingAddress.pOBox";
  if (street === "") return missing("shippingAddress.streetName", "a shipping address without street");
  const first = firstLine(street, max);
  if (!first || first.rest.length > max) {
    return tooLong({ field: streetField, setting: "addressLine" }, street, first ? 2 * max : max);
  }
  return withSecondLine(address, { street, streetField, ...first }, limits);
}

const PERSON = "shippingAddress.lastName";

type Street = { readonly street: string; readonly streetField: string; readonly line: string; readonly rest: string };

/** What the first line did not hold, the person behind a company, and all that has no column. */
function withSecondLine(
  address: ShopAddress,
  { street, streetField, line, rest }: Street,
  limits: MaxLengths,
): Result<Lines, Rejection> {
  const person = personOf(address);
  const company = address.company?.trim() ?? "";
  const behind = company === "" ? "" : person;
  const parts: readonly (readonly [string, string])[] = [
    [streetField, rest],
    [PERSON, behind],
    ["shippingAddress.department", address.department ?? ""],
    ["shippingAddress.additionalStreetInfo", address.additionalStreetInfo ?? ""],
    ["shippingAddress.building", address.building ?? ""],
    ["shippingAddress.apartment", address.apartment ?? ""],
    ["shippingAddress.pOBox", street === address.pOBox?.trim() ? "" : (address.pOBox ?? "")],
    ["shippingAddress.additionalAddressInfo", address.additionalAddressInfo ?? ""],
  ];
  const max = limits.addressLine;
  const whole = joined(", ", ...parts.map(([, text]) => text));
  if (whole.length <= max) return ok({ name: company || person, address1: line, address2: whole });
  // The person moves to the company where that makes room.
  const both = joined(", ", company, behind);
  const others = joined(", ", ...parts.filter(([field]) => field !== PERSON).map(([, text]) => text));
  if (others.length <= max && both.length <= limits.name) return ok({ name: both, address1: line, address2: others });
  const [field] = parts.reduce((a, b) => (b[1].length > a[1].length ? b : a));
  return tooLong({ field, setting: "addressLine" }, whole, max);
}

type Place = Pick<IfsAddress, "zipCode" | "city" | "state">;

function placeOf(address: ShopAddress, limits: MaxLengths): Result<Place, Rejection> {
  const region = address.region === undefined ? "shippingAddress.state" : "shippingAddress.region";
  const texts = [
    ["zipCode", "shippingAddress.postalCode", address.postalCode],
    ["city", "shippingAddress.city", address.city],
    ["state", region, address.region ?? address.state],
  ] as const;
  for (const [setting, field, text] of texts) {
    const fits = fitting(text ?? "", { field, setting, limits });
    if (!fits.ok) return fits;
  }
  return ok(Object.fromEntries(texts.flatMap(([name, , text]) => (text ? [[name, text]] : []))));
}

const missing = (field: string, what: string): Result<never, Rejection> =>
  refuse("addressMissing", "merchant", {
    message: `The order has ${what}.`,
    action: "Complete the shipping address of the order in commercetools.",
    field,
  });
