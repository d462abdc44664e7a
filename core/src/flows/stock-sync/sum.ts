/** One summary of several passes. */
import type { RunSummary } from "../../domain/run-summary.ts";

export function sum(results: readonly RunSummary[]): RunSummary {
  const total = { processed: 0, changed: 0, failed: 0 };
  for (const { processed, changed, failed } of results) {
    total.processed += processed;
    total.changed += changed;
    total.failed += failed;
  }
  const messages = [...new Set(results.flatMap(({ message }) => message ?? []))];
  return messages.length === 0 ? total : { ...total, message: messages.join(" ") };
}
