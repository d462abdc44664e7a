/** A back-fill goes through its period once, shows how far it is, survives its process, and a second one changes nothing. */
import { expect, test } from "vitest";
import { BACKFILL_PROGRESS, BACKFILL_REQUEST, type BackfillProgress } from "./backfill.ts";
import { sweepOrders } from "./sweep.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, START, type World } from "./testing/world.ts";
import { countUnannounced, UNANNOUNCED_ID } from "./unannounced.ts";

const OLD = "2026-10-01T00:00:00.000Z";
const idOf = (index: number) => `0b0c4c3c-0000-4000-8000-00000000000${index}`;
const orderAt = (index: number, at: string, fields: object = {}) =>
  netOrder({ id: idOf(index), orderNumber: `W-${index}`, createdAt: at, lastModifiedAt: at, ...fields });

/** Five orders of October. The cursor stands behind them, and the round over those without link beyond them. */
function october(): World {
  const world = createWorld();
  for (const index of [1, 2, 3, 4, 5]) world.putOrder(orderAt(index, `2026-10-0${index}T00:00:00.000Z`));
  world.cursors.set("order-sweep", {
    value: {
      doneUntil: new Date(START).toISOString(),
      pendingAfter: "zzzz",
      messagesUntil: new Date(START).toISOString(),
    },
    version: 1,
  });
  return world;
}

const ask = (world: World, id = "b-1", to = "2026-10-05T00:00:00.000Z") =>
  world.cursors.set(BACKFILL_REQUEST, {
    value: { id, from: OLD, to, requestedAt: OLD, total: 4 },
    version: 1,
  });
const progressOf = (world: World) => world.cursors.get(BACKFILL_PROGRESS)?.value as BackfillProgress | undefined;

test("the period and nothing else, with figures; asked again, nothing changes", async () => {
  const world = october();
  ask(world);
  // The round over orders without link begins anew after its end; it has no turn in a run that is over.
  const worker = world.worker((effect) => {
    if (effect === "orders.page" && progressOf(world)?.finished) world.clock.at += 120_000;
  });
  await sweepOrders(worker, world.clock.at);
  expect(progressOf(world)).toMatchObject({ id: "b-1", done: 4, changed: 4, failed: 0, finished: true });
  expect([...world.documents.values()].map(({ order }) => order.externalRef)).toEqual([1, 2, 3, 4].map(idOf));
  ask(world, "b-2");
  await sweepOrders(world.worker(), world.clock.at);
  expect(progressOf(world)).toMatchObject({ id: "b-2", done: 4, changed: 0, finished: true });
  expect(world.documents.size).toBe(5);
});

test("a process that dies anywhere leaves a position; the next one goes on, and each order is in IFS once", async () => {
  for (let dies = 1; dies < 60; dies += 4) {
    const world = october();
    ask(world);
    let effects = 0;
    const dying = world.worker(() => {
      effects += 1;
      if (effects >= dies) throw new Error("killed");
    });
    await sweepOrders(dying, world.clock.at).catch(() => undefined);
    for (let run = 0; run < 6; run += 1) {
      world.advance(900_000);
      await sweepOrders(world.worker(), world.clock.at);
    }
    expect([dies, progressOf(world)?.finished, world.documents.size]).toEqual([dies, true, 5]);
    expect(new Set([...world.documents.values()].map(({ order }) => order.externalRef)).size).toBe(5);
  }
});

test("an order that only a message tells of is found; without the scope everything else goes on", async () => {
  for (const readable of [true, false]) {
    const world = createWorld();
    // Created and changed long ago as the queries see it, and linked, so that no other round looks at it.
    world.putOrder(orderAt(1, OLD));
    await sweepOrders(world.worker(), world.clock.at);
    const at = new Date(world.clock.at + 1000).toISOString();
    world.state.messages = readable ? [{ id: "m-1", orderId: idOf(1), at }] : undefined;
    const order = world.orders.get(idOf(1));
    world.orders.set(idOf(1), { ...order, orderState: "Cancelled", lastModifiedAt: OLD } as never);
    world.advance(700_000);
    await sweepOrders(world.worker(), world.clock.at);
    expect([readable, world.documents.get("P1000")?.order.state]).toEqual([
      readable,
      readable ? "Cancelled" : "Released",
    ]);
  }
});

test("orders that no event announced are an exception beyond the bound, until an hour without them is over", async () => {
  const world = createWorld();
  world.state.config = { ...world.state.config, orders: { ...world.state.config.orders, unannouncedPerHour: 1 } };
  world.cursors.set("order-sweep", { value: { doneUntil: new Date(START).toISOString() }, version: 1 });
  const sold = (index: number) => {
    world.putOrder(orderAt(index, new Date(world.clock.at - 180_000).toISOString()));
    return sweepOrders(world.worker(), world.clock.at);
  };
  const open = () => [...world.exceptions.values()].map(({ code }) => code);
  await sold(1);
  expect(open()).toEqual([]);
  await sold(2);
  expect([open(), world.exceptions.get(UNANNOUNCED_ID)?.owner]).toEqual([["eventsMissing"], "operator"]);
  world.advance(3_600_000);
  await sold(3);
  expect(open()).toEqual(["eventsMissing"]);
  world.advance(3_600_000);
  await sweepOrders(world.worker(), world.clock.at);
  expect(open()).toEqual([]);
  // Too young to be missed.
  for (const index of [4, 5, 6]) world.putOrder(orderAt(index, new Date(world.clock.at - 1000).toISOString()));
  await sweepOrders(world.worker(), world.clock.at);
  expect([open(), world.documents.size]).toEqual([[], 6]);
});

test("the hour is counted from its first run", () => {
  const now = Date.parse("2026-11-20T10:00:00.000Z");
  const hour = { since: "2026-11-20T09:30:00.000Z", count: 5 };
  expect(countUnannounced(hour, { found: 2, now, bound: 7 })).toEqual({
    hour: { ...hour, count: 7 },
    alarm: undefined,
  });
  expect(countUnannounced(hour, { found: 3, now, bound: 7 })).toEqual({ hour: { ...hour, count: 8 }, alarm: true });
  const late = now + 1_800_000;
  const next = { since: "2026-11-20T10:30:00.000Z", count: 0 };
  expect(countUnannounced(hour, { found: 0, now: late, bound: 7 })).toEqual({ hour: next, alarm: false });
  expect(countUnannounced(hour, { found: 0, now: late, bound: 4 })).toEqual({ hour: next, alarm: undefined });
});
