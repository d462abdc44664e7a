/** Order Edits of orders that IFS has contained for so long that no run reads them any more. */
import { describe, expect, it } from "vitest";
import { MINUTE, started, sync } from "./testing/started.ts";
import { createWorld, type World } from "./testing/world.ts";

const DAY = 24 * 60 * MINUTE;

/** Ten pieces, of which an order of two weeks ago has three, in IFS in the given state. */
async function old(state: "open" | "reserved" | "delivered", world = createWorld()) {
  await started({ BOLT: 10 }, world);
  const orderId = world.happen.sale("BOLT", 3) ?? "";
  const orderNo = `W${orderId}`;
  world.happen.commit(orderId);
  world.happen.link(orderId);
  if (state !== "open") world.happen.reserve(orderNo);
  if (state === "delivered") world.happen.ship(orderNo);
  await sync(world);
  for (let days = 0; days < 14; days += 1) {
    world.happen.wait(DAY);
    await sync(world);
  }
  world.happen.wait(MINUTE);
  await sync(world);
  expect(world.quantityOf("BOLT")).toBe(7);
  world.calls.length = 0;
  return { world, orderId, orderNo };
}

/** Goods come in, so that the part is looked at for certain. */
async function arrival(world: World, partNo = "BOLT") {
  world.happen.stock(partNo, 1);
  await sync(world);
}

describe("units that an Order Edit adds", () => {
  it.each(["open", "reserved", "delivered"] as const)("are not given back, the order being %s", async (state) => {
    const { world, orderId, orderNo } = await old(state);
    world.happen.editOrder(orderId, 6, { sku: "BOLT" });
    world.happen.wait(1000);
    await arrival(world);
    expect(world.quantityOf("BOLT")).toBe(5);
    // A person has to decide; nothing changes meanwhile, and the order is read no more as one that changed.
    for (let hours = 0; hours < 5; hours += 1) {
      world.happen.wait(60 * MINUTE);
      await arrival(world);
    }
    expect(world.quantityOf("BOLT")).toBe(10);
    if (state === "delivered") world.happen.ifsOrder(orderNo, "BOLT", 3, world.lineIdOf(orderId));
    else world.happen.amendInIfs(orderNo, 6);
    await sync(world);
    world.happen.wait(MINUTE);
    await arrival(world);
    expect(world.quantityOf("BOLT")).toBe(11);
  });
});

describe("a line that takes another's place", () => {
  it("counts, once IFS has cancelled the other one and does not have it yet", async () => {
    const { world, orderId, orderNo } = await old("open");
    world.happen.replaceLine(orderId, "BOLT", 3);
    world.happen.wait(1000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.cancelInIfs(orderNo);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.ifsOrder(orderNo, "BOLT", 3, world.lineIdOf(orderId));
    world.happen.wait(MINUTE);
    await arrival(world);
    expect(world.quantityOf("BOLT")).toBe(8);
  });

  it("counts beside one that was delivered", async () => {
    const { world, orderId } = await old("delivered");
    world.happen.replaceLine(orderId, "BOLT", 3);
    world.happen.wait(MINUTE);
    await arrival(world);
    expect(world.quantityOf("BOLT")).toBe(5);
  });
});
