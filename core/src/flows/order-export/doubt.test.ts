import { describe, expect, test } from "vitest";
import { RefusedError, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import { exceptionId } from "../exception-id.ts";
import { configWith, partOf } from "./testing/config.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { addressOf, netOrder } from "./testing/orders.ts";
import { type Hook, START } from "./testing/world.ts";

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
      ["create-outcome-unknown"],
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

describe("an edit between the create and the link", () => {
  const edit = { shippingAddress: addressOf({ streetName: "Neue Allee" }), purchaseOrderNumber: "PO-NEW" };
  const lost = () => new UnknownOutcomeError("no answer within 8000 ms");

  test("is held before the release, and released by itself once it is taken back", async () => {
    const world = worldWith();
    await run(world, "event", once("ifs.create", "after", lost));
    world.editOrder(ID, edit);
    world.advance(10 * MINUTE);
    const outcome = await run(world, "sweep");
    expect([outcome.kind, ifsStates(world), codes(world), world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["Planned"],
      ["heldForReview"],
      undefined,
    ]);
    expect((await run(world)).kind).toBe("held");
    world.editOrder(ID, { shippingAddress: addressOf(), purchaseOrderNumber: undefined });
    expect([await run(world, "sweep"), ifsStates(world), codes(world)]).toEqual([
      { kind: "linked", orderNo: "P1000" },
      ["Released"],
      [],
    ]);
  });

  test("that a person made in IFS too and released there, is linked as an edit after the export", async () => {
    const world = worldWith();
    await run(world, "event", once("ifs.create", "after", lost));
    world.editOrder(ID, edit);
    world.advance(10 * MINUTE);
    await run(world, "sweep");
    world.setState("P1000", "Released");
    world.advance(MINUTE);
    expect([(await run(world, "sweep")).kind, codes(world), world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["heldForReview"],
      "P1000",
    ]);
    world.editOrder(ID, { shippingAddress: addressOf(), purchaseOrderNumber: undefined });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });

  test("is linked with its exception where orders are not released by the connector", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { release: false } }) });
    await run(world, "event", once("ifs.create", "after", lost));
    world.editOrder(ID, edit);
    world.advance(10 * MINUTE);
    expect([(await run(world, "sweep")).kind, ifsStates(world), codes(world), world.linkOf(ID).orderNo]).toEqual([
      "held",
      ["Planned"],
      ["heldForReview"],
      "P1000",
    ]);
  });

  test("of a half-built order does not end as a mixture of both", async () => {
    const world = worldWith();
    world.state.keepRows = 1;
    await run(world, "event", once("ifs.create", "after", lost));
    world.state.keepRows = Number.POSITIVE_INFINITY;
    world.editOrder(ID, edit);
    world.advance(10 * MINUTE);
    expect([(await run(world, "sweep")).kind, ifsStates(world), codes(world), world.state.adds]).toEqual([
      "held",
      ["Cancelled"],
      ["heldForReview"],
      0,
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
        id: exceptionId("order-export", ID),
        cause: "ifsRefused/ORA-20110",
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

  test("an order that even the sweep has no time for is shown after the configured attempts, not put off for ever", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { maxAttempts: 2, claimSeconds: 15 } }) });
    const slow: Hook = (name, phase) => {
      if (name === "orders.update" && phase === "before") world.advance(14_000);
    };
    const kinds: string[] = [];
    for (let round = 0; round < 3; round += 1) kinds.push((await run(world, "sweep", slow)).kind);
    expect([kinds, codes(world), world.state.creates]).toEqual([
      ["deferred", "deferred", "rejected"],
      ["attemptsExhausted"],
      0,
    ]);
    expect([...world.exceptions.values()][0]?.message).toContain("orders.claimSeconds");
    expect((await run(world, "sweep", slow)).kind).toBe("waiting");
    world.advance(MINUTE);
    expect([(await run(world, "sweep", slow)).kind, codes(world)]).toEqual(["rejected", ["attemptsExhausted"]]);
    world.advance(60 * MINUTE);
    expect([await run(world, "sweep"), codes(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, []]);
  });

  test("an event's want of time counts for nothing: it comes again, and the sweep goes on", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { maxAttempts: 1, claimSeconds: 15 } }) });
    const slow: Hook = (name, phase) => {
      if (name === "orders.update" && phase === "before") world.advance(14_000);
    };
    for (let round = 0; round < 3; round += 1) {
      await expect(run(world, "event", slow)).rejects.toBeInstanceOf(TransientError);
    }
    expect([await run(world, "sweep"), codes(world)]).toEqual([{ kind: "linked", orderNo: "P1000" }, []]);
  });

  test("a lease that no create fits into is no configuration", () => {
    expect(() => configWith({ orders: { claimSeconds: 14 } })).toThrow("claimSeconds");
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
