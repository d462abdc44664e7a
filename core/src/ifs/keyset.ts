/**
 * Paging by key: the next page is what comes after the last row's key, so rows that come and go meanwhile neither repeat nor
 * hide others. Composite keys become `A ge a and (A gt a or (A eq a and (B gt b or …)))`; the first term says the same once more,
 * so that an index can be used.
 *
 * It rests on one thing that is not published: that IFS sorts and compares text alike. A database that sorts by a language
 * and compares by code does not, and rows would be lost. Where rows do not arrive in code order, or there are more of them
 * than keys lead to, paging by key is not used (key-paging.ts).
 */
import { compare as compareDecimals, decimal } from "../domain/decimal.ts";
import { type ObjectBinding, property } from "./binding.ts";
import { and, date, eq, type Filter, ge, group, gt, type Literal, number, or, text, timestamp } from "./filter.ts";

type Row = Readonly<Record<string, unknown>>;

export type Keyset = {
  /** Negative when the first row comes before the second. */
  compare(a: Row, b: Row): number;
  /** The rows behind this one; undefined where its key cannot be named, such as an empty part. */
  after(row: Row): Filter | undefined;
};

type Part = { readonly property: string; readonly type: "text" | "number" | "date" | "timestamp" };

/**
 * `pinned`: parts of the key for which the list's filter leaves a single value. `fields`: what the list is sorted by where that is
 * not the key; they must tell all of its rows apart. undefined where no part is left.
 */
export function keysetOf<F extends string>(
  object: ObjectBinding<F>,
  pinned: readonly NoInfer<F>[] = [],
  fields: readonly NoInfer<F>[] = object.key,
): Keyset | undefined {
  const parts = fields
    .filter((field) => object.fields[field] !== null && !pinned.includes(field))
    .map((field): Part => ({ property: property(object, field), type: object.keyTypes?.[field] ?? "text" }));
  if (parts.length === 0) return undefined;
  return {
    compare(a, b) {
      for (const part of parts) {
        const order = compareValues(part, a[part.property], b[part.property]);
        if (order !== 0) return order;
      }
      return 0;
    },
    after(row) {
      const literals = parts.map((part) => literalOf(part, row[part.property]));
      const pairs = parts.flatMap(({ property: name }, index): [string, Literal][] => {
        const literal = literals[index];
        return literal === undefined ? [] : [[name, literal]];
      });
      return pairs.length === parts.length ? behind(pairs) : undefined;
    },
  };
}

function behind(pairs: readonly [string, Literal][]): Filter | undefined {
  const nested = pairs.reduceRight<Filter | undefined>((inner, [name, value]) => {
    const greater = gt(name, value);
    return inner ? or(greater, group(and(eq(name, value), inner))) : greater;
  }, undefined);
  const [first, ...rest] = pairs;
  return first && nested && rest.length > 0 ? and(ge(...first), nested) : nested;
}

function compareValues({ type }: Part, a: unknown, b: unknown): number {
  if (a === b) return 0;
  const [left, right] = [String(a), String(b)];
  if (type === "number") return compareDecimals(decimal(left), decimal(right));
  return left < right ? -1 : 1;
}

/** Numbers are text here as well (json.ts), so only the binding tells them from text. */
function literalOf({ type }: Part, value: unknown): Literal | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  try {
    if (type === "text") return text(value);
    if (type === "number") return number(decimal(value));
    return type === "date" ? date(value) : timestamp(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
