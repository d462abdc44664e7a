import { describe, expect, test } from "vitest";
import { sweepOrders } from "./sweep.ts";
import { ID, run } from "./testing/export.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type Hook, type World } from "./testing/world.ts";

const SHOWN_AGAIN_MS = 600_000;
const codesNow = (world: World) => [...world.exceptions.values()].map(({ code }) => code);

/** The order lacks an address and is refused; its worker sleeps when the claim says so and the exception does not yet. */
async function slept(meanwhile: (world: World) => Promise<void>): Promise<World> {
  const world = createWorld();
  world.putOrder(netOrder({ id: ID, shippingAddress: null }));
  let asleep = false;
  const sleep: Hook = async (name, phase) => {
    if (asleep || name !== "exceptions.open" || phase !== "before") return;
    asleep = true;
    await meanwhile(world);
  };
  await run(world, "event", sleep);
  expect(asleep).toBe(true);
  return world;
}

async function exported(world: World): Promise<void> {
  world.putOrder(netOrder({ id: ID, syncInfo: world.orders.get(ID)?.syncInfo }));
  await run(world, "person");
  expect(world.linkOf(ID).orderNo).toBeDefined();
}

const sweep = (world: World, hook?: Hook) => sweepOrders(world.worker(hook), world.clock.at);

describe("an exception that was stored when others had linked the order already", () => {
  test("is there, and closes when what is shown is looked at again", async () => {
    const world = await slept(exported);
    expect(codesNow(world)).toEqual(["addressMissing"]);
    await sweep(world);
    world.advance(SHOWN_AGAIN_MS);
    await sweep(world);
    expect(codesNow(world)).toEqual([]);
    expect(world.state.creates).toBe(1);
  });

  test("stays when somebody meets another reason between the look and the closing", async () => {
    const world = await slept(exported);
    const other: Hook = (name, phase) => {
      if (name !== "exceptions.closeAsSeen" || phase !== "before") return;
      for (const [id, row] of world.exceptions) world.exceptions.set(id, { ...row, code: "heldForReview" });
    };
    await sweep(world, other);
    expect(codesNow(world)).toEqual(["heldForReview"]);
  });
});

test("an exception whose code the claim says is not taken away, so that its age is kept", async () => {
  const world = createWorld();
  world.putOrder(netOrder({ id: ID, shippingAddress: null }));
  await run(world);
  const closed: string[] = [];
  await sweep(world, (name) => {
    if (name === "exceptions.closeAsSeen") closed.push(name);
  });
  expect([codesNow(world), closed]).toEqual([["addressMissing"], []]);
});
