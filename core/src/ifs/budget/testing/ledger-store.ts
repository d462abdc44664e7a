import { ConflictError, TransientError } from "../../../domain/failure.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { BudgetStore } from "../budget.ts";
import { emptyLedger, type Ledger } from "../ledger.ts";

/** One document with compare-and-swap, as far away as commercetools. */
export function ledgerStore(clock: Clock, latencyMs = 30) {
  let value: Ledger = emptyLedger;
  let version = 1;
  const counts = { reads: 0, writes: 0, conflicts: 0 };
  let fault: "none" | "down" | "answerLost" = "none";
  const store: BudgetStore = {
    async read() {
      counts.reads += 1;
      await clock.sleep(latencyMs);
      if (fault === "down") throw new TransientError("the store does not answer");
      return { value: structuredClone(value), version };
    },
    async swap(next, at) {
      counts.writes += 1;
      await clock.sleep(latencyMs);
      if (fault === "down") throw new TransientError("the store does not answer");
      if (at !== version) {
        counts.conflicts += 1;
        throw new ConflictError("somebody else wrote");
      }
      value = structuredClone(next) as Ledger;
      version += 1;
      if (fault === "answerLost") throw new TransientError("the answer was lost");
      return version;
    },
  };
  return {
    store,
    counts,
    ledger: () => value,
    break(next: typeof fault) {
      fault = next;
    },
  };
}
