/** A process can die at every step, an answer can be lost at every step, IFS can commit late: one IFS order, and its link. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import type { OrderEventDeps, OrderSweepDeps } from "./deps.ts";
import { exportOrder } from "./run.ts";
import { Killed, mortalHook } from "./testing/mortal.ts";
import { addressOf, netOrder } from "./testing/orders.ts";
import { createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const ID = netOrder().id as OrderId;

type Death = {
  /** Number of the hook call (before and after each effect) at which the process dies. */
  readonly at: number;
  /** A create that dies is committed this much later; undefined: it dies with the process. */
  readonly lateMs?: number;
};

/** Deps of a process that dies at a step: from then on nothing it does has an effect. */
function mortal(world: World, death: Death | undefined) {
  const { hook, life } = mortalHook(death?.at);
  const deps = world.worker(hook);
  return { deps: death?.lateMs === undefined ? deps : withLateCommits(world, deps, life, death.lateMs), life };
}

/** What was on its way to IFS when the process died arrives late. */
function withLateCommits(
  world: World,
  deps: OrderEventDeps & OrderSweepDeps,
  life: { readonly dead: boolean },
  lateMs: number,
): OrderEventDeps & OrderSweepDeps {
  const before = { creates: world.state.creates, adds: world.state.adds };
  const create = async (draft: IfsOrderDraft, deadlineMs: number) => {
    try {
      return await deps.ifsOrders.create(draft, deadlineMs);
    } catch (error) {
      if (life.dead && world.state.creates === before.creates) world.commitLate(world.clock.at + lateMs, draft);
      throw error;
    }
  };
  const addMissing: typeof deps.ifsOrders.addMissing = async (document, draft, deadlineMs) => {
    try {
      return await deps.ifsOrders.addMissing(document, draft, deadlineMs);
    } catch (error) {
      if (life.dead && world.state.adds === before.adds) world.addLate(world.clock.at + lateMs, document, draft);
      throw error;
    }
  };
  return { ...deps, ifsOrders: { ...deps.ifsOrders, create, addMissing } };
}

async function work(world: World, mode: "event" | "sweep", death?: Death): Promise<number> {
  const { deps, life } = mortal(world, death);
  try {
    await exportOrder(deps, ID, { mode, deadlineAt: world.clock.at + (mode === "event" ? 9500 : MINUTE) });
  } catch (error) {
    if (!(error instanceof Killed) && !(error instanceof TransientError)) throw error;
  }
  return life.steps;
}

/** The sweep, now and then for two hours: nothing is left to do long before. */
async function untilQuiet(world: World): Promise<void> {
  for (let round = 0; round < 16; round += 1) {
    world.advance(7.5 * MINUTE);
    await work(world, "sweep");
  }
}

const stateOf = (world: World) => ({
  live: [...world.documents.values()]
    .filter(({ order }) => order.state !== "Cancelled")
    .map(({ order }) => order.state),
  rows: [...world.documents.values()].map(({ lines, charges }) => [lines.length, charges.length]),
  linked: world.documents.has(world.linkOf(ID).orderNo ?? ""),
  exceptions: [...world.exceptions.values()].map(({ code }) => code),
});
const EXPORTED = { live: ["Released"], rows: [[2, 1]], linked: true, exceptions: [] };

const EDIT = { shippingAddress: addressOf({ streetName: "Neue Allee" }), purchaseOrderNumber: "PO-NEW" };

/** What IFS has is the edit, or the edit is in the inbox; nothing is released in silence with what was before. */
function toldOf(world: World) {
  const orders = [...world.documents.values()];
  const edited = orders.every(({ order }) => world.sent.get(order.orderNo)?.shipTo?.address1 === "Neue Allee 7");
  const { exceptions, linked, live } = stateOf(world);
  const told = exceptions.length === 1 || (edited && linked && exceptions.length === 0 && live[0] === "Released");
  return { orders: orders.length, told };
}

/** Orders that begin in different places. */
const beginnings: Record<string, (syncInfo: "replace" | "append") => Promise<World>> = {
  "an order that was never claimed": async (syncInfo) => fresh({ syncInfo }),
  "an order older than the installation": async (syncInfo) =>
    fresh({ syncInfo, activationStamp: "2026-11-21T00:00:00.000Z" }),
  "an order that was created but not recorded": async (syncInfo) => {
    const world = fresh({ syncInfo });
    await lose(world);
    return world;
  },
  "a half-built order": async (syncInfo) => {
    const world = fresh({ syncInfo });
    world.state.keepRows = 1;
    await lose(world);
    world.state.keepRows = Number.POSITIVE_INFINITY;
    return world;
  },
  "a refused order that was repaired": async (syncInfo) => {
    const world = fresh({ syncInfo });
    const { salesParts } = world.state;
    world.state.salesParts = [];
    await work(world, "event");
    world.state.salesParts = salesParts;
    world.state.configVersion = 2;
    return world;
  },
};

function fresh(options: { syncInfo: "replace" | "append"; activationStamp?: string }): World {
  const world = createWorld(options);
  world.putOrder(netOrder());
  return world;
}

async function lose(world: World): Promise<void> {
  const deps = world.worker((name, phase) => {
    if (name === "ifs.create" && phase === "after") throw new UnknownOutcomeError("lost");
  });
  await exportOrder(deps, ID, { mode: "event", deadlineAt: world.clock.at + 9500 });
  world.advance(10 * MINUTE);
}

describe.each(Object.entries(beginnings))("%s", (_, begin) => {
  test.each(["replace", "append"] as const)("killed at every step, with %s", async (syncInfo) => {
    const steps = await work(await begin(syncInfo), "sweep");
    expect(steps).toBeGreaterThan(8);
    for (let at = 0; at < steps; at += 1) {
      for (const lateMs of [undefined, 0, 9 * MINUTE]) {
        const world = await begin(syncInfo);
        await work(world, "sweep", { at, lateMs });
        await untilQuiet(world);
        expect({ at, lateMs, ...stateOf(world) }).toEqual({ at, lateMs, ...EXPORTED });
      }
    }
  });

  test("killed at every step, and once more at every step of the recovery", async () => {
    const steps = await work(await begin("append"), "sweep");
    for (let first = 0; first < steps; first += 1) {
      // Every second pair, so that each step is the second death of many first ones.
      for (let second = first % 2; second < steps + 6; second += 2) {
        const world = await begin("append");
        await work(world, "sweep", { at: first, lateMs: 9 * MINUTE });
        world.advance(12 * MINUTE);
        await work(world, "sweep", { at: second, lateMs: 9 * MINUTE });
        await untilQuiet(world);
        expect({ first, second, ...stateOf(world) }).toEqual({ first, second, ...EXPORTED });
      }
    }
  });

  test("killed at every step and edited before the recovery: IFS has the edit, or a person is told", async () => {
    const steps = await work(await begin("append"), "sweep");
    for (let at = 0; at < steps; at += 1) {
      for (const lateMs of [undefined, 0, 9 * MINUTE]) {
        const world = await begin("append");
        await work(world, "sweep", { at, lateMs });
        world.editOrder(ID, EDIT);
        await untilQuiet(world);
        expect({ at, lateMs, ...toldOf(world) }).toEqual({ at, lateMs, orders: 1, told: true });
      }
    }
  });

  test("edited by the shop between any two steps of a process that lives on: the same", async () => {
    const steps = await work(await begin("append"), "sweep");
    for (let at = 0; at < steps; at += 1) {
      const world = await begin("append");
      let step = 0;
      const deps = world.worker(() => {
        if (step === at) world.editOrder(ID, EDIT);
        step += 1;
      });
      await exportOrder(deps, ID, { mode: "sweep", deadlineAt: world.clock.at + MINUTE });
      await untilQuiet(world);
      expect({ at, ...toldOf(world) }).toEqual({ at, orders: 1, told: true });
    }
  });

  test("every answer lost once: the process lives on", async () => {
    const steps = await work(await begin("append"), "sweep");
    for (let at = 0; at < steps; at += 1) {
      const world = await begin("append");
      let step = 0;
      const deps = world.worker((name, phase) => {
        step += 1;
        if (step !== at + 1) return;
        if (name === "ifs.create" || name === "ifs.addMissing") throw new UnknownOutcomeError(`${name} lost`);
        throw new TransientError(`${name} failed ${phase}`);
      });
      await exportOrder(deps, ID, { mode: "sweep", deadlineAt: world.clock.at + MINUTE }).catch((error: unknown) => {
        if (!(error instanceof TransientError)) throw error;
      });
      await untilQuiet(world);
      expect({ at, ...stateOf(world) }).toEqual({ at, ...EXPORTED });
    }
  });
});

describe("several workers", () => {
  test("in every order of their steps: one create, one link", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, workers) => {
        const world = fresh({ syncInfo: "append" });
        const run = async (index: number) => {
          const deps = world.worker(() => scheduler.schedule(Promise.resolve(), `worker ${index}`));
          await exportOrder(deps, ID, { mode: "event", deadlineAt: world.clock.at + 9500 }).catch((error: unknown) => {
            if (!(error instanceof TransientError)) throw error;
          });
        };
        await scheduler.waitFor(Promise.all(Array.from({ length: workers }, (__, index) => run(index))));
        expect({ creates: world.state.creates, ...stateOf(world) }).toEqual({ creates: 1, ...EXPORTED });
      }),
      { numRuns: 200 },
    );
  });

  test("random deaths, late commits, edits of the shop and pauses of workers end in one order", async () => {
    const event = fc.record({
      at: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined }),
      lateMs: fc.option(fc.integer({ min: 0, max: 9 * MINUTE }), { nil: undefined }),
      mode: fc.constantFrom("event" as const, "sweep" as const),
      edit: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 13 * MINUTE }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("replace" as const, "append" as const),
        async (events, syncInfo) => {
          const world = fresh({ syncInfo });
          for (const { at, lateMs, mode, edit, waitMs } of events) {
            if (edit) world.editOrder(ID, { shipmentState: "Pending" });
            await work(world, mode, at === undefined ? undefined : { at, lateMs });
            world.advance(waitMs);
          }
          await untilQuiet(world);
          expect(stateOf(world)).toEqual(EXPORTED);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a worker that slept past its lease and the wait finds that another has finished", async () => {
    const world = fresh({ syncInfo: "append" });
    let woken = false;
    const sleeper = world.worker(async (name, phase) => {
      if (name !== "ifs.release" || phase !== "before" || woken) return;
      woken = true;
      world.advance(12 * MINUTE);
      await work(world, "sweep");
    });
    const outcome = await exportOrder(sleeper, ID, { mode: "sweep", deadlineAt: world.clock.at + MINUTE });
    expect([outcome.kind, world.state.creates, stateOf(world)]).toEqual(["waiting", 1, EXPORTED]);
  });
});
