import type { InventoryEntry, InventoryEntryDraft, InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import type { ClaimChannels } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { CatalogNo, Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type {
  IfsDemandLine,
  IfsOrderLine,
  IfsPackage,
  IfsSalesPart,
  IfsStockRow,
  IfsSupplyLine,
} from "../../domain/ifs-records.ts";
import type { ReturnedUnits } from "../../domain/in-flight.ts";
import type { JournalEntry } from "../../domain/records.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Pace } from "../../runtime/pace.ts";
import type { Changed } from "../changed.ts";
import type { Cursors } from "../cursor.ts";
import type { ExceptionDeps } from "../exception-tracker.ts";
import type { OrdersPage } from "../in-flight-orders.ts";

/** Pieces of an order's line that an Order Edit took off; `at` in milliseconds since the epoch. */
export type RemovedUnits = ReturnedUnits & { readonly orderId: string };

export type ScannedPage = {
  readonly parts: readonly (IfsSalesPart & { readonly partNo: PartNo })[];
  readonly rows: readonly IfsStockRow[];
  readonly demand: readonly IfsDemandLine[];
  /** Other pages may have more sales parts of the same inventory parts. */
  readonly partial?: true;
  /** Where a later scan goes on behind this page; undefined on the last one, where that is known. */
  readonly position: string | undefined;
};

type EntryName = Pick<InventoryEntry, "id" | "sku" | "quantityOnStock">;
type EntryGlance = EntryName &
  Pick<
    InventoryEntry,
    | "version"
    | "createdAt"
    | "lastModifiedAt"
    | "key"
    | "supplyChannel"
    | "availableQuantity"
    | "restockableInDays"
    | "expectedDelivery"
  >;

/** Everything the flow reads and writes. The adapters of both systems satisfy it structurally. */
export type StockSyncDeps = {
  readonly config: ConnectorConfig;
  readonly parts: {
    readonly salesParts: (contract: Contract, catalogNos: readonly CatalogNo[]) => Promise<IfsSalesPart[]>;
    /** All sales parts of a site that are made of these inventory parts: their numbers need not be equal. */
    readonly salesPartsOf: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsSalesPart[]>;
    /** All package parts of a site with their components; asked only where the configuration wants them (`stock.kits.fromIfs`). */
    readonly packages: (contract: Contract) => Promise<readonly IfsPackage[]>;
    readonly pageSalesParts: (
      contract: Contract,
      after: CatalogNo | undefined,
      limit: number,
    ) => Promise<IfsSalesPart[]>;
  };
  readonly stock: {
    /** Rows of the parts, empty ones included. */
    readonly stockRows: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsStockRow[]>;
    /** The same, request by request: each asks for some of `witnesses` too, as many as it has room for, and shows their rows among the others. */
    readonly rowsBeside: (
      contract: Contract,
      partNos: readonly PartNo[],
      witnesses: readonly PartNo[],
    ) => Promise<readonly { readonly partNos: readonly PartNo[]; readonly rows: readonly IfsStockRow[] }[]>;
    /** Lines of the parts that are not final. */
    readonly openDemand: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsDemandLine[]>;
    readonly partsWithOpenDemand: (contract: Contract) => Promise<PartNo[]>;
    /** Is there any order line of the site to be seen, whatever its state? */
    readonly orderLinesVisible: (contract: Contract) => Promise<boolean>;
  };
  /**
   * The whole site from a position on, page by page; undefined at the end. What a page shows of a part was read at different
   * moments: it tells which parts to look at, and is no figure to write by.
   */
  readonly scanSite: (
    contract: Contract,
    from: string | undefined,
  ) => { readonly next: () => Promise<ScannedPage | undefined> };
  /** What IFS expects to come; asked only for parts of which a class goes by it. */
  readonly plannedSupply: (contract: Contract, partNos: readonly PartNo[]) => Promise<readonly IfsSupplyLine[]>;
  /**
   * Parts of the site whose availability may have changed since the last run. `tell` hears of parts as the list is read, of each as often
   * as it is met; not every strategy tells of every part before its end.
   */
  readonly changedParts: (contract: Contract, tell?: (partNos: readonly PartNo[]) => void) => Promise<Changed<PartNo>>;
  /** IFS orders with their lines; numbers that do not exist are left out. */
  readonly documents: (orderNos: readonly OrderNo[]) => Promise<readonly { readonly lines: readonly IfsOrderLine[] }[]>;
  readonly ordersPage: OrdersPage;
  /** What Order Edits took off orders since then (milliseconds since the epoch), as far as the platform still tells. */
  readonly removedLineItems: (since: number) => Promise<readonly RemovedUnits[]>;
  readonly inventory: {
    readonly bySkus: (skus: readonly Sku[], channelIds: readonly string[]) => Promise<InventoryEntry[]>;
    /** As `bySkus`, of each entry what a plan compares but for limits and levels, for fewer requests. */
    readonly glance: (skus: readonly Sku[], channelIds: readonly string[]) => Promise<EntryGlance[]>;
    /** All entries of a channel, some pages at a time. */
    readonly names: (channelId: string) => AsyncGenerator<readonly EntryName[], void, void>;
    readonly page: (channelId: string, afterId: string | undefined, limit: number) => Promise<InventoryEntry[]>;
    /**
     * Entries of the channels (ids) that were modified since then (ISO 8601, UTC), a page at a time. Those that the API client `but` was
     * the last to modify may be missing.
     */
    readonly modifiedSince: (
      channelIds: readonly string[],
      since: string,
      but?: string,
    ) => AsyncGenerator<readonly InventoryEntry[], void, void>;
    readonly create: (draft: InventoryEntryDraft) => Promise<InventoryEntry>;
    readonly update: (
      ref: { readonly id: string; readonly version: number },
      actions: InventoryEntryUpdateAction[],
    ) => Promise<InventoryEntry>;
  };
  /** Writes to commercetools at a time: so many, or as many as it takes. */
  readonly writes: number | Pace;
  /** The API client under which the entries are written; absent where that is not known. */
  readonly ownClientId?: string;
  /** The channels of the export's link and claim. */
  readonly channels: ClaimChannels;
  readonly channelIds: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly existingSkus: (skus: readonly Sku[]) => Promise<ReadonlySet<Sku>>;
  readonly cursors: Cursors;
  readonly exceptions: ExceptionDeps;
  readonly journal: { readonly append: (entry: JournalEntry) => Promise<void> };
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly logger: Logger;
};
