import { authorize } from "./auth.ts";
import { commitCreate, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import type { Call } from "./definition.ts";
import { concurrentModification, invalidOperation } from "./errors.ts";
import { flag, requireInteger } from "./input.ts";
import type { Doc } from "./json.ts";
import type { Order } from "./order-model.ts";
import { planSale } from "./order-stock.ts";
import { headerFields, orderDefinition, saleOf } from "./orders.ts";
import { type Quote, quoteDefinition } from "./quotes.ts";
import { requireResource } from "./references.ts";
import { extend } from "./update.ts";

/** `POST /orders/quotes`: the offer becomes an order at the offered prices; it refers to the quote and to no cart. */
export async function createOrderFromQuote(call: Call, draft: Doc): Promise<Order> {
  authorize(call.actor, ["manage_orders", "manage_my_orders"]);
  const { world } = call;
  const quote = requireResource<Quote>(world, "quote", draft, "quote");
  checkQuote(call, quote, requireInteger(draft, "version"));
  const { customer, ...sale } = saleOf(quote);
  const buyer = customer as { id: string } | undefined;
  const change = openCreate<Order>(call, {
    ...sale,
    ...(buyer ? { customerId: buyer.id } : {}),
    ...headerFields(world, draft),
    ...(quote.purchaseOrderNumber === undefined ? {} : { purchaseOrderNumber: quote.purchaseOrderNumber }),
    ...(quote.custom === undefined ? {} : { custom: structuredClone(quote.custom) }),
    origin: "Quote",
    quote: { typeId: "quote", id: quote.id },
    syncInfo: [],
    returnInfo: [],
  });
  world.collection<Order>("order").check(change.resource);
  await extend(orderDefinition, change, "Create");
  const current = world.collection<Quote>("quote").get(quote.id);
  checkQuote(call, current, quote.version);
  world.collection<Order>("order").check(change.resource);
  change.onCommit(planSale(call, change.resource, change.resource.id));
  if (flag(draft, "quoteStateToAccepted")) change.onCommit(() => accept(call, quote));
  return commitCreate(orderDefinition, change);
}

function checkQuote(call: Call, quote: Quote | undefined, version: number): void {
  if (!quote) throw invalidOperation("The quote does not exist any more.");
  if (quote.version !== version) throw concurrentModification(version, quote.version);
  if (quote.quoteState !== "Pending") throw invalidOperation(`The quote is ${quote.quoteState}, not Pending.`);
  if (quote.validTo !== undefined && quote.validTo < call.world.nowIso()) {
    throw invalidOperation(`The quote was valid to ${quote.validTo}.`);
  }
}

function accept(call: Call, quote: Quote): void {
  const change = openUpdate(call, quote);
  change.resource.quoteState = "Accepted";
  change.emit("QuoteStateChanged", { quoteState: "Accepted", oldQuoteState: quote.quoteState });
  commitUpdate(quoteDefinition, change);
}
