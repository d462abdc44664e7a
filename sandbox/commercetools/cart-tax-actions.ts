import { findItem } from "./cart-lines.ts";
import type { Cart, CartItem, ShippingInfo } from "./cart-model.ts";
import { currencyOf, shippingInfos } from "./cart-model.ts";
import { mergePortions, taxableOf, taxableShipping, taxed, taxedPrice, taxingOf } from "./cart-tax.ts";
import type { Action } from "./definition.ts";
import { invalidOperation } from "./errors.ts";
import { doc, docs, requireDoc, text } from "./input.ts";
import { type Doc, setOrRemove } from "./json.ts";
import { cents, readCents } from "./money.ts";
import { readTaxRate } from "./taxes.ts";

type CartAction = Action<Cart>;
type Taxable = { taxRate?: CartItem["taxRate"]; taxedPrice?: CartItem["taxedPrice"] };

/** External: the rate comes from outside, the amounts are computed here. */
function setRate(cart: Cart, thing: Taxable, action: Doc): void {
  if (cart.taxMode !== "External") throw invalidOperation("The cart's tax mode is not External.");
  const rate = doc(action, "externalTaxRate");
  setOrRemove(thing, "taxRate", rate ? readTaxRate(rate) : undefined);
}

/** ExternalAmount: gross and rate come from outside; the net of an item is its price where tax is not included. */
function setAmount(cart: Cart, thing: Taxable, price: bigint, action: Doc): void {
  if (cart.taxMode !== "ExternalAmount") throw invalidOperation("The cart's tax mode is not ExternalAmount.");
  const given = doc(action, "externalTaxAmount");
  if (!given) {
    delete thing.taxRate;
    delete thing.taxedPrice;
    return;
  }
  const rate = readTaxRate(requireDoc(given, "taxRate"));
  const gross = BigInt(readCents(given, "totalGross").centAmount);
  const amount = { total: gross, parts: [{ quantity: 1, over: gross, under: 1n }] };
  const fromGross = taxed(amount, { ...rate, includedInPrice: true }, { ...taxingOf(cart), mode: "LineItemLevel" });
  const net = rate.includedInPrice ? BigInt(fromGross.totalNet.centAmount) : price;
  const [portion] = fromGross.taxPortions;
  const portions =
    rate.subRates.length > 0 || !portion
      ? fromGross.taxPortions
      : [{ ...portion, amount: cents(currencyOf(cart), gross - net) }];
  thing.taxRate = rate;
  thing.taxedPrice = taxedPrice(net, gross, portions, currencyOf(cart));
}

function shippingOf(cart: Cart, action: Doc): ShippingInfo {
  const shippingKey = text(action, "shippingKey");
  const info =
    shippingKey === undefined
      ? cart.shippingInfo
      : cart.shipping.find((one) => one.shippingKey === shippingKey)?.shippingInfo;
  if (!info) throw invalidOperation("The cart has no such shipping method.");
  return info;
}

function itemAmount(items: (cart: Cart) => CartItem[], prefix: "lineItem" | "customLineItem"): CartAction {
  return ({ resource }, action) => {
    const item = findItem(items(resource), action, prefix);
    setAmount(resource, item, taxableOf(item).total, action);
  };
}

/** The gross of the whole cart; its net is the sum of the items' nets, or the price where those are not known. */
const setCartTotalTax: CartAction = ({ resource: cart }, action) => {
  if (cart.taxMode !== "ExternalAmount") throw invalidOperation("The cart's tax mode is not ExternalAmount.");
  const currency = currencyOf(cart);
  const gross = BigInt(readCents(action, "externalTotalGross").centAmount);
  const things = [...cart.lineItems, ...cart.customLineItems, ...shippingInfos(cart)];
  const nets = things.map((thing) => thing.taxedPrice?.totalNet.centAmount);
  const known = nets.every((net) => net !== undefined);
  const net = known ? nets.reduce((sum, one) => sum + BigInt(one), 0n) : BigInt(cart.totalPrice.centAmount);
  const portions = docs(action, "externalTaxPortions")?.map((portion) => ({
    ...(typeof portion.name === "string" ? { name: portion.name } : {}),
    rate: Number(portion.rate),
    amount: readCents(portion, "amount"),
  }));
  const summed = things.flatMap((thing) => thing.taxedPrice?.taxPortions ?? []);
  cart.taxedPrice = taxedPrice(net, gross, portions ?? mergePortions(summed), currency);
};

export const CART_TAX_ACTIONS: Record<string, CartAction> = {
  setCartTotalTax,
  setLineItemTaxRate: ({ resource }, action) =>
    setRate(resource, findItem(resource.lineItems, action, "lineItem"), action),
  setCustomLineItemTaxRate: ({ resource }, action) =>
    setRate(resource, findItem(resource.customLineItems, action, "customLineItem"), action),
  setShippingMethodTaxRate: ({ resource }, action) => setRate(resource, shippingOf(resource, action), action),
  setLineItemTaxAmount: itemAmount((cart) => cart.lineItems, "lineItem"),
  setCustomLineItemTaxAmount: itemAmount((cart) => cart.customLineItems, "customLineItem"),
  setShippingMethodTaxAmount: ({ resource }, action) => {
    const info = shippingOf(resource, action);
    setAmount(resource, info, taxableShipping(info).total, action);
  },
};
