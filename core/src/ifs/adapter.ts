import { createIfsClient, type IfsClientOptions } from "./client.ts";
import { ping, type SiteVisibility } from "./health.ts";
import { createInvoices, type Invoices } from "./invoices.ts";
import { createOrders, type Orders } from "./orders.ts";
import { createParts, type Parts } from "./parts.ts";
import { createPrices, type Prices } from "./prices.ts";
import { createShipments, type Shipments } from "./shipments.ts";
import { createStock, type Stock } from "./stock.ts";

export type IfsAdapter = {
  readonly orders: Orders;
  readonly parts: Parts;
  readonly stock: Stock;
  readonly prices: Prices;
  readonly shipments: Shipments;
  readonly invoices: Invoices;
  ping(): Promise<SiteVisibility>;
};

/** Everything the apps need of IFS, on one client: one token, one concurrency limit. Make one per process and configuration. */
export function createIfsAdapter(options: IfsClientOptions): IfsAdapter {
  const client = createIfsClient(options);
  return {
    orders: createOrders(client),
    parts: createParts(client),
    stock: createStock(client),
    prices: createPrices(client),
    shipments: createShipments(client),
    invoices: createInvoices(client),
    ping: () => ping(client),
  };
}
