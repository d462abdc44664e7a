/** Orders that lose units without being cancelled: Order Edits, and returns, also several of one line. */
import { describe, expect, it, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { OrderId, PartNo, Sku } from "../../domain/ids.ts";
import { inFlightLines, type SoldOrder, YOUNG_MS } from "../../domain/in-flight.ts";
import { remember, withTakenOff } from "../taken-off.ts";
import { MINUTE, started, sync } from "./testing/started.ts";
import { createWorld } from "./testing/world.ts";

const LAG_MS = 8000;

/** Ten pieces, of which an old order has three. The platform books late. */
async function sold() {
  const world = createWorld();
  await started({ BOLT: 10 }, world);
  const orderId = world.happen.sale("BOLT", 3) ?? "";
  world.happen.wait(2 * MINUTE);
  await sync(world);
  world.happen.wait(MINUTE);
  expect(world.quantityOf("BOLT")).toBe(7);
  world.knobs.lagMs = LAG_MS;
  return { world, orderId };
}

describe("an Order Edit that takes units off", () => {
  it.each([
    ["some", 1],
    ["all of a line", 0],
  ])("%s, which the platform puts back late, gives them back once", async (_, left) => {
    const { world, orderId } = await sold();
    world.happen.editOrder(orderId, left, { sku: "BOLT" });
    world.happen.wait(1000);
    await sync(world);
    // Another run of the same seconds knows it from the first.
    world.happen.wait(1000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.wait(LAG_MS);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBeLessThanOrEqual(10 - left);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10 - left);
  });

  it("leaves an entry below zero until they are there, where IFS has less than was sold", async () => {
    const { world, orderId } = await sold();
    world.happen.count("BOLT", 0);
    world.happen.edit("BOLT", -2);
    world.happen.editOrder(orderId, 1, { sku: "BOLT" });
    world.happen.wait(1000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(-2);
    world.happen.wait(LAG_MS);
    expect(world.quantityOf("BOLT")).toBe(0);
    world.happen.edit("BOLT", -2);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(0);
  });

  it("is given back by a later run where the platform does not do so", async () => {
    const { world, orderId } = await sold();
    world.happen.editOrder(orderId, 1);
    world.happen.wait(1000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(9);
  });

  it("between two reads of one run is seen by it", async () => {
    const { world, orderId } = await sold();
    world.happen.wait(10 * MINUTE);
    let edited = false;
    world.happen.count("BOLT", 11);
    world.interfere((call) => {
      if (call !== "bySkus" || edited) return;
      edited = true;
      world.happen.editOrder(orderId, 1, { sku: "BOLT" });
    });
    await sync(world);
    expect([edited, world.quantityOf("BOLT")]).toEqual([true, 8]);
  });
});

const NOW = Date.parse("2026-08-01T12:00:00Z");
const order = (given: Partial<SoldOrder> = {}): SoldOrder => ({
  orderId: "o1" as OrderId,
  createdAt: NOW - 600_000,
  cancelledAt: undefined,
  orderNo: undefined,
  lines: [{ lineId: "l1", sku: "BOLT" as Sku, quantity: 3, supplyChannelId: undefined }],
  returned: [],
  ...given,
});
const inFlight = (one: SoldOrder) =>
  inFlightLines(
    [one],
    { demand: [], reported: new Map() },
    {
      drawsOf: () => [{ partNo: "BOLT" as PartNo, factor: { factor: decimal(1), inverted: decimal(1) } }],
      counts: () => true,
      demandStates: [],
      now: NOW,
    },
  ).map(({ quantity }) => Number(quantity));

describe("returns of one line", () => {
  const back = (quantity: number, ago: number) => ({ lineId: "l1", quantity, at: NOW - ago });

  it.each([
    ["one", [back(1, 1000)], 4],
    ["two, each of which the platform may still be booking", [back(1, 1000), back(2, 9000)], 6],
    ["two, of which one is booked long since", [back(1, 1000), back(2, YOUNG_MS)], 4],
    ["the same pieces twice, as two items", [back(3, 1000), back(3, 2000)], 9],
  ])("%s, count beside what is ordered", (_, returned, quantity) => {
    expect(inFlight(order({ returned }))).toEqual([quantity]);
  });

  test("count beside an order that is young itself", () => {
    expect(inFlight(order({ createdAt: NOW - 1000, returned: [back(2, 500)] }))).toEqual([5]);
  });
});

describe("what an order has lost", () => {
  const smaller = (quantity: number): SoldOrder =>
    order({ lines: [{ lineId: "l1", sku: "BOLT" as Sku, quantity, supplyChannelId: undefined }] });
  const seen = (one: SoldOrder, before: Parameters<typeof withTakenOff>[1], ago = 1000) =>
    withTakenOff(one, before, { at: NOW - ago, now: NOW });

  it("counts each time, and no longer than the platform may need", () => {
    const once = seen(smaller(2), order());
    expect(inFlight(once)).toEqual([3]);
    const twice = seen(smaller(1), once);
    expect(inFlight(twice)).toEqual([3]);
    // Read again, it is the same.
    expect(inFlight(seen(smaller(1), twice))).toEqual([3]);
    expect(inFlight(seen(smaller(1), order(), YOUNG_MS))).toEqual([1]);
  });

  it("is nothing where the line grew, where nobody has seen the order before, or where it is cancelled", () => {
    expect(seen(smaller(5), order()).takenOff).toBeUndefined();
    expect(seen(smaller(1), undefined).takenOff).toBeUndefined();
    expect(seen({ ...smaller(1), cancelledAt: NOW }, order()).takenOff).toBeUndefined();
  });

  it("is remembered from run to run", () => {
    const [kept] = remember([seen(order({ lines: [] }), order())]);
    expect(inFlight(seen(order({ lines: [] }), kept))).toEqual([3]);
  });
});
