import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import { handleOrderEvent } from "./events.ts";
import type { ExportContext } from "./run.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { addressOf, eur, netOrder, rateOf, taxedOf } from "./testing/orders.ts";
import type { Hook } from "./testing/world.ts";

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

  test.each([
    ...(["Planned", "Released", "Blocked", "Reserved", "Picked"] as const).map(
      (state) => [state, "cancelled"] as const,
    ),
    ...(["PartiallyDelivered", "Delivered", "Invoiced"] as const).map((state) => [state, "held"] as const),
  ])("a cancellation at %s ends as %s", async (state, kind) => {
    const world = worldWith();
    await run(world);
    world.setState("P1000", state);
    world.editOrder(ID, { orderState: "Cancelled" });
    const shown = kind === "held" ? ["heldForReview"] : [];
    expect([(await run(world)).kind, ifsStates(world), codes(world)]).toEqual([
      kind,
      [kind === "held" ? state : "Cancelled"],
      shown,
    ]);
  });

  test("a Blocked order that is cancelled is shown no longer, even if the work dies with its record", async () => {
    const blocked = async () => {
      const world = worldWith();
      world.state.releaseTo = "Blocked";
      await run(world);
      expect(codes(world)).toEqual(["ifsBlocked"]);
      world.editOrder(ID, { orderState: "Cancelled" });
      return world;
    };
    const world = await blocked();
    expect([(await run(world)).kind, codes(world)]).toEqual(["cancelled", []]);

    const killed = await blocked();
    let recorded = false;
    const death: Hook = (name, phase) => {
      if (recorded) throw new TransientError("killed");
      recorded = name === "orders.update" && phase === "after" && claimOf(killed).phase === "cancelled";
    };
    await expect(run(killed, "event", death)).rejects.toThrow("killed");
    expect((await run(killed)).kind).toBe("skipped");
    expect([ifsStates(killed), codes(killed)]).toEqual([["Cancelled"], []]);
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

  test("custom fields are no edits: the connector itself writes some, and others theirs", async () => {
    const world = worldWith();
    await run(world);
    const [line, ...others] = netOrder().lineItems as object[];
    world.editOrder(ID, {
      custom: { type: { typeId: "type", id: "t" }, fields: { ifsOrderState: "Released" } },
      lineItems: [
        { ...line, custom: { type: { typeId: "type", id: "l" }, fields: { promised: "2026-12-01" } } },
        ...others,
      ],
    });
    expect([await run(world), codes(world)]).toEqual([{ kind: "unchanged", orderNo: "P1000" }, []]);
  });

  test("an edit is shown once and forgotten when it is taken back; states and payments are no edits", async () => {
    const world = worldWith();
    await run(world);
    world.editOrder(ID, { shipmentState: "Shipped", orderState: "Complete", paymentState: "BalanceDue" });
    expect((await run(world)).kind).toBe("unchanged");
    world.setState("P1000", "Picked");
    world.editOrder(ID, { shippingAddress: addressOf({ city: "Bremen" }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
    const { version } = world.orders.get(ID) ?? {};
    await run(world);
    expect(world.orders.get(ID)?.version).toBe(version);
    world.editOrder(ID, { shippingAddress: addressOf() });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

test("an order of custom line items alone is refused before anything is sent", async () => {
  const item = {
    id: "c1",
    slug: "gift-wrap",
    name: { en: "wrap" },
    money: eur(100),
    quantity: 1,
    totalPrice: eur(100),
  };
  const taxed = { taxedPrice: taxedOf(100, 119), taxRate: rateOf(0.19, false) };
  const world = worldWith(
    netOrder({
      lineItems: [],
      customLineItems: [{ ...item, ...taxed }],
      shippingInfo: undefined,
      totalPrice: eur(100),
      taxedPrice: { ...taxedOf(100, 119), taxPortions: [] },
    }),
  );
  expect([(await run(world)).kind, codes(world), world.state.creates]).toEqual(["rejected", ["unsupported"], 0]);
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
