/** What people decided about single records: corrections of an order's export, and problems that are to be left alone. */
import { z } from "zod";
import { type Corrections, correctionsSchema } from "../domain/corrections.ts";
import { type IgnoredException, ignoredExceptionSchema } from "../domain/records.ts";
import { containers, type Documents, documentKey, type StoredDocument } from "./documents.ts";
import { retryConflicts } from "./retry-conflicts.ts";

/** One document per order, under its id. It may hold an address, so the export removes it once the order is linked. */
export function createCorrections(documents: Documents) {
  const read = async (orderId: string): Promise<Corrections | undefined> => {
    const document = await documents.read(containers.corrections, documentKey(orderId));
    if (!document) return undefined;
    const parsed = correctionsSchema.safeParse(document.value);
    if (!parsed.success) throw new Error(`corrections of order ${orderId}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };
  return {
    read,
    /** Replaces what was there; the last one counts. */
    async write(orderId: string, corrections: Corrections): Promise<void> {
      await retryConflicts(() => documents.write(containers.corrections, documentKey(orderId), corrections));
    },
    async remove(orderId: string): Promise<void> {
      await documents.remove(containers.corrections, documentKey(orderId));
    },
  };
}

/** One document per ignored exception, under the exception's id. */
export function createIgnored(documents: Documents) {
  return {
    async get(id: string): Promise<IgnoredException | undefined> {
      const document = await documents.read(containers.ignored, documentKey(id));
      return document && parseIgnored(document);
    },
    async write(ignored: IgnoredException): Promise<void> {
      await retryConflicts(() => documents.write(containers.ignored, documentKey(ignored.exception.id), ignored));
    },
    async remove(id: string): Promise<void> {
      await documents.remove(containers.ignored, documentKey(id));
    },
    /** The most recently ignored first; `limit` at most 500. */
    async list(limit: number): Promise<IgnoredException[]> {
      const { rows } = await documents.list(containers.ignored, { sort: "lastModifiedAt desc", limit });
      return rows.map(parseIgnored);
    },
  };
}

function parseIgnored(document: StoredDocument): IgnoredException {
  const parsed = ignoredExceptionSchema.safeParse(document.value);
  if (!parsed.success) throw new Error(`ignored "${document.key}" is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
