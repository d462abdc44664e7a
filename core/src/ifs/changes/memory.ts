/** What a strategy remembers between two readings: small documents, of which the loss costs one full sweep and nothing else. */
import type { z } from "zod";
import { mapLimited } from "../../runtime/limit.ts";

/** Where the documents lie: named, versioned. `write` at the version read, 0 for a new one; ConflictError when another wrote first. */
export type Memory = {
  readonly read: (name: string) => Promise<{ readonly value: unknown; readonly version: number } | undefined>;
  readonly write: (name: string, value: unknown, version: number) => Promise<number>;
};

/** `before` is undefined where nothing is stored, or what is stored does not fit. */
export type Remembered<State> = {
  readonly before: State | undefined;
  readonly save: (next: State) => Promise<void>;
};

/** One document. Damage is loss: everything is looked at again, and the next save repairs it. */
export async function rememberDocument<State>(
  memory: Memory,
  name: string,
  schema: z.ZodType<State>,
): Promise<Remembered<State>> {
  const stored = await memory.read(name);
  const parsed = schema.safeParse(stored?.value);
  return {
    before: parsed.success ? parsed.data : undefined,
    async save(next) {
      await memory.write(name, next, stored?.version ?? 0);
    },
  };
}

/** One of the documents of a long state, as read. */
export type StoredPiece = { readonly value: unknown; readonly version: number } | undefined;

/** Documents read side by side, a few at a time. */
export const readPieces = (memory: Memory, names: readonly string[]): Promise<StoredPiece[]> =>
  mapLimited(names, 5, (name) => memory.read(name));
