import type { Row } from "../store.ts";
import type { Expression } from "./expression.ts";
import { compareScalars } from "./filter.ts";
import type { OrderBy } from "./options.ts";
import { columnOf, type RenderScope } from "./render.ts";
import { readerOf, type View } from "./view.ts";

type Bound = { readonly order: (row: Row) => number; readonly fixed: boolean };

/**
 * The part of a sorted table that a filter leaves by its conditions on the first columns of the order, as an index would:
 * `A eq 'x' and B ge 'y'` over rows by A, B. Text in ascending order only; the rest is for the filter to tell.
 */
export function bounded(
  rows: readonly Row[],
  query: { readonly orderBy: readonly OrderBy[]; readonly filter?: Expression },
  { view, scope }: { readonly view: View; readonly scope: RenderScope },
): Iterable<Row> {
  const conditions = query.filter ? conjunctsOf(query.filter) : [];
  const bounds: Bound[] = [];
  for (const { property, descending } of query.orderBy) {
    const column = columnOf(view, property);
    if (descending || column.kind !== "str") break;
    const read = readerOf(view, column, scope.world, scope.aware);
    const [fixed, least] = [literalOf(conditions, property, ["eq"]), literalOf(conditions, property, ["ge", "gt"])];
    const value = fixed ?? least;
    if (value === undefined) break;
    bounds.push({ order: (row) => compareToValue(read(row), value), fixed: fixed !== undefined });
    if (fixed === undefined) break;
  }
  if (bounds.length === 0) return rows;
  const fixed = bounds.filter((bound) => bound.fixed);
  const from = firstIndex(rows, (row) => orderOf(bounds, row) >= 0);
  const to = fixed.length === 0 ? rows.length : firstIndex(rows, (row) => orderOf(fixed, row) > 0);
  return between(rows, from, to);
}

/** NULL sorts last. */
const compareToValue = (cell: unknown, value: string): number =>
  cell === null ? 1 : compareScalars("str", cell as string, value);

function orderOf(bounds: readonly Bound[], row: Row): number {
  for (const { order } of bounds) {
    const found = order(row);
    if (found !== 0) return found;
  }
  return 0;
}

function firstIndex(rows: readonly Row[], holds: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function* between(rows: readonly Row[], from: number, to: number): Generator<Row> {
  for (let index = from; index < to; index += 1) yield rows[index] as Row;
}

function conjunctsOf(filter: Expression): Expression[] {
  if (filter.kind !== "logic" || filter.op !== "and") return [filter];
  return [...conjunctsOf(filter.left), ...conjunctsOf(filter.right)];
}

function literalOf(conditions: readonly Expression[], property: string, ops: readonly string[]): string | undefined {
  for (const condition of conditions) {
    if (condition.kind !== "compare" || !ops.includes(condition.op)) continue;
    const { left, right } = condition;
    if (left.kind !== "property" || left.path !== property) continue;
    if (right.kind === "literal" && right.type === "string") return right.value;
  }
  return undefined;
}
