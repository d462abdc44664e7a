import { malformed } from "../errors.ts";
import type { Row, Table } from "../store.ts";
import { bounded } from "./bounds.ts";
import { candidatesOf } from "./candidates.ts";
import type { Expression } from "./expression.ts";
import { compareScalars, compileFilter, type FilterScope, type Truth } from "./filter.ts";
import type { OrderBy, QueryOptions } from "./options.ts";
import { columnOf, type RenderScope } from "./render.ts";
import { servedName } from "./tenant-columns.ts";
import { isVisible, readerOf, type View } from "./view.ts";

export type Page = { rows: Row[]; total: number | undefined; nextSkip: number | undefined };

type Test = (row: Row) => boolean;

/**
 * The rows that a query asks for. `base` are the rows of a child array, all of the set when undefined.
 * Paging counts rows, so inserts and deletes between two pages shift what comes next, as at IFS.
 */
export function readPage(view: View, options: QueryOptions, scope: RenderScope, base?: Row[]): Page {
  const filterScope: FilterScope = { view, world: scope.world, aware: scope.aware };
  requireFilter(view, options.filter);
  const passes: ((row: Row) => Truth) | undefined = options.filter && compileFilter(options.filter, filterScope);
  const test: Test = (row) => isVisible(view, row, scope.caller, scope.world) && (!passes || passes(row) === true);
  const source = base ?? fewRows(options.filter, filterScope);
  const { from, size, cut } = extent(options, scope);
  const counting = options.count && counts(view, scope);
  const limit = counting ? Number.POSITIVE_INFINITY : from + size + 1;
  const hits = source
    ? sorted(source.filter(test), options.orderBy, view, scope)
    : scan(inOrder(view, options, scope), test, limit);
  const more = hits.length > from + size;
  return {
    rows: hits.slice(from, from + size),
    total: counting ? hits.length : undefined,
    nextSkip: cut && more ? from + size : undefined,
  };
}

/** Which rows the page covers. Only a page without `$top` is cut with a nextLink. */
function extent(options: QueryOptions, scope: RenderScope): { from: number; size: number; cut: boolean } {
  const { settings } = scope.world;
  const from = options.skip + (options.skipToken ?? 0);
  if (options.top !== undefined) {
    return { from, size: settings.maxTop > 0 ? Math.min(options.top, settings.maxTop) : options.top, cut: false };
  }
  if (settings.nextLinkWithoutTop) return { from, size: settings.pageSize, cut: true };
  return { from, size: Number.MAX_SAFE_INTEGER / 2, cut: false };
}

function counts(view: View, scope: RenderScope): boolean {
  const { countSupport } = scope.world.settings;
  return countSupport === "all" || (countSupport === "some" && view.def.countable === true);
}

/** Found by index; more than a few thousand are better scanned in an order that is kept. */
function fewRows(filter: Expression | undefined, scope: FilterScope): Row[] | undefined {
  const candidates = filter && candidatesOf(filter, scope);
  return candidates && candidates.size <= 5000 ? [...candidates.rows()] : undefined;
}

function scan(rows: Iterable<Row>, test: Test, limit: number): Row[] {
  const hits: Row[] = [];
  for (const row of rows) {
    if (test(row)) hits.push(row);
    if (hits.length >= limit) break;
  }
  return hits;
}

function sorted(rows: Row[], orderBy: OrderBy[], view: View, scope: RenderScope): Row[] {
  return orderBy.length === 0 ? rows : rows.sort(comparator(view, orderBy, scope));
}

const kept = new WeakMap<Table, Map<string, { version: number; rows: Row[] }>>();

function inOrder(view: View, options: QueryOptions, scope: RenderScope): Iterable<Row> {
  if (options.orderBy.length === 0) return view.table.all();
  return bounded(allSorted(view, options.orderBy, scope), options, { view, scope });
}

/** A whole table in one order, kept until the table is written to. */
function allSorted(view: View, orderBy: OrderBy[], scope: RenderScope): readonly Row[] {
  const { table } = view;
  const orders = kept.get(table) ?? new Map<string, { version: number; rows: Row[] }>();
  kept.set(table, orders);
  const name = `${view.projection}/${view.name}/${scope.aware}/${JSON.stringify(orderBy)}`;
  const known = orders.get(name);
  if (known?.version === table.version()) return known.rows;
  if (orders.size >= 8) orders.clear();
  const rows = [...table.all()].sort(comparator(view, orderBy, scope));
  orders.set(name, { version: table.version(), rows });
  return rows;
}

/** NULL sorts last, as in the database. */
function comparator(view: View, orderBy: OrderBy[], scope: RenderScope): (a: Row, b: Row) => number {
  const keys = orderBy.map(({ property, descending }) => {
    const column = columnOf(view, property);
    return { kind: column.kind, read: readerOf(view, column, scope.world, scope.aware), sign: descending ? -1 : 1 };
  });
  return (a, b) => {
    for (const { kind, read, sign } of keys) {
      const x = read(a);
      const y = read(b);
      const order = x === null || y === null ? Number(x === null) - Number(y === null) : compareScalars(kind, x, y);
      if (order !== 0) return order * sign;
    }
    return 0;
  };
}

function requireFilter(view: View, filter: Expression | undefined) {
  const needed = view.def.needsFilterOn?.map((source) => servedName(view.columns, source));
  if (!needed || (filter && needed.some((property) => names(filter, property)))) return;
  throw malformed(`The set '${view.name}' is read by ${needed.join(" or ")} only.`);
}

function names(expression: Expression, property: string): boolean {
  switch (expression.kind) {
    case "property":
      return expression.path === property;
    case "logic":
    case "compare":
      return names(expression.left, property) || names(expression.right, property);
    case "in":
      return names(expression.left, property);
    default:
      return false;
  }
}

/** Whether a filter touches a property that the database has no index for and no column of its own. */
export function isSlow(view: View, expression: Expression): boolean {
  switch (expression.kind) {
    case "property":
      return view.columns.get(expression.path)?.slow === true;
    case "logic":
    case "compare":
    case "arithmetic":
      return isSlow(view, expression.left) || isSlow(view, expression.right);
    case "in":
      return isSlow(view, expression.left);
    case "not":
      return isSlow(view, expression.operand);
    case "call":
      return expression.args.some((arg) => isSlow(view, arg));
    case "literal":
      return false;
  }
}
