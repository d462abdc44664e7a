import type { Order, OrderUpdateAction } from "@commercetools/platform-sdk";
import type { AmendmentRecord } from "../../domain/amendment-record.ts";
import type { ClaimChannels } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Corrections } from "../../domain/corrections.ts";
import type { CatalogNo, Contract, OrderId, OrderNo } from "../../domain/ids.ts";
import type {
  AmendableOrder,
  IfsAmendment,
  IfsOrder,
  IfsOrderDocument,
  IfsOrderDraft,
  IfsOrderLookup,
  IfsSalesPart,
} from "../../domain/ifs-records.ts";
import type {
  IfsReturn,
  IfsReturnCreated,
  IfsReturnDraft,
  IfsReturnLineDraft,
  IfsReturnLookup,
} from "../../domain/ifs-returns.ts";
import type { ExceptionRecord, JournalEntry } from "../../domain/records.ts";
import type { SentListener } from "../../domain/sent.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Cursors } from "../cursor.ts";
import type { CustomerDeps } from "../customer-deps.ts";

/** What the export of one order needs. Adapters satisfy it structurally; deadlines are milliseconds from the call. */
export type OrderExportDeps = {
  readonly orders: {
    get(id: OrderId): Promise<Order | undefined>;
    update(ref: { id: string; version: number }, actions: OrderUpdateAction[]): Promise<Order>;
  };
  readonly ifsOrders: {
    /** Found at any site; "absent" is proven of `contract` alone. */
    findByExternalRef(externalRef: string, contract: Contract, deadlineMs?: number): Promise<IfsOrderLookup>;
    /** As `findByExternalRef`, but of that site alone, by a property of the IFS order under the tenant's own name. */
    findByProperty(
      by: { readonly name: string; readonly value: string },
      contract: Contract,
      deadlineMs?: number,
    ): Promise<IfsOrderLookup>;
    read(orderNo: OrderNo, deadlineMs?: number): Promise<IfsOrderDocument | undefined>;
    create(draft: IfsOrderDraft, deadlineMs: number): Promise<IfsOrderDocument>;
    addMissing(document: IfsOrderDocument, draft: IfsOrderDraft, deadlineMs: number): Promise<IfsOrderDocument>;
    release(orderNo: OrderNo, deadlineMs?: number): Promise<IfsOrder>;
    cancel(orderNo: OrderNo, reason: string, deadlineMs?: number): Promise<IfsOrder>;
    readAmendable(orderNo: OrderNo, deadlineMs?: number): Promise<AmendableOrder | undefined>;
    /** One write at the ETag as read. ConflictError: somebody else wrote. */
    amend(found: AmendableOrder, change: IfsAmendment, deadlineMs: number): Promise<void>;
    /** Posts the lines of the draft with these references, whatever the order's state. */
    addLines(
      found: AmendableOrder,
      given: { draft: IfsOrderDraft; lineRefs: readonly string[] },
      deadlineMs: number,
    ): Promise<void>;
  };
  /** See ifs/returns.ts for what each may throw. */
  readonly ifsReturns: {
    find(
      query: {
        readonly orderNo: OrderNo;
        readonly contract: Contract;
        readonly references: readonly string[];
        readonly rmaNos: readonly string[];
      },
      deadlineMs?: number,
    ): Promise<IfsReturnLookup>;
    create(draft: IfsReturnDraft, deadlineMs: number): Promise<IfsReturnCreated>;
    addLines(rmaNo: string, lines: readonly IfsReturnLineDraft[], deadlineMs: number): Promise<IfsReturn>;
    release(rmaNo: string, deadlineMs?: number): Promise<IfsReturn>;
  };
  /** Tells of each write to IFS that the work makes, when it is over. */
  readonly withSentListener: <T>(listener: SentListener, work: () => Promise<T>) => Promise<T>;
  readonly parts: { salesParts(contract: Contract, catalogNos: readonly CatalogNo[]): Promise<IfsSalesPart[]> };
  readonly customers: CustomerDeps;
  /** Ids -> keys; asked only when a route has a condition on them. Absent: no such resource, or it has no key. */
  readonly references: {
    channelKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
    customerGroupKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  };
  readonly exceptions: {
    open(exception: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">): Promise<void>;
    /** No error when there is none. */
    close(id: string): Promise<void>;
  };
  readonly journal: { append(entry: JournalEntry): Promise<void> };
  /** What people corrected about an order; asked only for orders that were refused before. */
  readonly corrections: {
    read(orderId: OrderId): Promise<Corrections | undefined>;
    /** No error when there are none. */
    remove(orderId: OrderId): Promise<void>;
  };
  /** What an amendment was planned against; asked only where one was begun. */
  readonly amendments: {
    read(orderId: OrderId): Promise<AmendmentRecord | undefined>;
    write(orderId: OrderId, record: AmendmentRecord): Promise<void>;
    /** No error when there is none. */
    remove(orderId: OrderId): Promise<void>;
  };
  readonly settings: {
    readonly config: ConnectorConfig;
    readonly configVersion: number;
    readonly channels: ClaimChannels;
    /** ISO 8601: since when this installation claims every order before it creates one. */
    readonly activationStamp: string;
    /** Of the IAM client in IFS whose service user the connector is. */
    readonly ifsClientId: string;
  };
  /** Asked before an event claims an order for its create; the answer is called when that is over. Throws BusyError. */
  readonly enter: () => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new value for each piece of work; at most 64 of A-Z a-z 0-9 _ -. */
  readonly newOwner: () => string;
};

/** What the event path needs beyond that: orders of a payment. */
export type OrderEventDeps = OrderExportDeps & {
  readonly ordersByPayment: (paymentId: string) => Promise<readonly { readonly id: string }[]>;
  /** Told of each order whose event is refused, so that it comes again. */
  readonly refused: (orderId: OrderId, error: unknown) => void;
};

/** What the sweep needs beyond that. */
export type OrderSweepDeps = OrderExportDeps & {
  readonly orders: {
    page(query: {
      where: string[];
      variables?: Record<string, string | number | string[]>;
      afterId?: string;
      limit: number;
    }): Promise<Order[]>;
  };
  readonly exceptions: {
    /** Open exceptions of a flow by key, those behind `after` first; `last` is the key to go on after. */
    page(
      flow: string,
      position: { readonly after: string | undefined; readonly limit: number },
    ): Promise<{ readonly rows: readonly ExceptionRecord[]; readonly last: string | undefined }>;
    /** Closes one of them unless somebody has met it since it was read. */
    closeAsSeen(row: ExceptionRecord): Promise<void>;
  };
  readonly cursors: Cursors;
  /** Those of the orders of which an event came and was refused. Asked only about orders that look as if none had come. */
  readonly refusedEvents: (orderIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Messages of orders, or of payments, in a period, by id. Undefined: the project keeps none, or the API client may not read them. */
  readonly messages: {
    page(query: {
      readonly of: "order" | "payment";
      readonly from: string;
      readonly to: string;
      readonly afterId: string | undefined;
      readonly limit: number;
    }): Promise<readonly { readonly id: string; readonly resourceId: string }[] | undefined>;
  };
  /** Bounds of a run. */
  readonly limits: {
    readonly concurrency: number;
    readonly pageSize: number;
    /** No order is begun after this time. */
    readonly runMs: number;
    /** For one order, POST included. */
    readonly orderMs: number;
  };
};
