/** A process can die at every step of a return, an answer can be lost, IFS can commit late: one RMA, and its number on the order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../../domain/failure.ts";
import type { IfsReturnDraft } from "../../../domain/ifs-returns.ts";
import type { OrderEventDeps, OrderSweepDeps } from "../deps.ts";
import { exportOrder } from "../run.ts";
import { sweepOrders } from "../sweep.ts";
import { codes, ID, MINUTE, once } from "../testing/export.ts";
import { Killed, mortalHook } from "../testing/mortal.ts";
import {
  delivered,
  infoOf,
  itemOf,
  LINE_B,
  recordOf,
  returning,
  rmasOf,
  runOf,
  withReturns,
} from "../testing/returned.ts";
import type { World } from "../testing/world.ts";

type Death = { readonly at: number; readonly lateMs?: number | undefined };

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
  const { returns } = world;
  const at = () => world.clock.at + lateMs;
  const create = async (draft: IfsReturnDraft, deadlineMs: number) => {
    const before = returns.state.creates;
    try {
      return await deps.ifsReturns.create(draft, deadlineMs);
    } catch (error) {
      if (life.dead && returns.state.creates === before) world.returnLate(at(), () => void returns.commit(draft));
      throw error;
    }
  };
  const addLines: typeof deps.ifsReturns.addLines = async (rmaNo, lines, deadlineMs) => {
    const before = returns.state.adds;
    try {
      return await deps.ifsReturns.addLines(rmaNo, lines, deadlineMs);
    } catch (error) {
      if (life.dead && returns.state.adds === before) world.returnLate(at(), () => void returns.add(rmaNo, lines));
      throw error;
    }
  };
  return { ...deps, ifsReturns: { ...deps.ifsReturns, create, addLines } };
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

/** Only the sweep by its windows: nobody calls it for this order. */
async function untilQuiet(world: World): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    world.advance(MINUTE);
    await sweepOrders(world.worker(), world.clock.at);
  }
}

const releasing = { options: { config: returning({ mode: "createAndRelease" }) } };

const beginnings: Record<string, () => Promise<World>> = {
  "a return that was never looked at": async () => {
    const world = await delivered(releasing);
    withReturns(world, infoOf(itemOf("r1"), itemOf("r2", { lineItemId: LINE_B })));
    return world;
  },
  "a header without its second line": async () => {
    const world = await delivered(releasing);
    withReturns(world, infoOf(itemOf("r1"), itemOf("r2", { lineItemId: LINE_B })));
    world.returns.state.keepLines = 1;
    await runOf(
      world,
      "event",
      once("returns.create", "after", () => new UnknownOutcomeError("lost")),
    );
    world.returns.state.keepLines = 99;
    world.advance(10 * MINUTE);
    return world;
  },
};

const EXPORTED = { rmas: ["Released: 1 x 1 WRONG, 2 x 1 WRONG"], recorded: ["5001"], exceptions: [] };
const stateOf = (world: World) => ({
  rmas: rmasOf(world),
  recorded: recordOf(world).returns.map(({ rmaNo }) => rmaNo),
  exceptions: codes(world),
});

describe.each(Object.entries(beginnings))("%s", (_, begin) => {
  test("killed at every step", async () => {
    const steps = await work(await begin(), "sweep");
    expect(steps).toBeGreaterThan(12);
    for (let at = 0; at < steps; at += 1) {
      for (const lateMs of [undefined, 0, 9 * MINUTE]) {
        const world = await begin();
        await work(world, "sweep", { at, lateMs });
        await untilQuiet(world);
        expect({ at, lateMs, ...stateOf(world) }).toEqual({ at, lateMs, ...EXPORTED });
      }
    }
  });
});

test("workers that die, pause and meet, in any order, make one RMA of each return", async () => {
  const shift = fc.record({
    death: fc.option(fc.record({ at: fc.nat(30), lateMs: fc.constantFrom(undefined, 0, 5 * MINUTE) }), {
      nil: undefined,
    }),
    mode: fc.constantFrom("event" as const, "sweep" as const),
    pauseMs: fc.constantFrom(0, 1, 20_000, MINUTE, 11 * MINUTE),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shift, { minLength: 1, maxLength: 6 }), fc.boolean(), async (shifts, together) => {
      const world = await delivered(releasing);
      withReturns(world, infoOf(itemOf("r1")), infoOf(itemOf("r2")));
      for (const { death, mode, pauseMs } of shifts) {
        const workers = together ? [work(world, mode, death), work(world, "event")] : [work(world, mode, death)];
        await Promise.all(workers);
        world.advance(pauseMs);
      }
      await untilQuiet(world);
      expect({ rmas: rmasOf(world), exceptions: codes(world), recorded: recordOf(world).returns.length }).toEqual({
        rmas: ["Released: 1 x 1 WRONG", "Released: 1 x 1 WRONG"],
        exceptions: [],
        recorded: 2,
      });
    }),
    { numRuns: 60 },
  );
});
