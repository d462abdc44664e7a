/** Hints of IFS that wait to be looked at: one document per key, so that a key that is told often stays one document. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { ConflictError } from "../domain/failure.ts";
import { type Hint, hintId, hintSchema } from "../domain/hints.ts";
import { containers, type Documents } from "./documents.ts";
import { retryConflicts } from "./retry-conflicts.ts";

const storedSchema = z.object({ hint: hintSchema, attempts: z.int().min(0) });

export type StoredHint = {
  readonly key: string;
  /** Grows when the same key is told again. */
  readonly version: number;
  /** undefined: the document cannot be read as a hint. */
  readonly hint: Hint | undefined;
  /** How often it was looked at in vain. */
  readonly attempts: number;
};

export type Hints = ReturnType<typeof createHints>;

export function createHints(documents: Documents) {
  const { hints: container } = containers;
  return {
    /** Told again, an old hint begins anew: there is a new reason to look. */
    async put(hint: Hint): Promise<void> {
      await retryConflicts(() => documents.write(container, keyOf(hint), { hint, attempts: 0 }));
    },

    /** Those that wait longest first. At most 500. */
    async waiting(limit: number): Promise<StoredHint[]> {
      const { rows } = await documents.list(container, { sort: "lastModifiedAt asc", limit });
      return rows.map(({ key, version, value }) => {
        const stored = storedSchema.safeParse(value).data;
        return { key, version, hint: stored?.hint, attempts: stored?.attempts ?? 0 };
      });
    },

    async count(): Promise<number> {
      return (await documents.list(container, { limit: 1, withTotal: true })).total;
    },

    /**
     * Only as read: a hint that was told again meanwhile stays. Where two processes look at the same hint, the slower one may take
     * away one that was told between both; the scheduled runs find what it told.
     */
    async remove({ key, version }: StoredHint): Promise<void> {
      await unlessToldAgain(() => documents.remove(container, key, version));
    },

    async failed({ key, version, hint, attempts }: StoredHint): Promise<void> {
      await unlessToldAgain(() => documents.write(container, key, { hint, attempts: attempts + 1 }, version));
    },
  };
}

async function unlessToldAgain(step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

const keyOf = (hint: Hint): string =>
  `${hint.object}-${createHash("sha256").update(hintId(hint), "utf8").digest("hex").slice(0, 40)}`;
