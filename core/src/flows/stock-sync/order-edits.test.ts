/** Order Edits of orders that IFS has contained for so long that no run reads them any more. */
import type { Order } from "@commercetools/platform-sdk";
import { describe, expect, it } from "vitest";
import { readPartlyThere } from "./state.ts";
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
    world.happen.wait(10 * MINUTE);
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

it("tells checkouts of the order for as long as IFS has less than it is made of", async () => {
  const { world, orderId, orderNo } = await old("open");
  const told = () => readPartlyThere(world.deps.cursors);
  expect(await told()).toEqual([]);
  world.happen.editOrder(orderId, 6, { sku: "BOLT" });
  // A young order is found by every checkout itself.
  const young = world.happen.sale("BOLT", 1) ?? "";
  world.happen.commit(young);
  world.happen.link(young);
  await sync(world);
  expect(await told()).toEqual([orderId]);
  world.happen.wait(10 * MINUTE);
  await arrival(world);
  expect(await told()).toEqual([orderId]);
  world.happen.amendInIfs(orderNo, 6);
  world.happen.wait(MINUTE);
  await arrival(world);
  expect(await told()).toEqual([]);
});

describe("a line that takes another's place", () => {
  it("counts, once IFS has cancelled the other one and does not have it yet", async () => {
    const { world, orderId, orderNo } = await old("open");
    world.happen.replaceLine(orderId, "BOLT", 3);
    world.happen.wait(MINUTE);
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

describe("units that an Order Edit takes off", () => {
  it.each([1, 0])("are given back once, %i left, where IFS knows first and the platform books late", async (left) => {
    const { world, orderId, orderNo } = await old("open");
    world.knobs.lagMs = 8000;
    world.happen.editOrder(orderId, left, { sku: "BOLT" });
    world.happen.wait(1000);
    if (left === 0) world.happen.cancelInIfs(orderNo);
    else world.happen.amendInIfs(orderNo, left);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.wait(8000);
    await sync(world);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10 - left);
  });

  it("in the middle of a run are seen by it", async () => {
    const { world, orderId, orderNo } = await old("open");
    world.knobs.lagMs = 8000;
    world.happen.stock("BOLT", 1);
    let edited = false;
    world.interfere((call) => {
      if (call !== "openDemand" || edited) return;
      edited = true;
      world.happen.editOrder(orderId, 0, { sku: "BOLT" });
      world.happen.cancelInIfs(orderNo);
    });
    await sync(world);
    expect([edited, world.quantityOf("BOLT")]).toEqual([true, 8]);
  });

  it("cost one question for all orders that changed lately, and none in other runs", async () => {
    const { world, orderId } = await old("delivered");
    const asked = () => world.calls.filter((call) => call === "removedLineItems").length;
    for (const id of ["a", "b", "c"]) world.orders.set(id, { ...world.orders.get(orderId), id } as Order);
    for (const id of world.orders.keys()) world.happen.link(id);
    await sync(world);
    expect(asked()).toBe(1);
    // By now they are remembered.
    await sync(world);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(asked()).toBe(1);
  });
});
