/** A worker sleeps past its claim and past all waits, then its create arrives all the same: nothing of it stays unseen. */
import { describe, expect, test } from "vitest";
import { RefusedError, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import { exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { addressOf, netOrder } from "./testing/orders.ts";
import type { Hook, World } from "./testing/world.ts";

/** While the first worker's create is on its way, others do all that they may. */
function slept(others: () => Promise<unknown>, and: Hook = () => {}): Hook {
  let done = false;
  return async (name, phase) => {
    await and(name, phase);
    if (done || name !== "ifs.create" || phase !== "before") return;
    done = true;
    await others();
  };
}

const exportedByAnother = (world: World) => async () => {
  world.advance(12 * MINUTE);
  expect((await run(world, "sweep")).kind).toBe("linked");
};

describe("a create that arrives after another worker has created the order", () => {
  test.each([true, false])("is cancelled again, and the other one stays linked (release: %s)", async (release) => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { release } }) });
    const outcome = await run(world, "event", slept(exportedByAnother(world)));
    expect([outcome.kind, ifsStates(world), world.linkOf(ID).orderNo, codes(world)]).toEqual([
      "waiting",
      [release ? "Released" : "Planned", "Cancelled"],
      "P1000",
      [],
    ]);
    expect(world.journal.map(({ event, detail }) => [event, detail.orderNo])).toEqual([
      ["order-linked", "P1000"],
      ["second-order-cancelled", "P1001"],
    ]);
  });

  test("is shown with a proposal where IFS will not cancel it, and stays shown until it is cancelled there", async () => {
    const world = worldWith();
    const refuses: Hook = (name, phase) => {
      if (name === "ifs.cancel" && phase === "before") throw new RefusedError("ifs", "ORA-20110", 500, "no right");
    };
    const outcome = await run(world, "event", slept(exportedByAnother(world), refuses));
    expect([outcome.kind, codes(world), claimOf(world).code, world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["ifsDuplicate"],
      "ifsDuplicate",
      "P1000",
    ]);
    expect([...world.exceptions.values()][0]).toMatchObject({
      message: "IFS has more than one order with the reference of this order: P1001 (Planned) beside P1000.",
      action:
        "Keep P1000, which is the one of this order, and cancel P1001 in IFS before its goods leave. This closes by itself once IFS shows that it is cancelled.",
      owner: "operator",
    });
    // An event about the order that is unchanged, and an edit of it, close nothing while both are there.
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["ifsDuplicate"]]);
    world.editOrder(ID, { shippingAddress: addressOf({ streetName: "Neue Allee" }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["ifsDuplicate"]]);
    world.editOrder(ID, { shippingAddress: addressOf() });
    world.state.visible = false;
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["ifsDuplicate"]]);
    world.state.visible = true;
    world.setState("P1001", "Cancelled");
    expect([(await run(world)).kind, codes(world), claimOf(world).code]).toEqual(["unchanged", [], ""]);
  });

  test("is not cancelled where a person has released it", async () => {
    const world = worldWith();
    const released: Hook = (name, phase) => {
      if (name === "ifs.create" && phase === "after" && world.documents.has("P1001"))
        world.setState("P1001", "Released");
    };
    const outcome = await run(world, "event", slept(exportedByAnother(world), released));
    expect([outcome.kind, ifsStates(world), codes(world)]).toEqual([
      "held",
      ["Released", "Released"],
      ["ifsDuplicate"],
    ]);
  });

  test("and whose answer gets lost as well is shown", async () => {
    const world = worldWith();
    const lost: Hook = (name, phase) => {
      if (name === "ifs.create" && phase === "after" && world.documents.size === 2)
        throw new UnknownOutcomeError("lost");
    };
    const outcome = await run(world, "event", slept(exportedByAnother(world), lost));
    expect([outcome.kind, ifsStates(world), codes(world)]).toEqual(["held", ["Released", "Planned"], ["ifsDuplicate"]]);
  });

  test("is shown where IFS does not answer the look-up", async () => {
    const world = worldWith();
    const down: Hook = (name, phase) => {
      if (name === "ifs.find" && phase === "before" && world.documents.size === 2)
        throw new TransientError("IFS is down");
    };
    const outcome = await run(world, "event", slept(exportedByAnother(world), down));
    expect([outcome.kind, codes(world)]).toEqual(["held", ["ifsDuplicate"]]);
  });

  test("of an order that was cancelled meanwhile is cancelled too", async () => {
    const world = worldWith();
    const cancelled = async () => {
      world.advance(12 * MINUTE);
      world.editOrder(ID, { orderState: "Cancelled" });
      expect((await run(world, "sweep")).kind).toBe("cancelled");
    };
    await run(world, "event", slept(cancelled));
    expect([ifsStates(world), codes(world)]).toEqual([["Cancelled"], []]);
  });

  test("is left to the other worker where that one has not created anything yet", async () => {
    const world = worldWith();
    const inDoubt = async () => {
      world.advance(12 * MINUTE);
      await run(
        world,
        "sweep",
        once("ifs.create", "before", () => new UnknownOutcomeError("lost")),
      );
    };
    await run(world, "event", slept(inDoubt));
    expect([ifsStates(world), codes(world), claimOf(world).phase]).toEqual([["Planned"], [], "unknown"]);
    world.advance(12 * MINUTE);
    expect([await run(world, "sweep"), ifsStates(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, ["Released"]]);
  });

  test("waits for the other worker's create that is still on its way", async () => {
    const world = worldWith();
    const sleepers: (() => void)[] = [];
    let other: Promise<unknown> | undefined;
    const begun = async () => {
      world.advance(12 * MINUTE);
      await new Promise<void>((reached) => {
        other = run(world, "sweep", async (name, phase) => {
          if (name !== "ifs.create" || phase !== "before") return;
          reached();
          await new Promise<void>((wake) => sleepers.push(wake));
        });
      });
    };
    const worker = world.worker(slept(begun));
    const first = exportOrder(
      {
        ...worker,
        clock: {
          ...worker.clock,
          sleep: async (ms) => {
            world.clock.at += ms;
            for (const wake of sleepers.splice(0)) wake();
            await other;
          },
        },
      },
      ID,
      { mode: "event", deadlineAt: world.clock.at + 9500 },
    );
    expect([(await first).kind, ifsStates(world), world.linkOf(ID).orderNo, codes(world)]).toEqual([
      "waiting",
      ["Cancelled", "Released"],
      "P1001",
      [],
    ]);
  });
});
