/** What the client of IFS can be asked for. */
import type { Capabilities } from "../domain/capabilities.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import type { BatchPart } from "./batch.ts";
import type { Binding, LogicalRow, ObjectBinding } from "./binding.ts";
import type { Filter } from "./filter.ts";
import type { Body, PatchBody } from "./json.ts";
import type { SiteTime } from "./site-time.ts";

export type ListQuery<F extends string> = {
  /** Child arrays: the parent's path, such as `CustomerOrderSet(OrderNo='1')`. */
  readonly parent?: string;
  readonly filter?: Filter;
  /** Logical names; the key is always read. All bound fields when absent. */
  readonly fields?: readonly F[];
  /** Logical names. The full key when absent, so that paging is stable. */
  readonly orderBy?: readonly F[];
  /** Parts of the key for which the filter leaves one value: they need not be compared to find the next page. */
  readonly pinned?: readonly F[];
  /** A deadline of the caller, in addition to the configured one of each read. */
  readonly signal?: AbortSignal;
};

export type Walk<F extends string> = {
  /** Pages asked for at once, where the list is that long; 1 when absent. */
  readonly atOnce?: number;
  /** A field whose empty values come last in the list: it ends before them. */
  readonly untilEmpty?: F;
};

/** One row of a write's answer, under IFS names with numbers as text; undefined when the answer had no body. */
export type RawRow = Readonly<Record<string, unknown>>;

export type IfsClient = {
  readonly binding: Binding;
  readonly capabilities: Capabilities;
  readonly config: Pick<ConnectorConfig, "ifs" | "sites">;
  readonly siteTime: SiteTime;
  readonly logger: Logger;
  /** Runs `work` under a signal that is aborted after `ms`: one deadline for several requests. */
  within<T>(ms: number, work: (signal: TimedSignal) => Promise<T>): Promise<T>;
  /** All rows. Restarts when rows move between pages; TransientError when they keep moving. */
  list<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>): Promise<LogicalRow[]>;
  /**
   * Page by page and only as fast as they are taken, sorted by `orderBy` (the full key when absent), which must tell all rows
   * apart. A page may be several of the tenant's. By key alone: returns why that cannot be done, some pages given already or not,
   * or undefined at the end. What comes is in the order of code points.
   */
  walk<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>> & Walk<NoInfer<F>>,
  ): AsyncGenerator<LogicalRow[], string | undefined, void>;
  /** The same by `$skip` from a number of rows on, in whatever order the tenant sorts: rows that move come twice. */
  walkRows<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    from: number,
  ): AsyncGenerator<LogicalRow[], void, void>;
  /**
   * Page by page, for lists too long to hold, by key where the tenant's order allows it (keyset.ts): rows that come and go
   * meanwhile move no other. Every row at least once: by `$skip` all come again when rows move between pages.
   */
  each<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    visit: (rows: LogicalRow[]) => void,
  ): Promise<void>;
  /** Keys and ETags only, page by page: what an ETag sweep compares. RefusedError where rows come without one. */
  eachKey<F extends string>(
    object: ObjectBinding<F>,
    query: Pick<ListQuery<NoInfer<F>>, "filter" | "pinned" | "signal">,
    visit: (rows: TaggedRow[]) => void,
  ): Promise<void>;
  /** The first `limit` rows; fewer only at the end of the list. */
  first<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, limit: number): Promise<LogicalRow[]>;
  /** One row by its path; undefined when it is not there, or not visible to the service user. */
  row<F extends string>(
    object: ObjectBinding<F>,
    path: string,
    query?: Pick<ListQuery<NoInfer<F>>, "fields" | "signal">,
  ): Promise<LogicalRow | undefined>;
  /** A function without effects that answers with a structure: the object, fit to be sent back (json.ts). */
  call(object: Service, path: string, signal?: AbortSignal): Promise<RawRow>;
  /** A function without effects that answers with a single value, numbers as text; null for none. */
  ask(object: Service, path: string, signal?: AbortSignal): Promise<string | null>;
  /** POST of a new row. Doubt about the outcome is an UnknownOutcomeError. */
  create(object: ObjectBinding, path: string, body: Body, signal: TimedSignal): Promise<RawRow | undefined>;
  /**
   * POST of an action bound to a row; its single value, null for none. `ifMatch` is the row's ETag as just read; `*` only
   * where the action is said to be idempotent. RangeError without either.
   */
  act(object: Service, path: string, options: ActOptions): Promise<string | null>;
  /** POST of an action of the projection; its single value, null for none. A lost answer is doubt, unless it is idempotent. */
  invoke(
    object: Service,
    action: string,
    options: { body: Body; idempotent?: boolean; signal?: AbortSignal },
  ): Promise<string | null>;
  /**
   * Changes a row: reads it, asks `change` what to write (undefined: nothing), and writes it at the ETag just read; three
   * times when others write at the same time, then ConflictError. There is no way to write without an ETag: IFS would
   * insert the row. RefusedError `notFound`, or `etagMissing`.
   */
  update<F extends string>(
    object: ObjectBinding<F>,
    path: string,
    change: (row: LogicalRow) => PatchBody | undefined,
    query?: Pick<ListQuery<NoInfer<F>>, "fields" | "signal">,
  ): Promise<void>;
  /** PATCH of a row at an ETag that the caller has read. RangeError without one, or for `*`: that would be no guard. */
  patch(object: ObjectBinding, path: string, options: PatchOptions): Promise<void>;
  /** All parts or none. Throws what the refusing part says; UnknownOutcomeError when a part has no identifiable answer. */
  changeSet(object: ObjectBinding, parts: readonly BatchPart[], signal: TimedSignal): Promise<(RawRow | undefined)[]>;
  /**
   * An action bound to a row, as `act`, and behind it in the same request the row as it is then. undefined: the action was done, and
   * its row is not in the answer. ChangeSetRefusedError: the action was refused, or this form of a batch.
   */
  actAndRead<F extends string>(
    object: ObjectBinding<F>,
    row: { readonly path: string; readonly action: string; readonly fields: readonly NoInfer<F>[] },
    options: ActOptions,
  ): Promise<LogicalRow | undefined>;
  /** The projection's EDMX. */
  metadata(object: Service): Promise<string>;
  /** Encoded characters that a filter of this list may have, so that its URL stays under `maxUrlLength`. */
  roomForFilter<F extends string>(object: ObjectBinding<F>, query: Omit<ListQuery<NoInfer<F>>, "filter">): number;
};

export type Service = Pick<ObjectBinding, "group" | "projection">;
export type TaggedRow = LogicalRow & { readonly etag: string };
export type ActOptions = {
  readonly ifMatch: string;
  /** A second time does nothing. */
  readonly idempotent?: boolean;
  readonly body: Body;
  readonly signal?: AbortSignal;
};
export type PatchOptions = { readonly ifMatch: string; readonly body: PatchBody; readonly signal?: AbortSignal };
