import type { ConnectorConfig } from "../domain/config.ts";
import type { Rejection } from "../domain/failure.ts";
import type { IfsAddress } from "../domain/ifs-records.ts";
import { ok, type Result } from "../domain/result.ts";
import { countryOf, regionOf } from "./address-codes.ts";
import { cutSentence, firstLine, fitting, type Lengths, shortened, tooLong } from "./lengths.ts";
import type { PostalAddress } from "./postal-address.ts";
import { refuse } from "./refuse.ts";

/** Line breaks, tabs and other control characters are spaces in an address. */
const plain = (text: string | undefined): string => text?.replace(/[\p{Cc}\s]+/gu, " ").trim() ?? "";

const joined = (separator: string, ...parts: readonly (string | undefined)[]): string =>
  parts
    .map(plain)
    .filter((part) => part)
    .join(separator);

export const personOf = (address: PostalAddress | undefined): string =>
  address ? joined(" ", address.title, address.firstName, address.lastName) : "";

const streetOf = (address: PostalAddress): string => joined(" ", address.streetName, address.streetNumber);

/** One line for people. */
export const addressLine = (address: PostalAddress): string =>
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

/** Who has the address, in the words of a refusal. */
export type AddressOwner = { readonly has: string; readonly action: string };

const ofOrder: AddressOwner = {
  has: "The order has",
  action: "Complete the shipping address of the order in commercetools.",
};

/** `path`: where a person finds the address, such as "shippingAddress". */
export type AddressContext = {
  readonly path: string;
  /** The order where absent. */
  readonly owner?: AddressOwner;
  readonly lengths: Lengths;
  readonly addresses: ConnectorConfig["addresses"];
};

/**
 * A one-time delivery address. A company comes before the person, who then stands in the second line. A street that is too
 * long goes on in the second line; what no column holds is the Rejection, and never cut unless `orders.shorten` says so.
 */
export function toAddress(address: PostalAddress, context: AddressContext): Result<IfsAddress, Rejection> {
  const { path, addresses, lengths } = context;
  const company = plain(address.company);
  if ((company || personOf(address)) === "")
    return missing(`${path}.lastName`, `${what(context)} without name`, context.owner);
  const street = linesOf(address, context);
  if (!street.ok) return street;
  const { name, address1, address2 } = street.value;
  const place = placeOf(address, context);
  if (!place.ok) return place;
  const field = `${path}.${company === "" ? "lastName" : "company"}`;
  const fits = fitting(name, { field, setting: "name", lengths });
  if (!fits.ok) return fits;
  return ok({
    name: fits.value,
    address1,
    countryCode: countryOf(address, addresses),
    ...(address2 !== "" && { address2 }),
    ...place.value,
  });
}

type Lines = { readonly name: string; readonly address1: string; readonly address2: string };

function linesOf(address: PostalAddress, context: AddressContext): Result<Lines, Rejection> {
  const { path, lengths } = context;
  const max = lengths.max.addressLine;
  const street = streetOf(address) || joined(" ", address.pOBox);
  const field = streetOf(address) ? `${path}.streetName` : `${path}.pOBox`;
  if (street === "") return missing(`${path}.streetName`, `${what(context)} without street`, context.owner);
  const first = firstLine(street, max) ?? cutLine(street, { field, max, lengths });
  if (!first || (first.rest.length > max && !lengths.shorten.has("addressLine"))) {
    return tooLong({ field, setting: "addressLine" }, street, first ? 2 * max : max);
  }
  return withSecondLine(address, { street, streetField: field, ...first }, context);
}

/** Where addresses may be cut. */
function cutLine(text: string, { field, max, lengths }: { field: string; max: number; lengths: Lengths }) {
  if (!lengths.shorten.has("addressLine")) return undefined;
  lengths.cut.push(cutSentence(field, text, max));
  return { line: shortened(text, max), rest: "" };
}

type Street = { readonly street: string; readonly streetField: string; readonly line: string; readonly rest: string };

/** What the first line did not hold, the person behind a company, and all that has no column. */
function withSecondLine(
  address: PostalAddress,
  { street, streetField, line, rest }: Street,
  { path, lengths }: AddressContext,
): Result<Lines, Rejection> {
  const person = personOf(address);
  const company = plain(address.company);
  const behind = company === "" ? "" : person;
  const personField = `${path}.lastName`;
  const parts: readonly (readonly [string, string])[] = [
    [streetField, rest],
    [personField, behind],
    [`${path}.department`, plain(address.department)],
    [`${path}.additionalStreetInfo`, plain(address.additionalStreetInfo)],
    [`${path}.building`, plain(address.building)],
    [`${path}.apartment`, plain(address.apartment)],
    [`${path}.pOBox`, street === plain(address.pOBox) ? "" : plain(address.pOBox)],
    [`${path}.additionalAddressInfo`, plain(address.additionalAddressInfo)],
  ];
  const max = lengths.max.addressLine;
  const whole = joined(", ", ...parts.map(([, text]) => text));
  if (whole.length <= max) return ok({ name: company || person, address1: line, address2: whole });
  // The person moves to the company where that makes room.
  const both = joined(", ", company, behind);
  const others = joined(", ", ...parts.filter(([field]) => field !== personField).map(([, text]) => text));
  if (others.length <= max && both.length <= lengths.max.name) {
    return ok({ name: both, address1: line, address2: others });
  }
  const [field] = parts.reduce((a, b) => (b[1].length > a[1].length ? b : a));
  const cut = cutLine(whole, { field, max, lengths });
  return cut
    ? ok({ name: company || person, address1: line, address2: cut.line })
    : tooLong({ field, setting: "addressLine" }, whole, max);
}

type Place = Pick<IfsAddress, "zipCode" | "city" | "state">;

function placeOf(address: PostalAddress, { path, lengths, addresses }: AddressContext): Result<Place, Rejection> {
  const region = regionOf(address, addresses, path);
  if (!region.ok) return region;
  const regionField = address.region === undefined ? `${path}.state` : `${path}.region`;
  const texts = [
    ["zipCode", `${path}.postalCode`, plain(address.postalCode)],
    ["city", `${path}.city`, plain(address.city)],
    ["state", regionField, plain(region.value)],
  ] as const;
  const place: Record<string, string> = {};
  for (const [setting, field, text] of texts) {
    const fits = fitting(text, { field, setting, lengths });
    if (!fits.ok) return fits;
    if (fits.value !== "") place[setting] = fits.value;
  }
  return ok(place);
}

const what = ({ owner }: AddressContext): string => (owner ? "an address" : "a shipping address");

export const missing = (field: string, found: string, owner: AddressOwner = ofOrder): Result<never, Rejection> =>
  refuse("addressMissing", "merchant", { message: `${owner.has} ${found}.`, action: owner.action, field });
