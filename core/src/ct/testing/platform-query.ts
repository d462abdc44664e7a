import type { Json } from "./platform-actions.ts";

export type Row = Json & {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
};

/**
 * The predicates that the adapter sends, and no others: `path op :variable` and `path is not defined`, nested by parentheses, joined
 * by `or`, in parentheses of their own or not. Nothing is compared with a field that is missing, not even by `!=`.
 */
export function matches(row: Row, query: URLSearchParams): boolean {
  return query.getAll("where").every((predicate) =>
    predicate
      .replace(/^\((.+)\)$/, "$1")
      .split(" or ")
      .some((part) => holds(row, part, query)),
  );
}

function holds(value: unknown, predicate: string, query: URLSearchParams): boolean {
  const nested = /^(\w+)\((.+)\)$/.exec(predicate.trim());
  if (nested) {
    const child = (value as Json)[nested[1] ?? ""];
    const children = Array.isArray(child) ? child : [child];
    return children.some((one) => one !== undefined && holds(one, nested[2] ?? "", query));
  }
  const absent = /^(\w+) is not defined$/.exec(predicate.trim());
  if (absent) return (value as Json)[absent[1] ?? ""] === undefined;
  const [, field = "", operator = "", variable = ""] =
    /^(\w+) (=|!=|>=|<=|>|<|in) :(\w+)$/.exec(predicate.trim()) ?? [];
  if (!field) throw new Error(`the stand-in does not know the predicate "${predicate}"`);
  const given = query.getAll(`var.${variable}`);
  if (given.length === 0) throw new Error(`no value for variable "${variable}"`);
  if ((value as Json)[field] === undefined) return false;
  return compare(String((value as Json)[field]), operator, given);
}

function compare(actual: string, operator: string, given: string[]): boolean {
  const [expected = ""] = given;
  switch (operator) {
    case "=":
      return actual === expected;
    case "!=":
      return actual !== expected;
    case ">":
      return actual > expected;
    case ">=":
      return actual >= expected;
    case "<":
      return actual < expected;
    case "<=":
      return actual <= expected;
    default:
      return given.includes(actual);
  }
}

export function sorted(rows: Row[], sort: string | null): Row[] {
  if (!sort) return rows;
  const [field = "", direction] = sort.split(" ");
  const factor = direction === "desc" ? -1 : 1;
  return rows.sort((a, b) => (String(a[field]) < String(b[field]) ? -factor : factor));
}
