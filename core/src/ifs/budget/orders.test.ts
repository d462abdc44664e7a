/** A process that serves orders alone, as event-app does: two requests an order, the second of which ends what IFS has begun. */
import { expect, test } from "vitest";
import type { Turn } from "../../runtime/limit.ts";
import { seeded, virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createBudget } from "./budget.ts";
import { ledgerStore } from "./testing/ledger-store.ts";
import { mostPerMinute, percentile, silent } from "./testing/load.ts";

const MINUTE = 60_000;
const limits = { perMinute: 1000, concurrency: 16, perProcess: 12 };
const IFS_MS = 150;

function eventApp() {
  const time = virtualTime();
  const random = seeded(3);
  const ledger = ledgerStore(time.clock);
  const budget = createBudget({
    clock: time.clock,
    logger: silent,
    store: ledger.store,
    lanes: ["orders", "statuses"],
    limits,
    random,
    id: "event-app",
  });
  budget.start();
  const over = new AbortController();
  const starts: number[] = [];
  const tookMs: number[] = [];
  const request = (turn: Turn) =>
    budget.run("orders", Object.assign(new AbortController().signal, { turn }), async () => {
      starts.push(time.elapsed());
      await time.clock.sleep(IFS_MS);
      budget.observe({ status: 200, elapsedMs: IFS_MS, read: false });
    });
  async function order(): Promise<void> {
    const begun = time.elapsed();
    await request("next");
    await time.clock.sleep(5);
    await request("first");
    tookMs.push(time.elapsed() - begun);
  }
  return {
    time,
    starts,
    tookMs,
    over,
    order,
    perMinute: (minute: number) => starts.filter((at) => at >= minute * MINUTE && at < (minute + 1) * MINUTE).length,
  };
}

test("32 orders at any time after a calm night: the budget is used, and no order waits long", async () => {
  const app = eventApp();
  await app.time.run(2 * MINUTE);
  const worker = async () => {
    while (!app.over.signal.aborted) await app.order();
  };
  for (let count = 0; count < 32; count++) void worker();
  await app.time.run(5 * MINUTE);
  app.over.abort();
  expect(Math.min(...[2, 3, 4, 5, 6].map(app.perMinute))).toBeGreaterThanOrEqual(980);
  expect(mostPerMinute(app.starts)).toBeLessThanOrEqual(limits.perMinute);
  // 32 orders of two requests at 1000 a minute are 3.8 s each; nobody is overtaken again and again.
  expect(percentile(app.tookMs, 0.5)).toBeLessThan(4000);
  expect(Math.max(...app.tookMs)).toBeLessThan(5500);
});

test("half that load after a calm night: no order waits, the first ones included", async () => {
  const app = eventApp();
  await app.time.run(2 * MINUTE);
  const every = (2 * MINUTE * 2.1) / limits.perMinute;
  for (let at = 0; at < 4 * MINUTE; at += every) {
    void app.order();
    await app.time.run(every);
  }
  await app.time.run(20_000);
  expect(app.tookMs).toHaveLength(953);
  expect(percentile(app.tookMs, 0.5)).toBeLessThan(310);
  // The first ones after the calm, while the process fetches its tokens.
  expect(Math.max(...app.tookMs)).toBeLessThan(1000);
});

test("a swarm of orders after a calm night goes at once, as fast as the places allow", async () => {
  const app = eventApp();
  await app.time.run(2 * MINUTE);
  for (let count = 0; count < 50; count++) void app.order();
  await app.time.run(20_000);
  expect(app.tookMs).toHaveLength(50);
  // Twelve places of 150 ms: 100 requests need 1.25 s.
  expect(Math.max(...app.tookMs)).toBeLessThan(2000);
});
