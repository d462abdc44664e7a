/** Alarms about missing events, the sweep's messages, and a back-fill by its command, against both served models. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBackfillCommand } from "../../core/src/compose/backfill-command.ts";
import { createInterventions } from "../../core/src/compose/interventions.ts";
import { readOverview } from "../../core/src/compose/merchant-center.ts";
import { interventionDeps } from "../../core/src/compose/operator-routes.ts";
import { watchSilence, watchSubscription } from "../../core/src/compose/order-watch.ts";
import { orderSweepDeps } from "../../core/src/compose/orders.ts";
import { createOrders } from "../../core/src/ct/orders.ts";
import { subscriptionKey } from "../../core/src/ct/resources-subscription.ts";
import { exceptionId } from "../../core/src/flows/exception-id.ts";
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

test("messages of payments lead to the orders that they pay", async () => {
  const from = new Date(Date.now() - 60_000).toISOString();
  const id = await bench.buy({ payment: { interfaceId: "psp-1", method: "card" } });
  const { messages, orders } = orderSweepDeps(bench.connector, bench.active);
  const to = new Date(Date.now() + 1000).toISOString();
  const of = async (kind: "order" | "payment") =>
    (await messages.page({ of: kind, from, to, afterId: undefined, limit: 500 }))?.map(
      ({ resourceId }) => resourceId,
    ) ?? [];
  const paid = await of("payment");
  expect([paid.length > 0, paid.includes(id), (await of("order")).includes(id)]).toEqual([true, false, true]);
  const where = ["paymentInfo(payments(id in :ids))"];
  const found = await orders.page({ where, variables: { ids: [...new Set(paid)] }, limit: 10 });
  expect(found.map((order) => order.id)).toEqual([id]);
});

test("an order that a person took out of scope does not count as waiting", async () => {
  const { store } = bench.connector;
  const waiting = async () => (await readOverview(bench.connector)).ordersInFlight;
  const before = await waiting();
  const id = await bench.buy();
  expect(await waiting()).toBe(before + 1);
  const exception = {
    id: exceptionId("order-export", id),
    flow: "order-export",
    code: "unsupported",
    recordType: "order",
    recordId: id,
    recordLabel: id,
    message: "m",
    action: "a",
    owner: "operator",
  } as const;
  await store.exceptions.open(exception);
  const people = createInterventions(interventionDeps(bench.connector));
  expect(await people.ignore(exception.id, "sold by telephone", "kim")).toMatchObject({ kind: "done" });
  expect(await waiting()).toBe(before);
});
