/** The ledger of IFS requests that all processes share: one document, created by installation, changed by compare-and-swap only. */
import { containers, type Documents } from "./documents.ts";

export const BUDGET_LEDGER = "ledger";
/** Nobody holds anything yet. The caller parses the value. */
export const newBudgetLedger = { holders: {}, pool: [], holdUntil: 0 };

export function createBudgetLedger(documents: Documents) {
  return {
    /** undefined: not installed. */
    async read(): Promise<{ value: unknown; version: number } | undefined> {
      const document = await documents.read(containers.budget, BUDGET_LEDGER);
      return document && { value: document.value, version: document.version };
    },
    /** The new version. ConflictError: read again. */
    swap: async (value: unknown, version: number): Promise<number> =>
      (await documents.write(containers.budget, BUDGET_LEDGER, value, version)).version,
  };
}
