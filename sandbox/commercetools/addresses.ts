import { type CustomFields, readCustom } from "./custom-fields.ts";
import type { World } from "./definition.ts";
import { requiredField } from "./errors.ts";
import { country, doc, key, text } from "./input.ts";
import { compact, type Doc } from "./json.ts";

const TEXT_FIELDS = [
  ...["title", "salutation", "firstName", "lastName", "streetName", "streetNumber", "additionalStreetInfo"],
  ...["postalCode", "city", "region", "state", "company", "department", "building", "apartment", "pOBox"],
  ...["phone", "mobile", "email", "fax", "additionalAddressInfo", "externalId"],
];

export type Address = Doc & { id?: string; key?: string; country: string; state?: string; custom?: CustomFields };

/** Reads an address draft; only the country is required. */
export function readAddress(world: World, source: Doc, field: string): Address | undefined {
  const draft = doc(source, field);
  return draft ? addressOf(world, draft, field) : undefined;
}

export function addressOf(world: World, draft: Doc, field: string): Address {
  const land = country(draft, "country");
  if (land === undefined) throw requiredField(`${field}.country`);
  const address: Doc = { id: text(draft, "id"), key: key(draft), country: land };
  for (const name of TEXT_FIELDS) address[name] = text(draft, name);
  address.custom = readCustom(world, draft, "address");
  return compact(address) as Address;
}
