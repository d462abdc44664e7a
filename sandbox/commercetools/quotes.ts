import type { Cart } from "./cart-model.ts";
import { cartDefinition } from "./carts.ts";
import { commitCreate, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Call, Definition, TypeId } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { concurrentModification, duplicateField, invalidOperation, requiredField } from "./errors.ts";
import { dateTime, flag, key, requireInteger, requireOneOf, text } from "./input.ts";
import { compact, type Doc, type Reference, type Resource, setOrRemove } from "./json.ts";
import { saleOf } from "./orders.ts";
import { requireResource } from "./references.ts";

const REQUEST_STATES = ["Submitted", "Accepted", "Closed", "Rejected", "Cancelled"] as const;
const STAGED_STATES = ["InProgress", "Sent", "Closed"] as const;
const STATES = [
  ...(["Pending", "Declined", "DeclinedForRenegotiation", "RenegotiationAddressed", "Accepted", "Withdrawn"] as const),
] as const;

type QuoteRequest = Resource & { quoteRequestState: (typeof REQUEST_STATES)[number]; cart: Reference<"cart"> };
type StagedQuote = Resource & {
  stagedQuoteState: (typeof STAGED_STATES)[number];
  quoteRequest: Reference<"quote-request">;
  quotationCart: Reference<"cart">;
};
export type Quote = Resource & { quoteState: (typeof STATES)[number]; validTo?: string };

const SALE_FIELDS = [
  ...["customer", "customerGroup", "store", "businessUnit", "lineItems", "customLineItems", "totalPrice", "taxedPrice"],
  ...[
    "shippingAddress",
    "billingAddress",
    "inventoryMode",
    "taxMode",
    "country",
    "shippingInfo",
    "purchaseOrderNumber",
  ],
];

/** The resource that a draft starts from, at the version that the draft names. */
function requireAt<T extends Resource>(call: Call, typeId: TypeId, draft: Doc, fields: [string, string]): T {
  const found = requireResource<T>(call.world, typeId, draft, fields[0]);
  const version = requireInteger(draft, fields[1]);
  if (version !== found.version) throw concurrentModification(version, found.version);
  return found;
}

/** Refuses a taken key before anything else is written for the draft. */
function freeKey(call: Call, typeId: TypeId, draft: Doc): string | undefined {
  const own = key(draft);
  if (own !== undefined && call.world.collection(typeId).findUnique("key", own)) throw duplicateField("key", own);
  return own;
}

function partiesOf(source: Doc): Doc {
  const { customerId, customer, customerGroup, store, businessUnit, purchaseOrderNumber } = source;
  const buyer = customerId === undefined ? customer : { typeId: "customer", id: customerId };
  return { customer: buyer, customerGroup, store, businessUnit, purchaseOrderNumber };
}

/** `change…State` of one of the three, told by `…StateChanged`. */
function changeState<T extends Resource>(field: string, states: readonly string[], message: string): Action<T> {
  return ({ resource, emit }, action) => {
    const old = resource[field];
    const now = requireOneOf(action, field, states);
    setOrRemove(resource, field, now);
    emit(message, { [field]: now, [`old${field.charAt(0).toUpperCase()}${field.slice(1)}`]: old });
  };
}

/** What a customer asks a price for: the cart as it was. */
export const quoteRequestDefinition: Definition<QuoteRequest> = {
  typeId: "quote-request",
  path: "quote-requests",
  scopes: scopes("quote_requests"),
  extensible: true,
  fields: [...BASE_FIELDS, "key", "quoteRequestState", "comment", "cart", "custom", ...SALE_FIELDS],
  uniques: [KEY_UNIQUE],
  create(call, draft) {
    const cart = requireAt<Cart>(call, "cart", draft, ["cart", "cartVersion"]);
    if (cart.customerId === undefined) throw requiredField("cart.customerId");
    return {
      ...saleOf(cart),
      ...partiesOf(cart),
      key: key(draft),
      quoteRequestState: "Submitted",
      comment: text(draft, "comment"),
      purchaseOrderNumber: text(draft, "purchaseOrderNumber") ?? cart.purchaseOrderNumber,
      cart: { typeId: "cart", id: cart.id },
      custom: readCustom(call.world, draft, "quote") ?? cart.custom,
    };
  },
  created: ({ resource, emit }) => emit("QuoteRequestCreated", { quoteRequest: { ...resource } }),
  actions: {
    changeQuoteRequestState: changeState("quoteRequestState", REQUEST_STATES, "QuoteRequestStateChanged"),
    ...customActions<QuoteRequest>("quote"),
  },
};

/** What the seller works on: a cart of its own, of origin Quote, that takes the seller's prices. */
export const stagedQuoteDefinition: Definition<StagedQuote> = {
  typeId: "staged-quote",
  path: "staged-quotes",
  scopes: scopes("staged_quotes"),
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "stagedQuoteState", "customer", "quoteRequest", "quotationCart", "validTo", "sellerComment", "custom"],
    ...["purchaseOrderNumber", "businessUnit", "store"],
  ],
  uniques: [KEY_UNIQUE],
  create(call, draft) {
    const request = requireAt<QuoteRequest>(call, "quote-request", draft, ["quoteRequest", "quoteRequestVersion"]);
    const own = freeKey(call, "staged-quote", draft);
    const custom = readCustom(call.world, draft, "quote");
    const asked = call.world.collection<Cart>("cart").get(request.cart.id);
    if (!asked) throw invalidOperation("The cart of the quote request does not exist any more.");
    const fields = { ...asked, ...saleOf(request), origin: "Quote", cartState: "Active" };
    const { id: _id, version: _version, key: _key, createdAt: _at, lastModifiedAt: _then, ...copy } = fields;
    const cart = commitCreate(cartDefinition, openCreate<Cart>(call, structuredClone(copy)));
    if (flag(draft, "quoteRequestStateToAccepted")) {
      const change = openUpdate(call, request);
      change.resource.quoteRequestState = "Accepted";
      commitUpdate(quoteRequestDefinition, change);
    }
    const { customer, businessUnit, store, purchaseOrderNumber } = partiesOf(request);
    return {
      ...{ key: own, customer, businessUnit, store, purchaseOrderNumber },
      stagedQuoteState: "InProgress",
      quoteRequest: { typeId: "quote-request", id: request.id },
      quotationCart: { typeId: "cart", id: cart.id },
      custom,
    };
  },
  created: ({ resource, emit }) => emit("StagedQuoteCreated", { stagedQuote: { ...resource } }),
  actions: {
    changeStagedQuoteState: changeState("stagedQuoteState", STAGED_STATES, "StagedQuoteStateChanged"),
    setSellerComment: ({ resource, emit }, action) => {
      setOrRemove(resource, "sellerComment", text(action, "sellerComment"));
      emit("StagedQuoteSellerCommentSet", compact({ sellerComment: resource.sellerComment }));
    },
    setValidTo: ({ resource, emit }, action) => {
      setOrRemove(resource, "validTo", dateTime(action, "validTo"));
      emit("StagedQuoteValidToSet", compact({ validTo: resource.validTo }));
    },
    ...customActions<StagedQuote>("quote"),
  },
};

/** What the seller offers: the quotation cart as it was, until a day. */
export const quoteDefinition: Definition<Quote> = {
  typeId: "quote",
  path: "quotes",
  scopes: scopes("quotes"),
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "quoteState", "quoteRequest", "stagedQuote", "validTo", "sellerComment", "buyerComment", "custom"],
    ...SALE_FIELDS,
  ],
  uniques: [KEY_UNIQUE],
  create(call, draft) {
    const staged = requireAt<StagedQuote>(call, "staged-quote", draft, ["stagedQuote", "stagedQuoteVersion"]);
    const own = freeKey(call, "quote", draft);
    const custom = readCustom(call.world, draft, "quote");
    const cart = call.world.collection<Cart>("cart").get(staged.quotationCart.id);
    if (!cart) throw invalidOperation("The quotation cart does not exist any more.");
    if (flag(draft, "stagedQuoteStateToSent")) {
      const change = openUpdate(call, staged);
      change.resource.stagedQuoteState = "Sent";
      commitUpdate(stagedQuoteDefinition, change);
    }
    return {
      ...saleOf(cart),
      ...partiesOf(cart),
      key: own,
      quoteState: "Pending",
      quoteRequest: staged.quoteRequest,
      stagedQuote: { typeId: "staged-quote", id: staged.id },
      validTo: staged.validTo,
      sellerComment: staged.sellerComment,
      custom: custom ?? cart.custom,
    };
  },
  created: ({ resource, emit }) => emit("QuoteCreated", { quote: { ...resource } }),
  actions: {
    changeQuoteState: changeState("quoteState", STATES, "QuoteStateChanged"),
    requestQuoteRenegotiation: ({ resource, emit }, action) => {
      resource.quoteState = "DeclinedForRenegotiation";
      setOrRemove(resource, "buyerComment", text(action, "buyerComment"));
      emit("QuoteRenegotiationRequested", compact({ buyerComment: resource.buyerComment }));
    },
    ...customActions<Quote>("quote"),
  },
};
