import { expect, test } from "vitest";
import type { Hint } from "../domain/hints.ts";
import type { Sku } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/records.ts";
import type { AvailabilityDecision, LineDecision } from "../flows/atp-check/decide.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { aboutOf, createAftermath } from "./atp-aftermath.ts";

const refusedLine = (sku: string): LineDecision => ({
  ref: sku,
  sku: sku as Sku,
  supplyChannel: "web",
  requested: 5,
  outcome: "partial",
  source: "ifs",
  available: 2,
  reason: "partlyAvailable",
  policy: null,
  passes: false,
});
const refusal = (...skus: string[]): AvailabilityDecision => ({
  purpose: "order",
  accepted: false,
  lines: skus.map(refusedLine),
  corrections: [],
});
const tooMuchShown = (...skus: string[]): AvailabilityDecision => ({
  purpose: "order",
  accepted: true,
  lines: [],
  corrections: skus.map((sku) => ({ sku: sku as Sku, supplyChannel: "web" })),
});

function desk() {
  const time = virtualTime();
  const steps: string[] = [];
  const journal: JournalEntry[] = [];
  const warned: { event: string; fields: object }[] = [];
  const warn = (fields: object, event: string) => void warned.push({ event, fields });
  const knobs = { down: false };
  const made = createAftermath({
    clock: time.clock,
    logger: { info: warn, warn, error: warn },
    store: {
      hints: {
        async put(hint: Hint) {
          steps.push(`${time.elapsed()} stored ${"sku" in hint ? hint.sku : hint.object}`);
        },
      },
      journal: {
        async appendAll(entries) {
          if (knobs.down) throw new Error("commercetools is down");
          journal.push(...entries);
        },
      },
    },
    async look() {
      steps.push(`${time.elapsed()} looked`);
    },
  });
  return { ...made, time, steps, journal, warned, knobs };
}

test("an entry that shows too much is hinted at within a second, stored before it is looked at", async () => {
  const { of, time, steps } = desk();
  of(tooMuchShown("BOLT", "NUT"), {});
  expect(steps).toEqual([]);
  await time.run(1000);
  expect(steps).toEqual(["500 stored BOLT", "500 stored NUT", "500 looked"]);
});

test("a SKU that sells out tells it a thousand times, and is hinted at once in 30 seconds", async () => {
  const { of, time, steps } = desk();
  for (let nth = 0; nth < 1000; nth += 1) of(tooMuchShown("BOLT"), {});
  await time.run(29_000);
  of(tooMuchShown("BOLT"), {});
  await time.run(5000);
  expect(steps).toHaveLength(2);
  of(tooMuchShown("BOLT"), {});
  await time.run(1000);
  expect(steps).toHaveLength(4);
});

test("what waits is bounded, and looked at in small groups", async () => {
  const { of, time, steps } = desk();
  of(tooMuchShown(...Array.from({ length: 900 }, (_, nth) => `P${nth}`)), {});
  await time.run(60_000);
  expect(steps.filter((step) => step.includes("stored"))).toHaveLength(500);
  expect(steps.filter((step) => step.includes("looked"))).toHaveLength(25);
});

test("a refusal is journaled by SKU, with what was asked, what there was, why, and whose order", async () => {
  const { of, time, journal } = desk();
  of(refusal("BOLT", "BOLT"), { order: "o1", cart: "c1" });
  of(refusal("NUT"), {});
  await time.run(1000);
  expect(journal).toEqual([
    {
      at: "2026-11-02T10:00:00.000Z",
      flow: "atp-check",
      recordType: "sku",
      recordId: "BOLT",
      event: "checkout-refused",
      detail: { requested: 5, reason: "partlyAvailable", available: 2, supplyChannel: "web", order: "o1", cart: "c1" },
    },
  ]);
});

test("refusals are journaled at a bounded rate, and how many were left out is told", async () => {
  const { of, time, journal, warned } = desk();
  for (let nth = 0; nth < 100; nth += 1) of(refusal(`P${nth}`), { order: "o" });
  await time.run(1000);
  expect(journal).toHaveLength(60);
  await time.run(60_000);
  of(refusal("BOLT"), { order: "o" });
  await time.run(1000);
  expect(journal).toHaveLength(61);
  expect(warned).toEqual([{ event: "refusals-not-journaled", fields: { flow: "atp-check", refusals: 40 } }]);
});

test("what nobody could decide is journaled with the reason, in words, and whose order or cart it was", async () => {
  const { refusedUndecided, time, journal } = desk();
  refusedUndecided({ reason: "unreadable", message: `line ${"x".repeat(500)}` }, { order: "o1", cart: "c1" });
  refusedUndecided({ reason: "defect", message: "no" }, {});
  await time.run(1000);
  const base = { at: "2026-11-02T10:00:00.000Z", flow: "atp-check", recordType: "flow", recordId: "ifs-connector-atp" };
  expect(journal).toEqual([
    {
      ...base,
      event: "checkout-undecided",
      detail: { reason: "unreadable", message: `line ${"x".repeat(295)}`, policy: "closed", order: "o1", cart: "c1" },
    },
    { ...base, event: "checkout-undecided", detail: { reason: "defect", message: "no", policy: "closed" } },
  ]);
});

test("what nobody could decide shares the bound of refusals", async () => {
  const { of, refusedUndecided, time, journal, warned } = desk();
  for (let nth = 0; nth < 50; nth += 1) of(refusal(`P${nth}`), { order: "o" });
  for (let nth = 0; nth < 50; nth += 1) refusedUndecided({ reason: "unreadable", message: "no" }, {});
  await time.run(61_000);
  of(refusal("BOLT"), { order: "o" });
  await time.run(1000);
  expect([journal.length, warned]).toEqual([
    61,
    [{ event: "refusals-not-journaled", fields: { flow: "atp-check", refusals: 40 } }],
  ]);
});

test.each<[string, unknown, object]>([
  ["an order", { resource: { typeId: "order", id: "o1", obj: { cart: { id: "c1" } } } }, { order: "o1", cart: "c1" }],
  ["an order by its copy", { resource: { typeId: "order", obj: { id: "o1", lineItems: 7 } } }, { order: "o1" }],
  ["a cart", { resource: { typeId: "cart", id: "c1", obj: 7 } }, { cart: "c1" }],
  ["ids that are none", { resource: { typeId: "order", id: 7, obj: { id: "x".repeat(200), cart: null } } }, {}],
  ["nothing", undefined, {}],
])("whose a call is, as far as it can be read: %s", (_, body, about) => {
  expect(aboutOf(body)).toEqual(about);
});

test("what cannot be written is told, and keeps nothing else from being done", async () => {
  const { of, time, steps, warned, knobs } = desk();
  knobs.down = true;
  of(refusal("BOLT"), { order: "o" });
  of(tooMuchShown("NUT"), {});
  await time.run(1000);
  expect([steps.length, warned.map(({ event }) => event)]).toEqual([2, ["refusals-not-written"]]);
});

test("an ending process writes what is left", async () => {
  const { of, end, time, steps, journal } = desk();
  of(refusal("BOLT"), { order: "o" });
  of(tooMuchShown("NUT"), {});
  let ended = false;
  void end().then(() => {
    ended = true;
  });
  await time.run(1000);
  expect([ended, steps.length, journal.length]).toEqual([true, 2, 1]);
});
