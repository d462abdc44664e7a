import type { Order, OrderUpdateAction } from "@commercetools/platform-sdk";
import type { OrderId } from "../domain/ids.ts";
import { absentAsUndefined, type CtClient } from "./client.ts";
import { keyset } from "./paging.ts";

export type Versioned = { readonly id: string; readonly version: number };

export type OrderPageQuery = {
  /** Predicates that all hold; values only as `:variable`. */
  readonly where: string[];
  readonly variables?: Record<string, string | number | string[]>;
  readonly afterId?: string;
  /** At most 500. */
  readonly limit: number;
  /** Reference paths to expand, at most a few. */
  readonly expand?: string[];
};

export function createOrders(ct: CtClient) {
  const { root } = ct;
  return {
    /** `expand`: reference paths, at most a few. */
    get: (id: OrderId, expand: string[] = []): Promise<Order | undefined> =>
      absentAsUndefined(root.orders().withId({ ID: id }).get({ queryArgs: { expand } }).execute()),

    /** How many orders there are; the platform counts to 10,000. */
    async count(where: string[], variables: Record<string, string | string[]>): Promise<number> {
      const named = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var.${name}`, value]));
      const queryArgs = { where, ...named, limit: 1, withTotal: true };
      return (await root.orders().get({ queryArgs }).execute()).body.total ?? 0;
    },

    /**
     * All actions or none, at the version read. ConflictError: somebody wrote first. RefusedError: the data are refused.
     * TransientError: the update may have happened, so read before planning again.
     */
    async update(ref: Versioned, actions: OrderUpdateAction[]): Promise<Order> {
      const request = root.orders().withId({ ID: ref.id });
      return (await request.post({ body: { version: ref.version, actions } }).execute()).body;
    },

    /** The youngest orders, at most 500. */
    async newest(limit: number, expand: string[] = []): Promise<Order[]> {
      const queryArgs = { sort: "createdAt desc", limit, withTotal: false, expand };
      return (await root.orders().get({ queryArgs }).execute()).body.results;
    },

    /** The youngest order created at or before that time, without its references. */
    async newestBefore(createdAt: string): Promise<Order | undefined> {
      const queryArgs = {
        where: "createdAt <= :createdAt",
        "var.createdAt": createdAt,
        sort: "createdAt desc",
        limit: 1,
        withTotal: false,
      };
      return (await root.orders().get({ queryArgs }).execute()).body.results[0];
    },

    /** One page by ascending id; fewer rows than `limit` means the end. */
    async page(query: OrderPageQuery): Promise<Order[]> {
      const queryArgs = {
        ...keyset(query.where, query.variables ?? {}, query.afterId, query.limit),
        ...(query.expand && { expand: query.expand }),
      };
      return (await root.orders().get({ queryArgs }).execute()).body.results;
    },
  };
}
