/** Reading: lists to their end, rows, functions, metadata. */
import { RefusedError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { within } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import { readJson, scalarOf, setId, tagged, unexpected } from "./answers.ts";
import type { BatchRead } from "./batch.ts";
import { type LogicalRow, logicalRow, type ObjectBinding, servicePath } from "./binding.ts";
import type { IfsClient, ListQuery, RawRow, Walk } from "./client-types.ts";
import { isOptionRefusal, rowMissing } from "./errors.ts";
import { and } from "./filter.ts";
import { isRow, parseForSending, parseJson } from "./json.ts";
import { type KeyPagingOptions, visitByKey, walkByKey } from "./key-paging.ts";
import { keysetOf } from "./keyset.ts";
import { type Page, readList, visitList, walkList } from "./paging.ts";
import type { Send } from "./transport.ts";

type Reads = Pick<
  IfsClient,
  "list" | "each" | "eachKey" | "first" | "row" | "call" | "ask" | "metadata" | "roomForFilter" | "walk" | "walkRows"
>;

/** A row's read as a part of a batch: what `row` would ask for. */
export type RowPart = <F extends string>(object: ObjectBinding<F>, path: string, fields: readonly F[]) => BatchRead;

/** `&$filter=` and the paging options of any page. */
const RESERVED = "&$filter=&$top=100000&$skip=100000000".length;

export function createReads(options: {
  readonly send: Send;
  /** Without a slash at its end. */
  readonly base: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxUrlLength: number;
  readonly pageSize: number;
  /** Of each request. */
  readonly timeoutMs: number;
  /** Somebody waits for each list: its last row is asked for beside it, and not the row behind it after it. */
  readonly isAwaited: boolean;
}): { reads: Reads; rowPart: RowPart } {
  const { send, base, clock, logger, maxUrlLength, pageSize } = options;
  /** Sets whose `$select` this tenant refused; at most one entry per bound object. */
  const withoutSelect = new Set<string>();
  /** Sets that this tenant does not list backwards. */
  const withoutLast = new Set<string>();
  /** Sets whose keys do not lead from page to page in this tenant. */
  const withoutKeyset = new Set<string>();

  async function get(url: string, caller?: AbortSignal, headers: Record<string, string> = {}): Promise<string> {
    const answer = await within({ clock, ms: options.timeoutMs, caller }, (signal) =>
      send({ method: "GET", url, effect: "read", signal, headers }),
    );
    return answer.text;
  }

  async function getJson(object: Pick<ObjectBinding, "timeZoneAware">, url: string, caller?: AbortSignal) {
    return readJson(await get(url, caller, timeZoneHeader(object)), url, parseJson);
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
      if (!isOptionRefusal(error)) throw error;
      const rows = await read(false);
      withoutSelect.add(id);
      logger.warn({ set: id, refusal: error.message }, "ifs.selectRefused");
      return rows;
    }
  }

  function listUrl<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    select: boolean,
    direction: "ascending" | "descending" = "ascending",
  ): string {
    const parts: string[] = [];
    if (select) parts.push(`$select=${selection(object, query.fields).join(",")}`);
    if (query.filter) parts.push(`$filter=${encodeURIComponent(query.filter)}`);
    const order = properties(object, query.orderBy ?? object.key);
    parts.push(`$orderby=${order.map((name) => (direction === "ascending" ? name : `${name}%20desc`)).join(",")}`);
    const path = query.parent ? `${query.parent}/${object.set}` : object.set;
    return `${base}${servicePath(object)}/${path}?${parts.join("&")}`;
  }

  const listOptions = <F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, select: boolean) => ({
    url: listUrl(object, query, select),
    pageSize,
    get: (url: string) => getPage(object, url, query.signal),
    keyOf: keyReader(object),
  });

  /** Undefined where it is not to be had: nothing depends on it but how long the list takes. */
  async function lastOf<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, select: boolean) {
    const id = setId(object);
    if (withoutLast.has(id)) return undefined;
    try {
      const url = listUrl(object, query, select, "descending");
      const { rows } = await getPage(object, `${url}&$top=1`, query.signal);
      return { row: rows[0] };
    } catch (error) {
      if (!isOptionRefusal(error)) return undefined;
      withoutLast.add(id);
      logger.warn({ set: id, refusal: error.message }, "ifs.backwardsRefused");
      return undefined;
    }
  }

  function readRows<F extends string>(object: ObjectBinding<F>, query: ListQuery<NoInfer<F>>, limit?: number) {
    return selecting(object, async (select) => {
      const list = listOptions(object, query, select);
      const isWhole = options.isAwaited && limit === undefined;
      const lastRow = isWhole && { lastRow: () => lastOf(object, query, select) };
      const rows = await readList({ ...list, pageSize: limit ?? pageSize, limit, ...lastRow });
      return rows.map((row) => logicalRow(object, row));
    });
  }

  const visitRows = <F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    visit: (rows: LogicalRow[]) => void,
  ): Promise<void> =>
    selecting(object, async (select) => {
      const see = (rows: readonly RawRow[]) => visit(rows.map((row) => logicalRow(object, row)));
      if (await visitedByKey(object, query, { select, see })) return;
      await visitList(listOptions(object, query, select), see);
    });

  /** How this list is read by key; undefined where it cannot be. */
  function keyPaging<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    select: boolean,
  ): (KeyPagingOptions & { readonly id: string }) | undefined {
    const id = [setId(object), ...(query.orderBy ?? [])].join(" ");
    const keyset = keysetOf(object, query.pinned, query.orderBy);
    if (object.paging === "skip" || withoutKeyset.has(id) || !keyset) return undefined;
    const urlAfter = (row: RawRow): string | undefined => {
      const after = keyset.after(row);
      if (after === undefined) return undefined;
      const url = listUrl(object, { ...query, filter: query.filter ? and(query.filter, after) : after }, select);
      return url.length + RESERVED > maxUrlLength ? undefined : url;
    };
    return { ...listOptions(object, query, select), id, keyset, urlAfter };
  }

  function giveUp(object: ObjectBinding, id: string, reason: string): void {
    withoutKeyset.add(id);
    logger.warn({ set: setId(object), reason }, "ifs.keysetUnusable");
  }

  /** False where this list cannot be read by key; some of it may have been visited. */
  async function visitedByKey<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    { select, see }: { select: boolean; see: (rows: readonly RawRow[]) => void },
  ): Promise<boolean> {
    const paging = query.orderBy === undefined ? keyPaging(object, query, select) : undefined;
    if (!paging) return false;
    const reason = await visitByKey(paging, see);
    if (reason !== undefined) giveUp(object, paging.id, reason);
    return reason === undefined;
  }

  async function* walk<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>> & Walk<NoInfer<F>>,
  ): AsyncGenerator<LogicalRow[], string | undefined, void> {
    const { atOnce, untilEmpty } = query;
    const ending = untilEmpty === undefined ? undefined : object.fields[untilEmpty];
    const isRest = ending ? (row: RawRow) => row[ending] === null || row[ending] === "" : undefined;
    const begun = await selecting(object, async (select) => {
      const paging = keyPaging(object, query, select);
      if (!paging) return undefined;
      const pages = walkByKey({ ...paging, atOnce, isRest });
      return { pages, id: paging.id, first: await pages.next() };
    });
    if (!begun) return "the binding or an earlier reading says so";
    let step = begun.first;
    while (!step.done) {
      yield step.value.map((row) => logicalRow(object, row));
      step = await begun.pages.next();
    }
    if (step.value !== undefined) giveUp(object, begun.id, step.value);
    return step.value;
  }

  async function* walkRows<F extends string>(
    object: ObjectBinding<F>,
    query: ListQuery<NoInfer<F>>,
    from: number,
  ): AsyncGenerator<LogicalRow[], void, void> {
    const begun = await selecting(object, async (select) => {
      const pages = walkList(listOptions(object, query, select), from);
      return { pages, first: await pages.next() };
    });
    for (let step = begun.first; !step.done; step = await begun.pages.next()) {
      yield step.value.map((row) => logicalRow(object, row));
    }
  }

  const rowPart: RowPart = (object, path, fields) => {
    const select = object.select && !withoutSelect.has(setId(object));
    const query = select ? `?$select=${selection(object, fields).join(",")}` : "";
    return { path: `${path}${query}`, headers: timeZoneHeader(object) };
  };

  const reads: Reads = {
    list: (object, query) => readRows(object, query),
    each: visitRows,
    walk,
    walkRows,
    eachKey: (object, query, visit) =>
      visitRows(object, { ...query, fields: [] }, (rows) => visit(rows.map((row) => tagged(object, row)))),
    first: readRows,
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
    async call(object, path, signal) {
      const url = `${base}${servicePath(object)}/${path}`;
      const body = readJson(await get(url, signal), url, parseForSending);
      if (!isRow(body)) throw unexpected(url, "a structure");
      return body;
    },
    async ask(object, path, signal) {
      const url = `${base}${servicePath(object)}/${path}`;
      return scalarOf(await get(url, signal), url);
    },
    metadata: (object) => get(`${base}${servicePath(object)}/$metadata`, undefined, { accept: "application/xml" }),
    roomForFilter: (object, query) => maxUrlLength - RESERVED - listUrl(object, query, object.select).length,
  };
  return { reads, rowPart };
}

const timeZoneHeader = ({ timeZoneAware }: Pick<ObjectBinding, "timeZoneAware">): Record<string, string> =>
  timeZoneAware ? { "x-ifs-time-zone-aware-request": "true" } : {};

const properties = <F extends string>(object: ObjectBinding<F>, fields: readonly F[]): string[] =>
  fields.flatMap((field) => object.fields[field] ?? []);

const selection = <F extends string>(object: ObjectBinding<F>, fields: readonly F[] | undefined): string[] => [
  ...new Set([...properties(object, object.key), ...properties(object, fields ?? (Object.keys(object.fields) as F[]))]),
];

function keyReader<F extends string>(object: ObjectBinding<F>): (row: RawRow) => string {
  const key = properties(object, object.key);
  return (row) => {
    // Rows that show nothing of their key would all count as one row.
    if (key.length > 0 && key.every((name) => row[name] === undefined)) {
      const message = `${setId(object)} answers rows without ${key.join(", ")}; check the key of this object in the binding`;
      throw new RefusedError("ifs", "unexpectedAnswer", 200, message);
    }
    return JSON.stringify(key.map((name) => row[name] ?? null));
  };
}
