import { type Api, createApi } from "../commercetools/api-caller.ts";
import type { ApiClient } from "../commercetools/auth.ts";
import type { CommercetoolsModel } from "../commercetools/model.ts";
import { inProcessFetch } from "../kernel/in-process-fetch.ts";
import { catalogue, productKey, unknownSkus } from "./commercetools-catalogue.ts";
import { shopCustomers } from "./commercetools-customers.ts";

export const SHOP_PROJECT_KEY = "sandbox-shop";

/** The sandbox's API clients. `connector` has exactly what an ERP connector needs, `storefront` what a shop front needs. */
export const shopClients: ApiClient[] = [
  {
    id: "connector",
    secret: "sandbox-secret",
    scopes: [
      ...["manage_orders", "manage_products", "manage_standalone_prices", "manage_customers"],
      ...["manage_business_units", "manage_channels", "manage_states", "manage_types"],
      ...["manage_key_value_documents", "manage_subscriptions", "manage_extensions", "view_messages"],
      "view_project_settings",
    ],
  },
  {
    id: "storefront",
    secret: "sandbox-secret",
    scopes: [
      ...["manage_my_orders", "view_orders", "manage_payments", "view_products", "view_published_products"],
      ...["view_tax_categories", "view_shipping_methods", "manage_sessions"],
    ],
  },
  { id: "admin", secret: "sandbox-secret", scopes: ["manage_project"] },
];

export type ShopSeedOptions = {
  /** Tax rates are included in prices. Off: prices are net, as the ERP's price lists are. */
  taxIncluded?: boolean;
  /** Whether messages can be queried. On by default, as the connector's back-fill needs it. */
  messages?: boolean;
  /** A small shop: these products, what only the shop knows, and no customers. */
  skus?: readonly string[];
};

/** Fills a project as a merchant would have it before the connector comes: no stock, no prices, no export channels. */
export async function seedShop(model: CommercetoolsModel, options: ShopSeedOptions = {}): Promise<void> {
  const origin = "http://commercetools.seed";
  const credentials = { clientId: "shop-seed", clientSecret: "sandbox-secret" };
  for (const client of shopClients) model.auth.addClient(client);
  model.auth.addClient({ id: credentials.clientId, secret: credentials.clientSecret, scopes: ["manage_project"] });
  const fetch = inProcessFetch({ [origin]: { handler: model.handle } });
  const api = createApi({ url: origin, projectKey: model.world.projectKey, ...credentials, fetch });
  await seedProject(api, options);
  await seedTaxes(api, options.taxIncluded ?? false);
  await seedShipping(api);
  await seedStores(api);
  await seedProducts(api, options.skus);
  if (!options.skus) await seedCustomers(api);
  await seedDiscounts(api);
  model.journal.length = 0;
}

async function seedProject(api: Api, options: ShopSeedOptions): Promise<void> {
  const project = await api.get("");
  await api.post("", {
    version: project.version,
    actions: [
      { action: "changeName", name: "Sandbox shop" },
      { action: "changeCountries", countries: ["DE", "SE", "US"] },
      { action: "changeCurrencies", currencies: ["EUR", "SEK", "USD"] },
      { action: "changeLanguages", languages: ["en", "de", "sv"] },
      {
        action: "changeMessagesConfiguration",
        messagesConfiguration: { enabled: options.messages ?? true, deleteDaysAfterCreation: 15 },
      },
      { action: "setReservationExpirationInMinutes", reservationExpirationInMinutes: 30 },
    ],
  });
}

/** The rates of the ERP. The United States have none: carts there need amounts of a tax service. */
async function seedTaxes(api: Api, includedInPrice: boolean): Promise<void> {
  const rate = (name: string, amount: number, country: string) => ({ name, amount, country, includedInPrice });
  await api.post("/tax-categories", {
    key: "standard",
    name: "Standard",
    rates: [rate("19% DE", 0.19, "DE"), rate("25% SE", 0.25, "SE")],
  });
  await api.post("/tax-categories", {
    key: "reduced",
    name: "Reduced",
    rates: [rate("7% DE", 0.07, "DE"), rate("12% SE", 0.12, "SE")],
  });
}

async function seedShipping(api: Api): Promise<void> {
  const money = (currencyCode: string, centAmount: number) => ({ currencyCode, centAmount });
  for (const country of ["DE", "SE", "US"]) {
    await api.post("/zones", { key: `zone-${country.toLowerCase()}`, name: country, locations: [{ country }] });
  }
  const zones = ["zone-de", "zone-se", "zone-us"];
  const methods = [
    { key: "standard", name: "Standard parcel", prices: [490, 5900, 990], free: [10_000, 110_000, 15_000] },
    { key: "express", name: "Express parcel", prices: [1290, 14_900, 2490], free: [] },
  ];
  for (const { key, name, prices, free } of methods) {
    const shippingRates = ["EUR", "SEK", "USD"].map((currency, index) => ({
      price: money(currency, prices[index] ?? 0),
      ...(free[index] === undefined ? {} : { freeAbove: money(currency, free[index]) }),
    }));
    await api.post("/shipping-methods", {
      key,
      name,
      isDefault: key === "standard",
      taxCategory: { typeId: "tax-category", key: "standard" },
      zoneRates: zones.map((zone) => ({ zone: { typeId: "zone", key: zone }, shippingRates })),
    });
  }
}

/** Warehouses as supply channels and one price channel per store, as a merchant would have them. */
async function seedStores(api: Api): Promise<void> {
  const channel = (key: string) => ({ typeId: "channel", key });
  for (const [key, name] of [
    ["hamburg", "Warehouse Hamburg"],
    ["munich", "Warehouse Munich"],
    ["gothenburg", "Warehouse Gothenburg"],
  ] as const) {
    await api.post("/channels", { key, roles: ["InventorySupply"], name: { en: name } });
  }
  for (const [key, country, supply] of [
    ["de-store", "DE", ["hamburg", "munich"]],
    ["se-store", "SE", ["gothenburg"]],
  ] as const) {
    await api.post("/channels", {
      key: `${key}-prices`,
      roles: ["ProductDistribution"],
      name: { en: `Prices ${country}` },
    });
    await api.post("/stores", {
      key,
      name: { en: `Store ${country}` },
      languages: country === "DE" ? ["de"] : ["sv"],
      countries: [{ code: country }],
      distributionChannels: [channel(`${key}-prices`)],
      supplyChannels: supply.map(channel),
    });
  }
  await api.post("/customer-groups", { key: "b2b", groupName: "Business customers" });
  await api.post("/customer-groups", { key: "vip", groupName: "Valued customers" });
}

async function seedProducts(api: Api, skus: readonly string[] | undefined): Promise<void> {
  await api.post("/product-types", {
    key: "part",
    name: "Part",
    description: "A part as the catalogue shows it",
    attributes: [
      { name: "salesUnit", label: { en: "Sold by" }, type: { name: "text" } },
      { name: "erpDescription", label: { en: "Description of the ERP" }, type: { name: "text" } },
    ],
  });
  const offered = catalogue().filter(({ sku }) => !skus || skus.includes(sku) || unknownSkus.includes(sku));
  for (const product of offered) {
    const slug = product.key.toLowerCase();
    await api.post("/products", {
      key: product.key,
      productType: { typeId: "product-type", key: "part" },
      name: product.name,
      slug: { en: slug, de: slug, sv: slug },
      taxCategory: { typeId: "tax-category", key: product.taxCategoryKey },
      priceMode: "Standalone",
      publish: true,
      masterVariant: {
        sku: product.sku,
        key: product.key,
        attributes: [{ name: "salesUnit", value: product.salesUnit }],
      },
    });
  }
}

async function seedCustomers(api: Api): Promise<void> {
  for (const customer of shopCustomers()) {
    const { groupKey, storeKey: _store, address, ...fields } = customer;
    await api.post("/customers", {
      ...fields,
      password: "sandbox-secret",
      addresses: [{ key: "main", ...address, firstName: fields.firstName, lastName: fields.lastName }],
      defaultShippingAddress: 0,
      defaultBillingAddress: 0,
      ...(groupKey ? { customerGroup: { typeId: "customer-group", key: groupKey } } : {}),
    });
  }
}

/** Codes a shopper may enter: WELCOME10, MINUS5, FREESHIP and GIFT. */
async function seedDiscounts(api: Api): Promise<void> {
  const money = [
    { currencyCode: "EUR", centAmount: 500 },
    { currencyCode: "SEK", centAmount: 5500 },
    { currencyCode: "USD", centAmount: 550 },
  ];
  const gift = { typeId: "product", key: productKey(unknownSkus[0] ?? "") };
  const discounts = [
    {
      code: "WELCOME10",
      value: { type: "relative", permyriad: 1000 },
      target: { type: "lineItems", predicate: "1=1" },
    },
    { code: "MINUS5", value: { type: "absolute", money }, target: { type: "totalPrice" } },
    { code: "FREESHIP", value: { type: "relative", permyriad: 10_000 }, target: { type: "shipping" } },
    { code: "GIFT", value: { type: "giftLineItem", product: gift, variantId: 1 } },
  ];
  for (const [index, { code, ...discount }] of discounts.entries()) {
    const key = `discount-${code.toLowerCase()}`;
    await api.post("/cart-discounts", {
      key,
      name: { en: code },
      cartPredicate: "1=1",
      sortOrder: `0.${9 - index}1`,
      requiresDiscountCode: true,
      ...discount,
    });
    await api.post("/discount-codes", {
      key: code.toLowerCase(),
      code,
      name: { en: code },
      cartDiscounts: [{ typeId: "cart-discount", key }],
    });
  }
}
