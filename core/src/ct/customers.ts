import type {
  BusinessUnit,
  BusinessUnitUpdateAction,
  Customer,
  CustomerUpdateAction,
} from "@commercetools/platform-sdk";
import { absentAsUndefined, type CtClient } from "./client.ts";
import { keyset } from "./paging.ts";

type Versioned = { readonly id: string; readonly version: number };

type PageQuery = {
  /** Predicates that all hold; values only as `:variable`. */
  readonly where: string[];
  readonly variables: Record<string, string>;
  readonly afterId?: string;
  /** At most 500. */
  readonly limit: number;
};

/** Customers and business units. Updates go out at the version read: ConflictError when somebody wrote first. */
export function createParties(ct: CtClient) {
  const { root } = ct;
  return {
    customer: (id: string): Promise<Customer | undefined> =>
      absentAsUndefined(root.customers().withId({ ID: id }).get().execute()),

    businessUnit: (key: string): Promise<BusinessUnit | undefined> =>
      absentAsUndefined(root.businessUnits().withKey({ key }).get().execute()),

    businessUnitById: (id: string): Promise<BusinessUnit | undefined> =>
      absentAsUndefined(root.businessUnits().withId({ ID: id }).get().execute()),

    /** One page by ascending id; fewer rows than `limit` mean the end. */
    async customerPage({ where, variables, afterId, limit }: PageQuery): Promise<Customer[]> {
      const queryArgs = keyset(where, variables, afterId, limit);
      return (await root.customers().get({ queryArgs }).execute()).body.results;
    },

    async businessUnitPage({ where, variables, afterId, limit }: PageQuery): Promise<BusinessUnit[]> {
      const queryArgs = keyset(where, variables, afterId, limit);
      return (await root.businessUnits().get({ queryArgs }).execute()).body.results;
    },

    /** Ids of at most `limit` customers that carry this `externalId`, which the platform does not keep unique. */
    async customersOf(externalId: string, limit: number): Promise<string[]> {
      const queryArgs = keyset(["externalId = :externalId"], { externalId }, undefined, limit);
      return (await root.customers().get({ queryArgs }).execute()).body.results.map(({ id }) => id);
    },

    async updateCustomer({ id, version }: Versioned, actions: CustomerUpdateAction[]): Promise<Customer> {
      return (await root.customers().withId({ ID: id }).post({ body: { version, actions } }).execute()).body;
    },

    async updateBusinessUnit({ id, version }: Versioned, actions: BusinessUnitUpdateAction[]): Promise<BusinessUnit> {
      return (await root.businessUnits().withId({ ID: id }).post({ body: { version, actions } }).execute()).body;
    },
  };
}
