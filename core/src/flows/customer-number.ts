/** Keys in IFS that are ours to choose, so that IFS's own unique key is what keeps a customer or an address from existing twice. */
import { createHash } from "node:crypto";
import type { CustomersConfig } from "../domain/customer-config.ts";
import type { Party } from "./party.ts";

/** 32 upper-case digits that nobody misreads: IFS keeps keys in upper case. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const digitsOf = (text: string, length: number): string =>
  [...createHash("sha256").update(text).digest().subarray(0, length)].map((byte) => DIGITS[byte % 32]).join("");

type Numbers = Pick<CustomersConfig, "numberPrefix" | "numberLength">;

/**
 * The CustomerId that a customer or business unit gets: a digest of its commercetools id, which never changes, unlike
 * customerNumber, e-mail and VAT id. At least 70 bits: a million customers meet by chance once in a billion installations.
 */
export const chosenNumber = ({ kind, id }: Pick<Party, "kind" | "id">, numbers: Numbers): string =>
  numbers.numberPrefix + digitsOf(`${kind}:${id}`, numbers.numberLength - numbers.numberPrefix.length);

/** True for every number that `chosenNumber` gives to anybody. */
export const isChosen = (customerId: string, { numberPrefix, numberLength }: Numbers): boolean =>
  customerId.length === numberLength &&
  customerId.startsWith(numberPrefix) &&
  [...customerId.slice(numberPrefix.length)].every((digit) => DIGITS.includes(digit));

const ADDRESS_DIGITS = 12;

/** AddressId of what an address says: the same address is the same row, another one never overwrites it. */
export const chosenAddressId = (address: object, { numberPrefix }: Numbers): string =>
  numberPrefix +
  digitsOf(JSON.stringify(Object.entries(address).toSorted(([a], [b]) => (a < b ? -1 : 1))), ADDRESS_DIGITS);

/** AddressId of an address of a customer's book, whatever it says: its key, else its id in commercetools, gives it. */
export const bookAddressId = (
  { kind, id }: Pick<Party, "kind" | "id">,
  address: { readonly id: string; readonly key?: string | undefined },
  { numberPrefix }: Numbers,
): string => `${numberPrefix}-${digitsOf(`${kind}:${id}:${address.key ?? address.id}`, ADDRESS_DIGITS)}`;

/** True for every number that `bookAddressId` gives. */
export const isBookAddress = (addressId: string, { numberPrefix }: Numbers): boolean => {
  const digits = addressId.slice(numberPrefix.length + 1);
  return (
    addressId.startsWith(`${numberPrefix}-`) &&
    digits.length === ADDRESS_DIGITS &&
    [...digits].every((digit) => DIGITS.includes(digit))
  );
};
