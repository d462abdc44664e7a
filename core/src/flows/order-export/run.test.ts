import { describe, expect, test } from "vitest";
import { RefusedError, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { handleOrderEvent } from "./events.ts";
import { type ExportContext, exportOrder } from "./run.ts";
import { configWith, partOf } from "./testing/config.ts";
import { addressOf, netOrder, type OrderJson } from "./testing/orders.ts";
import { createWorld, type Hook, START, type World, type WorldOptions } from "./testing/world.ts";

const MINUTE = 60_000;
const ID = netOrder().id as OrderId;

function worldWith(order: OrderJson = netOrder(), options: WorldOptions = {}): World {
  const world = createWorld(options);
  world.putOrder(order);
  return world;
}

const run = (world: World, mode: ExportContext["mode"] = "event", hook?: Hook) =>
  exportOrder(world.worker(hook), ID, { mode, deadlineAt: world.clock.at + (mode === "event" ? 9500 : MINUTE) });

/** Throws once, at the first such effect. */
function once(effect: string, phase: "before" | "after", error: () => Error): Hook {
  let done = false;
  return (name, when) => {
    if (done || name !== effect || when !== phase) return;
    done = true;
    throw error();
  };
}

const claimOf = (world: World) => {
  const { claim } = world.linkOf(ID);
  if (claim.kind !== "claim") throw new Error(`no claim: ${claim.kind}`);
  return claim.claim;
};
const codes = (world: World) => [...world.exceptions.values()].map(({ code }) => code);
const ifsStates = (world: World) => [...world.documents.values()].map(({ order }) => order.state);

describe("the plain way", () => {
  test("one order, released, linked, with no look-up because it is provably the first time", async () => {
    const world = worldWith();
    const effects: string[] = [];
    const outcome = await run(world, "event", (name, phase) => void (phase === "before" && effects.push(name)));
    expect(outcome).toEqual({ kind: "linked", orderNo: "P1000" });
    expect(effects).toEqual([
      "orders.get",
      "ifs.salesParts",
      "orders.update",
      "ifs.create",
      "ifs.release",
      "orders.update",
      "journal.append",
    ]);
    expect([ifsStates(world), world.linkOf(ID).orderNo, claimOf(world).phase]).toEqual([
      ["Released"],
      "P1000",
      "linked",
    ]);
    expect(world.journal).toEqual([
      {
        at: new Date(START).toISOString(),
        flow: "order-export",
        recordType: "order",
        recordId: ID,
        event: "order linked",
        detail: { orderNo: "P1000", attempt: 1, ifsState: "Released" },
      },
    ]);
  });

  test("an order older than the installation is looked up first, and linked when IFS has it", async () => {
    const old = worldWith(netOrder(), { activationStamp: "2026-11-21T00:00:00.000Z" });
    expect(await run(old)).toEqual({ kind: "linked", orderNo: "P1000" });
    const first = worldWith();
    await run(first);
    const again = worldWith(netOrder(), { activationStamp: "2026-11-21T00:00:00.000Z" });
    for (const [orderNo, document] of first.documents) again.documents.set(orderNo, document);
    expect([await run(again), again.state.creates]).toEqual([{ kind: "linked", orderNo: "P1000" }, 0]);
  });

  test("a second message changes nothing", async () => {
    const world = worldWith();
    await run(world);
    const { version } = world.orders.get(ID) ?? {};
    expect(await run(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
    expect([world.orders.get(ID)?.version, world.state.creates]).toEqual([version, 1]);
  });

  test("a blocked order is linked all the same", async () => {
    const world = worldWith();
    world.state.releaseTo = "Blocked";
    expect([await run(world), ifsStates(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, ["Blocked"]]);
  });

  test("configuration can leave the order planned", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { release: false } }) });
    expect([(await run(world)).kind, ifsStates(world)]).toEqual(["linked", ["Planned"]]);
  });
});

describe("doubt", () => {
  const lost = () => new UnknownOutcomeError("no answer within 8000 ms");

  test("a lost answer is recorded, left alone for the wait, then found and linked", async () => {
    const world = worldWith();
    expect(await run(world, "event", once("ifs.create", "after", lost))).toEqual({
      kind: "unknown",
      at: START + 10 * MINUTE,
    });
    expect([claimOf(world).phase, claimOf(world).site, world.journal.map(({ event }) => event)]).toEqual([
      "unknown",
      "101",
      ["create outcome unknown"],
    ]);
    world.advance(10 * MINUTE - 1);
    expect((await run(world, "sweep")).kind).toBe("waiting");
    world.advance(1);
    expect(await run(world, "sweep")).toEqual({ kind: "linked", orderNo: "P1000" });
    expect([world.state.creates, ifsStates(world)]).toEqual([1, ["Released"]]);
  });

  test("a request that never arrived is created after the wait", async () => {
    const world = worldWith();
    await run(world, "event", once("ifs.create", "before", lost));
    world.advance(10 * MINUTE);
    expect([await run(world, "sweep"), world.state.creates]).toEqual([{ kind: "linked", orderNo: "P1000" }, 1]);
  });

  test("an empty answer that proves nothing creates nothing, and its exception closes when the proof comes", async () => {
    const world = worldWith();
    await run(world, "event", once("ifs.create", "before", lost));
    world.state.visible = false;
    world.advance(10 * MINUTE);
    expect((await run(world, "sweep")).kind).toBe("held");
    expect([claimOf(world).phase, codes(world), world.state.creates]).toEqual(["unknown", ["heldForReview"], 0]);
    world.state.visible = true;
    world.advance(MINUTE);
    expect([await run(world, "sweep"), codes(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, []]);
  });

  test("after the configured attempts it is an exception, and tried once after each pause", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { maxAttempts: 2 } }) });
    for (const expected of ["unknown", "unknown", "rejected"]) {
      expect((await run(world, "sweep", once("ifs.create", "before", lost))).kind).toBe(expected);
      world.advance(10 * MINUTE);
    }
    expect(codes(world)).toEqual(["attemptsExhausted"]);
    expect([(await run(world, "sweep")).kind, codes(world)]).toEqual(["linked", []]);
  });

  test("a half-built order is completed, never created again", async () => {
    const world = worldWith();
    world.state.keepRows = 1;
    await run(world, "event", once("ifs.create", "after", lost));
    world.state.keepRows = Number.POSITIVE_INFINITY;
    world.advance(10 * MINUTE);
    expect(await run(world, "sweep")).toEqual({ kind: "linked", orderNo: "P1000" });
    const document = world.documents.get("P1000");
    expect([world.state.creates, document?.lines.map(({ lineRef }) => lineRef), document?.charges.length]).toEqual([
      1,
      ["line-A-1", "line-B-2"],
      1,
    ]);
  });

  test("a half-built order of an order that has changed since is cancelled and shown", async () => {
    const world = worldWith();
    world.state.keepRows = 1;
    await run(world, "event", once("ifs.create", "after", lost));
    const [first, ...others] = netOrder().lineItems as object[];
    world.editOrder(ID, { lineItems: [{ ...first, variant: { id: 1, sku: "B-2" } }, ...others] });
    world.advance(10 * MINUTE);
    const outcome = await run(world, "sweep");
    expect([outcome.kind, ifsStates(world), codes(world), world.state.creates]).toEqual([
      "held",
      ["Cancelled"],
      ["heldForReview"],
      1,
    ]);
    world.advance(MINUTE);
    expect([(await run(world, "sweep")).kind, world.state.creates]).toEqual(["held", 1]);
  });

  test("an order that stopped mapping while it may be in IFS is looked for, not just refused", async () => {
    const world = worldWith();
    await run(world, "event", once("ifs.create", "after", lost));
    world.state.salesParts = [partOf("A-1")];
    world.advance(10 * MINUTE);
    const outcome = await run(world, "sweep");
    expect([outcome.kind, "orderNo" in outcome && outcome.orderNo, codes(world)]).toEqual([
      "held",
      "P1000",
      ["unmappedSku"],
    ]);
  });
});

describe("outages and refusals", () => {
  test("an outage before anything was sent gives the claim back and comes again", async () => {
    const world = worldWith();
    const hook = once("ifs.create", "before", () => new TransientError("IFS is down"));
    await expect(run(world, "event", hook)).rejects.toThrow("IFS is down");
    expect([claimOf(world).phase, claimOf(world).attempt, claimOf(world).expiresAt]).toEqual(["claimed", 0, 0]);
    expect([await run(world), world.state.creates]).toEqual([{ kind: "linked", orderNo: "P1000" }, 1]);
  });

  test("an outage between create and release goes on with the same order at once", async () => {
    const world = worldWith();
    const hook = once("ifs.release", "before", () => new TransientError("IFS is down"));
    await expect(run(world, "event", hook)).rejects.toThrow("IFS is down");
    expect([claimOf(world).phase, claimOf(world).orderNo]).toEqual(["created", "P1000"]);
    expect([await run(world), world.state.creates, ifsStates(world)]).toEqual([
      { kind: "linked", orderNo: "P1000" },
      1,
      ["Released"],
    ]);
  });

  test("a doubtful release that did happen is not repeated", async () => {
    const world = worldWith();
    const hook = once("ifs.release", "after", () => new UnknownOutcomeError("no answer"));
    await expect(run(world, "event", hook)).rejects.toBeInstanceOf(TransientError);
    const effects: string[] = [];
    await run(world, "event", (name) => void effects.push(name));
    expect([effects.includes("ifs.release"), world.linkOf(ID).orderNo]).toEqual([false, "P1000"]);
  });

  test("what IFS refuses is an exception with IFS's words, tried again after growing pauses, closed by its cure", async () => {
    const world = worldWith();
    const refusedHook: Hook = (name, phase) => {
      if (name === "ifs.create" && phase === "before") {
        throw new RefusedError("ifs", "ORA-20110", 500, "CustomerOrder.NOCREDIT: the customer is on hold");
      }
    };
    expect((await run(world, "event", refusedHook)).kind).toBe("rejected");
    expect([...world.exceptions.values()]).toEqual([
      {
        id: "exception-order_2d_export-0b0c4c3c_2d_0000_2d_4000_2d_8000_2d_000000000001",
        flow: "order-export",
        code: "ifsRefused",
        recordType: "order",
        recordId: ID,
        recordLabel: "W-1001",
        message: "IFS refused the order: CustomerOrder.NOCREDIT: the customer is on hold",
        action: "Correct what IFS names, in IFS or in the configuration. The order is tried again by itself.",
        owner: "ifsAdministrator",
      },
    ]);
    const pauses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      pauses.push((claimOf(world).notBefore - world.clock.at) / MINUTE);
      world.advance(claimOf(world).notBefore - world.clock.at - 1);
      expect((await run(world, "sweep", refusedHook)).kind).toBe("waiting");
      world.advance(1);
      expect((await run(world, "sweep", refusedHook)).kind).toBe("rejected");
    }
    expect(pauses).toEqual([1, 2, 4, 8]);
    world.advance(60 * MINUTE);
    expect([(await run(world, "sweep")).kind, codes(world)]).toEqual(["linked", []]);
  });

  test("a refused order is judged again at once when it or the configuration changes", async () => {
    const world = worldWith(
      netOrder({ shippingAddress: addressOf({ streetName: undefined, streetNumber: undefined }) }),
    );
    expect([(await run(world)).kind, codes(world)]).toEqual(["rejected", ["addressMissing"]]);
    expect((await run(world, "sweep")).kind).toBe("waiting");
    world.state.configVersion = 2;
    expect((await run(world, "sweep")).kind).toBe("rejected");
    world.editOrder(ID, { shippingAddress: addressOf() });
    expect([(await run(world, "sweep")).kind, codes(world)]).toEqual(["linked", []]);
  });

  test("amounts that IFS computes otherwise hold the order before its release, until they are cured", async () => {
    const world = worldWith();
    world.state.deviation = 1;
    const outcome = await run(world);
    expect([outcome.kind, ifsStates(world), codes(world), world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["Planned"],
      ["ifsAmountsDiffer"],
      undefined,
    ]);
    expect(outcome.kind === "held" && outcome.rejection.message).toBe(
      "IFS order P1000 differs from the order and was not released: A-1: planned 59.97 EUR net + 11.39 EUR tax, " +
        "IFS 59.97 EUR net + 11.40 EUR tax; B-2: planned 15.00 EUR net + 1.05 EUR tax, IFS 15.00 EUR net + 1.06 EUR tax.",
    );
    world.state.deviation = 0;
    const { creates } = world.state;
    const repaired = worldWith();
    await run(repaired);
    const document = repaired.documents.get("P1000");
    if (!document) throw new Error("not created");
    world.documents.set("P1000", { ...document, order: { ...document.order, state: "Planned" } });
    world.advance(MINUTE);
    expect([(await run(world, "sweep")).kind, codes(world), world.state.creates]).toEqual(["linked", [], creates]);
  });

  test("two IFS orders of one reference are shown, the survivor is linked", async () => {
    const world = worldWith();
    await run(
      world,
      "event",
      once("ifs.create", "after", () => new UnknownOutcomeError("lost")),
    );
    const [document] = world.documents.values();
    if (!document) throw new Error("not created");
    world.documents.set("P9", { ...document, order: { ...document.order, orderNo: "P9" as never } });
    world.advance(10 * MINUTE);
    expect([(await run(world, "sweep")).kind, codes(world)]).toEqual(["held", ["ifsDuplicate"]]);
    world.setState("P9", "Cancelled");
    world.advance(MINUTE);
    expect([await run(world, "sweep"), codes(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, []]);
  });

  test("a defect is counted and becomes an exception instead of coming back for ever", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { maxAttempts: 3 } }) });
    const broken: Hook = (name) => {
      if (name === "ifs.salesParts") throw new RangeError("a defect");
    };
    await expect(run(world, "event", broken)).rejects.toThrow("a defect");
    await expect(run(world, "event", broken)).rejects.toThrow("a defect");
    expect([(await run(world, "event", broken)).kind, codes(world)]).toEqual(["rejected", ["attemptsExhausted"]]);
    expect([(await run(world)).kind, codes(world)]).toEqual(["linked", []]);
  });
});

describe("the export rule", () => {
  test.each([
    ["payment state", { paymentState: "Failed" }, "payment state Failed is not exported"],
    ["order state", { orderState: "Complete" }, "order state Complete is not exported"],
  ])("an order waits for its %s without a write", async (_, fields, reason) => {
    const world = worldWith(netOrder(fields));
    expect(await run(world)).toEqual({ kind: "waiting", reason, at: undefined });
    expect(world.orders.get(ID)?.version).toBe(4);
    world.editOrder(ID, { paymentState: "Paid", orderState: "Open" });
    expect((await run(world)).kind).toBe("linked");
  });

  test("too young, too old, gone, cancelled", async () => {
    const young = worldWith(netOrder(), { config: configWith({ orders: { minimumAgeSeconds: 600 } }) });
    expect(await run(young)).toEqual({
      kind: "waiting",
      reason: "younger than the minimum age",
      at: Date.parse("2026-11-20T10:10:00Z"),
    });
    const old = worldWith(netOrder({ createdAt: "2025-12-31T23:59:59.000Z" }));
    expect(await run(old)).toEqual({ kind: "skipped", reason: "created before exportFrom" });
    expect(await run(createWorld())).toEqual({ kind: "skipped", reason: "the order does not exist" });
    const cancelled = worldWith(netOrder({ orderState: "Cancelled" }));
    expect(await run(cancelled)).toEqual({ kind: "skipped", reason: "cancelled before it was exported" });
  });

  test("an event with no time left, or a very large order, is left to the sweep without a claim", async () => {
    const world = worldWith();
    const late = await exportOrder(world.worker(), ID, { mode: "event", deadlineAt: world.clock.at + 2000 });
    expect([late.kind, world.orders.get(ID)?.version]).toEqual(["deferred", 4]);
  });

  test("a claim that took longer than its lease allows is given back before the POST", async () => {
    const world = worldWith();
    const slow: Hook = (name, phase) => {
      if (name === "orders.update" && phase === "after" && world.linkOf(ID).claim.kind === "claim") {
        if (claimOf(world).phase === "posting") world.clock.at += 58_000;
      }
    };
    const outcome = await exportOrder(world.worker(slow), ID, { mode: "sweep", deadlineAt: world.clock.at + 600_000 });
    expect([outcome.kind, world.state.creates, claimOf(world).phase]).toEqual(["deferred", 0, "claimed"]);
  });
});

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
      handleOrderEvent(world.worker(), { resourceTypeId, resourceId, type: "any" }, context);
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
