import { type AmendmentRecord, amendmentRecordSchema } from "../domain/amendment-record.ts";
import { containers, type Documents, documentKey } from "./documents.ts";
import { retryConflicts } from "./retry-conflicts.ts";

/** One document per order, under its id, for as long as an amendment of it is under way. */
export function createAmendmentRecords(documents: Documents) {
  return {
    /** Undefined: there is none, or none that this release can read; what it cannot tell is asked of a person. */
    async read(orderId: string): Promise<AmendmentRecord | undefined> {
      const document = await documents.read(containers.amendments, documentKey(orderId));
      return amendmentRecordSchema.safeParse(document?.value).data;
    },
    async write(orderId: string, record: AmendmentRecord): Promise<void> {
      await retryConflicts(() => documents.write(containers.amendments, documentKey(orderId), record));
    },
    /** It need not exist. */
    async remove(orderId: string): Promise<void> {
      await documents.remove(containers.amendments, documentKey(orderId));
    },
  };
}
