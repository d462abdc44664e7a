import { canonical } from "../decimal.ts";
import { unreadableBody } from "../errors.ts";
import type { Column, Kind, Scalar } from "../schema.ts";

/** A number of a body, kept as its text so that no digit is lost. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Json = string | boolean | null | JsonNumber | Json[] | { [name: string]: Json };

type ExactJson = {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
};
/** The runtime has source access and raw numbers; the compiler's library does not know them yet. */
const exact = JSON as unknown as ExactJson;

/** Parses a body; numbers become JsonNumber. Throws the provider's de-serialization error. */
export function readJson(text: string): Json {
  try {
    return exact.parse(text, (_key, value, context) =>
      typeof value === "number" ? new JsonNumber(context.source ?? String(value)) : value,
    ) as Json;
  } catch (error) {
    throw unreadableBody(error instanceof Error ? error.message : String(error));
  }
}

export function readObject(body: Buffer): Record<string, Json> {
  const text = body.toString("utf8");
  const value = readJson(text.trim() === "" ? "{}" : text);
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    throw unreadableBody("The body is not a JSON object.");
  }
  return value;
}

/** A stored value as it leaves: numbers with all their digits, as JSON number or (switch) as string. */
export function writeScalar(column: Column, value: Scalar, decimalsAsStrings: boolean): unknown {
  if (value === null || column.kind !== "num" || decimalsAsStrings) return value;
  return exact.rawJSON(value as string);
}

export function rawNumber(text: string): unknown {
  return exact.rawJSON(text);
}

/** A body's value as the column stores it. Throws the de-serialization error when type or length do not fit. */
export function readScalar(
  column: Column,
  value: Json,
  storedMember: (enumName: string, served: string) => string | undefined,
): Scalar {
  if (value === null) return null;
  if (column.kind === "str") return readText(column, value);
  if (column.kind === "enum") {
    const member = typeof value === "string" ? storedMember(column.enumName ?? "", value) : undefined;
    if (member !== undefined) return member;
    throw wrongType(column, column.enumName ?? "Enum");
  }
  const { type, read } = readers[column.kind];
  const stored = read(value);
  if (stored === undefined) throw wrongType(column, type);
  return stored;
}

/** Undefined = not of the type. */
const readers: Record<Exclude<Kind, "str" | "enum">, { type: string; read: (value: Json) => Scalar | undefined }> = {
  num: { type: "Edm.Decimal", read: (value) => (value instanceof JsonNumber ? canonical(value.text) : undefined) },
  bool: { type: "Edm.Boolean", read: (value) => (typeof value === "boolean" ? value : undefined) },
  date: { type: "Edm.Date", read: (value) => (typeof value === "string" && isDay(value) ? value : undefined) },
  ts: {
    type: "Edm.DateTimeOffset",
    read: (value) => (typeof value === "string" && isTimestamp(value) ? `${value.slice(0, 19)}Z` : undefined),
  },
};

function readText(column: Column, value: Json): Scalar {
  if (typeof value !== "string") throw wrongType(column, "Edm.String");
  if (value.length > column.max) {
    throw unreadableBody(
      `The value for property '${column.name}' is longer than ${column.max} characters (MaxLength facet).`,
    );
  }
  // The database knows no empty text.
  return value === "" ? null : value;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

function isTimestamp(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

function wrongType(column: Column, type: string) {
  return unreadableBody(`The value for property '${column.name}' is not of type '${type}'.`);
}
