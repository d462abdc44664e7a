/** The orders in flight as several readers at once see them. */
import { expect, it } from "vitest";
import { createOrderReader, type OrdersPage } from "./in-flight-orders.ts";
import { configWith, createWorld } from "./stock-sync/testing/world.ts";

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
