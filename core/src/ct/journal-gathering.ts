/** Journal entries of many orders in one request: under load each order would cost one for its line alone. */
import type { JournalEntry } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";
import { type createJournal, requireSmall } from "./journal.ts";

/** How long an entry waits for others, while others come. An order is linked by then; only its acknowledgement waits. */
const GATHER_MS = 250;
/** As many as the platform surely takes in one mutation. */
const MOST = 20;

type Waiting = { readonly entry: JournalEntry; readonly done: () => void; readonly failed: (error: unknown) => void };

/**
 * `append` resolves once the entry is stored, as the journal's own does. An entry that comes alone is stored at once; those that
 * come within the same quarter of a second share a request, and its failure: each of their messages then comes again.
 */
export function gatherJournal(
  journal: Pick<ReturnType<typeof createJournal>, "appendAll">,
  clock: Pick<Clock, "monotonic" | "after">,
): { append(entry: JournalEntry): Promise<void> } {
  const waiting: Waiting[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;

  function store(): void {
    const now = waiting.splice(0, MOST);
    if (waiting.length > 0) store();
    journal.appendAll(now.map(({ entry }) => entry)).then(
      () => {
        for (const { done } of now) done();
      },
      (error: unknown) => {
        for (const { failed } of now) failed(error);
      },
    );
  }

  return {
    async append(entry) {
      // Refused here, it concerns nobody else.
      requireSmall(entry);
      const alone = clock.monotonic() - lastAt > GATHER_MS;
      lastAt = clock.monotonic();
      if (alone && waiting.length === 0) return journal.appendAll([entry]);
      return new Promise((done, failed) => {
        if (waiting.length === 0) clock.after(GATHER_MS, store);
        waiting.push({ entry, done, failed });
      });
    },
  };
}
