/** An address of the shop, on an order or in the address book of a customer. */
import { z } from "zod";

const text = z
  .string()
  .nullish()
  .transform((value): string | undefined => value ?? undefined);

/** The platform's fields without custom fields. It leaves absent ones out, imports write null: both mean "none". */
export const postalAddressShape = {
  country: z.string().length(2),
  title: text,
  firstName: text,
  lastName: text,
  company: text,
  department: text,
  streetName: text,
  streetNumber: text,
  additionalStreetInfo: text,
  building: text,
  apartment: text,
  pOBox: text,
  postalCode: text,
  city: text,
  region: text,
  state: text,
  additionalAddressInfo: text,
  phone: text,
  mobile: text,
  email: text,
  key: text,
  externalId: text,
};

type AddressText = Exclude<keyof typeof postalAddressShape, "country">;
export type PostalAddress = {
  /** ISO 3166-1, two letters. */
  readonly country: string;
} & { readonly [K in AddressText]?: string | undefined };
