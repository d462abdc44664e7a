import { canonical } from "../decimal.ts";
import { malformed, OdataError } from "../errors.ts";
import type { Column, Scalar } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { type Literal, parseLiteral } from "./expression.ts";
import { decode } from "./options.ts";
import { servedName } from "./tenant-columns.ts";
import type { View } from "./view.ts";

/** `Name(A='x',B=1)`: `args` undefined = no parentheses. An unnamed value has the name "". */
export type Segment = { name: string; args: Map<string, Literal> | undefined };

/** Cuts a raw path at its slashes; a slash inside a key arrives as `%2F`. */
export function parsePath(path: string): Segment[] {
  return path
    .split("/")
    .filter((piece) => piece !== "")
    .map((piece) => parseSegment(decode(piece)));
}

function parseSegment(text: string): Segment {
  const open = text.indexOf("(");
  if (open < 0) return { name: text, args: undefined };
  if (!text.endsWith(")")) throw malformed(`The segment '${text}' is not closed.`);
  const args = new Map<string, Literal>();
  for (const piece of splitArguments(text.slice(open + 1, -1))) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(piece);
    const name = match?.[1] ?? "";
    if (args.has(name)) throw malformed(`The key '${name}' is given twice.`);
    args.set(name, parseLiteral(match?.[2] ?? piece));
  }
  return { name: text.slice(0, open), args };
}

/** Splits at commas outside of quotes; a doubled quote inside a text opens and closes at once, which changes nothing. */
function splitArguments(text: string): string[] {
  if (text.trim() === "") return [];
  const pieces: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text.charAt(i) === "'") quoted = !quoted;
    if (text.charAt(i) === "," && !quoted) {
      pieces.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...pieces, text.slice(start).trim()];
}

/** The key values of a segment in the order of the table's key. Throws when one is missing, unknown or of a wrong type. */
export function keyValues(view: View, args: Map<string, Literal>, world: World): Scalar[] {
  const { columns } = view.table.def;
  const keys = view.table.def.keys.map((source) => ({ source, name: servedName(view.columns, source) }));
  const sole = keys.length === 1 ? args.get("") : undefined;
  for (const given of args.keys()) {
    const known = keys.some(({ name }) => name === given);
    if (!known && !(given === "" && sole)) throw malformed(`'${given}' is no key of '${view.name}'.`);
  }
  return keys.map(({ source, name }) => {
    const literal = sole ?? args.get(name);
    const column = columns.get(source);
    if (!literal || !column) throw malformed(`The key '${name}' of '${view.name}' is missing.`);
    return keyScalar(view, column, literal, world);
  });
}

const literalTypes: Record<Column["kind"], Literal["type"]> = {
  str: "string",
  num: "number",
  bool: "boolean",
  date: "date",
  ts: "timestamp",
  enum: "enum",
};

function keyScalar(view: View, column: Column, literal: Literal, world: World): Scalar {
  if (literal.type === "null" || literal.type !== literalTypes[column.kind]) {
    throw malformed(`The value of the key '${column.name}' has the wrong type.`);
  }
  if (literal.type === "number") return canonical(literal.value);
  if (literal.type === "enum") {
    const expected = `IfsApp.${view.projection}.${column.enumName ?? ""}`;
    const member = world.storedMember(column.enumName ?? "", literal.value);
    if (literal.enumType !== expected || member === undefined) {
      throw malformed(`'${literal.enumType}' is not '${expected}'.`);
    }
    return member;
  }
  return literal.value;
}

/** `(OrderNo='X',LineNo='1')`, encoded for a URL. */
export function keyText(view: View, row: Row, world: World): string {
  const { keys, columns } = view.table.def;
  const args = keys.map((source) => {
    const name = servedName(view.columns, source);
    const value = String(row.values[source] ?? "");
    const column = columns.get(source);
    if (column?.kind === "str") return `${name}=${encodeURIComponent(`'${value.replaceAll("'", "''")}'`)}`;
    if (column?.kind !== "enum") return `${name}=${value}`;
    const enumName = column.enumName ?? "";
    return `${name}=IfsApp.${view.projection}.${enumName}'${world.servedMember(enumName, value)}'`;
  });
  return `(${args.join(",")})`;
}

export function missingRow(view: View, world: World): OdataError {
  return new OdataError(404, world.settings.missingRowCode, "Resource not found.", {
    detail: `The ${view.table.def.object} object does not exist.`,
  });
}

export function isChildOf(row: Row, parent: Row, on: Record<string, string>): boolean {
  return Object.entries(on).every(([child, own]) => row.values[child] === parent.values[own]);
}
