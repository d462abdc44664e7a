import pLimit from "p-limit";
import type { BudgetGate } from "./budget.ts";

/** Without a shared budget (deployment scripts, tests): a number of places in this process, first come first served. */
export function createLocalGate(concurrency: number): BudgetGate {
  const limit = pLimit(concurrency);
  return {
    run<T>(_lane: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
      let begun = false;
      const running = limit(() => {
        signal.throwIfAborted();
        begun = true;
        return work();
      });
      return new Promise<T>((resolve, reject) => {
        const giveUp = () => {
          if (!begun) reject(signal.reason);
        };
        if (signal.aborted) giveUp();
        signal.addEventListener("abort", giveUp, { once: true });
        running.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
      });
    },
    observe: () => undefined,
  };
}
