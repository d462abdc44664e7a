import type { Capabilities } from "../domain/capabilities.ts";
import { http } from "../runtime/http.ts";
import type { Lane } from "./budget/lanes.ts";
import { createLocalGate } from "./budget/local-gate.ts";
import { type Changes, createChanges } from "./changes/feeds.ts";
import { createIfsClient, type IfsClientOptions } from "./client.ts";
import { type Customers, createCustomers } from "./customers.ts";
import { ping, type SiteVisibility } from "./health.ts";
import { createInvoices, type Invoices } from "./invoices.ts";
import { createOrders, type Orders } from "./orders.ts";
import { createParts, type Parts } from "./parts.ts";
import { createPrices, type Prices } from "./prices.ts";
import { createReturns, type Returns } from "./returns.ts";
import { createShipments, type Shipments } from "./shipments.ts";
import { createSiteScan } from "./site-scan.ts";
import { createStock, type Stock } from "./stock.ts";
import { createSupply, type Supply } from "./supply.ts";
import { type CredentialPause, createTokenSource } from "./token.ts";

export type IfsAdapter = {
  /** What a write probe of this tenant proved; what nobody probed is unknown, and is done the careful way. */
  readonly capabilities: Capabilities;
  readonly orders: Orders;
  readonly returns: Returns;
  readonly customers: Customers;
  readonly parts: Parts;
  readonly stock: Stock;
  /** A whole site for little; see site-scan.ts. */
  readonly scanSite: ReturnType<typeof createSiteScan>;
  readonly supply: Supply;
  readonly prices: Prices;
  readonly shipments: Shipments;
  readonly invoices: Invoices;
  /** What has changed, by the strategies of the configuration. */
  readonly changes: Changes;
  ping(): Promise<SiteVisibility>;
  /** Throws AuthenticationError while IFS refuses the credential. Asks the token endpoint at most, never IFS itself. */
  ready(): Promise<void>;
  /** Why and since when nothing is asked of IFS. */
  pause(): CredentialPause | undefined;
  /** The same, with requests of another urgency: one token and one budget for all of them. */
  inLane(lane: Lane): IfsAdapter;
};

/** Everything the apps need of IFS, with one token and one budget. Make one per process and configuration. */
export function createIfsAdapter(options: IfsClientOptions): IfsAdapter {
  const { connection, config, clock } = options;
  const tokens = options.tokens ?? createTokenSource(connection, options.fetch ?? http, clock);
  const shared: IfsClientOptions = {
    ...options,
    budget: options.budget ?? createLocalGate(config.ifs.concurrency),
    tokens,
  };
  const adapters = new Map<Lane | undefined, IfsAdapter>();
  const inLane = (lane: Lane | undefined): IfsAdapter => {
    const known = adapters.get(lane);
    if (known) return known;
    const client = createIfsClient({ ...shared, lane });
    const [parts, stock] = [createParts(client), createStock(client)];
    const adapter: IfsAdapter = {
      capabilities: client.capabilities,
      orders: createOrders(client),
      returns: createReturns(client),
      customers: createCustomers(client),
      parts,
      stock,
      scanSite: createSiteScan(client, { parts, stock }),
      supply: createSupply(client),
      changes: createChanges(client, { parts, stock }),
      prices: createPrices(client),
      shipments: createShipments(client),
      invoices: createInvoices(client),
      ping: () => ping(client),
      ready: async () => {
        await tokens.get();
      },
      pause: tokens.pause,
      inLane,
    };
    adapters.set(lane, adapter);
    return adapter;
  };
  return inLane(options.lane);
}
