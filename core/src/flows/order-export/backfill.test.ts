/** A back-fill goes through its period once, shows how far it is, survives its process, and a second one changes nothing. */
import { describe, expect, test } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import { BACKFILL_PROGRESS, BACKFILL_REQUEST, type BackfillProgress } from "./backfill.ts";
import { handleOrderEvent } from "./events.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith } from "./testing/config.ts";
import { draftOf, mapped } from "./testing/mapped.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type Hook, START, type World } from "./testing/world.ts";
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
    world.state.messages = readable ? [{ id: "m-1", resourceId: idOf(1), at }] : undefined;
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

test("a payment whose event got lost lets its order leave by its message, though the order itself has not changed", async () => {
  const config = configWith({ orders: { paymentStates: ["Paid"] } });
  const world = createWorld({ config });
  const payment = { paymentInfo: { payments: [{ typeId: "payment", id: "pay-1" }] } };
  world.putOrder(orderAt(1, OLD, { ...payment, paymentState: "Pending" }));
  await sweepOrders(world.worker(), world.clock.at);
  world.advance(700_000);
  const order = world.orders.get(idOf(1));
  world.orders.set(idOf(1), { ...order, paymentState: "Paid" } as never);
  // The round over orders without link has no turn in this run.
  const { version = 1, value } = world.cursors.get("order-sweep") ?? {};
  world.cursors.set("order-sweep", { version, value: { ...(value as object), pendingAfter: "zzzz" } });
  const at = new Date(world.clock.at - 1000).toISOString();
  world.state.messages = [{ id: "m-1", resourceId: "pay-1", of: "payment", at }];
  const sweptBy: string[] = [];
  await sweepOrders(
    world.worker((name) => {
      if (name === "ifs.create") sweptBy.push(String(world.cursors.get("order-sweep")?.value !== undefined));
    }),
    world.clock.at,
  );
  expect([sweptBy.length > 0, world.linkOf(idOf(1)).orderNo]).toEqual([true, "P1000"]);
});

describe("a period before exportFrom", () => {
  const config = configWith({ orders: { exportFrom: "2026-10-04T00:00:00.000Z" } });
  const asked = (world: World, fields: object = {}) =>
    world.cursors.set(BACKFILL_REQUEST, {
      value: {
        ...{ id: "b-1", from: OLD, to: "2026-10-03T00:00:00.000Z", requestedAt: OLD, total: 2 },
        ...{ beforeExportFrom: true, ...fields },
      },
      version: 1,
    });
  const old = () => {
    const world = october();
    world.state.config = config;
    // As if the installation had been there already: nothing else asks for a look-up.
    world.state.activationStamp = "2026-01-01T00:00:00.000Z";
    return world;
  };
  const exportedOf = (world: World) =>
    [...world.documents.values()].map(({ order }) => order.externalRef?.slice(-1)).toSorted();

  test("is passed over where nobody says so", async () => {
    const world = old();
    asked(world, { beforeExportFrom: false });
    await sweepOrders(world.worker(), world.clock.at);
    // Those of after exportFrom leave by the round over all.
    world.advance(60_000);
    await sweepOrders(world.worker(), world.clock.at);
    expect(exportedOf(world)).toEqual(["4", "5"]);
  });

  test("is exported where somebody does, each order after a look, and no other", async () => {
    const world = old();
    asked(world);
    const draft = draftOf(mapped(orderAt(1, OLD), config));
    world.commit(draft);
    const looks: string[] = [];
    await sweepOrders(
      world.worker((name, phase) => {
        if (phase === "before" && (name === "ifs.find" || name === "ifs.create")) looks.push(name);
      }),
      world.clock.at,
    );
    world.advance(60_000);
    await sweepOrders(world.worker(), world.clock.at);
    expect([exportedOf(world), world.linkOf(idOf(1)).orderNo]).toEqual([["1", "2", "4", "5"], "P1000"]);
    expect(looks.slice(0, 3).toSorted()).toEqual(["ifs.create", "ifs.find", "ifs.find"]);
    expect(world.linkOf(idOf(3)).orderNo).toBeUndefined();
  });

  test("keeps its orders in charge: an outage, a payment that comes later and a change after the export are not lost", async () => {
    const world = old();
    world.editOrder(idOf(2), { paymentState: "Failed" });
    asked(world);
    let down = true;
    const worker = world.worker((name, phase) => {
      if (down && name === "ifs.create" && phase === "before") throw new TransientError("IFS is down");
    });
    await expect(sweepOrders(worker, world.clock.at)).rejects.toThrow("IFS is down");
    down = false;
    world.advance(60_000);
    await sweepOrders(world.worker(), world.clock.at);
    expect(exportedOf(world)).toContain("1");
    world.editOrder(idOf(2), { paymentState: "Paid" });
    world.editOrder(idOf(1), { orderState: "Cancelled" });
    world.advance(60_000);
    await sweepOrders(world.worker(), world.clock.at);
    expect([
      exportedOf(world).includes("2"),
      world.documents.get(String(world.linkOf(idOf(1)).orderNo))?.order.state,
    ]).toEqual([true, "Cancelled"]);
  });
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

test("an order whose event came and was refused was announced", async () => {
  const world = createWorld();
  world.state.config = { ...world.state.config, orders: { ...world.state.config.orders, unannouncedPerHour: 1 } };
  world.cursors.set("order-sweep", { value: { doneUntil: new Date(START).toISOString() }, version: 1 });
  const down: Hook = (name, phase) => {
    if (name === "ifs.salesParts" && phase === "before") throw new TransientError("IFS is down");
  };
  const sold = (indexes: readonly number[]) => {
    for (const index of indexes) world.putOrder(orderAt(index, new Date(world.clock.at - 180_000).toISOString()));
  };
  sold([1, 2, 3, 4]);
  for (const index of [1, 2, 3]) {
    const hint = { resourceTypeId: "order", resourceId: idOf(index) };
    const context = { mode: "event", deadlineAt: world.clock.at + 9500 } as const;
    await expect(handleOrderEvent(world.worker(down), hint, context)).rejects.toBeInstanceOf(TransientError);
  }
  await sweepOrders(world.worker(), world.clock.at);
  expect([world.documents.size, [...world.exceptions.values()]]).toEqual([4, []]);
  sold([5]);
  await sweepOrders(world.worker(), world.clock.at);
  expect([...world.exceptions.values()].map(({ code, message }) => [code, / 2 orders /.test(message)])).toEqual([
    ["eventsMissing", true],
  ]);
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
