import { describe, expect, test } from "vitest";
import { RefusedError, TransientError } from "../../domain/failure.ts";
import { createSyncInfoFallback } from "../sync-info.ts";
import { readPosition, takeClaim } from "./claim-writer.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith } from "./testing/config.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type Hook, START, type World, type WorldOptions } from "./testing/world.ts";

const MINUTE = 60_000;
const idOf = (index: number): string => `0b0c4c3c-0000-4000-8000-${String(index).padStart(12, "0")}`;

function worldOf(count: number, fields: (index: number) => object = () => ({}), options: WorldOptions = {}): World {
  const world = createWorld(options);
  for (let index = 1; index <= count; index += 1) {
    world.putOrder(netOrder({ id: idOf(index), orderNumber: `W-${index}`, ...fields(index) }));
  }
  return world;
}

const sweep = (world: World, hook?: Hook) => sweepOrders(world.worker(hook), world.clock.at);
const linked = (world: World): string[] =>
  [...world.orders.keys()].filter((id) => world.linkOf(id).orderNo !== undefined).map((id) => id.slice(-2));

describe("sweep", () => {
  test("exports everything that is due, once, and finds nothing to do afterwards", async () => {
    const world = worldOf(5);
    expect(await sweep(world)).toEqual({ processed: 5, changed: 5, failed: 0 });
    expect([world.state.creates, world.documents.size, linked(world)]).toEqual([5, 5, ["01", "02", "03", "04", "05"]]);
    world.advance(MINUTE);
    expect(await sweep(world)).toEqual({ processed: 5, changed: 0, failed: 0 });
    world.advance(60 * MINUTE);
    await sweep(world);
    world.advance(MINUTE);
    expect(await sweep(world)).toEqual({ processed: 0, changed: 0, failed: 0 });
  });

  test("a round that finds nothing new writes the window alone", async () => {
    const world = worldOf(1);
    await sweep(world);
    world.advance(MINUTE);
    const { cursors, ...deps } = world.worker();
    const written: unknown[] = [];
    const watched: typeof cursors = {
      ...cursors,
      write: (name, value, version) => {
        written.push(value);
        return cursors.write(name, value, version);
      },
    };
    await sweepOrders({ ...deps, cursors: watched }, world.clock.at);
    expect(written).toEqual([expect.objectContaining({ doneUntil: new Date(world.clock.at).toISOString() })]);
  });

  test("one bad order among many stops no other", async () => {
    const world = worldOf(7, (index) => (index === 2 ? { shippingAddress: null } : {}));
    expect(await sweep(world)).toEqual({ processed: 7, changed: 6, failed: 1 });
    expect([linked(world), [...world.exceptions.values()].map(({ code, recordLabel }) => [code, recordLabel])]).toEqual(
      [["01", "03", "04", "05", "06", "07"], [["addressMissing", "W-2"]]],
    );
  });

  test("a defect in one order is left for the next run and stops no other", async () => {
    const world = worldOf(3);
    let broken = true;
    const hook: Hook = (name, phase) => {
      if (broken && name === "ifs.salesParts" && phase === "before") {
        broken = false;
        throw new RangeError("a defect");
      }
    };
    expect(await sweep(world, hook)).toEqual({ processed: 3, changed: 2, failed: 1 });
    world.advance(MINUTE);
    expect([(await sweep(world)).changed, linked(world)]).toEqual([1, ["01", "02", "03"]]);
  });

  test("an order that no window sees any more is found because it is not linked", async () => {
    const world = worldOf(1, () => ({ paymentState: "Failed" }));
    await sweep(world);
    world.advance(24 * 60 * MINUTE);
    await sweep(world);
    world.state.config = configWith({ orders: { paymentStates: ["Failed"] } });
    world.state.configVersion = 2;
    world.advance(MINUTE);
    expect(await sweep(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
  });

  test("works where the platform refuses predicates on syncInfo", async () => {
    const world = worldOf(5);
    await sweep(world);
    world.putOrder(netOrder({ id: idOf(9), lastModifiedAt: "2026-11-20T09:00:00.000Z" }));
    const worker = world.worker();
    const page: typeof worker.orders.page = async (query) => {
      if (query.where.some((predicate) => predicate.includes("syncInfo"))) {
        throw new RefusedError("commercetools", "InvalidInput", 400, "Malformed parameter: where");
      }
      return worker.orders.page(query);
    };
    world.advance(60 * MINUTE);
    const fallback = createSyncInfoFallback(worker);
    const summary = await sweepOrders(
      { ...worker, orders: { ...worker.orders, page: fallback(page) } },
      world.clock.at,
    );
    expect([summary, linked(world)]).toEqual([
      { processed: 6, changed: 1, failed: 0 },
      ["01", "02", "03", "04", "05", "09"],
    ]);
  });

  test("an outage stops the run with the cursor before the page, and nothing is lost", async () => {
    const world = worldOf(6);
    const down: Hook = (name) => {
      if (name.startsWith("ifs.")) throw new TransientError("IFS is down");
    };
    await expect(sweep(world, down)).rejects.toThrow("IFS is down");
    expect(world.cursors.get("order-sweep")?.value).not.toHaveProperty("doneUntil");
    world.advance(MINUTE);
    expect([(await sweep(world)).changed, world.state.creates]).toEqual([6, 6]);
  });

  test("a run that nothing got through has not succeeded, even with one order", async () => {
    const world = worldOf(1);
    const down: Hook = (name) => {
      if (name.startsWith("ifs.")) throw new TransientError("IFS is down");
    };
    await expect(sweep(world, down)).rejects.toThrow("IFS is down");
    expect((await sweep(world)).changed).toBe(1);
  });

  test("time that is up ends the run after the orders begun; the next run goes on behind them", async () => {
    const world = worldOf(7);
    const slow: Hook = (name, phase) => {
      if (name === "ifs.create" && phase === "before") world.clock.at += 25_000;
    };
    const first = await sweep(world, slow);
    expect(first.message).toBe("The time was up; the next run goes on.");
    expect(first.changed).toBeGreaterThan(0);
    expect(first.changed).toBeLessThan(7);
    for (let run = 0; run < 5; run += 1) await sweep(world, slow);
    expect([linked(world).length, world.state.creates]).toEqual([7, 7]);
  });

  test("killed between any two effects: all orders, once each", async () => {
    let steps = 0;
    await sweep(worldOf(3), () => {
      steps += 1;
    });
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf(3);
      let step = 0;
      await sweep(world, () => {
        step += 1;
        if (step > at) throw new Error("killed");
      }).catch(() => {});
      for (let run = 0; run < 8; run += 1) {
        world.advance(5 * MINUTE);
        await sweep(world);
      }
      expect({ at, creates: world.documents.size, linked: linked(world) }).toEqual({
        at,
        creates: 3,
        linked: ["01", "02", "03"],
      });
    }
  });

  test("two sweeps at once export each order once", async () => {
    const world = worldOf(6);
    const both = await Promise.allSettled([sweep(world), sweep(world)]);
    expect(both.some(({ status }) => status === "fulfilled")).toBe(true);
    expect([world.state.creates, world.documents.size]).toEqual([6, 6]);
  });

  test("an expired claim of a dead worker is taken over", async () => {
    const world = worldOf(1);
    const dying: Hook = (name) => {
      if (name === "ifs.create") throw new Error("dead");
    };
    await sweep(world, dying).catch(() => {});
    expect(world.clock.at).toBe(START);
    world.advance(10 * MINUTE);
    expect((await sweep(world)).changed).toBe(0);
    world.advance(2 * MINUTE);
    expect([(await sweep(world)).changed, world.documents.size]).toEqual([1, 1]);
  });
});

describe("linked orders with an open exception", () => {
  const DAY = 24 * 60 * MINUTE;

  /** Linked long ago, and shown since: no window sees them any more. */
  async function shown(): Promise<World> {
    const world = worldOf(3);
    await sweep(world);
    const [first] = world.documents.values();
    if (!first) throw new Error("not created");
    world.documents.set("P9", { ...first, order: { ...first.order, orderNo: "P9" as never } });
    const { newestAt, claim } = world.linkOf(idOf(1));
    if (claim.kind !== "claim") throw new Error("not claimed");
    const worker = world.worker();
    const at = await readPosition(worker, idOf(1) as never);
    if (!at) throw new Error("no order");
    await takeClaim(worker, at, { ...claim.claim, code: "ifsDuplicate" });
    expect(newestAt).toBeGreaterThan(0);
    world.advance(DAY);
    await sweep(world);
    world.advance(DAY);
    await sweep(world);
    return world;
  }

  test("stay shown while two of them are in IFS, and are cured without an event once one is cancelled there", async () => {
    const world = await shown();
    const codesNow = () => [...world.exceptions.values()].map(({ code, recordId }) => [code, recordId]);
    expect(codesNow()).toEqual([["ifsDuplicate", idOf(1)]]);
    world.setState("P9", "Cancelled");
    world.advance(DAY);
    await sweep(world);
    expect(codesNow()).toEqual([]);
  });

  test("are asked for every ten minutes, not with every run", async () => {
    const world = await shown();
    const looks: string[] = [];
    for (let minute = 0; minute < 21; minute += 1) {
      world.advance(MINUTE);
      await sweep(world, (name, phase) => {
        if (name === "ifs.find" && phase === "before") looks.push(name);
      });
    }
    expect(looks.length).toBe(2);
  });
});
