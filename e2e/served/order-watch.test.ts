/** Alarms about missing events, the sweep's messages, and a back-fill by its command, against both served models. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBackfillCommand } from "../../core/src/compose/backfill-command.ts";
import { watchSilence, watchSubscription } from "../../core/src/compose/order-watch.ts";
import { orderSweepDeps } from "../../core/src/compose/orders.ts";
import { createOrders } from "../../core/src/ct/orders.ts";
import { subscriptionKey } from "../../core/src/ct/resources-subscription.ts";
import { sweepOrders } from "../../core/src/flows/order-export/sweep.ts";
import { systemClock } from "../../core/src/runtime/clock.ts";
import { shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
});
afterAll(() => bench.close());

const open = async (code: string) =>
  (await bench.connector.store.exceptions.byCode(code, 10)).map(({ message }) => message);

test("a Subscription that stopped, or is gone, is an exception until it is healthy again", async () => {
  const watch = () => watchSubscription(bench.connector);
  await watch();
  expect(await open("subscriptionStopped")).toEqual([]);
  shop.model.setSubscriptionStatus({ key: subscriptionKey, status: "ConfigurationErrorDeliveryStopped" });
  await watch();
  expect(await open("subscriptionStopped")).toEqual([
    `The Subscription ${subscriptionKey} is ConfigurationErrorDeliveryStopped: events about orders may not arrive. The sweep exports them, later.`,
  ]);
  shop.model.setSubscriptionStatus({ key: subscriptionKey, status: "Healthy" });
  await watch();
  expect(await open("subscriptionStopped")).toEqual([]);
});

test("orders that nobody announces are an exception until an event arrives", async () => {
  await bench.buy({ orderNumber: "SILENT-1" });
  const later = { ...bench.connector, clock: { ...systemClock, now: () => Date.now() + 3_600_000 } };
  await watchSilence(bench.connector, bench.active);
  expect(await open("eventsMissing")).toEqual([]);
  await watchSilence(later, bench.active);
  expect(await open("eventsMissing")).toEqual([expect.stringMatching(/^Order SILENT-1 .* is none at all\.$/)]);
  const at = new Date().toISOString();
  const counts = { processed: 1, changed: 1, failed: 0 };
  await bench.connector.store.runs.write({
    ...{ flow: "order-export", runId: "r", startedAt: at, outcome: "succeeded" },
    ...counts,
  });
  await watchSilence(later, bench.active);
  expect(await open("eventsMissing")).toEqual([]);
});

test("a back-fill by its command; the second one changes nothing", async () => {
  const lines: string[] = [];
  const { cursors } = bench.connector.store;
  const backfill = (...args: string[]) =>
    runBackfillCommand(args, {
      print: (line) => void lines.push(line),
      complain: (line) => void lines.push(line),
      cursors,
      exportFrom: bench.active.config.orders.exportFrom,
      count: (from, to) =>
        createOrders(bench.connector.ct).count(["createdAt >= :from", "createdAt < :to"], { from, to }),
      newId: () => `b-${lines.length}`,
      clock: systemClock,
    });
  const sweep = () => sweepOrders(orderSweepDeps(bench.connector, bench.active), Date.now());
  await bench.buy();
  expect(await backfill("--from", "2026-01-01", "--to", "2100-01-01", "--json")).toBe(0);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ total: 2, done: 0, finished: false });
  expect([await backfill("--from", "2026-02-01", "--to", "2100-01-01"), lines.at(-1)]).toEqual([
    1,
    expect.stringContaining("under way"),
  ]);
  await sweep();
  expect(await backfill("--status", "--json")).toBe(0);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ total: 2, done: 2, failed: 0, finished: true });
  expect(await backfill("--from", "2026-01-01", "--to", "2100-01-01")).toBe(0);
  await sweep();
  await backfill("--status", "--json");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ done: 2, changed: 0, failed: 0, finished: true });
  expect([await backfill("--from", "2025-01-01", "--to", "2026-01-01"), lines.at(-1)]).toEqual([
    1,
    expect.stringContaining("Ask again with --before-export-from"),
  ]);
  expect(await backfill("--from", "2025-01-01", "--to", "2025-02-01", "--before-export-from")).toBe(0);
  expect((await cursors.read("order-backfill"))?.value).toMatchObject({ beforeExportFrom: true });
  expect(await backfill("--from", "soon", "--to", "2026-01-01")).toBe(2);
});
