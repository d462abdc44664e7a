import { z } from "zod";
import { type JournalEntry, journalEntrySchema } from "../domain/records.ts";
import { mapLimited } from "../runtime/limit.ts";
import type { Random } from "../runtime/random.ts";
import { containers, type Documents, type StoredDocument } from "./documents.ts";

/** The platform recommends small documents. Room for an order of about twenty lines as it was sent; larger ones are several entries. */
const MAX_BYTES = 8000;

/**
 * "2026-08-01T10:11:12.123Z" -> "20260801T101112123Z-3f9c0a…": keys sort by time and are never used twice, so an append
 * needs no version and no reading.
 */
const keyOf = (at: string, random: Pick<Random, "uuid">): string =>
  `${timeKey(at)}-${random.uuid().replaceAll("-", "").slice(0, 16)}`;
const timeKey = (at: string): string => new Date(at).toISOString().replace(/[-:.]/g, "");

/** The append-only record of what was done. */
export function createJournal(documents: Documents, random: Pick<Random, "uuid">) {
  return {
    /** Throws a RangeError for an entry that is too large or whose `at` is no timestamp. */
    async append(entry: JournalEntry): Promise<void> {
      requireSmall(entry);
      await documents.write(containers.journal, keyOf(entry.at, random), entry);
    },

    /** The same for several at once, which costs one request. What it throws says nothing about which of them are stored. */
    async appendAll(entries: readonly JournalEntry[]): Promise<void> {
      for (const entry of entries) requireSmall(entry);
      const drafts = entries.map((entry) => ({ key: keyOf(entry.at, random), value: entry }));
      await documents.writeAll(containers.journal, drafts);
    },

    /** Entries about one record, oldest first; the youngest `limit` (500) of them. */
    async of(recordId: string, limit: number): Promise<JournalEntry[]> {
      const { rows } = await documents.list(containers.journal, {
        where: ["value(recordId = :recordId)"],
        variables: { recordId },
        sort: "key desc",
        limit,
      });
      return rows.reverse().map(parseEntry);
    },

    /** Entries of these events that are not older than `since`, of one record where it is named; newest first, at most `limit` (500) of `total`. */
    async latest(
      events: readonly string[],
      {
        since,
        recordId,
        limit,
      }: { readonly since: string; readonly recordId?: string | undefined; readonly limit: number },
    ): Promise<{ readonly total: number; readonly entries: readonly JournalEntry[] }> {
      const { total, rows } = await documents.list(containers.journal, {
        where: [
          "key >= :since",
          "value(event in :events)",
          ...(recordId === undefined ? [] : ["value(recordId = :recordId)"]),
        ],
        variables: { since: timeKey(since), events: [...events], ...(recordId !== undefined && { recordId }) },
        sort: "key desc",
        limit,
        withTotal: true,
      });
      return { total, entries: rows.map(parseEntry) };
    },

    /** Removes at most `limit` (500) of the entries older than `before`; the number removed. For retention. */
    async prune(before: string, limit: number): Promise<number> {
      const { rows } = await documents.list(containers.journal, {
        where: ["key < :before"],
        variables: { before: timeKey(before) },
        sort: "key asc",
        limit,
      });
      const removed = await mapLimited(rows, 5, ({ key }) => documents.remove(containers.journal, key));
      return removed.filter(Boolean).length;
    },
  };
}

export function requireSmall(entry: JournalEntry): void {
  const bytes = Buffer.byteLength(JSON.stringify(entry));
  if (bytes > MAX_BYTES) throw new RangeError(`journal entry "${entry.event}" of ${bytes} bytes exceeds ${MAX_BYTES}`);
}

function parseEntry({ key, value }: StoredDocument): JournalEntry {
  const parsed = journalEntrySchema.safeParse(value);
  if (!parsed.success) throw new Error(`journal entry "${key}" is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
