/** What installation writes is what the governor reads, and two processes on one project share one budget. */
import { expect, test } from "vitest";
import { newBudgetLedger } from "../ct/budget.ts";
import { installJobs } from "../ct/resources.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { createBudget } from "../ifs/budget/budget.ts";
import { emptyLedger, ledgerSchema } from "../ifs/budget/ledger.ts";
import { systemClock } from "../runtime/clock.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

test("both sides agree on the empty ledger", () => {
  expect(newBudgetLedger).toEqual(emptyLedger);
});

test("processes lease from the document that installation created, and give it back", async () => {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  await installJobs(ct, { checkIfs: async () => "ok" });
  const { budget: store } = createStore(ct, systemClock);
  const limits = { perMinute: 600, concurrency: 8, perProcess: 6 };
  const processes = ["job", "events"].map((id) =>
    createBudget({ clock: systemClock, logger: silent, store, lanes: ["orders"], limits, id }),
  );
  const never = new AbortController().signal;
  for (const budget of processes) budget.start();
  // A request waits for the first lease, and no longer.
  expect(await Promise.all(processes.map((budget, index) => budget.run("orders", never, async () => index)))).toEqual([
    0, 1,
  ]);
  const held = ledgerSchema.parse((await store.read())?.value).holders;
  expect(Object.keys(held).sort()).toEqual(["events", "job"]);
  await Promise.all(processes.map((budget) => budget.stop()));
  const ledger = ledgerSchema.parse((await store.read())?.value);
  expect(ledger.holders).toEqual({});
  expect(ledger.pool.reduce((sum, [, tokens]) => sum + tokens, 0)).toBe(600);
});
