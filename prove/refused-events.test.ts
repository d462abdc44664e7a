import { expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, ordersInIfs, type Wish } from "./people.ts";
import { openWorld } from "./world.ts";

const ordersOnly: Document = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: { exportFrom: "2026-01-01T00:00:00Z", unannouncedPerHour: 1 },
};
const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const MINUTE = 60_000;

test("orders of a short outage of IFS are no alarm about the queue", async () => {
  const world = await openWorld();
  try {
    await installConnector(world, ordersOnly);
    const end = world.schedule(20_000);
    await world.run(MINUTE);
    world.ifs.faults.add({ kind: "status", status: 503, path: "." });
    const ids: string[] = [];
    for (let at = 0; at < 8; at += 1) {
      ids.push(String((await world.drive(buy(world, germany, wish))).id));
      await world.run(10_000);
    }
    await world.run(3 * MINUTE);
    world.ifs.faults.clear();
    await world.run(4 * MINUTE);
    end();
    expect([await openExceptions(world), ids.map((id) => ordersInIfs(world, id).length)]).toEqual([
      [],
      ids.map(() => 1),
    ]);
  } finally {
    world.close();
  }
}, 120_000);
