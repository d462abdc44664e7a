import { z } from "zod";
import { ConflictError } from "../domain/failure.ts";
import { type ExceptionRecord, exceptionRecordSchema } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";
import { containers, type Documents, documentKey, type StoredDocument } from "./documents.ts";
import { keyLists, PAGE } from "./paging.ts";
import { retryConflicts } from "./retry-conflicts.ts";

export type Exceptions = ReturnType<typeof createExceptions>;

/**
 * Open problems, one document each, under the id that its opener gave it.
 * Closing removes the document; the journal keeps the history.
 */
export function createExceptions(documents: Documents, clock: Pick<Clock, "now">) {
  async function read(id: string): Promise<{ record: ExceptionRecord; version: number } | undefined> {
    const document = await documents.read(containers.exceptions, documentKey(id));
    return document && { record: parseException(document), version: document.version };
  }

  async function upsert(problem: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">): Promise<void> {
    const known = await read(problem.id);
    const lastSeenAt = new Date(clock.now()).toISOString();
    const record: ExceptionRecord = {
      ...problem,
      firstSeenAt: known?.record.firstSeenAt ?? lastSeenAt,
      lastSeenAt,
      attempts: (known?.record.attempts ?? 0) + 1,
    };
    await documents.write(containers.exceptions, documentKey(problem.id), record, known?.version);
  }

  async function pages(
    of: { readonly where: readonly string[]; readonly variables: Record<string, string> },
    most: number,
  ): Promise<ExceptionRecord[]> {
    const rows: ExceptionRecord[] = [];
    let after: string | undefined;
    while (rows.length < most) {
      const limit = Math.min(PAGE, most - rows.length);
      const page = await documents.list(containers.exceptions, {
        where: [...of.where, ...(after === undefined ? [] : ["key > :after"])],
        variables: { ...of.variables, ...(after !== undefined && { after }) },
        sort: "key asc",
        limit,
      });
      rows.push(...page.rows.map(parseException));
      after = page.rows.at(-1)?.key;
      if (page.rows.length < limit) break;
    }
    return rows;
  }

  return {
    /** Stores a problem or counts it once more. Two workers that see it at once both count. */
    open: (problem: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">): Promise<void> =>
      retryConflicts(() => upsert(problem)),

    /** Removes a problem that is solved; it need not exist. */
    async close(id: string): Promise<void> {
      await documents.remove(containers.exceptions, documentKey(id));
    },

    /** The same, unless somebody has met it since `seen` was read. */
    async closeAsSeen(seen: Pick<ExceptionRecord, "id" | "attempts" | "lastSeenAt">): Promise<void> {
      const known = await read(seen.id);
      if (known?.record.attempts !== seen.attempts || known.record.lastSeenAt !== seen.lastSeenAt) return;
      try {
        await documents.remove(containers.exceptions, documentKey(seen.id), known.version);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    },

    get: async (id: string): Promise<ExceptionRecord | undefined> => (await read(id))?.record,

    /** Those of the ids that are open. */
    async byIds(ids: readonly string[]): Promise<ExceptionRecord[]> {
      const rows: ExceptionRecord[] = [];
      for (const keys of keyLists(ids.map(documentKey))) {
        const page = await documents.list(containers.exceptions, {
          where: ["key in :keys"],
          variables: { keys },
          limit: keys.length,
        });
        rows.push(...page.rows.map(parseException));
      }
      return rows;
    },

    /** Those of the ids that are open, by id; a damaged one stops nobody who closes it. */
    async shown(ids: readonly string[]): Promise<Map<string, ExceptionRecord | "damaged">> {
      const idOf = new Map(ids.map((id) => [documentKey(id), id]));
      const found = new Map<string, ExceptionRecord | "damaged">();
      for (const keys of keyLists([...idOf.keys()])) {
        const where = { where: ["key in :keys"], variables: { keys }, limit: keys.length };
        for (const { key, value } of (await documents.list(containers.exceptions, where)).rows)
          found.set(idOf.get(key) ?? key, exceptionRecordSchema.safeParse(value).data ?? "damaged");
      }
      return found;
    },

    /** Open exceptions of one code by key, page by page up to a bound. */
    byCode: (code: string, most: number): Promise<ExceptionRecord[]> =>
      pages({ where: ["value(code = :code)"], variables: { code } }, most),

    /** Those of a flow by key, behind `after`, damaged ones left out; `last` is the key to go on after. `limit` at most 500. */
    async page(
      flow: string,
      { after, limit }: { readonly after: string | undefined; readonly limit: number },
    ): Promise<{ rows: ExceptionRecord[]; last: string | undefined }> {
      const { rows } = await documents.list(containers.exceptions, {
        where: ["value(flow = :flow)", ...(after === undefined ? [] : ["key > :after"])],
        variables: { flow, ...(after !== undefined && { after }) },
        sort: "key asc",
        limit,
      });
      const known = rows.map(({ value }) => exceptionRecordSchema.safeParse(value));
      return { rows: known.flatMap(({ data }) => (data ? [data] : [])), last: rows.at(-1)?.key };
    },

    /** All of them by key, page by page up to a bound. For counts. */
    all: (most: number): Promise<ExceptionRecord[]> => pages({ where: [], variables: {} }, most),

    /** The most recently seen first; `limit` at most 500. */
    async list(limit: number): Promise<{ total: number; rows: ExceptionRecord[] }> {
      const { total, rows } = await documents.list(containers.exceptions, {
        sort: "lastModifiedAt desc",
        limit,
        withTotal: true,
      });
      return { total, rows: rows.map(parseException) };
    },
  };
}

function parseException(document: StoredDocument): ExceptionRecord {
  const parsed = exceptionRecordSchema.safeParse(document.value);
  if (!parsed.success) throw new Error(`exception "${document.key}" is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
