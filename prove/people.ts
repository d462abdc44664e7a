/** What people do in the two systems, and what the systems themselves say: nothing here looks into the connector. */

import type { Report } from "../core/src/doctor/finding.ts";
import { runDoctor } from "../core/src/doctor/run.ts";
import type { Json } from "../sandbox/commercetools/api-caller.ts";
import { type PlaceOrderOptions, placeOrder } from "../sandbox/commercetools/shopper.ts";
import { connectorClient } from "../sandbox/ifs/connector-client.ts";
import { num, text } from "../sandbox/ifs/rows.ts";
import { sellable as sellableOf } from "../sandbox/ifs/sellable.ts";
import { catalogue } from "../sandbox/seed/commercetools-catalogue.ts";
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";
import { addresses, environmentOf } from "./addresses.ts";
import { surroundingsOf } from "./install.ts";
import type { World } from "./world.ts";

/** A country that the shop sells to, and the part of IFS that serves it. */
export type Market = {
  readonly country: string;
  readonly currency: string;
  readonly supplyChannel: string;
  readonly site: string;
  readonly company: string;
  readonly customerNo: string;
  readonly priceList: string;
  /** Sales units that the configuration holds back. */
  readonly buffer: number;
};

export const germany: Market = {
  country: "DE",
  currency: "EUR",
  supplyChannel: "hamburg",
  site: "101",
  company: "10",
  customerNo: "WEB-DE",
  priceList: "WEB-EUR",
  buffer: 0,
};

export const sweden: Market = {
  country: "SE",
  currency: "SEK",
  supplyChannel: "gothenburg",
  site: "201",
  company: "20",
  customerNo: "WEB-SE",
  priceList: "WEB-SEK",
  buffer: 1,
};

export const markets = [germany, sweden] as const;

/** Whether the connector's user may see the market's site. */
export function isGranted(world: World, { site, company }: Market): boolean {
  const grant = world.ifs.grants.get(connectorClient.clientId);
  return grant?.sites.includes(site) === true && grant.companies.includes(company);
}

// ---- the shop ---------------------------------------------------------------------------------------------------------

export const home = {
  country: "DE",
  firstName: "Kim",
  lastName: "Muster",
  streetName: "Hafenstraße",
  streetNumber: "5",
  postalCode: "20457",
  city: "Hamburg",
};

export const addressIn = (country: string) => ({ ...home, country, email: "shopper@example.com" });

export type Wish = Partial<PlaceOrderOptions> & Pick<PlaceOrderOptions, "lines">;

/** Somebody buys. Throws an ApiRefusal where the platform refuses. Not driven: time has to pass meanwhile. */
export function buy(world: World, market: Market, wish: Wish): Promise<Json> {
  return placeOrder({
    url: addresses.commercetools,
    projectKey: SHOP_PROJECT_KEY,
    country: market.country,
    currency: market.currency,
    customerEmail: "shopper@example.com",
    shippingAddress: addressIn(market.country),
    shippingMethodKey: "standard",
    supplyChannelKey: market.supplyChannel,
    inventoryMode: "TrackOnly",
    fetch: world.network.fetchOf({ name: "shopper" }),
    ...wish,
  });
}

export type ShopOrder = {
  readonly id: string;
  readonly version: number;
  readonly orderState: string;
  readonly shipmentState?: string;
  readonly syncInfo: readonly { readonly externalId?: string }[];
  readonly taxedPrice: { readonly totalGross: { readonly centAmount: number } };
  readonly shippingInfo?: {
    readonly deliveries?: readonly {
      readonly items: readonly { readonly quantity: number }[];
      readonly parcels: readonly { readonly trackingData?: { readonly trackingId?: string } }[];
    }[];
  };
};

export const orderById = async (world: World, id: string): Promise<ShopOrder> =>
  (await world.drive(world.shop.get(`/orders/${id}`))) as unknown as ShopOrder;

type Entry = { readonly quantityOnStock: number; readonly availableQuantity: number };

/** Stock entries of a warehouse, by SKU. */
export async function entriesOf(world: World, channelKey: string): Promise<Map<string, Entry>> {
  const channel = await world.drive(world.shop.get(`/channels/key=${channelKey}`));
  const entries = new Map<string, Entry>();
  for (let offset = 0; ; offset += 500) {
    const page = await world.drive(
      world.shop.get("/inventory", {
        where: `supplyChannel(id="${String(channel.id)}")`,
        limit: "500",
        offset: String(offset),
      }),
    );
    const results = page.results as (Entry & { sku: string })[];
    for (const entry of results) entries.set(entry.sku, entry);
    if (results.length < 500) return entries;
  }
}

type Price = { value: { centAmount: number; currencyCode: string }; validFrom?: string; validUntil?: string };

/** Prices of a SKU that are valid now, in minor units. */
export async function pricesNow(world: World, sku: string, currency: string): Promise<number[]> {
  const page = await world.drive(world.shop.get("/standalone-prices", { where: `sku="${sku}"`, limit: "100" }));
  const now = new Date(world.time.clock.now()).toISOString();
  return (page.results as Price[])
    .filter(
      ({ value, validFrom, validUntil }) =>
        value.currencyCode === currency && (validFrom ?? "") <= now && (validUntil === undefined || validUntil > now),
    )
    .map(({ value }) => value.centAmount);
}

export type OpenException = {
  readonly flow: string;
  readonly code: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly message: string;
  readonly owner: string;
};

/** The exceptions that people see, as the connector keeps them. */
export async function openExceptions(world: World): Promise<OpenException[]> {
  const page = await world.drive(world.shop.get("/custom-objects/ifs-connector-exceptions", { limit: "500" }));
  return (page.results as { value: OpenException }[]).map(({ value }) => value);
}

export type Answer = {
  readonly accepted: boolean;
  readonly lines: readonly {
    readonly outcome: string;
    readonly available?: number | null;
    readonly policy?: string | null;
    readonly reason?: string | null;
  }[];
};

/** The checkout asks with a token of the storefront's own client. */
export async function askForPromise(world: World, market: Market, sku: string, quantity: number): Promise<Answer> {
  const fetch = world.network.fetchOf({ name: "storefront" });
  const credentials = Buffer.from("storefront:sandbox-secret").toString("base64");
  const asked = async (): Promise<Answer> => {
    const token = await fetch(`${addresses.commercetools}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const response = await fetch(`${addresses.service}/atp`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ lines: [{ sku, quantity, supplyChannel: market.supplyChannel }] }),
    });
    if (response.status !== 200) throw new Error(`the check answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  return world.drive(asked());
}

// ---- IFS --------------------------------------------------------------------------------------------------------------

/** IFS order numbers of a commercetools order, by the column itself, whatever the tenant calls it. */
export function ordersInIfs(world: World, orderId: string): string[] {
  const rows = world.ifs.model.world().table("CustomerOrder").find("ExternalRef", orderId) ?? [];
  return [...rows].map((row) => text(row, "OrderNo"));
}

export type IfsOrder = {
  readonly state: string;
  readonly site: string;
  readonly customerNo: string;
  readonly totalGross: string;
  readonly lines: readonly { readonly catalogNo: string; readonly quantity: string; readonly state: string }[];
};

export const orderInIfs = (world: World, orderNo: string): IfsOrder =>
  world.ifs.model.clerk("state", { orderNo }) as unknown as IfsOrder;

/** What the site could still sell of a part, in inventory units, by IFS's own rows. */
export const sellable = (world: World, site: string, partNo: string): number =>
  sellableOf(world.ifs.model, site, partNo);

/** Sales parts of a site that are sold by the piece they are stocked in, and known to the shop. */
export function simpleParts(world: World, site: string): string[] {
  const offered = new Set(catalogue().map(({ sku }) => sku));
  const rows = [...(world.ifs.model.world().table("SalesPart").find("Contract", site) ?? [])];
  return rows
    .filter(
      (row) =>
        text(row, "PartNo") === text(row, "CatalogNo") &&
        num(row, "ConvFactor").eq(1) &&
        offered.has(text(row, "CatalogNo")),
    )
    .map((row) => text(row, "CatalogNo"));
}

/** Sales parts of the shop that are made of an inventory part: pieces and boxes are out of one bin. Units of the part in each. */
export function madeOf(world: World, site: string, partNo: string): { readonly sku: string; readonly units: number }[] {
  const offered = new Set(catalogue().map(({ sku }) => sku));
  return [...(world.ifs.model.world().table("SalesPart").find("Contract", site) ?? [])]
    .filter((row) => text(row, "PartNo") === partNo && offered.has(text(row, "CatalogNo")))
    .map((row) => ({ sku: text(row, "CatalogNo"), units: num(row, "ConvFactor").toNumber() }));
}

/** What they show of the part together, in its units, and what a buffer holds back of each of them. */
export function shownOf(
  made: ReturnType<typeof madeOf>,
  entries: ReadonlyMap<string, Entry>,
  buffer = 0,
): { readonly shown: number; readonly held: number } {
  const sum = (of: (sku: string) => number) => made.reduce((all, { sku, units }) => all + units * of(sku), 0);
  return { shown: sum((sku) => entries.get(sku)?.quantityOnStock ?? Number.NaN), held: sum(() => buffer) };
}

// ---- operators --------------------------------------------------------------------------------------------------------

/** `npm run doctor` with the settings of the deployment. */
export function consultDoctor(world: World): Promise<Report> {
  const env = environmentOf("job-app");
  return world.drive(
    runDoctor({
      commercetools: {
        apiUrl: env.CTP_API_URL ?? "",
        authUrl: env.CTP_AUTH_URL ?? "",
        projectKey: env.CTP_PROJECT_KEY ?? "",
        clientId: env.CTP_CLIENT_ID ?? "",
        clientSecret: env.CTP_CLIENT_SECRET ?? "",
      },
      ifs: {
        baseUrl: env.IFS_BASE_URL ?? "",
        tokenUrl: env.IFS_TOKEN_URL ?? "",
        clientId: env.IFS_CLIENT_ID ?? "",
        clientSecret: env.IFS_CLIENT_SECRET ?? "",
      },
      ...surroundingsOf(world, "doctor"),
    }),
  );
}
