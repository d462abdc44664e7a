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
