import type { Row } from "../store.ts";
import { addDays } from "../time.ts";
import type { Expression, Literal } from "./expression.ts";
import type { FilterScope } from "./filter.ts";

/** Rows among which all hits of a filter are, found by index; undefined = every row may be a hit. */
export type Candidates = { size: number; rows: () => Iterable<Row> };

export function candidatesOf(expression: Expression, scope: FilterScope): Candidates | undefined {
  switch (expression.kind) {
    case "logic": {
      const left = candidatesOf(expression.left, scope);
      const right = candidatesOf(expression.right, scope);
      return expression.op === "and" ? smaller(left, right) : both(left, right);
    }
    case "compare":
      return byComparison(expression, scope);
    case "in":
      return expression.items
        .map((item) => byEquality(expression.left, item, scope))
        .reduce((all, next) => both(all, next), { size: 0, rows: () => [] });
    default:
      return undefined;
  }
}

function byComparison(
  expression: Extract<Expression, { kind: "compare" }>,
  scope: FilterScope,
): Candidates | undefined {
  const { op, left, right } = expression;
  if (right.kind !== "literal") return undefined;
  if (op === "eq") return byEquality(left, right, scope);
  if (op === "ne" || left.kind !== "property" || right.type !== "timestamp") return undefined;
  const column = scope.view.columns.get(left.path);
  if (!column?.stored) return undefined;
  const day = right.value.slice(0, 10);
  // A day more on each side: an aware reader compares in UTC, the index is by the digits of the site.
  const rows = op.startsWith("g")
    ? scope.view.table.findDays(column.source, addDays(day, -1), undefined)
    : scope.view.table.findDays(column.source, undefined, addDays(day, 1));
  return rows && { size: rows.length, rows: () => rows };
}

function byEquality(left: Expression, right: Literal, scope: FilterScope): Candidates | undefined {
  if (left.kind !== "property" || right.type === "null" || right.type === "timestamp") return undefined;
  const column = scope.view.columns.get(left.path);
  if (!column?.stored) return undefined;
  const value =
    column.kind === "enum" ? scope.world.storedMember(column.enumName ?? "", String(right.value)) : right.value;
  const found = value === undefined ? undefined : scope.view.table.find(column.source, value);
  return found && { size: found.size, rows: () => found };
}

function smaller(left: Candidates | undefined, right: Candidates | undefined): Candidates | undefined {
  if (!left || !right) return left ?? right;
  return left.size <= right.size ? left : right;
}

function both(left: Candidates | undefined, right: Candidates | undefined): Candidates | undefined {
  if (!left || !right) return undefined;
  return {
    size: left.size + right.size,
    rows: () => new Set([...left.rows(), ...right.rows()]),
  };
}
