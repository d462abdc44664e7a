/**
 * What `npm run bench -- orders` measures in real time, where the machine decides nothing: how many requests an order costs, how
 * much of the budget is used, and who waits how long.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoadWorld, type Measured, openLoadWorld, type Push, percentile } from "./order-load.ts";
import { openExceptions, ordersInIfs } from "./people.ts";

const MINUTE = 60_000;
const PER_MINUTE = 1000;
const ifs = { budget: { requestsPerMinute: PER_MINUTE, concurrency: 16 }, concurrency: 12 };

const most = (values: readonly number[]): number => Math.max(0, ...values);
const perOrder = ({ ifsRequests, ctRequests, linkedMs }: Measured) => ({
  ifs: ifsRequests / linkedMs.length,
  ct: ctRequests / linkedMs.length,
});

/** Each order is in IFS once, and linked to that very order. */
async function expectExported({ world }: LoadWorld, pushes: readonly Push[]): Promise<void> {
  const linked = new Map<string, string[]>();
  for (let offset = 0; ; offset += 500) {
    const page = await world.drive(world.shop.get("/orders", { limit: "500", offset: String(offset) }));
    const rows = page.results as { id: string; syncInfo: { externalId?: string }[] }[];
    for (const { id, syncInfo } of rows)
      linked.set(
        id,
        syncInfo.map(({ externalId }) => externalId ?? ""),
      );
    if (rows.length < 500) break;
  }
  const found = pushes.map(({ orderId }) => {
    const numbers = ordersInIfs(world, orderId);
    return numbers.length === 1 && linked.get(orderId)?.includes(numbers[0] ?? "-") ? "exported" : numbers;
  });
  expect(found).toEqual(pushes.map(() => "exported"));
  expect(await openExceptions(world)).toEqual([]);
}

describe("a tenant with change sets", () => {
  let load: LoadWorld;
  beforeAll(async () => {
    load = await openLoadWorld({ orders: { release: true }, ifs });
    await load.drive(await load.place(4), { inFlight: 2 });
  });
  afterAll(() => load.world.close());

  test("with release: two requests an order, the budget used to its end, every push answered in time", async () => {
    const pushes = await load.place(550);
    await load.world.run(MINUTE);
    const run = await load.drive(pushes, { inFlight: 32 });
    expect(perOrder(run).ifs).toBeLessThanOrEqual(2.1);
    expect(perOrder(run).ct).toBeLessThanOrEqual(4);
    expect(run.ifsRequests / ((PER_MINUTE * run.ms) / MINUTE)).toBeGreaterThanOrEqual(0.9);
    expect(most(run.ackMs)).toBeLessThan(10_000);
    expect(run.refusedMs).toEqual([]);
    await expectExported(load, pushes);
  });

  test("at half that load no order waits, the first ones after a calm night included", async () => {
    const pushes = await load.place(100);
    await load.world.run(2 * MINUTE);
    const run = await load.drive(pushes, { everyMs: (2 * MINUTE * 2.1) / PER_MINUTE });
    expect(most(run.linkedMs)).toBeLessThan(3000);
    expect(percentile(run.linkedMs, 0.5)).toBeLessThan(1000);
    expect(run.refusedMs).toEqual([]);
    await expectExported(load, pushes);
  });

  test("150 pushes at once: what cannot be ended in time is refused at once, and none is lost", async () => {
    const pushes = await load.place(150);
    await load.world.run(MINUTE);
    const run = await load.drive(pushes, { inFlight: 150 });
    expect(perOrder(run).ifs).toBeLessThanOrEqual(2.1);
    expect(most(run.ackMs)).toBeLessThan(10_000);
    expect(run.refusedMs.length).toBeGreaterThan(100);
    expect(most(run.refusedMs)).toBeLessThan(1000);
    await expectExported(load, pushes);
  });

  test("without release: one request an order", async () => {
    await load.configure({ orders: { release: false }, ifs });
    await load.drive(await load.place(4), { inFlight: 2 });
    const pushes = await load.place(100);
    await load.world.run(MINUTE);
    const run = await load.drive(pushes, { inFlight: 32 });
    expect(perOrder(run).ifs).toBeLessThanOrEqual(1.05);
    expect(perOrder(run).ct).toBeLessThanOrEqual(4);
    await expectExported(load, pushes);
  });
});

test("a tenant without change sets: a request for each row and its header, two for the release, and nothing more", async () => {
  const load = await openLoadWorld({ orders: { release: true }, ifs }, { ifs: { changeSets: "refuse" } });
  try {
    await load.drive(await load.place(4), { inFlight: 2 });
    const pushes = await load.place(40);
    await load.world.run(MINUTE);
    const run = await load.drive(pushes, { inFlight: 4 });
    // Header, address, one or two lines, shipping charge; release and a look at the order.
    expect(perOrder(run).ifs).toBeCloseTo(1 + 1 + 1.5 + 1 + 2, 1);
    expect(most(run.ackMs)).toBeLessThan(10_000);
    await expectExported(load, pushes);
  } finally {
    load.world.close();
  }
});
