import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { BarredError, RefusedError, TransientError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { barringId, barringRow } from "./barred.ts";
import { exportOrder } from "./run.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith } from "./testing/config.ts";
import { MINUTE, once } from "./testing/export.ts";
import { netOrder } from "./testing/orders.ts";
import { infoOf, itemOf, LINE_A, returning } from "./testing/returned.ts";
import { createWorld, type Hook, type World, type WorldOptions } from "./testing/world.ts";

const SET = "SalesPartHandling.svc/SalesPartSet";
const ORDERS = "CustomerOrderHandling.svc/$batch";
const notGranted = (resource = SET): Error =>
  new RefusedError("ifs", "grantMissing", 403, `the service user may not use ${resource} (Forbidden)`, { resource });
const unknownName = (): Error =>
  new RefusedError("ifs", "http400", 400, "The property 'CatalogNr' is not defined in type 'SalesPart'.", {
    resource: SET,
  });

const idOf = (index: number): string => `0b0c4c3c-0000-4000-8000-${String(index).padStart(12, "0")}`;
function worldOf(count: number, options: WorldOptions = {}): World {
  const world = createWorld(options);
  for (let at = 1; at <= count; at += 1) world.putOrder(netOrder({ id: idOf(at), orderNumber: `W-${at}` }));
  return world;
}

/** Refuses one kind of request for as long as it is not granted, and counts what is written to orders. */
function barring(effect: string, error: () => Error) {
  const state = { granted: false, tried: 0, updates: 0 };
  const hook: Hook = (name, phase) => {
    if (phase !== "before") return;
    if (name === "orders.update") state.updates += 1;
    if (name !== effect || state.granted) return;
    state.tried += 1;
    throw error();
  };
  return { state, hook };
}

const told = (world: World) =>
  [...world.exceptions.values()].map(({ code, owner, recordType, recordId }) => [code, owner, recordType, recordId]);
const versions = (world: World) => [...world.orders.values()].map(({ version }) => version);
const linkedOf = (world: World) =>
  [...world.orders.keys()].filter((id) => world.linkOf(id).orderNo !== undefined).length;

describe.each([
  ["a lost grant", notGranted, "grantMissing", "ifsAdministrator"],
  ["a name that IFS does not know", unknownName, "bindingWrong", "operator"],
] as const)("%s on a read", (_, error, code, owner) => {
  test("is one exception for all orders, which wait untouched and go by themselves", async () => {
    const world = worldOf(8);
    const { state, hook } = barring("ifs.salesParts", error);
    const before = versions(world);
    for (let run = 0; run < 8; run += 1) {
      expect(await sweepOrders(world.worker(hook), world.clock.at)).toMatchObject({
        processed: 8,
        changed: 0,
        failed: 8,
      });
      world.advance(10 * MINUTE);
    }
    expect([told(world), state.updates, versions(world)]).toEqual([[[code, owner, "flow", SET]], 0, before]);
    const { message, action } = [...world.exceptions.values()][0] ?? {};
    expect(message).toContain("8 orders wait, W-1 among them");
    expect(message).toContain(code === "grantMissing" ? "CT_CONNECTOR may not use" : "CatalogNr");
    expect(action).toContain(code === "grantMissing" ? "Grant the projection SalesPartHandling " : "`ifs.binding`");
    state.granted = true;
    expect(await sweepOrders(world.worker(hook), world.clock.at)).toMatchObject({ changed: 8, failed: 0 });
    expect([told(world), linkedOf(world)]).toEqual([[], 8]);
  });

  test("refuses the event, which comes again", async () => {
    const world = worldOf(1);
    const { state, hook } = barring("ifs.salesParts", error);
    const event = () =>
      exportOrder(world.worker(hook), idOf(1) as OrderId, { mode: "event", deadlineAt: world.clock.at + 9500 });
    for (let delivery = 0; delivery < 8; delivery += 1) await expect(event()).rejects.toBeInstanceOf(BarredError);
    expect([told(world), state.updates]).toEqual([[], 0]);
    state.granted = true;
    expect(await event()).toMatchObject({ kind: "linked" });
  });
});

describe("a lost grant on the create", () => {
  test("is tried with a few orders, and holds back the others before they are claimed", async () => {
    const world = worldOf(12);
    const { state, hook } = barring("ifs.create", () => notGranted(ORDERS));
    const worker = world.worker(hook);
    await sweepOrders(worker, world.clock.at);
    // With two orders at a time, one more than three may have passed the gate.
    expect([told(world), state.tried <= 4]).toEqual([[["grantMissing", "ifsAdministrator", "flow", ORDERS]], true]);
    expect([...world.exceptions.values()][0]?.message).toContain("12 orders wait");
    for (let run = 0; run < 8; run += 1) {
      world.advance(10 * MINUTE);
      await sweepOrders(worker, world.clock.at);
    }
    expect(told(world)).toEqual([["grantMissing", "ifsAdministrator", "flow", ORDERS]]);
    state.granted = true;
    world.advance(10 * MINUTE);
    await sweepOrders(worker, world.clock.at);
    expect([told(world), linkedOf(world), world.documents.size]).toEqual([[], 12, 12]);
  });

  test("that only one order meets holds back no other", async () => {
    const world = worldOf(5);
    let asked: string | undefined;
    const hook: Hook = (name, phase) => {
      if (name === "ifs.create" && phase === "before" && asked === idOf(1)) throw notGranted(ORDERS);
    };
    const worker = world.worker(hook);
    for (let round = 0; round < 4; round += 1) {
      for (let at = 1; at <= 5; at += 1) {
        asked = idOf(at);
        const deadlineAt = world.clock.at + MINUTE;
        await exportOrder(worker, asked as OrderId, { mode: "sweep", deadlineAt }).catch((error: unknown) => {
          if (!(error instanceof BarredError)) throw error;
        });
      }
      world.advance(MINUTE);
    }
    expect([linkedOf(world), world.documents.size]).toEqual([4, 4]);
  });

  test("after which something is in IFS is no grant that all wait for", async () => {
    const world = worldOf(1);
    const half = () =>
      new RefusedError("ifs", "grantMissing", 403, "IFS order P1 has 1 of 3 lines; it was not released");
    const { hook } = barring("ifs.create", half);
    await sweepOrders(world.worker(hook), world.clock.at);
    expect(told(world)).toEqual([["ifsRefused", "ifsAdministrator", "order", idOf(1)]]);
  });
});

test("a lost grant on the release gives the order back, and it goes on where it stood", async () => {
  const world = worldOf(2);
  const { state, hook } = barring("ifs.release", () => notGranted("CustomerOrderHandling.svc/CustomerOrderSet"));
  for (let run = 0; run < 7; run += 1) {
    await sweepOrders(world.worker(hook), world.clock.at);
    world.advance(10 * MINUTE);
  }
  expect([told(world).map(([code]) => code), world.state.creates]).toEqual([["grantMissing"], 2]);
  state.granted = true;
  await sweepOrders(world.worker(hook), world.clock.at);
  expect([told(world), linkedOf(world), world.documents.size]).toEqual([[], 2, 2]);
});

test("an exception that only an event has opened closes with a run that nothing bars", async () => {
  const world = worldOf(1);
  const error = new BarredError("grantMissing", "not granted", { resource: SET });
  world.exceptions.set(barringId(error), {
    id: barringId(error),
    ...barringRow({ error, first: "W-1", orders: 1 }, "CT_CONNECTOR"),
  });
  await sweepOrders(world.worker(), world.clock.at);
  expect([told(world), linkedOf(world)]).toEqual([[], 1]);
});

describe("a lost grant on RMAs", () => {
  const RMAS = "ReturnMaterialHandling.svc/$batch";
  const delivered = async (count: number) => {
    const world = worldOf(count, { config: returning({ mode: "createAndRelease" }) });
    await sweepOrders(world.worker(), world.clock.at);
    for (const id of [...world.orders.keys()]) {
      const { orderNo } = world.linkOf(id);
      if (orderNo === undefined) throw new Error("not exported");
      world.setState(orderNo, "Delivered");
      world.setLine(orderNo, LINE_A, { state: "Delivered", qtyShipped: decimal(3) });
      world.editOrder(id, { returnInfo: [infoOf(itemOf("r1"))] });
    }
    return world;
  };

  test.each(["returns.create", "returns.release", "returns.find"])(
    "(%s) is one exception for all returns, which wait without an attempt and go by themselves",
    async (effect) => {
      const world = await delivered(8);
      const { state, hook } = barring(effect, () => notGranted(RMAS));
      const worker = world.worker(hook);
      for (let run = 0; run < 8; run += 1) {
        world.advance(10 * MINUTE);
        await sweepOrders(worker, world.clock.at);
      }
      expect(told(world)).toEqual([["grantMissing", "ifsAdministrator", "flow", RMAS]]);
      expect([...world.exceptions.values()][0]?.message).toMatch(/^\d orders wait/);
      // Held back after three in vain: far fewer requests than orders and runs.
      expect(effect !== "returns.create" || state.tried <= 8 * 4).toBe(true);
      state.granted = true;
      for (let run = 0; run < 4; run += 1) {
        world.advance(MINUTE);
        await sweepOrders(worker, world.clock.at);
      }
      expect([told(world), world.returns.rmas.size, world.returns.state.creates]).toEqual([[], 8, 8]);
      expect([...world.returns.rmas.values()].map(({ state: rma }) => rma)).toEqual(Array(8).fill("Released"));
    },
  );
});

test("a lost grant on the copy of a customer is no refusal of each buyer", async () => {
  const shopper = {
    id: "11111111-1111-4111-8111-111111111111",
    version: 4,
    email: "a@example.com",
    firstName: "A",
    lastName: "M",
  };
  const world = createWorld({ config: configWith({ route: { customers: { policy: "own", template: "TEMPLATE" } } }) });
  world.customers.put({ customerId: "TEMPLATE", name: "T" });
  world.customers.shoppers.set(shopper.id, shopper);
  world.putOrder(netOrder({ customerId: shopper.id }));
  const { state, hook } = barring("ifs.copyCustomer", () => notGranted("CustomerHandling.svc/CopyCustomer"));
  await sweepOrders(world.worker(hook), world.clock.at);
  expect(told(world)).toEqual([["grantMissing", "ifsAdministrator", "flow", "CustomerHandling.svc/CopyCustomer"]]);
  state.granted = true;
  await sweepOrders(world.worker(hook), world.clock.at);
  expect([told(world), linkedOf(world)]).toEqual([[], 1]);
});

test("more exceptions of this kind than a position holds stop no later run, and all close", async () => {
  const world = worldOf(1);
  for (let at = 0; at < 120; at += 1) {
    const error = new BarredError("grantMissing", "not granted", { resource: `${at}.svc/Set` });
    const row = barringRow({ error, first: "W-1", orders: 1 }, "CT_CONNECTOR");
    world.exceptions.set(barringId(error), { id: barringId(error), ...row });
  }
  const death = once("exceptions.close", "before", () => new TransientError("killed"));
  await expect(sweepOrders(world.worker(death), world.clock.at)).rejects.toThrow("killed");
  expect(told(world)).toHaveLength(120);
  for (let round = 0; round < 4; round += 1) {
    world.advance(10 * MINUTE);
    await sweepOrders(world.worker(), world.clock.at);
  }
  expect([told(world), linkedOf(world)]).toEqual([[], 1]);
});
