/** How far a flow came, kept between its runs. Every flow with a position uses it. */
import { z } from "zod";

export type Cursors = {
  /** The caller parses the value. */
  readonly read: (name: string) => Promise<{ readonly value: unknown; readonly version: number } | undefined>;
  /** At the version read, 0 for one that was not there yet; the new version. ConflictError: another run moved it. */
  readonly write: (name: string, value: unknown, version: number) => Promise<number>;
};

export type Cursor<T> = {
  /** As read when it was opened, or as last moved; undefined where nothing was ever stored. */
  readonly value: () => T | undefined;
  /**
   * Stores the position at the version that this run read or wrote last, never at one read again: a run that has lost its lease
   * finds out here. Its ConflictError is meant to end the run; the next tick goes on where the other one stopped, and every
   * write of a flow may happen twice.
   */
  readonly move: (next: T) => Promise<void>;
};

/** Opened at the beginning of a run. An Error for a document that does not fit `schema`. */
export async function openCursor<T>(cursors: Cursors, name: string, schema: z.ZodType<T>): Promise<Cursor<T>> {
  const stored = await cursors.read(name);
  let value = stored && parsed(name, schema, stored.value);
  let version = stored?.version ?? 0;
  return {
    value: () => value,
    async move(next) {
      version = await cursors.write(name, next, version);
      value = next;
    },
  };
}

function parsed<T>(name: string, schema: z.ZodType<T>, stored: unknown): T {
  const position = schema.safeParse(stored);
  if (!position.success) throw new Error(`cursor "${name}" is damaged: ${z.prettifyError(position.error)}`);
  return position.data;
}
