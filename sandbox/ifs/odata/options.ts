import { malformed, notImplemented } from "../errors.ts";
import type { IfsSettings } from "../settings.ts";
import { type Expression, parseExpression } from "./expression.ts";

export type OrderBy = { property: string; descending: boolean };

export type Expand = { property: string; select: string[] | undefined };

export type QueryOptions = {
  filter?: Expression;
  select?: string[];
  expand: Expand[];
  orderBy: OrderBy[];
  top?: number;
  skip: number;
  count: boolean;
  /** Where an answer without `$top` was cut: rows already given out. */
  skipToken?: number;
};

/** The raw query without what this tenant passes over as a stranger's options. */
export function heardOptions(query: string, settings: IfsSettings): string {
  if (settings.encodedOptionNames === "accept") return query;
  const heard = query.split("&").filter((piece) => !/^%24/i.test(piece));
  return heard.join("&");
}

/** Parses the raw query (without `?`). Spaces are `%20`; a `+` is a plus sign, which no option knows. */
export function parseOptions(query: string): QueryOptions {
  const options: QueryOptions = { expand: [], orderBy: [], skip: 0, count: false };
  const seen = new Set<string>();
  for (const piece of query.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decode(equals < 0 ? piece : piece.slice(0, equals));
    if (seen.has(name)) throw malformed(`The query option '${name}' is given twice.`);
    seen.add(name);
    if (name.startsWith("$")) apply(options, name, decode(equals < 0 ? "" : piece.slice(equals + 1)));
  }
  return options;
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed("The URL is not encoded correctly.");
  }
}

function apply(options: QueryOptions, name: string, value: string) {
  const setter = setters[name];
  if (setter) {
    setter(options, value);
    return;
  }
  if (["$apply", "$search", "$compute", "$deltatoken"].includes(name)) {
    throw notImplemented(`The system query option '${name}' is not supported.`);
  }
  throw malformed(`The system query option '${name}' is not defined.`);
}

const setters: Record<string, (options: QueryOptions, value: string) => void> = {
  $filter: (options, value) => {
    options.filter = parseExpression(value);
  },
  $select: (options, value) => {
    options.select = value === "*" ? undefined : splitList(value);
  },
  $expand: (options, value) => {
    options.expand = splitList(value).map(parseExpand);
  },
  $orderby: (options, value) => {
    options.orderBy = splitList(value).map(parseOrder);
  },
  $top: (options, value) => {
    options.top = parseCount("$top", value);
  },
  $skip: (options, value) => {
    options.skip = parseCount("$skip", value);
  },
  $count: (options, value) => {
    if (value !== "true" && value !== "false") throw malformed("The value of '$count' is not a boolean.");
    options.count = value === "true";
  },
  $skiptoken: (options, value) => {
    options.skipToken = parseCount("$skiptoken", Buffer.from(value, "base64url").toString("utf8"));
  },
  $format: (_options, value) => {
    if (!/^(json|application\/json.*)$/.test(value)) throw notImplemented(`The format '${value}' is not supported.`);
  },
};

function parseCount(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw malformed(`The value '${value}' of '${name}' is not a non-negative integer.`);
  return Number(value);
}

function parseOrder(text: string): OrderBy {
  const match = /^([A-Za-z_][\w/]*)(?: +(asc|desc))?$/.exec(text.trim());
  if (!match?.[1]) throw malformed(`'${text}' is not an order expression.`);
  return { property: match[1], descending: match[2] === "desc" };
}

function parseExpand(text: string): Expand {
  const match = /^([A-Za-z_]\w*)(?:\((.*)\))?$/.exec(text.trim());
  if (!match?.[1]) throw malformed(`'${text}' is not an expand item.`);
  const inner = match[2];
  if (inner === undefined) return { property: match[1], select: undefined };
  const select = /^\$select=(.+)$/.exec(inner);
  if (!select?.[1]) throw notImplemented(`The option '${inner}' inside $expand is not supported.`);
  return { property: match[1], select: splitList(select[1]) };
}

/** Splits at the commas that stand outside of parentheses. */
function splitList(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const char = text.charAt(i);
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (i === text.length || (char === "," && depth === 0)) {
      items.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (items.some((item) => item === "")) throw malformed("A list has an empty item.");
  return items;
}
