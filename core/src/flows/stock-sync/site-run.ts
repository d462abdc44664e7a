/** What one run knows and collects about one site. */
import type { Site } from "../../domain/config.ts";
import type { Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsOrderLine } from "../../domain/ifs-records.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { ExceptionTracker } from "../exception-tracker.ts";
import type { OrderReader } from "../in-flight-orders.ts";
import type { StockCounts } from "./counts.ts";
import type { StockSyncDeps } from "./deps.ts";
import type { SiteState, StockPart } from "./parse.ts";

export type SiteRun = {
  readonly deps: StockSyncDeps;
  readonly site: Site;
  readonly contract: Contract;
  readonly pools: readonly Pool[];
  /** Today at the site. */
  readonly localDate: string;
  /** Supply channel key -> id, of all pools of all sites. */
  readonly channelIds: ReadonlyMap<string, string>;
  readonly orders: OrderReader;
  /** Lines of linked orders, read before the first figure. */
  readonly reported: ReadonlyMap<OrderNo, readonly IfsOrderLine[]>;
  /**
   * An order that was in flight was deleted within the last 30 s. The platform may put its units back late (unverified whether it
   * does), and nobody knows any more of which parts: those that were in flight at the last run are not raised meanwhile.
   */
  readonly ordersGone: boolean;
  readonly tracker: ExceptionTracker;
  /** Of the whole run, all sites together. */
  readonly counts: StockCounts;
  /** Tells the counts to whoever looks on; called after every page. */
  readonly progress: () => Promise<void>;
  readonly before: SiteState;
  readonly save: (state: SiteState) => Promise<void>;
  readonly seen: SiteSightings;
};

/** What the pages of a run leave behind. */
export type SiteSightings = {
  /** Sales parts of SKUs in flight; null: the site has no such inventory part. */
  readonly partOf: Map<Sku, StockPart | null>;
  /** Order lines by whether the newest figure contains them. */
  readonly contained: Map<string, boolean>;
  readonly inFlightParts: Set<PartNo>;
  /** Changes to zero that were not written: entry -> its part and SKU. */
  readonly zeroing: Map<string, { readonly partNo: PartNo; readonly sku: Sku }>;
  readonly again: Set<PartNo>;
  /** A few parts with a stock row, an empty one included. */
  readonly sighted: Set<PartNo>;
  readonly expiring: Map<string, { partNo: PartNo; date: string }>;
  readonly warehouses: Set<string>;
  /** Parts and orders with open demand. */
  readonly demandParts: Set<PartNo>;
  readonly demandOrders: Set<OrderNo>;
  /** Open demand can't be seen any more: this run raises nothing. */
  demandLost: boolean;
  /** SKUs that would have been raised. */
  readonly heldRaises: Set<Sku>;
  entries: number;
  negative: number;
  corrections: number;
};
