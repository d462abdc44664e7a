/** The three doors' bodies -> one request. Everything is bounded here; nothing behind it sees an unparsed body. */
import { z } from "zod";
import type { Rejection } from "../../domain/failure.ts";
import type { Sku } from "../../domain/ids.ts";
import { err, ok, type Result } from "../../domain/result.ts";

export const MAX_LINES = 500;
const MAX_QUANTITY = 1_000_000_000;

export type SupplyChannelRef = { readonly by: "key" | "id"; readonly value: string };

export type RequestLine = {
  /** The caller's name of the line: a line item id, or its position. */
  readonly ref: string;
  readonly sku: Sku;
  /** Pieces as the shop counts them, at least 1. */
  readonly quantity: number;
  readonly supplyChannel: SupplyChannelRef | undefined;
  /** Pieces that the order's own cart holds reserved: they are this buyer's and not in anybody's way. */
  readonly ownReserved: number;
};

export type AvailabilityRequest = {
  /** `order`: an order is about to be created. `question`: somebody wants to know. */
  readonly purpose: "order" | "question";
  readonly lines: readonly RequestLine[];
};

const sku = z.string().min(1).max(256);
const quantity = z.int().min(1).max(MAX_QUANTITY);
const tooMany = `at most ${MAX_LINES} lines are checked at once`;

const questionSchema = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(256).optional(),
        sku,
        quantity,
        supplyChannel: z.string().min(1).max(256).optional(),
      }),
    )
    .min(1)
    .max(MAX_LINES, tooMany),
});

/** Door (b) and (c): `{ lines: [{ id?, sku, quantity, supplyChannel? (key) }] }`. Callers can't claim reservations. */
export function parseQuestion(body: unknown): Result<AvailabilityRequest, Rejection> {
  const parsed = questionSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const lines = parsed.data.lines.map(
    (line, index): RequestLine => ({
      ref: line.id ?? String(index),
      sku: line.sku as Sku,
      quantity: line.quantity,
      supplyChannel: line.supplyChannel === undefined ? undefined : { by: "key", value: line.supplyChannel },
      ownReserved: 0,
    }),
  );
  return ok({ purpose: "question", lines });
}

const orderCreationSchema = z.object({
  action: z.literal("Create"),
  resource: z.object({
    typeId: z.literal("order"),
    obj: z.object({
      lineItems: z
        .array(
          z.object({
            id: z.string().min(1),
            quantity,
            variant: z.object({ sku: sku.nullish() }),
            supplyChannel: z.object({ id: z.string().min(1) }).nullish(),
            reservation: z
              .object({ obj: z.object({ quantity: z.int().min(0) }).nullish() })
              .loose()
              .nullish(),
          }),
        )
        .max(MAX_LINES, tooMany),
    }),
  }),
});

/** Door (a): what commercetools sends before it creates an order. Lines without SKU have no stock and are left out. */
export function parseOrderCreation(body: unknown): Result<AvailabilityRequest, Rejection> {
  const parsed = orderCreationSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const lines = parsed.data.resource.obj.lineItems.flatMap((line): RequestLine[] => {
    if (!line.variant.sku) return [];
    // A reservation that is not expanded is that of the line's quantity: the platform changes both together.
    const ownReserved = line.reservation ? (line.reservation.obj?.quantity ?? line.quantity) : 0;
    const supplyChannel: SupplyChannelRef | undefined = line.supplyChannel
      ? { by: "id", value: line.supplyChannel.id }
      : undefined;
    return [{ ref: line.id, sku: line.variant.sku as Sku, quantity: line.quantity, supplyChannel, ownReserved }];
  });
  return ok({ purpose: "order", lines });
}

function unreadable(error: z.ZodError): Rejection {
  const issue = error.issues[0];
  const field = issue?.path.join(".") || "body";
  return {
    code: "invalidInput",
    message: `The request can't be checked: ${field}: ${issue?.message ?? "unreadable"}.`,
    action: "Correct the request.",
    owner: "developer",
    field,
  };
}
