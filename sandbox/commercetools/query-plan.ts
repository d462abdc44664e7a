import { type Collection, firstAfter } from "./collection.ts";
import type { Resource } from "./json.ts";
import { resolve, type Variables } from "./predicate-eval.ts";
import type { Predicate } from "./predicate-parser.ts";

/** Ids that a predicate can possibly match, or undefined when nothing but reading everything tells. */
export function candidateIds<T extends Resource>(
  collection: Collection<T>,
  predicate: Predicate,
  variables: Variables,
  prefix = "",
): ReadonlySet<string> | undefined {
  const inside = (inner: Predicate, under: string) => candidateIds(collection, inner, variables, under);
  switch (predicate.kind) {
    case "and":
      return smaller(inside(predicate.left, prefix), inside(predicate.right, prefix));
    case "or":
      return both(inside(predicate.left, prefix), inside(predicate.right, prefix));
    case "nested":
      return inside(predicate.inner, `${prefix}${predicate.field}.`);
    case "compare":
      if (predicate.operator !== "=") return undefined;
      return lookUp(collection, prefix + predicate.field, resolve(predicate.operand, variables));
    case "in": {
      if (predicate.negated) return undefined;
      const values = predicate.operands.flatMap((operand) => resolve(operand, variables));
      return lookUp(collection, prefix + predicate.field, values);
    }
    default:
      return undefined;
  }
}

function lookUp<T extends Resource>(collection: Collection<T>, path: string, values: unknown[]) {
  if (path === "id") return new Set(values.map(String).filter((id) => collection.get(id)));
  if (!collection.hasIndex(path)) return undefined;
  if (values.length === 1) return collection.idsByIndex(path, String(values[0]));
  const ids = new Set<string>();
  for (const value of values) {
    for (const id of collection.idsByIndex(path, String(value))) ids.add(id);
  }
  return ids;
}

function smaller(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined) {
  if (!a || !b) return a ?? b;
  return a.size <= b.size ? a : b;
}

function both(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined) {
  return a && b ? new Set([...a, ...b]) : undefined;
}

/** The bounds of a keyset page: the `x` of a top-level `id > "x"`, and that of `id < "x"` or `id <= "x"`. */
export function idBounds(
  predicate: Predicate | undefined,
  variables: Variables,
): { above: string | undefined; upTo: string | undefined } {
  if (predicate?.kind === "and") {
    const [left, right] = [idBounds(predicate.left, variables), idBounds(predicate.right, variables)];
    return { above: left.above ?? right.above, upTo: left.upTo ?? right.upTo };
  }
  if (predicate?.kind !== "compare" || predicate.field !== "id") return { above: undefined, upTo: undefined };
  const bound = String(resolve(predicate.operand, variables)[0]);
  return {
    above: predicate.operator === ">" ? bound : undefined,
    upTo: predicate.operator === "<" || predicate.operator === "<=" ? bound : undefined,
  };
}

/** Resources in ascending order of id, from the lower bound on up to the upper one, which may be among them. */
export function* byIdAscending<T extends Resource>(
  collection: Collection<T>,
  above: string | undefined,
  upTo: string | undefined,
): Generator<T> {
  const ids = collection.sortedIds();
  for (let index = above === undefined ? 0 : firstAfter(ids, above); index < ids.length; index += 1) {
    const id = ids[index] as string;
    if (upTo !== undefined && id > upTo) return;
    const resource = collection.get(id);
    if (resource) yield resource;
  }
}
