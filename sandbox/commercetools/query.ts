import type { Collection } from "./collection.ts";
import { invalidInput, PlatformError } from "./errors.ts";
import type { Doc, Resource } from "./json.ts";
import { valuesAt } from "./json.ts";
import { compilePredicate, type Variables } from "./predicate-eval.ts";
import { PredicateSyntaxError } from "./predicate-lexer.ts";
import { type Predicate, parsePredicate } from "./predicate-parser.ts";
import { byIdAscending, candidateIds, idBounds } from "./query-plan.ts";

export const MAX_LIMIT = 500;
export const MAX_OFFSET = 10_000;

export type QueryRules = {
  /** Top-level fields a predicate or a sort may name; anything is accepted when absent. */
  fields?: ReadonlySet<string>;
  notEqualMatchesMissing: boolean;
  syncInfoPredicates: boolean;
};

export type Page<T> = { limit: number; offset: number; count: number; total?: number; results: T[] };

type SortKey = { path: string[]; descending: boolean };
type Query = {
  limit: number;
  offset: number;
  withTotal: boolean;
  predicate?: Predicate;
  variables: Variables;
  sort: SortKey[];
};

/** Runs `where`, `var.*`, `sort`, `limit`, `offset` and `withTotal` over a collection. */
export function runQuery<T extends Resource>(
  collection: Collection<T>,
  params: URLSearchParams,
  rules: QueryRules,
  narrow?: (resource: T) => boolean,
): Page<T> {
  const query = readQuery(params, rules);
  const test = tester(query, rules);
  const accepts = (resource: T) => test(resource) && (!narrow || narrow(resource));
  const page = pageOf(collection, query, accepts);
  return {
    limit: query.limit,
    offset: query.offset,
    count: page.results.length,
    ...(query.withTotal ? { total: query.predicate ? Math.min(page.total, MAX_OFFSET) : page.total } : {}),
    results: page.results,
  };
}

/** Whether anything matches: HEAD. */
export function anyMatch<T extends Resource>(collection: Collection<T>, params: URLSearchParams, rules: QueryRules) {
  const once = new URLSearchParams(params);
  once.set("limit", "1");
  once.set("withTotal", "false");
  return runQuery(collection, once, rules).count > 0;
}

function readQuery(params: URLSearchParams, rules: QueryRules): Query {
  const variables: Variables = {};
  for (const name of new Set(params.keys())) {
    if (name.startsWith("var.")) variables[name.slice(4)] = params.getAll(name);
  }
  const predicate = readWhere(params.getAll("where"), rules);
  return {
    limit: whole(params, "limit", 20, 0, MAX_LIMIT),
    offset: whole(params, "offset", 0, 0, MAX_OFFSET),
    withTotal: params.get("withTotal") !== "false",
    ...(predicate ? { predicate } : {}),
    variables,
    sort: params.getAll("sort").map((sort) => readSort(sort, rules)),
  };
}

function whole(params: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const raw = params.get(name);
  if (raw === null) return fallback;
  const value = Number(raw);
  if (!/^\d+$/.test(raw) || value < min || value > max) {
    throw invalidInput(`Malformed parameter: ${name}: Invalid value '${raw}'. It must be within ${min} and ${max}.`);
  }
  return value;
}

export function readWhere(wheres: string[], rules: QueryRules): Predicate | undefined {
  const parts = wheres.map((where) => parsed(where));
  for (const part of parts) checkFields(part, rules);
  return parts.reduce<Predicate | undefined>((left, right) => (left ? { kind: "and", left, right } : right), undefined);
}

const cache = new Map<string, Predicate>();

/** Parsed predicates are kept (bounded), because clients send the same few shapes with variables. */
function parsed(where: string): Predicate {
  const known = cache.get(where);
  if (known) return known;
  try {
    const predicate = parsePredicate(where);
    if (cache.size >= 500) cache.clear();
    // Lists of keys that are written out come once.
    if (where.length < 1000) cache.set(where, predicate);
    return predicate;
  } catch (error) {
    if (!(error instanceof PredicateSyntaxError)) throw error;
    throw invalidInput(`Malformed parameter: where: Syntax error while parsing 'where'. ${error.message}.`);
  }
}

function checkFields(predicate: Predicate, rules: QueryRules): void {
  switch (predicate.kind) {
    case "and":
    case "or":
      checkFields(predicate.left, rules);
      checkFields(predicate.right, rules);
      return;
    case "not":
      checkFields(predicate.inner, rules);
      return;
    case "always":
      return;
    default:
      checkField(predicate.field, rules);
  }
}

function checkField(field: string, rules: QueryRules): void {
  const refused = field === "syncInfo" && !rules.syncInfoPredicates;
  if (refused || (rules.fields && !rules.fields.has(field))) {
    throw invalidInput(`Malformed parameter: where: The field '${field}' does not exist.`);
  }
}

function readSort(sort: string, rules: QueryRules): SortKey {
  const match = /^([A-Za-z0-9_.-]+)(?:\s+(asc|desc))?$/.exec(sort.trim());
  const path = match?.[1]?.split(".") ?? [];
  const field = path[0];
  if (!match || field === undefined || (rules.fields && !rules.fields.has(field))) {
    throw invalidInput(`Malformed parameter: sort: The field '${sort}' can not be sorted by.`);
  }
  return { path, descending: match[2] === "desc" };
}

function tester(query: Query, rules: QueryRules): (resource: Doc) => boolean {
  if (!query.predicate) return () => true;
  return compilePredicate(query.predicate, {
    variables: query.variables,
    notEqualMatchesMissing: rules.notEqualMatchesMissing,
  });
}

function pageOf<T extends Resource>(collection: Collection<T>, query: Query, accepts: (resource: T) => boolean) {
  const ids = query.predicate ? candidateIds(collection, query.predicate, query.variables) : undefined;
  // A page of many is found sooner in the order that it is asked for.
  if ((!ids || ids.size > 10 * query.limit) && isIdAscending(query.sort) && !query.withTotal) {
    const { above, upTo } = idBounds(query.predicate, query.variables);
    return sliced(byIdAscending(collection, above, upTo), query, accepts);
  }
  const found = ids
    ? [...ids].map((id) => collection.get(id)).filter((found) => found !== undefined)
    : collection.values();
  if (query.sort.length === 0) return sliced(found, query, accepts);
  return firstSorted(found, query, accepts);
}

/** Keeps only the rows of the page and those before it while reading, so that a page never costs a sort of everything. */
function firstSorted<T extends Resource>(source: Iterable<T>, query: Query, accepts: (resource: T) => boolean) {
  const { sort, offset, limit } = query;
  const kept: { resource: T; keys: unknown[] }[] = [];
  let total = 0;
  for (const resource of source) {
    if (!accepts(resource)) continue;
    total += 1;
    const row = { resource, keys: sort.map(({ path }) => valueAt(resource, path)) };
    const last = kept.at(-1);
    if (kept.length >= offset + limit && last && compareBy(sort, row, last) > 0) continue;
    kept.splice(positionOf(kept, row, sort), 0, row);
    if (kept.length > offset + limit) kept.pop();
  }
  return { total, results: kept.slice(offset).map((one) => one.resource) };
}

function valueAt(resource: Resource, path: string[]): unknown {
  const [only, ...more] = path;
  return only !== undefined && more.length === 0 ? resource[only] : valuesAt(resource, path)[0];
}

/** Where a row belongs among sorted ones. */
function positionOf(rows: Keyed[], row: Keyed, sort: SortKey[]): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBy(sort, rows[middle] as Keyed, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isIdAscending(sort: SortKey[]): boolean {
  return sort.length === 1 && sort[0]?.path.join(".") === "id" && !sort[0].descending;
}

/** Reads in the given order and, where no total is asked for, stops as soon as the page is full. */
function sliced<T extends Resource>(source: Iterable<T>, query: Query, accepts: (resource: T) => boolean) {
  const results: T[] = [];
  let total = 0;
  for (const resource of source) {
    if (!accepts(resource)) continue;
    if (total >= query.offset && results.length < query.limit) results.push(resource);
    total += 1;
    if (!query.withTotal && results.length >= query.limit) break;
  }
  return { total, results };
}

type Keyed = { resource: Resource; keys: unknown[] };

function compareBy(sort: SortKey[], a: Keyed, b: Keyed): number {
  for (const [index, { descending }] of sort.entries()) {
    const order = compareValues(a.keys[index], b.keys[index]);
    if (order !== 0) return descending ? -order : order;
  }
  return compareValues(a.resource.id, b.resource.id);
}

function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}

/** A predicate of an Extension condition or a discount; a syntax error is a 400 naming the field it was given in. */
export function parseCondition(source: string, field: string): Predicate {
  try {
    return parsePredicate(source);
  } catch (error) {
    if (!(error instanceof PredicateSyntaxError)) throw error;
    throw new PlatformError(400, [
      { code: "InvalidField", message: `Syntax error in '${field}': ${error.message}.`, field, invalidValue: source },
    ]);
  }
}
