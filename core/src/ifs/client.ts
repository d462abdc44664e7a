/** OData v4 as IFS Cloud speaks it: reads that page to the end, creates, bound actions and change sets. */
import type { ConnectorConfig } from "../domain/config.ts";
import { RefusedError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { within } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { type BatchPart, type BatchPiece, matchPieces, readBatch, writeChangeSet } from "./batch.ts";
import {
  type Binding,
  type LogicalRow,
  logicalRow,
  type ObjectBinding,
  resolveBinding,
  servicePath,
} from "./binding.ts";
import type { BudgetGate } from "./budget/budget.ts";
import type { Lane } from "./budget/lanes.ts";
import { createLocalGate } from "./budget/local-gate.ts";
import { ChangeSetRefusedError, classify, type Effect, rowMissing, toError } from "./errors.ts";
import type { Filter } from "./filter.ts";
import { type Body, parseJson } from "./json.ts";
import { type Page, readList, visitList } from "./paging.ts";
import { createSiteTime, type SiteTime } from "./site-time.ts";
import { createTokenSource, type TokenSettings, type TokenSource } from "./token.ts";
import { createSend } from "./transport.ts";

export type IfsConnection = TokenSettings & {
  /** Scheme, host and port, and a path prefix if a gateway has one; no trailing slash. */
  readonly baseUrl: string;
};

export type IfsClientOptions = {
  readonly connection: IfsConnection;
  readonly config: Pick<ConnectorConfig, "ifs" | "sites">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: typeof fetch;
  readonly random?: Random;
  /** Shared by all processes; without it the configured number of places in this one. */
  readonly budget?: BudgetGate;
  /** How urgent this client's requests are; `stock` when absent. */
  readonly lane?: Lane;
  /** Shared by clients of one process; one of its own when absent. */
  readonly tokens?: TokenSource;
};

export type ListQuery<F extends string> = {
  /** Child arrays: the parent's path, such as `CustomerOrderSet(OrderNo='1')`. */
  readonly parent?: string;
  readonly filter?: Filter;
  /** Logical names; the key is always read. All bound fields when absent. */
  readonly fields?: readonly F[];
  /** Logical names. The full key when absent, so that paging is stable. */
  readonly orderBy?: readonly F[];
  /** A deadline of the caller, in addition to the configured one of each read. */
  readonly signal?: AbortSignal;
};

/** One row of a write's answer, under IFS names with numbers as text; undefined when the answer had no body. */
export type RawRow = Readonly<Record<string, unknown>>;

export type IfsClient = {
  readonly binding: Binding;
  readonly config: Pick<ConnectorConfig, "ifs" | "sites">;
  readonly siteTime: SiteTime;
  readonly logger: Logger;
  /** Runs `work` under a signal that is aborted after `ms`: one deadline for several requests. */
  within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** All rows. Restarts when rows move between pages; TransientError when they keep moving. */
  list<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>): Promise<LogicalRow[]>;
  /** Page by page, for lists too long to hold. Every row at least once: all come again when rows move between pages. */
  each<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    visit: (rows: LogicalRow[]) => void,
  ): Promise<void>;
  /** The first `limit` rows; fewer only at the end of the list. */
  first<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, limit: number): Promise<LogicalRow[]>;
  /** One row by its path; undefined when it is not there, or not visible to the service user. */
  row<F extends string>(
    object: ObjectBinding<F>,
    path: string,
    query?: Pick<ListQuery<NoInfer<F>>, "fields" | "signal">,
  ): Promise<LogicalRow | undefined>;
  /** A function without effects: the text of its JSON answer. */
  call(object: Pick<ObjectBinding, "group" | "projection">, path: string, signal?: AbortSignal): Promise<string>;
  /** POST of a new row. Doubt about the outcome is an UnknownOutcomeError. */
  create(object: ObjectBinding, path: string, body: Body, signal: AbortSignal): Promise<RawRow | undefined>;
  /** POST of an action bound to a row; `ifMatch` is its ETag, or `*` for actions that are idempotent. */
  act(
    object: ObjectBinding,
    path: string,
    options: { ifMatch: string; body: Body; signal?: AbortSignal },
  ): Promise<void>;
  /** PATCH of a row at the ETag just read. There is no way to leave the ETag out: IFS would insert the row. */
  patch(object: ObjectBinding, path: string, options: { ifMatch: string; body: Body }): Promise<void>;
  /** All parts or none. Throws what the refusing part says; UnknownOutcomeError when a part has no identifiable answer. */
  changeSet(object: ObjectBinding, parts: readonly BatchPart[], signal: AbortSignal): Promise<(RawRow | undefined)[]>;
  /** The projection's EDMX. */
  metadata(object: Pick<ObjectBinding, "group" | "projection">): Promise<string>;
};

/** Throws a RangeError that lists every wrong word of the binding. */
export function createIfsClient(options: IfsClientOptions): IfsClient {
  const { connection, config, clock, logger } = options;
  const resolved = resolveBinding(config.ifs.binding);
  if (!resolved.ok) {
    throw new RangeError(resolved.error.map(({ path, message }) => `ifs.binding.${path}: ${message}`).join("; "));
  }
  const fetcher = options.fetch ?? fetch;
  const send = createSend({
    tokens: options.tokens ?? createTokenSource(connection, fetcher, clock),
    fetch: fetcher,
    clock,
    logger,
    gate: options.budget ?? createLocalGate(config.ifs.concurrency),
    lane: options.lane ?? "stock",
  });
  const base = connection.baseUrl.replace(/\/+$/, "");
  const random = options.random ?? systemRandom;
  const reading = (caller?: AbortSignal) => ({ clock, ms: config.ifs.readTimeoutMs, caller });
  const writing = (caller?: AbortSignal) => ({ clock, ms: config.ifs.writeTimeoutMs, caller });
  /** Sets whose `$select` this tenant refused; at most one entry per bound object. */
  const withoutSelect = new Set<string>();

  async function get(url: string, caller?: AbortSignal, headers: Record<string, string> = {}): Promise<string> {
    return (await within(reading(caller), (signal) => send({ method: "GET", url, effect: "read", signal, headers })))
      .text;
  }

  async function getJson(object: Pick<ObjectBinding, "timeZoneAware">, url: string, caller?: AbortSignal) {
    const headers: Record<string, string> = object.timeZoneAware ? { "x-ifs-time-zone-aware-request": "true" } : {};
    return readJson(await get(url, caller, headers), url);
  }

  async function getPage(
    object: Pick<ObjectBinding, "timeZoneAware">,
    url: string,
    caller?: AbortSignal,
  ): Promise<Page> {
    const body = await getJson(object, url, caller);
    const value = isRow(body) ? body.value : undefined;
    if (!isRow(body) || !Array.isArray(value) || !value.every(isRow)) throw unexpected(url, "a list of rows");
    const next = body["@odata.nextLink"];
    return { rows: value, nextLink: typeof next === "string" ? next : undefined };
  }

  /** Runs a read with `$select`, and once more without it when this very option is what the tenant refuses. */
  async function selecting<F extends string, T>(object: ObjectBinding<F>, read: (select: boolean) => Promise<T>) {
    const id = setId(object);
    if (!object.select || withoutSelect.has(id)) return read(false);
    try {
      return await read(true);
    } catch (error) {
      if (!(error instanceof RefusedError) || !SELECT_REFUSALS.has(error.status) || error.code.startsWith("ORA-")) {
        throw error;
      }
      const rows = await read(false);
      withoutSelect.add(id);
      logger.warn({ set: id, refusal: error.message }, "ifs.selectRefused");
      return rows;
    }
  }

  function listUrl<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, select: boolean): string {
    const options: string[] = [];
    if (select) options.push(`$select=${selection(object, query.fields).join(",")}`);
    if (query.filter) options.push(`$filter=${encodeURIComponent(query.filter)}`);
    const order = properties(object, query.orderBy ?? object.key);
    options.push(`$orderby=${order.join(",")}`);
    const path = query.parent ? `${query.parent}/${object.set}` : object.set;
    return `${base}${servicePath(object)}/${path}?${options.join("&")}`;
  }

  function readRows<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    limit: number | undefined,
  ) {
    return selecting(object, async (select) => {
      const pageSize = limit ?? config.ifs.pageSize;
      const rows = await readList({ ...listOptions(object, query, select), pageSize, limit });
      return rows.map((row) => logicalRow(object, row));
    });
  }

  const listOptions = <F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, select: boolean) => ({
    url: listUrl(object, query, select),
    pageSize: config.ifs.pageSize,
    get: (url: string) => getPage(object, url, query.signal),
    keyOf: keyReader(object),
  });

  return {
    binding: resolved.value,
    config,
    siteTime: createSiteTime(config.sites),
    logger,
    within: (ms, work) => within({ clock, ms }, work),
    list: (object, query) => readRows(object, query, undefined),
    each: (object, query, visit) =>
      selecting(object, (select) =>
        visitList(listOptions(object, query, select), (rows) => visit(rows.map((row) => logicalRow(object, row)))),
      ),
    first: (object, query, limit) => readRows(object, query, limit),
    row(object, path, { fields, signal } = {}) {
      return selecting(object, async (select) => {
        const url = `${base}${servicePath(object)}/${path}`;
        try {
          const query = select ? `?$select=${selection(object, fields).join(",")}` : "";
          const body = await getJson(object, `${url}${query}`, signal);
          if (!isRow(body)) throw unexpected(url, "a row");
          return logicalRow(object, body);
        } catch (error) {
          if (rowMissing(error)) return undefined;
          throw error;
        }
      });
    },
    call: (object, path, signal) => get(`${base}${servicePath(object)}/${path}`, signal),
    create: (object, path, body, signal) => write({ object, path, body, effect: "create", signal }),
    async act(object, path, { ifMatch, body, signal }) {
      const headers = { "if-match": ifMatch };
      await within(writing(signal), (deadline) =>
        write({ object, path, body, effect: "idempotent", signal: deadline, headers }),
      );
    },
    async patch(object, path, { ifMatch, body }) {
      await within(writing(), (signal) =>
        send({
          method: "PATCH",
          url: `${base}${servicePath(object)}/${path}`,
          headers: { "content-type": "application/json", "if-match": ifMatch },
          body: JSON.stringify(body),
          effect: "idempotent",
          signal,
        }),
      );
    },
    changeSet,
    metadata: (object) => get(`${base}${servicePath(object)}/$metadata`, undefined, { accept: "application/xml" }),
  };

  async function write(request: {
    object: ObjectBinding;
    path: string;
    body: Body;
    effect: Effect;
    signal: AbortSignal;
    headers?: Record<string, string>;
  }): Promise<RawRow | undefined> {
    const answer = await send({
      method: "POST",
      url: `${base}${servicePath(request.object)}/${request.path}`,
      headers: { "content-type": "application/json", prefer: "return=representation", ...request.headers },
      body: JSON.stringify(request.body),
      effect: request.effect,
      signal: request.signal,
    });
    return writtenRow(answer.text);
  }

  async function changeSet(object: ObjectBinding, parts: readonly BatchPart[], signal: AbortSignal) {
    const url = `${base}${servicePath(object)}/$batch`;
    const what = `POST ${object.projection}.svc/$batch`;
    const { contentType, body } = writeChangeSet(parts, random.uuid());
    const headers = { "content-type": contentType, accept: "multipart/mixed" };
    const answer = await send({ method: "POST", url, headers, body, effect: "create", signal }).catch((error) => {
      throw error instanceof RefusedError ? new ChangeSetRefusedError("batch", error) : error;
    });
    const pieces = readBatch(answer.headers.get("content-type") ?? "", answer.text);
    if (!pieces || pieces.length === 0) {
      throw new UnknownOutcomeError(`IFS, ${what}: the answer cannot be read (HTTP ${answer.status})`);
    }
    const refused = pieces.find((piece) => !succeeded(piece));
    if (refused) throw changeSetError(pieces, refused, what);
    const matched = matchPieces(parts, pieces);
    if (!matched) throw new UnknownOutcomeError(`IFS, ${what}: some parts have no identifiable answer`);
    return matched.map((piece) => writtenRow(piece.text));
  }

  /** A change set is refused as a whole, often with a single piece for all its parts. */
  function changeSetError(pieces: readonly BatchPiece[], refused: BatchPiece, what: string): Error {
    if (pieces.some(succeeded)) {
      return new UnknownOutcomeError(`IFS, ${what}: some parts succeeded and others did not; that is no change set`);
    }
    const { status, text } = refused;
    const failure = classify({ status, text, retryAfter: refused.headers["retry-after"] }, clock.now());
    const error = toError(failure, "create", what);
    return error instanceof RefusedError ? new ChangeSetRefusedError("part", error) : error;
  }
}

const succeeded = ({ status }: BatchPiece): boolean => status >= 200 && status < 300;

const setId = ({ projection, set }: Pick<ObjectBinding, "projection" | "set">): string => `${projection}/${set}`;

/** Statuses with which tenants refuse a query option. Business errors come as 500 too, but with an ORA number. */
const SELECT_REFUSALS = new Set([400, 500, 501]);

const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const properties = <F extends string>(object: ObjectBinding<F>, fields: readonly F[]): string[] =>
  fields.flatMap((field) => object.fields[field] ?? []);

const selection = <F extends string>(object: ObjectBinding<F>, fields: readonly F[] | undefined): string[] => [
  ...new Set([...properties(object, object.key), ...properties(object, fields ?? (Object.keys(object.fields) as F[]))]),
];

function keyReader<F extends string>(object: ObjectBinding<F>): (row: RawRow) => string {
  const key = properties(object, object.key);
  return (row) => JSON.stringify(key.map((name) => row[name] ?? null));
}

function readJson(text: string, url: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    // A gateway's page with status 200, or a body that was cut short.
    throw new TransientError(`IFS, GET ${new URL(url).pathname}: the answer is not JSON`, { cause });
  }
}

/** The row a write answered with. The write is committed: a body that cannot be read is as good as none. */
function writtenRow(text: string): RawRow | undefined {
  if (text.trim() === "") return undefined;
  try {
    const body = parseJson(text);
    return isRow(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const unexpected = (url: string, expected: string): RefusedError =>
  new RefusedError("ifs", "unexpectedAnswer", 200, `${new URL(url).pathname} does not answer with ${expected}`);
