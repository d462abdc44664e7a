/** What one run knows and collects about one site. */
import type { Site } from "../../domain/config.ts";
import type { CatalogNo, Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsOrderLine } from "../../domain/ifs-records.ts";
import type { Kits } from "../../domain/kits.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { ExceptionTracker } from "../exception-tracker.ts";
import type { OrderReader } from "../in-flight-orders.ts";
import type { StockPart } from "../stock-part.ts";
import type { StockCounts } from "./counts.ts";
import type { StockSyncDeps } from "./deps.ts";
import type { DriftReason } from "./drift.ts";
import type { HeldChange } from "./held.ts";
import type { HoldKind, KindCounts } from "./hold-kinds.ts";
import type { BelowZero, SiteState } from "./parse.ts";
import { nothingUnreadable, type Unreadable } from "./unreadable.ts";

/** A part of which no row was shown. */
export type UnshownPart = { readonly contract: Contract; readonly partNo: PartNo };

export type WaitingChange = HeldChange & {
  readonly partNo: PartNo;
  /** What the change concludes from missing rows; see blind-lists.ts. */
  readonly unshown: readonly UnshownPart[];
};

export type Difference = {
  readonly sku: string;
  /** Key. */
  readonly supplyChannel: string;
  /** What the entry shows, in sales units; null: there is none. */
  readonly commercetools: number | null;
  /** What a run in the other direction would have made of it. */
  readonly ifs: number;
  readonly cause: string;
};

/** Of one full run, over all the runs that it took. */
export type DifferenceTally = { count: number; examples: string[] };

/** Somebody's change of an entry that a run has found. */
export type Edit = {
  readonly sku: Sku;
  readonly by: string | undefined;
  /** False: another API client, which may have booked what a shopper did. */
  readonly byPerson: boolean;
};

export type SiteRun = {
  readonly deps: StockSyncDeps;
  readonly site: Site;
  readonly contract: Contract;
  readonly pools: readonly Pool[];
  readonly kits: Kits;
  /** Today at the site. */
  readonly localDate: string;
  /** Supply channel key -> id, of all pools of all sites. */
  readonly channelIds: ReadonlyMap<string, string>;
  /** Keys of live supply channels that a load has not left; their pools are left out. */
  readonly loading: readonly string[];
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
  readonly writesEndAt: WritesEnd;
  /** This site and those with which it feeds supply channels. */
  readonly together: readonly SiteRun[];
};

/** Until when writes are begun, Clock.monotonic() milliseconds. */
export type WritesEnd = {
  /** Of pages. */
  readonly pages: number;
  /** Of what comes after them: zeros, what has a bound, entries of parts that have ended. */
  readonly rest: number;
};

/** What a run over named SKUs tells apart of what it did not write; see undone.ts. */
export type Undone = {
  /** Counted as failed: held until a person releases them, or in conflict until the end. */
  waiting: number;
  /** Counted as failed, and about neither of the SKUs that were named. */
  elsewhere: number;
  /** Parts of which something was left to a later run: another channel has to come down first, another site holds it, an order was deleted. */
  readonly left: Set<PartNo>;
  /** Ids of records about the SKUs that were named; undefined where none were. */
  named: ReadonlySet<string> | undefined;
};

/** What the pages of a run leave behind. */
export type SiteSightings = {
  /** Sales parts of SKUs in flight; null: the site has no such inventory part. */
  readonly partOf: Map<Sku, StockPart | null>;
  /** Inventory parts, and kits, that several SKUs share: put aside until the others are done, see shared.ts. */
  readonly shared: {
    readonly partNos: Set<PartNo>;
    readonly kitNos: Set<CatalogNo>;
    /** Of kits that are inventory parts themselves: a later run finds them by these. */
    readonly kitPartNos: Set<PartNo>;
  };
  /** Inventory parts that were found to be shared. */
  readonly knownShared: Set<PartNo>;
  /** Order lines by whether the newest figure contains them. */
  readonly contained: Map<string, boolean>;
  readonly inFlightParts: Set<PartNo>;
  /** Changes that count against a bound and were not written yet, by the entry's id. */
  readonly waiting: Readonly<Record<HoldKind, Map<string, WaitingChange>>>;
  /** Such changes that were written. */
  readonly passed: { -readonly [Kind in keyof KindCounts]: number };
  readonly again: Set<PartNo>;
  readonly undone: Undone;
  /** A few parts with a stock row, an empty one included. */
  readonly sighted: Set<PartNo>;
  /** Parts without a row, as lists with witnesses showed them: see blind-lists.ts. `blind`: the list had no row at all. */
  readonly shownAgain: Map<PartNo, "shown" | "absent" | "blind">;
  blindLists: number;
  /** By the site whose list was blind: SKUs whose entries were therefore left as they are. */
  readonly unbelieved: Map<Contract, Set<Sku>>;
  readonly expiring: Map<string, { partNo: PartNo; date: string }>;
  readonly warehouses: Set<string>;
  /** Parts and orders with open demand. */
  readonly demandParts: Set<PartNo>;
  readonly demandOrders: Set<OrderNo>;
  /** Open demand can't be seen any more: this run raises nothing. */
  demandLost: boolean;
  /** SKUs that would have been raised. */
  readonly heldRaises: Set<Sku>;
  /** What the full run found and did not write, see direction.ts; `noted`: by this run. */
  readonly differences: { tally: DifferenceTally; noted: number; readonly unjournaled: Difference[] };
  /** What IFS refuses to be asked for. */
  readonly unreadable: Unreadable;
  /** Full runs alone, over all the runs that one takes: see left-over.ts. */
  backOrders: DifferenceTally;
  /** By part and pool: figures that are below zero, those that are not any more, and those that were told; see below-zero.ts. */
  readonly belowZero: Map<string, BelowZero>;
  moreBelowZero: number;
  readonly aboveZero: Set<string>;
  readonly toldBelowZero: Set<string>;
  /** Sites of the same supply channels of which nothing is shown, with SKUs whose entries were therefore left alone. */
  readonly unseenPeers: Map<Contract, Set<Sku>>;
  /** What runs of other sites of the same channels hold until a person releases it there; `all`: more SKUs than are listed. */
  heldElsewhere: ReadonlyMap<HoldKind, ReadonlySet<string> | "all"> | undefined;
  /** Changes by others that this run has found, by the entry's id, and what was looked at lately: see edits.ts. */
  readonly edits: Map<string, Edit>;
  readonly looked: Map<string, string>;
  /**
   * What change detection has told of and a full run looks at, because it was too much: no drift. `parts`: of this run's list.
   * `since`: what moved in IFS from then on, epoch milliseconds; undefined where the full run has another cause.
   */
  announced: { readonly parts: ReadonlySet<PartNo>; readonly since: number | undefined };
  /** Parts of which the run's list of changes has told up to now. */
  told: ReadonlySet<PartNo>;
  /** Changes were left because time was over, so that nothing is up to date. */
  cutShort: boolean;
  entries: number;
  /** Corrected entries that the journal tells of, and those beyond, by their reasons. */
  corrections: number;
  readonly unjournaled: Map<DriftReason, number>;
};

export const newSightings = (): SiteSightings => ({
  partOf: new Map(),
  shared: { partNos: new Set(), kitNos: new Set(), kitPartNos: new Set() },
  knownShared: new Set(),
  contained: new Map(),
  inFlightParts: new Set(),
  waiting: { zeros: new Map(), cuts: new Map(), raises: new Map() },
  passed: { zeros: 0, cuts: 0, raises: 0 },
  again: new Set(),
  undone: { waiting: 0, elsewhere: 0, left: new Set(), named: undefined },
  sighted: new Set(),
  shownAgain: new Map(),
  blindLists: 0,
  unbelieved: new Map(),
  expiring: new Map(),
  warehouses: new Set(),
  demandParts: new Set(),
  demandOrders: new Set(),
  demandLost: false,
  heldRaises: new Set(),
  differences: { tally: { count: 0, examples: [] }, noted: 0, unjournaled: [] },
  unreadable: nothingUnreadable(),
  backOrders: { count: 0, examples: [] },
  belowZero: new Map(),
  moreBelowZero: 0,
  aboveZero: new Set(),
  toldBelowZero: new Set(),
  unseenPeers: new Map(),
  heldElsewhere: undefined,
  edits: new Map(),
  looked: new Map(),
  announced: { parts: new Set(), since: undefined },
  told: new Set(),
  cutShort: false,
  entries: 0,
  corrections: 0,
  unjournaled: new Map(),
});
