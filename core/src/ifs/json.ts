/**
 * JSON without loss. IFS declares every number as Edm.Decimal(130,65), more digits than a float holds, so numbers are read
 * as the text they were written in and written from decimal text.
 */
import { type DecimalString, decimal } from "../domain/decimal.ts";

/** ES2026 additions that Node 24 has and the es2024 type library lacks. */
type ExactJson = {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): JsonNumber;
};
const Exact = JSON as unknown as ExactJson;

/** Parses JSON with each number replaced by its source text. Throws a SyntaxError for anything else than JSON. */
export const parseJson = (text: string): unknown =>
  Exact.parse(text, (_key, value, context) => (typeof value === "number" ? (context.source ?? String(value)) : value));

/** As `parseJson`, for objects that are sent back: numbers stay JSON numbers with all their digits. */
export const parseForSending = (text: string): unknown =>
  Exact.parse(text, (_key, value, context) =>
    typeof value === "number" ? jsonNumber(decimal(context.source ?? String(value))) : value,
  );

/** A JSON number with exactly the digits of the decimal. */
export type JsonNumber = { readonly rawJSON: string };
export const jsonNumber = (value: DecimalString | number): JsonNumber => Exact.rawJSON(decimal(value));
export const isJsonNumber = (value: unknown): value is JsonNumber =>
  typeof value === "object" && value !== null && "rawJSON" in value && typeof value.rawJSON === "string";

/** A JSON object. */
export const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value in a body that is sent to IFS. */
export type BodyValue = string | boolean | JsonNumber;
export type Body = Readonly<Record<string, BodyValue>>;
/** A change of a row that exists: null empties what is no text. */
export type PatchBody = Readonly<Record<string, BodyValue | null>>;

/** Properties without a value are left out: IFS's own clients never send null on create. */
export function toBody(values: Readonly<Record<string, BodyValue | number | null | undefined>>): Body {
  const body: Record<string, BodyValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    body[name] = typeof value === "number" ? jsonNumber(value) : value;
  }
  return body;
}
