import { describe, expect, test } from "vitest";
import { UnknownOutcomeError } from "../../domain/failure.ts";
import { handleOrderEvent } from "./events.ts";
import type { ExportContext } from "./run.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { addressOf, netOrder } from "./testing/orders.ts";

describe("changes after the export", () => {
  test("a cancellation cancels the IFS order with a reason", async () => {
    const world = worldWith();
    await run(world);
    world.editOrder(ID, { orderState: "Cancelled" });
    expect([await run(world), ifsStates(world), claimOf(world).phase]).toEqual([
      { kind: "cancelled", orderNo: "P1000" },
      ["Cancelled"],
      "cancelled",
    ]);
    expect(await run(world)).toEqual({ kind: "skipped", reason: "cancelled on both sides" });
  });

  test("goods that have left are not cancelled but shown", async () => {
    const world = worldWith();
    await run(world);
    world.setState("P1000", "PartiallyDelivered");
    world.editOrder(ID, { orderState: "Cancelled" });
    expect([(await run(world)).kind, ifsStates(world), codes(world), world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["PartiallyDelivered"],
      ["heldForReview"],
      "P1000",
    ]);
  });

  test("a cancellation while the create was in doubt finds the order and cancels it", async () => {
    const world = worldWith();
    await run(
      world,
      "event",
      once("ifs.create", "after", () => new UnknownOutcomeError("lost")),
    );
    world.editOrder(ID, { orderState: "Cancelled" });
    world.advance(10 * MINUTE);
    expect([await run(world, "sweep"), ifsStates(world), world.linkOf(ID).orderNo]).toEqual([
      { kind: "cancelled", orderNo: "P1000" },
      ["Cancelled"],
      "P1000",
    ]);
  });

  test("a refused order that is cancelled closes its exception", async () => {
    const world = worldWith(netOrder({ shippingAddress: null }));
    await run(world);
    expect(codes(world)).toEqual(["addressMissing"]);
    world.editOrder(ID, { orderState: "Cancelled" });
    expect([await run(world), codes(world)]).toEqual([{ kind: "cancelled", orderNo: undefined }, []]);
  });

  test("an edit is shown once and forgotten when it is taken back; states and payments are no edits", async () => {
    const world = worldWith();
    await run(world);
    world.editOrder(ID, { shipmentState: "Shipped", orderState: "Complete", paymentState: "BalanceDue" });
    expect((await run(world)).kind).toBe("unchanged");
    world.editOrder(ID, { shippingAddress: addressOf({ city: "Bremen" }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
    const { version } = world.orders.get(ID) ?? {};
    await run(world);
    expect(world.orders.get(ID)?.version).toBe(version);
    world.editOrder(ID, { shippingAddress: addressOf() });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

describe("messages", () => {
  test("a payment brings its orders along; other resources nothing", async () => {
    const world = worldWith(netOrder({ paymentInfo: { payments: [{ typeId: "payment", id: "pay-1" }] } }));
    const context: ExportContext = { mode: "event", deadlineAt: world.clock.at + 9500 };
    const hint = (resourceTypeId: string, resourceId: string) =>
      handleOrderEvent(world.worker(), { resourceTypeId, resourceId }, context);
    expect(await hint("product", "p")).toEqual([]);
    expect(await hint("payment", "pay-1")).toEqual([{ kind: "linked", orderNo: "P1000" }]);
    expect(await hint("order", ID)).toEqual([{ kind: "unchanged", orderNo: "P1000" }]);
  });

  test("a claim that cannot be read is shown and not overwritten", async () => {
    const entry = {
      channel: { typeId: "channel", id: "channel-claim" },
      externalId: "9;new",
      syncedAt: "2026-11-20T10:01:00Z",
    };
    const world = worldWith(netOrder({ syncInfo: [entry] }));
    expect([(await run(world)).kind, codes(world), world.orders.get(ID)?.version, world.state.creates]).toEqual([
      "rejected",
      ["heldForReview"],
      4,
      0,
    ]);
  });
});
