import { z } from "zod";
import { AuthenticationError } from "../domain/failure.ts";
import type { CtClient } from "./client.ts";
import { allPages, keyset } from "./paging.ts";

export type OrderMessage = { readonly at: string; readonly type: string; readonly sequenceNumber: number };

const messagesSchema = z.object({
  results: z.array(z.object({ createdAt: z.iso.datetime(), type: z.string(), sequenceNumber: z.int() })),
});

const orderPageSchema = z.object({
  results: z.array(z.object({ id: z.string(), resource: z.object({ id: z.string() }) })),
});

/**
 * Messages of orders, or of payments, after `from` up to `to`, by ascending id; fewer than `limit` (500) mean the end. Undefined: no scope to read
 * them. A project that does not keep Messages answers an empty list.
 */
export async function orderMessagePage(
  { root }: CtClient,
  query: {
    readonly of: "order" | "payment";
    readonly from: string;
    readonly to: string;
    readonly afterId: string | undefined;
    readonly limit: number;
  },
): Promise<{ id: string; resourceId: string }[] | undefined> {
  const where = [`resource(typeId = "${query.of}")`, "createdAt > :from", "createdAt <= :to"];
  const queryArgs = keyset(where, { from: query.from, to: query.to }, query.afterId, query.limit);
  try {
    const { body } = await root.messages().get({ queryArgs }).execute();
    return orderPageSchema.parse(body).results.map(({ id, resource }) => ({ id, resourceId: resource.id }));
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined;
    throw error;
  }
}

const removedSchema = z.object({
  results: z.array(
    z
      .object({
        id: z.string(),
        createdAt: z.iso.datetime(),
        resource: z.object({ id: z.string() }),
        lineItemId: z.string(),
        removedQuantity: z.number(),
      })
      .transform(({ id, createdAt, resource, lineItemId, removedQuantity }) => ({
        ...{ id, orderId: resource.id, lineId: lineItemId, quantity: removedQuantity, at: Date.parse(createdAt) },
      })),
  ),
});

export type RemovedLineItem = Omit<z.infer<typeof removedSchema>["results"][number], "id">;

/**
 * What Order Edits have taken off the lines of orders since then (milliseconds since the epoch), in pieces. None where the project keeps
 * no Messages, or where there is no scope to read them.
 */
export async function removedLineItems({ root }: CtClient, since: number): Promise<RemovedLineItem[]> {
  const where = ["resource(typeId = :of)", "type = :type", "createdAt >= :since"];
  const variables = { of: "order", type: "OrderLineItemRemoved", since: new Date(since).toISOString() };
  try {
    return await allPages(async (afterId) => {
      const queryArgs = keyset(where, variables, afterId);
      return removedSchema.parse((await root.messages().get({ queryArgs }).execute()).body).results;
    });
  } catch (error) {
    if (error instanceof AuthenticationError) return [];
    throw error;
  }
}

/** What the platform told about an order, without contents; the oldest 500 that it still keeps. Undefined: no scope to read them. */
export async function orderMessages({ root }: CtClient, orderId: string): Promise<OrderMessage[] | undefined> {
  const queryArgs = {
    where: 'resource(typeId = "order" and id = :id)',
    "var.id": orderId,
    sort: "sequenceNumber asc",
    limit: 500,
    withTotal: false,
  };
  try {
    const { body } = await root.messages().get({ queryArgs }).execute();
    return messagesSchema
      .parse(body)
      .results.map(({ createdAt, type, sequenceNumber }) => ({ at: createdAt, type, sequenceNumber }));
  } catch (error) {
    // An installation from before this scope was asked for still shows everything else.
    if (error instanceof AuthenticationError) return undefined;
    throw error;
  }
}
