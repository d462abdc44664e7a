/** Country and region as IFS spells them. */
import type { ConnectorConfig } from "../domain/config.ts";
import type { Rejection } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { PostalAddress } from "./postal-address.ts";
import { refuse } from "./refuse.ts";

type Addresses = ConnectorConfig["addresses"];

export const countryOf = ({ country }: PostalAddress, { countries }: Addresses): string =>
  Object.hasOwn(countries, country) ? (countries[country] ?? country) : country;

/**
 * By name or by code, whichever the shop wrote, in upper or lower case; a value that IFS itself has is good as well. Rejection
 * `invalidInput` for a region that a listed country does not have; countries that are not listed pass theirs on.
 */
export function regionOf(
  address: PostalAddress,
  { regions }: Addresses,
  path: string,
): Result<string | undefined, Rejection> {
  const given = address.region ?? address.state;
  const listed = Object.hasOwn(regions, address.country) ? regions[address.country] : undefined;
  if (given === undefined || given.trim() === "" || !listed) return ok(given);
  const same = (text: string): boolean => text.toLowerCase() === given.trim().toLowerCase();
  const found = Object.entries(listed).find(([name, code]) => same(name) || same(code));
  if (found) return ok(found[1]);
  const field = `${path}.${address.region === undefined ? "state" : "region"}`;
  return refuse("invalidInput", "merchant", {
    message: `${field} is "${given}", which is no region of ${address.country} in the configuration.`,
    action: `Correct the address in commercetools, or add the region under \`addresses.regions.${address.country}\`.`,
    field,
    value: given,
  });
}
