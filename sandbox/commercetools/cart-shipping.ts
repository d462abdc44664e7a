import { type Address, addressOf, readAddress } from "./addresses.ts";
import { type Cart, currencyOf, type ShippingInfo } from "./cart-model.ts";
import { readCustom } from "./custom-fields.ts";
import type { World } from "./definition.ts";
import { invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { doc, docs, requireDoc, requireText, text } from "./input.ts";
import { compact, type Doc, isDoc, setOrRemove } from "./json.ts";
import { requireResource, resolveReference } from "./references.ts";
import { readShippingRate, type ShippingMethod, type ShippingRate, shippingRateFor } from "./shipping-methods.ts";
import { readTaxRate } from "./taxes.ts";

/** A method of the project, at its rate for the address and the currency of the cart. */
function methodInfo(world: World, cart: Cart, draft: Doc, place: Address): ShippingInfo {
  const method = requireResource<ShippingMethod>(world, "shipping-method", draft, "shippingMethod");
  const rate = shippingRateFor(world, method, place, currencyOf(cart));
  if (!rate) throw invalidOperation(`The shipping method '${method.name}' has no rate for the cart's address.`);
  return infoOf(rate, method.name, draft, {
    taxCategory: method.taxCategory,
    shippingMethod: { typeId: "shipping-method", id: method.id },
  });
}

/** A shipping method of one's own, priced in the draft. */
function customInfo(world: World, draft: Doc): ShippingInfo {
  return infoOf(readShippingRate(requireDoc(draft, "shippingRate")), requireText(draft, "shippingMethodName"), draft, {
    taxCategory: resolveReference(world, "tax-category", draft, "taxCategory"),
  });
}

function infoOf(shippingRate: ShippingRate, shippingMethodName: string, draft: Doc, more: Partial<ShippingInfo>) {
  const external = doc(draft, "externalTaxRate");
  const info: ShippingInfo = {
    shippingMethodName,
    price: shippingRate.price,
    shippingRate,
    taxRate: external ? readTaxRate(external) : undefined,
    ...more,
    deliveries: [],
    shippingMethodState: "MatchesCart",
    estimatedDelivery: isDoc(draft.estimatedDelivery) ? draft.estimatedDelivery : undefined,
  };
  return compact(info);
}

export function setShippingMethod(world: World, cart: Cart, draft: Doc): void {
  if (!doc(draft, "shippingMethod")) {
    delete cart.shippingInfo;
    return;
  }
  requireSingle(cart);
  if (!cart.shippingAddress) throw invalidOperation("The cart has no shipping address: a shipping method needs one.");
  cart.shippingInfo = methodInfo(world, cart, draft, cart.shippingAddress);
}

export function setCustomShippingMethod(world: World, cart: Cart, draft: Doc): void {
  requireSingle(cart);
  if (!cart.shippingAddress) throw invalidOperation("The cart has no shipping address: a shipping method needs one.");
  cart.shippingInfo = customInfo(world, draft);
}

function requireSingle(cart: Cart): void {
  if (cart.shippingMode !== "Single") throw invalidOperation("The cart has the shipping mode Multiple.");
}

/** Changing the address picks the rate anew; without an address there is no shipping. */
export function setShippingAddress(world: World, cart: Cart, source: Doc, field = "address"): void {
  const address = readAddress(world, source, field);
  setOrRemove(cart, "shippingAddress", address);
  const { shippingInfo } = cart;
  if (!shippingInfo) return;
  if (!address) {
    delete cart.shippingInfo;
    return;
  }
  if (!shippingInfo.shippingMethod) return;
  const method = world.collection<ShippingMethod>("shipping-method").get(shippingInfo.shippingMethod.id);
  const rate = method && shippingRateFor(world, method, address, currencyOf(cart));
  if (rate) cart.shippingInfo = { ...shippingInfo, price: rate.price, shippingRate: rate };
  else shippingInfo.shippingMethodState = "DoesNotMatchCart";
}

/** Multiple shipping: adds a method (of the project, or one's own) under a shipping key. */
export function addShipping(world: World, cart: Cart, draft: Doc, keyField: "shippingKey" | "key"): void {
  if (cart.shippingMode !== "Multiple") throw invalidOperation("The cart has the shipping mode Single.");
  const shippingKey = requireText(draft, keyField);
  if (cart.shipping.some((one) => one.shippingKey === shippingKey)) {
    throw invalidInput(`The shipping key '${shippingKey}' is in use.`);
  }
  const shippingAddress = addressOf(world, requireDoc(draft, "shippingAddress"), "shippingAddress");
  const shippingInfo = doc(draft, "shippingMethod")
    ? methodInfo(world, cart, draft, shippingAddress)
    : customInfo(world, draft);
  cart.shipping.push(
    compact({ shippingKey, shippingInfo, shippingAddress, shippingCustomFields: readCustom(world, draft, "shipping") }),
  );
}

export function readAddresses(world: World, source: Doc, field: string): Address[] {
  return (docs(source, field) ?? []).map((address) => {
    if (text(address, "key") === undefined) throw requiredField(`${field}.key`);
    return addressOf(world, address, field);
  });
}
