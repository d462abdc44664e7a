import { readAddress } from "./addresses.ts";
import { authorize } from "./auth.ts";
import { readShippingDetails } from "./cart-lines.ts";
import {
  INVENTORY_MODES,
  type LineItem,
  type ShippingInfo,
  TAX_CALCULATION_MODES,
  type TaxedPrice,
} from "./cart-model.ts";
import { readAddresses } from "./cart-shipping.ts";
import { commitCreate, openCreate } from "./commit.ts";
import { readCustom } from "./custom-fields.ts";
import type { Call, Definition, World } from "./definition.ts";
import { requiredField } from "./errors.ts";
import {
  country,
  dateTime,
  doc,
  docs,
  integer,
  key,
  oneOf,
  requireDoc,
  requireInteger,
  requireLocalized,
  requireText,
  text,
} from "./input.ts";
import { compact, type Doc } from "./json.ts";
import {
  type CentMoney,
  cents,
  minorUnits,
  ROUNDING_MODES,
  type RoundingMode,
  readCents,
  readMoney,
  roundFraction,
  type TypedMoney,
} from "./money.ts";
import type { Order } from "./order-model.ts";
import { planSale } from "./order-stock.ts";
import { headerFields, orderDefinition } from "./orders.ts";
import { findVariantBySku } from "./product-model.ts";
import { requireReference, resolveChannel, resolveKeyReference, resolveReference } from "./references.ts";
import { readShippingRate } from "./shipping-methods.ts";
import { initialLineState } from "./states.ts";
import { readTaxRate } from "./taxes.ts";
import { extend } from "./update.ts";

const importDefinition: Definition<Order> = {
  ...orderDefinition,
  created: ({ resource, emit }) => emit("OrderImported", { order: { ...resource } }),
};

/** `POST /orders/import`: everything comes from the draft and nothing is computed, except that stock is booked. */
export async function importOrder(call: Call, draft: Doc): Promise<Order> {
  authorize(call.actor, ["manage_orders"]);
  const { world } = call;
  const change = openCreate<Order>(call, importedFields(world, draft));
  world.collection<Order>("order").check(change.resource);
  if (world.settings.extensionsOnOrderImport) await extend(importDefinition, change, "Create");
  world.collection<Order>("order").check(change.resource);
  change.onCommit(planSale(call, change.resource, change.resource.id));
  return commitCreate(importDefinition, change);
}

function importedFields(world: World, draft: Doc): Doc {
  const totalPrice = readCents(draft, "totalPrice");
  const rounding = oneOf(draft, "priceRoundingMode", ROUNDING_MODES) ?? "HalfEven";
  const lines = docs(draft, "lineItems") ?? [];
  const customLines = docs(draft, "customLineItems") ?? [];
  if (lines.length + customLines.length === 0) throw requiredField("lineItems");
  return {
    ...headerFields(world, draft),
    customerId: text(draft, "customerId"),
    customerEmail: text(draft, "customerEmail"),
    customerGroup: resolveReference(world, "customer-group", draft, "customerGroup"),
    businessUnit: resolveKeyReference(world, "business-unit", draft, "businessUnit"),
    store: resolveKeyReference(world, "store", draft, "store"),
    lineItems: lines.map((line) => importedLine(world, line, rounding)),
    customLineItems: customLines.map((line) => importedCustomLine(world, line, rounding)),
    totalPrice,
    taxedPrice: importedTax(doc(draft, "taxedPrice")),
    taxMode: "Platform",
    priceRoundingMode: rounding,
    taxRoundingMode: oneOf(draft, "taxRoundingMode", ROUNDING_MODES) ?? "HalfEven",
    taxCalculationMode: oneOf(draft, "taxCalculationMode", TAX_CALCULATION_MODES) ?? "LineItemLevel",
    inventoryMode: oneOf(draft, "inventoryMode", INVENTORY_MODES) ?? "None",
    billingAddress: readAddress(world, draft, "billingAddress"),
    shippingAddress: readAddress(world, draft, "shippingAddress"),
    shippingMode: "Single",
    shippingInfo: importedShipping(world, doc(draft, "shippingInfo")),
    shipping: [],
    itemShippingAddresses: readAddresses(world, draft, "itemShippingAddresses"),
    discountCodes: [],
    paymentInfo: importedPayments(world, doc(draft, "paymentInfo")),
    country: country(draft, "country"),
    origin: oneOf(draft, "origin", ["Customer", "Merchant", "Quote", "RecurringOrder"]) ?? "Customer",
    completedAt: dateTime(draft, "completedAt"),
    syncInfo: [],
    returnInfo: [],
  };
}

/** The price of a line is its unit price times the quantity, rounded once. */
function lineTotal(unit: TypedMoney, quantity: number, rounding: RoundingMode): CentMoney {
  const { over, under } = minorUnits(unit);
  return cents(unit.currencyCode, roundFraction({ over: over * BigInt(quantity), under }, rounding));
}

function importedLine(world: World, draft: Doc, rounding: RoundingMode): Doc {
  const variantDraft = requireDoc(draft, "variant");
  const sku = text(variantDraft, "sku");
  const known = sku === undefined ? undefined : findVariantBySku(world, sku);
  const quantity = requireInteger(draft, "quantity");
  const price = requireDoc(draft, "price");
  const value = readMoney(price, "value");
  return compact({
    id: world.newId(),
    key: key(draft),
    productId: text(draft, "productId") ?? known?.product.id,
    productKey: known?.product.key,
    productType: known?.product.productType,
    name: requireLocalized(draft, "name"),
    variant: known?.variant ?? {
      id: integer(variantDraft, "id") ?? 1,
      ...compact({ sku }),
      prices: [],
      attributes: docs(variantDraft, "attributes") ?? [],
      images: [],
      assets: [],
    },
    price: { id: world.newId(), value },
    quantity,
    totalPrice: lineTotal(value, quantity, rounding),
    discountedPricePerQuantity: [],
    taxRate: draft.taxRate ? readTaxRate(requireDoc(draft, "taxRate")) : undefined,
    taxedPrice: importedTax(doc(draft, "taxedPrice")),
    perMethodTaxRate: [],
    taxedPricePortions: [],
    state: importedState(world, draft, quantity),
    supplyChannel: resolveChannel(world, draft, "supplyChannel", "InventorySupply"),
    distributionChannel: resolveChannel(world, draft, "distributionChannel", "ProductDistribution"),
    priceMode: "Platform",
    lineItemMode: "Standard",
    inventoryMode: oneOf(draft, "inventoryMode", INVENTORY_MODES),
    shippingDetails: readShippingDetails(draft),
    custom: readCustom(world, draft, "line-item"),
  });
}

function importedState(world: World, draft: Doc, quantity: number): LineItem["state"] {
  const states = docs(draft, "state")?.map((one) => ({
    quantity: requireInteger(one, "quantity"),
    state: requireReference(world, "state", one, "state"),
  }));
  return states ?? [{ quantity, state: initialLineState(world) }];
}

function importedCustomLine(world: World, draft: Doc, rounding: RoundingMode): Doc {
  const quantity = integer(draft, "quantity") ?? 1;
  const money = readMoney(draft, "money");
  return compact({
    id: world.newId(),
    key: key(draft),
    name: requireLocalized(draft, "name"),
    money,
    slug: requireText(draft, "slug"),
    quantity,
    totalPrice: lineTotal(money, quantity, rounding),
    discountedPricePerQuantity: [],
    taxCategory: resolveReference(world, "tax-category", draft, "taxCategory"),
    taxRate: draft.taxRate ? readTaxRate(requireDoc(draft, "taxRate")) : undefined,
    taxedPrice: importedTax(doc(draft, "taxedPrice")),
    perMethodTaxRate: [],
    taxedPricePortions: [],
    state: importedState(world, draft, quantity),
    priceMode: oneOf(draft, "priceMode", ["Standard", "External"]) ?? "Standard",
    shippingDetails: readShippingDetails(draft),
    custom: readCustom(world, draft, "custom-line-item"),
  });
}

function importedTax(draft: Doc | undefined): TaxedPrice | undefined {
  if (!draft) return undefined;
  const totalNet = readCents(draft, "totalNet");
  const totalGross = readCents(draft, "totalGross");
  const taxPortions = (docs(draft, "taxPortions") ?? []).map((portion) => ({
    ...(typeof portion.name === "string" ? { name: portion.name } : {}),
    rate: Number(portion.rate),
    amount: readCents(portion, "amount"),
  }));
  return { totalNet, totalGross, taxPortions, totalTax: difference(totalGross, totalNet) };
}

function difference(a: CentMoney, b: CentMoney): CentMoney {
  return cents(a.currencyCode, a.centAmount - b.centAmount);
}

function importedShipping(world: World, draft: Doc | undefined): ShippingInfo | undefined {
  if (!draft) return undefined;
  const info: ShippingInfo = {
    shippingMethodName: requireText(draft, "shippingMethodName"),
    price: readCents(draft, "price"),
    shippingRate: readShippingRate(requireDoc(draft, "shippingRate")),
    taxRate: draft.taxRate ? readTaxRate(requireDoc(draft, "taxRate")) : undefined,
    taxedPrice: importedTax(doc(draft, "taxedPrice")),
    taxCategory: resolveReference(world, "tax-category", draft, "taxCategory"),
    shippingMethod: resolveReference(world, "shipping-method", draft, "shippingMethod"),
    deliveries: [],
    shippingMethodState: "MatchesCart",
  };
  return compact(info);
}

function importedPayments(world: World, draft: Doc | undefined): Order["paymentInfo"] {
  if (!draft) return undefined;
  const payments = docs(draft, "payments") ?? [];
  return { payments: payments.map((payment) => requireReference(world, "payment", { payment }, "payment")) };
}
