import { invalidField, invalidJson, requiredField } from "./errors.ts";
import { type Doc, isDoc } from "./json.ts";

/** Readers of untrusted request bodies. A wrong JSON type is 400 InvalidJsonInput, a missing value 400 RequiredField. */

export function text(source: Doc, field: string): string | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalidJson(`${field}: Value should be of type String.`);
  return value;
}

export function requireText(source: Doc, field: string): string {
  return text(source, field) ?? missing(field);
}

export function integer(source: Doc, field: string): number | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw invalidJson(`${field}: Value should be of type Long.`);
  }
  return value;
}

export function requireInteger(source: Doc, field: string): number {
  return integer(source, field) ?? missing(field);
}

export function flag(source: Doc, field: string): boolean | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalidJson(`${field}: Value should be of type Boolean.`);
  return value;
}

export function doc(source: Doc, field: string): Doc | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (!isDoc(value)) throw invalidJson(`${field}: Value should be a JSON object.`);
  return value;
}

export function requireDoc(source: Doc, field: string): Doc {
  return doc(source, field) ?? missing(field);
}

export function docs(source: Doc, field: string): Doc[] | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isDoc)) throw invalidJson(`${field}: Value should be an array of objects.`);
  return value;
}

export function requireDocs(source: Doc, field: string): Doc[] {
  return docs(source, field) ?? missing(field);
}

export function texts(source: Doc, field: string): string[] | undefined {
  const value = source[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw invalidJson(`${field}: Value should be an array of strings.`);
  }
  return value as string[];
}

export function oneOf<T extends string>(source: Doc, field: string, allowed: readonly T[]): T | undefined {
  const value = text(source, field);
  if (value === undefined) return undefined;
  if (!allowed.includes(value as T)) throw invalidField(field, value, [...allowed]);
  return value as T;
}

export function requireOneOf<T extends string>(source: Doc, field: string, allowed: readonly T[]): T {
  return oneOf(source, field, allowed) ?? missing(field);
}

/** An instant as the platform prints it: `2026-01-31T12:00:00.000Z`. */
export function dateTime(source: Doc, field: string): string | undefined {
  const value = text(source, field);
  if (value === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidField(field, value);
  return new Date(ms).toISOString();
}

export function localized(source: Doc, field: string): Record<string, string> | undefined {
  const value = doc(source, field);
  if (!value) return undefined;
  for (const [locale, label] of Object.entries(value)) {
    if (!/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/.test(locale)) throw invalidField(field, locale);
    if (typeof label !== "string") throw invalidJson(`${field}.${locale}: Value should be of type String.`);
  }
  return value as Record<string, string>;
}

export function requireLocalized(source: Doc, field: string): Record<string, string> {
  return localized(source, field) ?? missing(field);
}

const KEY = /^[A-Za-z0-9_-]{2,256}$/;

/** A user-given key: 2 to 256 characters out of `A-Z a-z 0-9 _ -`. */
export function key(source: Doc, field = "key"): string | undefined {
  const value = text(source, field);
  if (value !== undefined && !KEY.test(value)) throw invalidField(field, value);
  return value;
}

export function requireKey(source: Doc, field = "key"): string {
  return key(source, field) ?? missing(field);
}

export function country(source: Doc, field: string): string | undefined {
  const value = text(source, field);
  if (value !== undefined && !/^[A-Z]{2}$/.test(value)) throw invalidField(field, value);
  return value;
}

function missing(field: string): never {
  throw requiredField(field);
}
