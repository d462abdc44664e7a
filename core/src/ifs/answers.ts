/** What the body of a 2xx answer holds. */
import { RefusedError, TransientError } from "../domain/failure.ts";
import type { LogicalRow, ObjectBinding } from "./binding.ts";
import type { RawRow, TaggedRow } from "./client-types.ts";
import { isRow, parseJson } from "./json.ts";

/** Throws a TransientError for anything but JSON: a gateway's page with status 200, or a body that was cut short. */
export function readJson(text: string, url: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new TransientError(`IFS, ${new URL(url).pathname}: the answer is not JSON`, { cause });
  }
}

/** The row a write answered with. The write is committed: a body that cannot be read is as good as none. */
export function writtenRow(text: string): RawRow | undefined {
  if (text.trim() === "") return undefined;
  try {
    const body = parseJson(text);
    return isRow(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** `{"value":"558558"}`, numbers as text; null where there is no result. */
export function scalarOf(text: string, url: string): string | null {
  if (text.trim() === "") return null;
  const body = readJson(text, url, parseJson);
  if (!isRow(body)) throw unexpected(url, "a single value");
  const { value } = body;
  if (value === undefined || value === null) return null;
  if (typeof value === "object") throw unexpected(url, "a single value");
  return String(value);
}

export function tagged(object: Pick<ObjectBinding, "projection" | "set">, row: LogicalRow): TaggedRow {
  const { etag } = row;
  if (typeof etag !== "string" || etag === "") {
    throw new RefusedError("ifs", "etagMissing", 200, `${setId(object)} answers rows without an ETag`);
  }
  return { ...row, etag };
}

export const setId = ({ projection, set }: Pick<ObjectBinding, "projection" | "set">): string => `${projection}/${set}`;

export const unexpected = (url: string, expected: string): RefusedError =>
  new RefusedError("ifs", "unexpectedAnswer", 200, `${new URL(url).pathname} does not answer with ${expected}`);
