/** IFS customers and their addresses as the flows know them; names are those of the binding. */

/** What may be compared and overwritten; null: empty, or the tenant has no such field. */
export type IfsCustomer = {
  readonly customerId: string;
  readonly name: string;
  readonly country: string | null;
  readonly email: string | null;
  readonly vatNo: string | null;
  /** Id of the commercetools resource, where the tenant has a field for it. */
  readonly reference: string | null;
};
export type IfsCustomerField = "name" | "country" | "email" | "vatNo" | "reference";
export type IfsCustomerFields = { readonly [F in IfsCustomerField]?: string };

export type IfsCustomerCopy = {
  readonly template: string;
  /** The number that is asked for. IFS may give another one. */
  readonly customerId: string;
  readonly name: string;
  readonly category: string;
};

export type IfsCustomerAddress = {
  readonly addressId: string;
  readonly name: string;
  readonly address1: string;
  readonly address2?: string;
  readonly zipCode?: string;
  readonly city?: string;
  readonly state?: string;
  readonly country: string;
};

/** Fields of the card that follow commercetools; `reference` says whose it is. */
export const cardFields = ["name", "country", "email", "phone", "vatNo", "defaultLanguage", "reference"] as const;
export type IfsCardField = (typeof cardFields)[number];

/** undefined: the tenant has no such field. null: it is empty. */
export type IfsCustomerCard = { readonly customerId: string; readonly etag: string } & {
  readonly [F in IfsCardField]: string | null | undefined;
} & {
  /** Further fields that were asked for, by IFS property. */
  readonly extra: Readonly<Record<string, string | null>>;
};

/** An empty text empties the field. */
export type IfsCardChange = {
  readonly fields: { readonly [F in IfsCardField]?: string };
  readonly extra: Readonly<Record<string, string | number | boolean>>;
};

/** An address of an IFS customer as it stands there. */
export type IfsAddressRow = {
  readonly addressId: string;
  readonly etag: string;
  /** Bound texts; what is empty is an empty text, what is not bound is absent. */
  readonly texts: { readonly [F in IfsAddressText]?: string };
  /** YYYY-MM-DD of IFS; null: valid without end, undefined: the tenant has no such field. */
  readonly validTo: string | null | undefined;
};
export const addressTexts = ["name", "address1", "address2", "zipCode", "city", "state", "country"] as const;
export type IfsAddressText = (typeof addressTexts)[number];
/** `validTo` null: without end again. */
export type IfsAddressChange = { readonly [F in IfsAddressText]?: string } & { readonly validTo?: string | null };

/** Address types of one address: those it has to have, and those of which it is the customer's default. */
export type IfsAddressTypes = { readonly types: readonly string[]; readonly defaults: readonly string[] };

/** How a customer can be reached, as far as commercetools knows. */
export const commKinds = ["email", "phone", "mobile"] as const;
export type CommKind = (typeof commKinds)[number];

/** One way to reach a customer, as it stands in IFS. */
export type IfsCommRow = {
  /** IFS numbers the rows. */
  readonly commId: string;
  readonly etag: string;
  /** The tenant's word for e-mail, telephone, ... */
  readonly methodId: string;
  readonly value: string;
  /** What tells our rows from those of others. */
  readonly mark: string;
  /** YYYY-MM-DD; null: valid without end, undefined: the tenant has no such field. */
  readonly validTo: string | null | undefined;
};
/** `validTo` null: without end again. */
export type IfsCommChange = { readonly value?: string; readonly validTo?: string | null };
export type IfsCommDraft = {
  readonly methodId: string;
  readonly value: string;
  readonly mark: string;
  /** No other row of the method is there. */
  readonly isDefault: boolean;
};

/** What invoices of one company take from the customer. */
export type IfsTaxLiability = {
  readonly customerId: string;
  readonly company: string;
  readonly etag: string;
  readonly taxLiability: string | null;
};
