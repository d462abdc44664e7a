import { z } from "zod";
import { AuthenticationError } from "../domain/failure.ts";
import type { CtClient } from "./client.ts";

export type OrderMessage = { readonly at: string; readonly type: string; readonly sequenceNumber: number };

const messagesSchema = z.object({
  results: z.array(z.object({ createdAt: z.iso.datetime(), type: z.string(), sequenceNumber: z.int() })),
});

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
