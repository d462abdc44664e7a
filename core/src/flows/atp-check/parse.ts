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

/**
 * Who asks a question. `session`: a checkout session, good for its own cart. `client`: a server of the merchant, good for any
 * cart. `shopper`: a token that a page may have, of a customer, of an anonymous visit or of nobody: whose cart is whose was not
 * compared. `key`: a page, so anybody.
 */
export type QuestionCaller = {
  readonly kind: "session" | "client" | "shopper" | "key";
  /** Tells callers of a kind apart, and is no credential. */
  readonly id: string;
  /** Id of the session's cart. */
  readonly cartId?: string;
};

export type AvailabilityRequest = {
  /** `order`: an order is about to be created. `question`: somebody wants to know. */
  readonly purpose: "order" | "question";
  readonly lines: readonly RequestLine[];
  /** Who asks; absent for an order, which commercetools asks for. */
  readonly caller?: QuestionCaller;
  /** Id of the cart that the lines are of, which the caller may speak for: what it holds is in nobody's way here. */
  readonly cart?: string;
  /** Keep what is confirmed for the cart. Only with a cart. */
  readonly hold?: boolean;
  /** Id of the order that is about to be created. */
  readonly order?: string;
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
  cart: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, "the id of a cart")
    .optional(),
  hold: z.boolean().optional(),
});

/**
 * Door (b): `{ lines: [{ id?, sku, quantity, supplyChannel? (key) }], cart? (id), hold? }`. Callers can't claim reservations,
 * and name or hold for no other cart than they may speak for: a session its own (which it need not name), a client any.
 */
export function parseQuestion(body: unknown, caller?: QuestionCaller): Result<AvailabilityRequest, Rejection> {
  const parsed = questionSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const cart = cartOf(parsed.data, caller);
  if (!cart.ok) return cart;
  const lines = parsed.data.lines.map(
    (line, index): RequestLine => ({
      ref: line.id ?? String(index),
      sku: line.sku as Sku,
      quantity: line.quantity,
      supplyChannel: line.supplyChannel === undefined ? undefined : { by: "key", value: line.supplyChannel },
      ownReserved: 0,
    }),
  );
  return ok({
    purpose: "question",
    lines,
    ...(parsed.data.hold && { hold: true }),
    ...(caller && { caller }),
    ...(cart.value !== undefined && { cart: cart.value }),
  });
}

/** The cart that the question is about, as far as the caller may speak for it. */
function cartOf(
  { cart, hold }: z.infer<typeof questionSchema>,
  caller: QuestionCaller | undefined,
): Result<string | undefined, Rejection> {
  switch (caller?.kind) {
    case "session":
      return cart === undefined || cart === caller.cartId
        ? ok(caller.cartId)
        : err(refusal("cart", "the session is of another cart"));
    case "client":
      return hold && cart === undefined ? err(refusal("cart", "a hold needs the cart that it is for")) : ok(cart);
    default: {
      const field = hold ? "hold" : "cart";
      const reason = `only a checkout session, or a token of a server (\`atp.doors.holdScopes\`), may ${hold ? "hold" : "name a cart"}`;
      return hold || cart !== undefined ? err(refusal(field, reason)) : ok(undefined);
    }
  }
}

const orderCreationSchema = z.object({
  action: z.literal("Create"),
  resource: z.object({
    typeId: z.literal("order"),
    id: z.string().min(1).max(128).nullish(),
    obj: z.object({
      id: z.string().min(1).max(128).nullish(),
      cart: z.object({ id: z.string().min(1).max(128) }).nullish(),
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
  const { id, obj } = parsed.data.resource;
  const cart = obj.cart?.id;
  const order = obj.id ?? id ?? undefined;
  return ok({ purpose: "order", lines, ...(cart !== undefined && { cart }), ...(order !== undefined && { order }) });
}

function unreadable(error: z.ZodError): Rejection {
  const issue = error.issues[0];
  return refusal(issue?.path.join(".") || "body", issue?.message ?? "unreadable");
}

const refusal = (field: string, reason: string): Rejection => ({
  code: "invalidInput",
  message: `The request can't be checked: ${field}: ${reason}.`,
  action: "Correct the request.",
  owner: "developer",
  field,
});
