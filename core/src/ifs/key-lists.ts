/** Reading many rows by their keys: IFS has no `in` to rely on, so `eq` terms are joined by `or` under a URL length. */
import type { z } from "zod";
import { RefusedError, RefusedKeysError } from "../domain/failure.ts";
import { isPlain } from "../domain/ids.ts";
import { mapLimited } from "../runtime/limit.ts";
import type { LogicalRow, ObjectBinding } from "./binding.ts";
import type { IfsClient, ListQuery } from "./client.ts";
import { unusable } from "./fields.ts";
import { and, chunkTerms, encodedLength, eq, type Filter, type Literal, or, sizeOf, text } from "./filter.ts";

const LEAST_ROOM = 200;
/** To find out which values of one list are refused. What is not found out by then counts as refused with the others. */
const MOST_REQUESTS = 60;

/** `PartNo eq 'A'`: one value that is asked for. */
export type KeyTerm = {
  readonly value: string;
  readonly filter: Filter;
  /** The same question about a value that nobody can mind. */
  readonly harmless: Filter;
};

export const keyTerm = (field: string, value: string, literal: (value: string) => Literal = text): KeyTerm => ({
  value,
  filter: eq(field, literal(value)),
  harmless: eq(field, literal("0")),
});

type KeyListQuery<F extends string> = Omit<ListQuery<F>, "filter"> & {
  readonly terms: readonly KeyTerm[];
  readonly fixed?: Filter;
};

/**
 * Rows that match `fixed` (if any) and one of the terms. No terms, no request.
 *
 * RefusedKeysError: IFS refuses the list because of some values, which it names, and answers the same list without them. A list that
 * is refused whatever it asks for (a missing grant, a wrong name) is the RefusedError that it was.
 */
export async function readInChunks<F extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  query: KeyListQuery<NoInfer<F>>,
): Promise<LogicalRow[]> {
  return (await readLists(client, object, { ...query, beside: [] })).flatMap(({ rows }) => rows);
}

/** What one request showed. */
export type KeyList = {
  /** Of the terms that it asked for, those of `beside` apart. */
  readonly values: readonly string[];
  readonly rows: readonly LogicalRow[];
};

/** The same, request by request: each asks for terms of `beside` as well, the first ones for which half of its room suffices. */
export async function readBeside<F extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  query: KeyListQuery<NoInfer<F>> & { readonly beside: readonly KeyTerm[] },
): Promise<KeyList[]> {
  const room = roomFor(client, object, query) / 2;
  let length = 0;
  const beside = query.beside.filter(({ filter }) => {
    const size = sizeOf(filter);
    const fits = length + size <= room;
    if (fits) length += size;
    return fits;
  });
  return readLists(client, object, { ...query, beside });
}

/** Of the terms of one request, in encoded characters. */
function roomFor<F extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  { terms: _terms, fixed, ...rest }: KeyListQuery<NoInfer<F>>,
): number {
  return Math.max(client.roomForFilter(object, rest) - encodedLength(fixed ? `${fixed} and ()` : ""), LEAST_ROOM);
}

async function readLists<F extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  query: KeyListQuery<NoInfer<F>> & { readonly beside: readonly KeyTerm[] },
): Promise<KeyList[]> {
  const { terms, fixed, beside, ...rest } = query;
  const taken = beside.reduce((length, { filter }) => length + sizeOf(filter), 0);
  const byFilter = new Map(terms.map((term) => [term.filter, term]));
  const chunks = chunkTerms([...byFilter.keys()], roomFor(client, object, query) - taken);
  const ask = (filters: readonly Filter[]): Promise<LogicalRow[]> =>
    client.list(object, { ...rest, filter: fixed ? and(fixed, or(...filters)) : or(...filters) });
  const search = createSearch(ask);
  const lists = await mapLimited(chunks, client.config.ifs.concurrency, async (chunk) => {
    const asked = chunk.flatMap((filter) => byFilter.get(filter) ?? []);
    return { values: asked.map(({ value }) => value), rows: await search.read([...beside, ...asked]) };
  });
  const [first] = search.refused;
  if (first) {
    const refused = [...new Set(search.refused.map(({ term }) => term))];
    throw new RefusedKeysError(
      refused.map(({ value }) => value),
      {
        cause: first.refusal,
        asked: `${object.set} with ${refused
          .slice(0, 10)
          .map(({ filter }) => filter)
          .join(" or ")}`,
      },
    );
  }
  return lists;
}

/** So many keys without a single row that can be read: the binding is to blame, and no key. */
const MANY_KEYS = 10;

/**
 * Parses the rows of a list of keys, each of which tells its key in the logical field `key`.
 *
 * RefusedKeysError: rows of some keys cannot be read. Such a key has no answer, also where other rows of it could be read: a part of its
 * rows would be taken for all of them. RefusedError `unexpectedAnswer`: a row that cannot be read tells none of the keys, or hardly any
 * can be read, as where the binding is wrong.
 */
export function parseKeyedRows<S extends z.ZodType>(
  schema: S,
  rows: readonly LogicalRow[],
  { what, key, keys }: { readonly what: string; readonly key: string; readonly keys: readonly string[] },
): z.infer<S>[] {
  const asked = new Set(keys);
  const reasons = new Map<string, string>();
  let first: RefusedError | undefined;
  const parsed = rows.flatMap((row) => {
    const result = schema.safeParse(row);
    if (result.success) return [result.data];
    const error = unusable(what, result.error);
    const value = row[key];
    if (typeof value !== "string" || !asked.has(value)) throw error;
    first ??= error;
    if (!reasons.has(value)) reasons.set(value, error.message);
    return [];
  });
  if (!first) return parsed;
  if (parsed.length === 0 && reasons.size >= MANY_KEYS) throw first;
  const values = [...reasons.keys()];
  throw new RefusedKeysError(values, {
    cause: first,
    asked: `${what} with ${key} ${values.slice(0, 10).join(", ")}`,
    reasons,
  });
}

type Refused = { readonly term: KeyTerm; readonly refusal: RefusedError };

/**
 * A refused list is read in parts until the values are known that are to blame: a character that a gateway does not let through, a row
 * that IFS cannot compute. Both are refused whenever they are asked for; so the same question about another value tells whether
 * values are to blame at all.
 */
function createSearch(ask: (filters: readonly Filter[]) => Promise<LogicalRow[]>) {
  const refused: Refused[] = [];
  const controls = new Map<string, Promise<LogicalRow[]>>();
  let left = MOST_REQUESTS;

  async function read(chunk: readonly KeyTerm[], within?: "search"): Promise<LogicalRow[]> {
    try {
      return await ask(chunk.map(({ filter }) => filter));
    } catch (refusal) {
      if (!mayBeOfValue(refusal)) throw refusal;
      if (within === undefined) await passOtherwise(chunk, refusal);
      return inParts(chunk, refusal);
    }
  }

  /** Throws the refusal where IFS refuses the harmless question too. */
  async function passOtherwise(chunk: readonly KeyTerm[], refusal: RefusedError): Promise<void> {
    const harmless = [...new Set(chunk.map((term) => term.harmless))];
    const name = harmless.join();
    const control = controls.get(name) ?? ask(harmless);
    controls.set(name, control);
    try {
      await control;
    } catch (error) {
      throw mayBeOfValue(error) ? refusal : error;
    }
  }

  async function inParts(chunk: readonly KeyTerm[], refusal: RefusedError): Promise<LogicalRow[]> {
    const parts = chunk.length === 1 ? [] : split(chunk);
    if (parts.length === 0 || left < parts.length) {
      refused.push(...chunk.map((term) => ({ term, refusal })));
      return [];
    }
    left -= parts.length;
    const rows: LogicalRow[] = [];
    for (const part of parts) rows.push(...(await read(part, "search")));
    return rows;
  }

  return { read, refused };
}

/** Not an answer that could not be understood, which no other value would change. */
const mayBeOfValue = (error: unknown): error is RefusedError => error instanceof RefusedError && error.status >= 400;

/** Values of letters and digits are hardly ever to blame: they come apart from the others first, then the halves. */
function split(chunk: readonly KeyTerm[]): (readonly KeyTerm[])[] {
  const plain = chunk.filter(({ value }) => isPlain(value));
  const odd = chunk.filter(({ value }) => !isPlain(value));
  if (plain.length > 0 && odd.length > 0) return [plain, odd];
  const half = Math.ceil(chunk.length / 2);
  return [chunk.slice(0, half), chunk.slice(half)];
}
