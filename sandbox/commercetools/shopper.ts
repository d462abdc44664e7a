import { type Api, createApi, type Json } from "./api-caller.ts";

export type ShopperAddress = {
  country: string;
  firstName?: string;
  lastName?: string;
  company?: string;
  streetName?: string;
  streetNumber?: string;
  postalCode?: string;
  city?: string;
  state?: string;
  email?: string;
  phone?: string;
};

export type ShopperLine = {
  sku: string;
  quantity: number;
  /** Minor units for one; for carts before any price exists. */
  externalPrice?: number;
  supplyChannelKey?: string;
};

export type PlaceOrderOptions = {
  url: string;
  projectKey: string;
  lines: ShopperLine[];
  country: string;
  currency: string;
  customerEmail: string;
  /** Binds the order to a customer account. */
  customerId?: string;
  shippingAddress: ShopperAddress;
  billingAddress?: ShopperAddress;
  shippingMethodKey?: string;
  /** `amount` in minor units; the total of the cart when absent. */
  payment?: { interfaceId: string; method: string; amount?: number; interface?: string };
  discountCode?: string;
  orderNumber?: string;
  purchaseOrderNumber?: string;
  /** Prices are meant with tax: the storefront brings the project's rates as included ones (External tax mode). */
  taxIncluded?: boolean;
  /** For all lines that do not name one. */
  supplyChannelKey?: string;
  inventoryMode?: "None" | "TrackOnly" | "ReserveOnOrder" | "ReserveOnCart";
  storeKey?: string;
  origin?: "Customer" | "Merchant" | "RecurringOrder";
  /** Fees and rebates of one's own: name, minor units (may be negative), tax category key. */
  customLines?: { name: string; slug: string; amount: number; taxCategoryKey: string; quantity?: number }[];
  clientId?: string;
  clientSecret?: string;
  fetch?: typeof fetch;
};

/** Shops as a storefront would: cart, payment, order. Returns the order; throws ApiRefusal where the platform refuses. */
export async function placeOrder(options: PlaceOrderOptions): Promise<Json> {
  const api = shopperApi(options);
  const cart = await fillCart(options, api);
  return checkOut(options, api, cart);
}

export function shopperApi(
  options: Pick<PlaceOrderOptions, "url" | "projectKey" | "clientId" | "clientSecret" | "fetch">,
): Api {
  return createApi({
    url: options.url,
    projectKey: options.projectKey,
    clientId: options.clientId ?? "storefront",
    clientSecret: options.clientSecret ?? "sandbox-secret",
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
}

/** The cart with lines, addresses, shipping and code, not yet ordered. */
export async function fillCart(options: PlaceOrderOptions, api: Api = shopperApi(options)): Promise<Json> {
  const rates = options.taxIncluded ? await includedRates(api, options) : undefined;
  const draft: Json = {
    currency: options.currency,
    country: options.country,
    customerEmail: options.customerEmail,
    shippingAddress: options.shippingAddress,
    billingAddress: options.billingAddress ?? options.shippingAddress,
    inventoryMode: options.inventoryMode ?? "ReserveOnOrder",
    taxMode: rates ? "External" : "Platform",
    lineItems: options.lines.map((line) => lineDraft(options, line, rates)),
    customLineItems: (options.customLines ?? []).map((line) => ({
      name: { en: line.name },
      slug: line.slug,
      quantity: line.quantity ?? 1,
      money: { currencyCode: options.currency, centAmount: line.amount },
      taxCategory: { typeId: "tax-category", key: line.taxCategoryKey },
      ...(rates ? { externalTaxRate: rates.byCategory(line.taxCategoryKey) } : {}),
    })),
  };
  if (options.customerId) draft.customerId = options.customerId;
  if (options.storeKey) draft.store = { typeId: "store", key: options.storeKey };
  if (options.origin) draft.origin = options.origin;
  if (options.discountCode) draft.discountCodes = [options.discountCode];
  if (options.shippingMethodKey) {
    draft.shippingMethod = { typeId: "shipping-method", key: options.shippingMethodKey };
    if (rates) draft.externalTaxRateForShippingMethod = rates.byCategory("standard");
  }
  return api.post("/carts", draft);
}

function lineDraft(options: PlaceOrderOptions, line: ShopperLine, rates: IncludedRates | undefined): Json {
  const channelKey = line.supplyChannelKey ?? options.supplyChannelKey;
  return {
    sku: line.sku,
    quantity: line.quantity,
    ...(channelKey ? { supplyChannel: { typeId: "channel", key: channelKey } } : {}),
    ...(line.externalPrice === undefined
      ? {}
      : { externalPrice: { currencyCode: options.currency, centAmount: line.externalPrice } }),
    ...(rates ? { externalTaxRate: rates.bySku(line.sku) } : {}),
  };
}

/** Pays (where a payment is given) and places the order. */
export async function checkOut(options: PlaceOrderOptions, api: Api, cart: Json): Promise<Json> {
  let current = cart;
  if (options.payment) {
    const { interfaceId, method, amount } = options.payment;
    const total = amount ?? payable(cart);
    const money = { currencyCode: options.currency, centAmount: total };
    const payment = await api.post("/payments", {
      interfaceId,
      amountPlanned: money,
      paymentMethodInfo: { paymentInterface: options.payment.interface ?? "sandbox-psp", method },
      transactions: [{ type: "Authorization", amount: money, state: "Success", interactionId: interfaceId }],
    });
    current = await api.post(`/carts/${String(cart.id)}`, {
      version: cart.version,
      actions: [{ action: "addPayment", payment: { typeId: "payment", id: payment.id } }],
    });
  }
  return api.post("/orders", {
    cart: { typeId: "cart", id: current.id },
    version: current.version,
    ...(options.orderNumber ? { orderNumber: options.orderNumber } : {}),
    ...(options.purchaseOrderNumber ? { purchaseOrderNumber: options.purchaseOrderNumber } : {}),
  });
}

function payable(cart: Json): number {
  const taxed = cart.taxedPrice as { totalGross: { centAmount: number } } | undefined;
  return (taxed?.totalGross ?? (cart.totalPrice as { centAmount: number })).centAmount;
}

type IncludedRates = { bySku(sku: string): Json; byCategory(key: string): Json };

/** The project's own rates for the address, turned into rates that are included in the price. */
async function includedRates(api: Api, options: PlaceOrderOptions): Promise<IncludedRates> {
  const categories = (await api.get("/tax-categories", { limit: "100" })).results as Json[];
  const skus = options.lines.map((line) => line.sku);
  const where = "masterVariant(sku in :skus) or variants(sku in :skus)";
  const products = await api.get("/product-projections", { where, "var.skus": skus, limit: "500" });
  const categoryOfSku = new Map<string, string>();
  for (const product of products.results as Json[]) {
    const variants = [product.masterVariant, ...(product.variants as Json[])] as Json[];
    for (const variant of variants) {
      categoryOfSku.set(String(variant.sku), String((product.taxCategory as Json | undefined)?.id));
    }
  }
  const rateOf = (category: Json | undefined): Json => {
    const rates = (category?.rates ?? []) as Json[];
    const rate = rates.find((one) => one.country === options.shippingAddress.country);
    if (!rate) throw new Error(`no tax rate for ${options.shippingAddress.country}`);
    const { name, amount, country } = rate;
    return { name, amount, country, includedInPrice: true };
  };
  return {
    bySku: (sku) => rateOf(categories.find((one) => one.id === categoryOfSku.get(sku))),
    byCategory: (key) => rateOf(categories.find((one) => one.key === key)),
  };
}
