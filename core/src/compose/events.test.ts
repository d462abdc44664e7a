import { expect, test } from "vitest";
import type { JournalEntry } from "../domain/records.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemRandom } from "../runtime/random.ts";
import { journalUnreadable } from "./events.ts";

test("a flood of unreadable bodies fills the log and not the journal", async () => {
  const journal: JournalEntry[] = [];
  const log: string[] = [];
  const start = Date.parse("2026-11-02T10:00:00Z");
  let at = start;
  const note = (_fields: object, event: string) => void log.push(event);
  const unreadable = journalUnreadable({
    store: { journal: { append: async (entry) => void journal.push(entry) } },
    clock: { now: () => at, monotonic: () => at - start, after: systemClock.after, sleep: async () => {} },
    random: systemRandom,
    logger: { info: note, warn: note, error: note },
  });
  for (let event = 0; event < 25; event += 1) await unreadable("not JSON");
  expect([journal.length, log.length]).toEqual([10, 25]);
  at += 60_000;
  await unreadable("no resource");
  const { recordId, ...last } = journal.at(-1) as JournalEntry;
  expect(recordId).toMatch(/^[0-9a-f-]{36}$/);
  expect([journal.length, last]).toEqual([
    11,
    {
      at: "2026-11-02T10:01:00.000Z",
      flow: "order-export",
      recordType: "message",
      event: "unreadable-event",
      detail: { message: "no resource" },
    },
  ]);
});
