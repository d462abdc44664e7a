import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import type { JournalEntry } from "../domain/records.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { gatherJournal } from "./journal-gathering.ts";

const entry = (recordId: string, detail: JournalEntry["detail"] = {}): JournalEntry => ({
  at: "2026-11-02T10:00:00.000Z",
  flow: "order-export",
  recordType: "order",
  recordId,
  event: "order-linked",
  detail,
});

function world() {
  const time = virtualTime();
  const requests: string[] = [];
  const store = { down: false };
  const journal = gatherJournal(
    {
      async appendAll(entries) {
        requests.push(`${time.elapsed()} ${entries.map(({ recordId }) => recordId).join(" ")}`);
        await time.clock.sleep(40);
        if (store.down) throw new TransientError("away");
      },
    },
    time.clock,
  );
  const stored: string[] = [];
  const append = (id: string, detail?: JournalEntry["detail"]) =>
    journal.append(entry(id, detail)).then(
      () => stored.push(`${time.elapsed()} ${id}`),
      (error: Error) => stored.push(`${time.elapsed()} ${id}: ${error.name}`),
    );
  return { time, requests, stored, store, append };
}

test("an entry that comes alone is stored at once; those that come together share a request, none is told before", async () => {
  const { time, requests, stored, append } = world();
  void append("1");
  await time.run(100);
  void append("2");
  await time.run(100);
  void append("3");
  await time.run(1000);
  void append("4");
  await time.run(1000);
  expect(requests).toEqual(["0 1", "350 2 3", "1200 4"]);
  expect(stored).toEqual(["40 1", "390 2", "390 3", "1240 4"]);
});

test("what failed is told to each of them, and the next ones are stored", async () => {
  const { time, stored, store, append } = world();
  void append("1");
  void append("2");
  void append("3");
  await time.run(100);
  store.down = true;
  await time.run(200);
  store.down = false;
  void append("4");
  await time.run(500);
  expect(stored).toEqual(["40 1", "290 2: TransientError", "290 3: TransientError", "340 4"]);
});

test("a payload is refused alone; more than one request takes are several", async () => {
  const { time, requests, stored, append } = world();
  void append("first");
  void append("payload", { body: "x".repeat(9000) });
  for (let count = 1; count <= 45; count += 1) void append(String(count));
  await time.run(1000);
  expect(requests.map((line) => line.split(" ").length - 1)).toEqual([1, 5, 20, 20]);
  expect([stored.length, stored.filter((line) => line.endsWith("Error"))]).toEqual([47, ["0 payload: RangeError"]]);
});
