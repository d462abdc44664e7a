/** A customer or business unit with all that IFS may be told of it. */
import { z } from "zod";
import type { CustomersConfig } from "../../domain/customer-config.ts";
import type { PartyFacts } from "../../domain/customer-route.ts";
import type { Rejection } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import { type Party, parseBusinessUnit, parseCustomer } from "../party.ts";
import { type PostalAddress, postalAddressShape } from "../postal-address.ts";
import { refuse } from "../refuse.ts";

export type PartyKind = Party["kind"];

/** An address of the book; `id` is the platform's, `key` the merchant's. */
export type BookAddress = PostalAddress & { readonly id: string };

export type ShopParty = {
  readonly party: Party;
  readonly lastModifiedAt: string;
  readonly locale: string | undefined;
  readonly addresses: readonly BookAddress[];
  readonly defaultShippingId: string | undefined;
  readonly defaultBillingId: string | undefined;
  readonly customerGroupIds: readonly string[];
  readonly stores: readonly string[];
  /** Custom fields as the platform has them. */
  readonly custom: Readonly<Record<string, unknown>>;
};

const optional = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);
const list = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

const bookSchema = z.object({
  lastModifiedAt: z.string(),
  locale: optional,
  addresses: list(z.object({ ...postalAddressShape, id: z.string().min(1) })),
  defaultShippingAddressId: optional,
  defaultBillingAddressId: optional,
  customerGroup: z.object({ id: z.string() }).nullish(),
  customerGroupAssignments: list(z.object({ customerGroup: z.object({ id: z.string() }) })),
  stores: list(z.object({ key: z.string() })),
  inheritedStores: list(z.object({ key: z.string() })),
  custom: z.object({ fields: z.record(z.string(), z.unknown()).default({}) }).nullish(),
});

/** Rejection `invalidInput` where the platform answered something of an unknown form. */
export function parseParty(
  kind: PartyKind,
  value: unknown,
  customers: Pick<CustomersConfig, "businessUnits">,
): Result<ShopParty, Rejection> {
  const party = kind === "customer" ? parseCustomer(value) : parseBusinessUnit(value, customers.businessUnits);
  if (!party.ok) return party;
  const book = bookSchema.safeParse(value);
  if (!book.success) return unreadable(party.value.label, book.error);
  const { data } = book;
  const groups = [data.customerGroup, ...data.customerGroupAssignments.map(({ customerGroup }) => customerGroup)];
  return ok({
    party: party.value,
    lastModifiedAt: data.lastModifiedAt,
    locale: data.locale,
    addresses: data.addresses,
    defaultShippingId: data.defaultShippingAddressId,
    defaultBillingId: data.defaultBillingAddressId,
    customerGroupIds: [...new Set(groups.flatMap((group) => group?.id ?? []))],
    stores: [...data.stores, ...data.inheritedStores].map(({ key }) => key),
    custom: data.custom?.fields ?? {},
  });
}

const byId = ({ addresses }: ShopParty, id: string | undefined): BookAddress | undefined =>
  id === undefined ? undefined : addresses.find((address) => address.id === id);

/** Where it can be invoiced: what its country, telephone and route go by. */
export const mainAddress = (shop: ShopParty): BookAddress | undefined =>
  byId(shop, shop.defaultBillingId) ?? byId(shop, shop.defaultShippingId) ?? shop.addresses[0];

export const partyFacts = (shop: ShopParty, customerGroups: readonly string[]): PartyFacts => ({
  stores: shop.stores,
  country: mainAddress(shop)?.country,
  customerGroups,
  businessUnit: shop.party.kind === "businessUnit" ? shop.party.key : undefined,
});

function unreadable(label: string, error: z.ZodError): Result<never, Rejection> {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  return refuse("invalidInput", "developer", {
    message: `The ${label} cannot be read: ${path}: ${issue?.message ?? "unknown structure"}.`,
    action: "Report the field: the connector does not know this form of it.",
    field: path,
  });
}
