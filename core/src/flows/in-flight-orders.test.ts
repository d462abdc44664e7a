/** The orders in flight as several readers at once see them. */
import { expect, it } from "vitest";
import { createOrderReader, type OrdersPage } from "./in-flight-orders.ts";
import { configWith, createWorld } from "./stock-sync/testing/world.ts";
import type { LostUnits } from "./taken-off.ts";

it("an answer that comes late does not undo what a later one has told", async () => {
  const world = createWorld(configWith(() => {}));
  const { config, channels, ordersPage } = world.deps;
  let held: Promise<void> | undefined;
  const page: OrdersPage = async (query) => {
    const [rows, waits] = [await ordersPage(query), held];
    await waits;
    return rows;
  };
  const reader = createOrderReader(
    page,
    { channels, exportFrom: config.orders.exportFrom },
    { changedSince: world.time.now, known: [], now: () => world.time.now },
  );
  world.happen.sku("BOLT");
  const orderId = world.happen.order("BOLT", 3);
  world.happen.commit(orderId);
  await reader.refresh();

  const late = Promise.withResolvers<void>();
  held = late.promise;
  const early = reader.refresh();
  // Its rows are read before it is linked, and arrive after those of the next reader.
  await new Promise((resolve) => setImmediate(resolve));
  held = undefined;
  world.happen.link(orderId);
  expect((await reader.refresh()).map(({ orderNo }) => orderNo)).toEqual([`W${orderId}`]);
  late.resolve();
  expect((await early).map(({ orderNo }) => orderNo)).toEqual([`W${orderId}`]);
});

it("what an order has lost is known to whoever reads beside the one that asks", async () => {
  const world = createWorld();
  const { config, channels, ordersPage } = world.deps;
  world.happen.sku("BOLT");
  const orderId = world.happen.order("BOLT", 3);
  world.happen.commit(orderId);
  world.happen.wait(60_000);
  world.happen.link(orderId);
  const answered = Promise.withResolvers<ReadonlyMap<string, LostUnits>>();
  const asked: string[][] = [];
  const reader = createOrderReader(
    ordersPage,
    { channels, exportFrom: config.orders.exportFrom },
    {
      ...{ changedSince: world.time.now, known: [], now: () => world.time.now },
      lost: (orders) => {
        asked.push(orders.map((order) => order.orderId));
        return answered.promise;
      },
    },
  );
  const reads = [reader.refresh(), reader.refresh()];
  const takenOff = [{ lineId: world.lineIdOf(orderId), quantity: 2, at: world.time.now }];
  setImmediate(() => answered.resolve(new Map([[orderId, { takenOff, gone: [] }]])));
  expect((await Promise.all(reads)).map((orders) => orders.map((order) => order.takenOff))).toEqual([
    [takenOff],
    [takenOff],
  ]);
  expect(asked).toEqual([[orderId]]);
});
