/** The three doors' bodies -> one request. Everything is bounded here; nothing behind it sees an unparsed body. */
import { z } from "zod";
import type { KnownFacts } from "../../domain/alternatives.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Sku } from "../../domain/ids.ts";
import { type Money, money } from "../../domain/money.ts";
import { err, ok, type Result } from "../../domain/result.ts";

export const MAX_LINES = 500;
/** Each reads the shop's entries by itself. */
export const MAX_QUESTIONS = 20;
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
  /** `order`: an order is about to be created. `cart`: a cart is about to change. `question`: somebody wants to know. */
  readonly purpose: "order" | "cart" | "question";
  readonly lines: readonly RequestLine[];
  /** Who asks; absent for an order and a cart, which commercetools asks for. */
  readonly caller?: QuestionCaller;
  /** Id of the cart that the lines are of, which the caller may speak for: what it holds is in nobody's way here. */
  readonly cart?: string;
  /** Keep what is confirmed for the cart. Only with a cart. */
  readonly hold?: boolean;
  /** Total price of the order or cart, where commercetools tells it. */
  readonly value?: Money;
  /** What is known of the order that its route asks for. */
  readonly facts?: KnownFacts;
  /** Id of the order that is about to be created. */
  readonly order?: string;
  /** Its custom fields that are texts. */
  readonly fields?: Readonly<Record<string, string>>;
};

const sku = z.string().min(1).max(256);
const quantity = z.int().min(1).max(MAX_QUANTITY);
const tooMany = `at most ${MAX_LINES} lines are checked at once`;

const askedLines = z
  .array(
    z.strictObject({
      id: z.string().min(1).max(256).optional(),
      sku,
      quantity: quantity.default(1),
      supplyChannel: z.string().min(1).max(256).optional(),
    }),
  )
  .min(1)
  .max(MAX_LINES, tooMany);

const cartId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, "the id of a cart");

const key = z.string().min(1).max(256);

/** Of the order that the lines may become: which other supply channels may be offered goes by its route. */
const orderFacts = { store: key.optional(), country: key.optional(), currency: key.optional() };

const questionSchema = z.strictObject({
  ...{ lines: askedLines, cart: cartId.optional(), hold: z.boolean().optional() },
  ...orderFacts,
});

/**
 * Door (b): `{ lines: [{ id?, sku, quantity?, supplyChannel? (key) }], cart? (id), hold? }`; no quantity is one piece. Callers
 * can't claim reservations, and name or hold for no other cart than they may speak for: a session its own (which it need not
 * name), a client any.
 */
export function parseQuestion(body: unknown, caller?: QuestionCaller): Result<AvailabilityRequest, Rejection> {
  const parsed = questionSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const cart = cartOf(parsed.data, caller);
  if (!cart.ok) return cart;
  return ok(toQuestion(parsed.data, caller, cart.value));
}

const batchSchema = z.strictObject({
  questions: z
    .array(
      z.strictObject({
        ...{ id: z.string().min(1).max(256).optional(), lines: askedLines, cart: cartId.optional() },
        ...orderFacts,
      }),
    )
    .min(1)
    .max(MAX_QUESTIONS, `at most ${MAX_QUESTIONS} questions are answered at once`),
});

/** One question of several; `id` is the caller's name of it, or its position. */
export type BatchQuestion = { readonly id: string; readonly request: AvailabilityRequest };

/**
 * Door (c): `{ questions: [{ id?, lines, cart? }] }`, at most 500 lines in all of them. Each is a question of its own: carts do not
 * take from each other, and none of them holds.
 */
export function parseBatch(body: unknown, caller?: QuestionCaller): Result<readonly BatchQuestion[], Rejection> {
  const parsed = batchSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const { questions } = parsed.data;
  if (questions.reduce((sum, { lines }) => sum + lines.length, 0) > MAX_LINES)
    return err(refusal("questions", tooMany));
  const asked: BatchQuestion[] = [];
  for (const [index, question] of questions.entries()) {
    const cart = cartOf(question, caller);
    if (!cart.ok) return err({ ...cart.error, field: `questions.${index}.${cart.error.field}` });
    asked.push({ id: question.id ?? String(index), request: toQuestion(question, caller, cart.value) });
  }
  return ok(asked);
}

/** Why a storefront key may not ask this: it asks for more pieces of a SKU, in all its questions, than it may find out about. */
export function beyondKey(questions: readonly AvailabilityRequest[], most: number): Rejection | undefined {
  const pieces = new Map<Sku, number>();
  for (const { caller, lines } of questions) {
    if (caller !== undefined && caller.kind !== "key") continue;
    for (const line of lines) {
      const sum = (pieces.get(line.sku) ?? 0) + line.quantity;
      if (sum > most) return refusal("quantity", `a storefront key asks for ${most} pieces of a SKU at most`);
      pieces.set(line.sku, sum);
    }
  }
  return undefined;
}

type AskedQuestion = {
  readonly lines: z.infer<typeof askedLines>;
  readonly cart?: string | undefined;
  readonly hold?: boolean | undefined;
  readonly store?: string | undefined;
  readonly country?: string | undefined;
  readonly currency?: string | undefined;
};

const toQuestion = (
  { lines, hold, store, country, currency }: AskedQuestion,
  caller: QuestionCaller | undefined,
  cart: string | undefined,
): AvailabilityRequest => ({
  purpose: "question",
  lines: lines.map((line, index) => ({
    ref: line.id ?? String(index),
    sku: line.sku as Sku,
    quantity: line.quantity,
    supplyChannel: line.supplyChannel === undefined ? undefined : { by: "key", value: line.supplyChannel },
    ownReserved: 0,
  })),
  ...(hold && { hold: true }),
  ...known({ store, country, currency }),
  ...(caller && { caller }),
  ...(cart !== undefined && { cart }),
});

/** As routes ask for them; nothing where the caller told nothing. */
function known(told: Readonly<Record<"store" | "country" | "currency", string | undefined>>): {
  readonly facts?: KnownFacts;
} {
  const facts: KnownFacts = {
    ...(told.store !== undefined && { store: [told.store] }),
    ...(told.country !== undefined && { country: [told.country] }),
    ...(told.currency !== undefined && { currency: [told.currency] }),
  };
  return Object.keys(facts).length === 0 ? {} : { facts };
}

/** The cart that the question is about, as far as the caller may speak for it. */
function cartOf(
  { cart, hold }: Pick<AskedQuestion, "cart" | "hold">,
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

/** What is read of an order or a cart. Everything else, known or new, is passed over: expanded references, discounts, taxes. */
const orderedSchema = z.object({
  id: z.string().min(1).max(128).nullish(),
  custom: z.object({ fields: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  cart: z.object({ id: z.string().min(1).max(128) }).nullish(),
  // One that cannot be read closes nothing: it is no reason to judge nothing of the order.
  totalPrice: z
    .object({ currencyCode: z.string(), centAmount: z.int(), fractionDigits: z.int().min(0).max(20) })
    .optional()
    .catch(undefined),
  lineItems: z
    .array(
      z.object({
        id: z.string().min(1),
        // No upper bound but what a number can count: an absurd quantity is refused by its stock, not passed by a policy.
        quantity: z.int().min(0),
        variant: z.object({ sku: sku.nullish() }),
        supplyChannel: z.object({ id: z.string().min(1) }).nullish(),
        reservation: z
          .object({ obj: z.object({ quantity: z.int().min(0) }).nullish() })
          .loose()
          .nullish(),
      }),
    )
    .max(MAX_LINES, tooMany),
});

const callSchema = z.object({
  action: z.string(),
  resource: z.object({ typeId: z.string(), id: z.string().min(1).max(128).nullish(), obj: orderedSchema }),
});

/** The calls that are understood. Others are for nobody here to decide, whatever they carry. */
const calls = new Set(["order Create", "cart Create", "cart Update"]);

/**
 * Door (a): what commercetools sends before it creates an order or changes a cart. Lines without SKU have no stock, and lines of
 * nothing need none: both are left out.
 */
export function parseExtension(body: unknown): Result<AvailabilityRequest, Rejection> {
  const parsed = callSchema.safeParse(body);
  if (!parsed.success) return err(unreadable(parsed.error));
  const call = `${parsed.data.resource.typeId} ${parsed.data.action}`;
  if (!calls.has(call)) return err(refusal("action", `only ${[...calls].join(", ")} are checked`));
  const { typeId, id: referenced, obj } = parsed.data.resource;
  const lines = obj.lineItems.flatMap((line): RequestLine[] => {
    if (!line.variant.sku || line.quantity === 0) return [];
    // A reservation that is not expanded is that of the line's quantity: the platform changes both together.
    const ownReserved = line.reservation ? (line.reservation.obj?.quantity ?? line.quantity) : 0;
    const supplyChannel: SupplyChannelRef | undefined = line.supplyChannel
      ? { by: "id", value: line.supplyChannel.id }
      : undefined;
    return [{ ref: line.id, sku: line.variant.sku as Sku, quantity: line.quantity, supplyChannel, ownReserved }];
  });
  const id = obj.id ?? referenced ?? undefined;
  const price = obj.totalPrice;
  const value = price && { value: money(price.currencyCode, price.centAmount, price.fractionDigits) };
  const facts = factsIn(body);
  if (typeId === "cart")
    return ok({ purpose: "cart", lines, ...facts, ...value, ...(id !== undefined && { cart: id }) });
  const cart = obj.cart?.id;
  const fields = textsAmong(obj.custom?.fields ?? {});
  return ok({
    purpose: "order",
    lines,
    ...facts,
    ...value,
    ...(cart !== undefined && { cart }),
    ...(id !== undefined && { order: id }),
    ...(fields !== undefined && { fields }),
  });
}

const keyed = z.object({ key }).nullish();
const routedSchema = z.object({
  resource: z.object({
    obj: z.object({
      store: keyed,
      businessUnit: keyed,
      country: key.nullish(),
      shippingAddress: z.object({ country: key.nullish() }).nullish(),
      totalPrice: z.object({ currencyCode: key }),
      customerId: key.nullish(),
      customerGroup: z.unknown().optional(),
      shippingInfo: z.unknown().optional(),
      shipping: z.array(z.unknown()).nullish(),
      lineItems: z.array(z.object({ distributionChannel: z.unknown().optional() })),
    }),
  }),
});

/** What comes as an id would have to be looked up, so it is not known; what cannot be read is no reason to judge nothing of the order. */
function factsIn(body: unknown): { readonly facts?: KnownFacts } {
  const order = routedSchema.safeParse(body).data?.resource.obj;
  if (!order) return {};
  const { store, businessUnit, shippingInfo, shipping, customerGroup, lineItems } = order;
  const listOf = (value: string | null | undefined): readonly string[] => (value ? [value] : []);
  const isDelivered = shippingInfo || (shipping ?? []).length > 0;
  const facts: KnownFacts = {
    ...{ store: listOf(store?.key), businessUnit: listOf(businessUnit?.key) },
    ...{ country: listOf(order.country ?? order.shippingAddress?.country), currency: [order.totalPrice.currencyCode] },
    buyer: [businessUnit ? "business" : order.customerId ? "customer" : "guest"],
    ...(!customerGroup && { customerGroup: [] }),
    ...(!isDelivered && { shippingMethod: [] }),
    ...(lineItems.every((line) => !line.distributionChannel) && { channel: lineItems.map(() => "") }),
  };
  return { facts };
}

/** Longer texts are nothing that this service has written. */
const MAX_TEXT = 8000;

function textsAmong(fields: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  const texts = Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" && value.length <= MAX_TEXT ? [[name, value]] : [],
  );
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
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
