import type {
  BusinessUnit,
  BusinessUnitUpdateAction,
  Customer,
  CustomerUpdateAction,
} from "@commercetools/platform-sdk";
import type {
  IfsCustomer,
  IfsCustomerAddress,
  IfsCustomerCopy,
  IfsCustomerField,
  IfsCustomerFields,
} from "../domain/ifs-customers.ts";

/** Used only on routes whose customers are their own. Deadlines are milliseconds from the call. */
export type CustomerDeps = {
  readonly ifsCustomers: {
    get(customerId: string, deadlineMs?: number): Promise<IfsCustomer | undefined>;
    findBy(
      field: "email" | "vatNo",
      values: readonly string[],
      options: { readonly limit: number; readonly deadlineMs?: number },
    ): Promise<IfsCustomer[]>;
    copy(copy: IfsCustomerCopy, deadlineMs: number): Promise<string>;
    write(
      customerId: string,
      fields: IfsCustomerFields,
      deadlineMs?: number,
    ): Promise<
      | {
          readonly kind: "written";
          readonly fields: readonly { readonly field: IfsCustomerField; readonly was: string | null }[];
        }
      /** It carries the reference of another, and nothing was written. */
      | { readonly kind: "held"; readonly reference: string }
    >;
    addAddress(
      customerId: string,
      address: IfsCustomerAddress,
      options: { readonly types: readonly string[]; readonly deadlineMs?: number },
    ): Promise<boolean>;
  };
  readonly parties: {
    customer(id: string): Promise<Customer | undefined>;
    businessUnit(key: string): Promise<BusinessUnit | undefined>;
    customersOf(externalId: string, limit: number): Promise<string[]>;
    updateCustomer(ref: { id: string; version: number }, actions: CustomerUpdateAction[]): Promise<Customer>;
    updateBusinessUnit(
      ref: { id: string; version: number },
      actions: BusinessUnitUpdateAction[],
    ): Promise<BusinessUnit>;
  };
};
