/** Typed `$filter` expressions and key predicates in the spelling IFS accepts. Plain text; a list's URL is encoded in client.ts. */
import type { DecimalString } from "../domain/decimal.ts";
import type { Brand } from "../domain/ids.ts";

/** A literal of OData's URL grammar. */
export type Literal = Brand<string, "Literal">;
export type Filter = Brand<string, "Filter">;

export const text = (value: string): Literal => `'${value.replaceAll("'", "''")}'` as Literal;
export const number = (value: DecimalString): Literal => value as string as Literal;

/** `YYYY-MM-DDTHH:mm:ssZ`, no fraction: IFS's own form. Throws a RangeError for anything else, which would become part of the expression. */
export function timestamp(value: string): Literal {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value)) throw new RangeError(`not a timestamp: "${value}"`);
  return value as Literal;
}

/** `YYYY-MM-DD`. Throws a RangeError for anything else, a day that no month has included. */
export function date(value: string): Literal {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(value)) {
    throw new RangeError(`not a date: "${value}"`);
  }
  return value as Literal;
}

export const boolean = (value: boolean): Literal => String(value) as Literal;

/**
 * `IfsApp.{Projection}.Lookup_{List}'SE'`: a code of a list of values, as an argument of a function (unverified; some tenants
 * are said to take plain text). Throws a RangeError for odd names.
 */
export function lookupMember(projection: string, list: string, code: string): Literal {
  for (const name of [projection, list]) checkName(name);
  return `IfsApp.${projection}.Lookup_${list}${text(code)}` as Literal;
}

/** `IfsApp.{Projection}.{EnumType}'Member'`; a plain string is refused by IFS. Throws a RangeError for odd names. */
export function enumMember(projection: string, enumType: string, member: string): Literal {
  for (const name of [projection, enumType, member]) checkName(name);
  return `IfsApp.${projection}.${enumType}'${member}'` as Literal;
}

function checkName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new RangeError(`not a name of a projection or enumeration: "${name}"`);
  }
}

const comparison =
  (operator: "eq" | "ne" | "gt" | "ge" | "lt" | "le") =>
  (property: string, value: Literal): Filter =>
    `${property} ${operator} ${value}` as Filter;
export const eq = comparison("eq");
export const ne = comparison("ne");
export const gt = comparison("gt");
export const ge = comparison("ge");
export const lt = comparison("lt");
export const le = comparison("le");

export const startsWith = (property: string, value: Literal): Filter => `startswith(${property},${value})` as Filter;

export const and = (...terms: readonly Filter[]): Filter => joined(terms, "and");
/** Parenthesised, so that it can stand inside `and`. `in` is not used: IFS's support for it is unconfirmed. */
export const or = (...terms: readonly Filter[]): Filter =>
  terms.length === 1 ? joined(terms, "or") : (`(${joined(terms, "or")})` as Filter);

/** In parentheses. */
export const group = (filter: Filter): Filter => `(${filter})` as Filter;

function joined(terms: readonly Filter[], operator: "and" | "or"): Filter {
  if (terms.length === 0) throw new RangeError(`"${operator}" of no terms`);
  return terms.join(` ${operator} `) as Filter;
}

/** `(OrderNo='X',LineItemNo=0)`, percent-encoded for the path of a URL. */
export const keyPredicate = (parts: readonly { property: string; value: Literal }[]): string =>
  `(${parts.map(({ property, value }) => `${property}=${encodeURIComponent(value)}`).join(",")})`;

/** A function of a projection with its arguments, for the path of a URL: `AssociationNoExist(AssociationNo='1')`. */
export const functionCall = (name: string, parameters: Readonly<Record<string, Literal>> = {}): string =>
  name + keyPredicate(Object.entries(parameters).map(([property, value]) => ({ property, value })));

/**
 * Groups terms for `or` so that none of the encoded groups is longer than `room` characters. A single term that is longer
 * stands alone: the server then says what it thinks of it.
 */
export function chunkTerms(terms: readonly Filter[], room: number): Filter[][] {
  const chunks: Filter[][] = [];
  let length = 0;
  for (const term of terms) {
    const size = sizeOf(term);
    const last = chunks.at(-1);
    if (last && length + size <= room) {
      last.push(term);
      length += size;
    } else {
      chunks.push([term]);
      length = size;
    }
  }
  return chunks;
}

/** Of a term of `or`. */
export const sizeOf = (term: Filter): number => encodedLength(term) + "%20or%20".length;

/** Length in a query as it is sent: `fetch` also encodes the quotes that encodeURIComponent leaves. */
export const encodedLength = (term: string): number => encodeURIComponent(term).replaceAll("'", "%27").length;
