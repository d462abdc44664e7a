import type { Promises } from "../../domain/atp-promise.ts";
import type { ClaimChannels } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { CatalogNo, Contract, OrderId, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsPackage, IfsSalesPart, IfsStockRow, IfsSupplyLine } from "../../domain/ifs-records.ts";
import type { SalesFigures } from "../../domain/sales.ts";
import type { SkuFacts } from "../../domain/threshold.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { OrdersPage } from "../in-flight-orders.ts";
import type { HeldCart } from "./cart.ts";
import type { AtpContext } from "./context.ts";
import type { HoldShardAccess } from "./hold-shards.ts";
import type { ShopEntry } from "./shop-stock.ts";

/** Everything the check reads. Beside its own holds it writes nothing, neither in IFS nor in commercetools. */
export type AtpDeps = {
  readonly context: AtpContext;
  readonly config: ConnectorConfig;
  readonly ifs: {
    readonly salesParts: (contract: Contract, catalogNos: readonly CatalogNo[]) => Promise<IfsSalesPart[]>;
    readonly salesPartsOf: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsSalesPart[]>;
    /** The list of the site; asked only where kits come from IFS. */
    readonly packages: (contract: Contract) => Promise<readonly IfsPackage[]>;
    readonly openDemand: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsDemandLine[]>;
    readonly orderLinesVisible: (contract: Contract) => Promise<boolean>;
    readonly stockRows: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsStockRow[]>;
    /** What is on its way; asked only for lines that go by it. */
    readonly plannedSupply: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsSupplyLine[]>;
  };
  readonly entries: (skus: readonly Sku[], channelIds: readonly string[]) => Promise<readonly ShopEntry[]>;
  /** SKUs whose entries show more than they should because cuts are held; seconds old at most. */
  readonly heldCuts: () => Promise<(sku: string, supplyChannel: string) => boolean>;
  /** The channels of the export's link and claim. */
  readonly channels: ClaimChannels;
  readonly channelIds: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly ordersPage: OrdersPage;
  /** Orders that IFS has, with less than they are made of, as the stock flow has found lately. */
  readonly partlyThere: () => Promise<readonly OrderId[]>;
  /** Of the cart that a question names; undefined: there is none. Absent: what it has reserved counts against it. */
  readonly cartStock?: (cart: string) => Promise<Pick<HeldCart, "lines"> | undefined>;
  /** What the catalogue says of SKUs, as published; asked only where a threshold needs it. SKUs of no published product are absent. */
  readonly skuFacts: (skus: readonly Sku[]) => Promise<ReadonlyMap<Sku, SkuFacts>>;
  /** What was sold lately; asked only where a threshold is in days of cover. undefined: nobody counted yet. */
  readonly salesFigures: () => Promise<SalesFigures | undefined>;
  /** Absent: nothing is held. */
  readonly holds?: HoldShardAccess & {
    /** Names one request among all of all replicas. */
    readonly attempt: () => string;
    /** Of at most 100 carts those of which nothing can be ordered any more. */
    readonly cartsOver: (carts: readonly string[]) => Promise<ReadonlySet<string>>;
  };
  /** Absent: nothing is promised, and no promise is believed. */
  readonly promises?: Promises | undefined;
  readonly logger: Logger;
};
