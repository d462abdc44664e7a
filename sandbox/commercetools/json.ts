import { isDeepStrictEqual } from "node:util";

/** A JSON object whose fields have not been looked at yet. */
export type Doc = Record<string, unknown>;

/** Every stored thing. Stored values are never changed in place: an update stores a new object. */
export type Resource = Doc & { id: string; version: number; createdAt: string; lastModifiedAt: string };

export type Reference<T extends string = string> = { typeId: T; id: string };
export type KeyReference<T extends string = string> = { typeId: T; key: string };

export function isDoc(value: unknown): value is Doc {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sameJson(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** A copy that shares nothing with the original; several times as fast as a structured clone, which can also copy what no JSON holds. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isDoc(value)) return value;
  const copy: Doc = {};
  for (const field of Object.keys(value)) copy[field] = copyOf(value[field]);
  return copy as T;
}

/** Drops fields that are undefined, so that a stored object looks like what goes over the wire. */
export function compact<T extends Doc>(value: T): T {
  for (const field of Object.keys(value)) {
    if (value[field] === undefined) delete value[field];
  }
  return value;
}

/** Sets the field, or removes it when there is no value. */
export function setOrRemove(target: Doc, field: string, value: unknown): void {
  if (value === undefined || value === null) delete target[field];
  else target[field] = value;
}

/** Removes null fields of objects, at any depth; nulls inside arrays stay, as the platform keeps them. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isDoc(value)) return value;
  const kept: Doc = {};
  for (const [field, inner] of Object.entries(value)) {
    if (inner !== null && inner !== undefined) kept[field] = withoutNulls(inner);
  }
  return kept;
}

/** Values at a dotted path; arrays on the way fan out. */
export function valuesAt(value: unknown, path: string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [head, ...rest] = path;
  if (head === undefined) return value === undefined || value === null ? [] : [value];
  return isDoc(value) ? valuesAt(value[head], rest) : [];
}
