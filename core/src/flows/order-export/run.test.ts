import { describe, expect, test } from "vitest";
import { AuthenticationError, BusyError, TransientError } from "../../domain/failure.ts";
import { type ExportContext, exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { eur, lineOf, netOrder, taxedOf } from "./testing/orders.ts";
import { createWorld, type Hook, START } from "./testing/world.ts";

test("rows that round otherwise and make up for each other are linked with a line in the journal", async () => {
  const line = lineOf(
    { sku: "A-1", quantity: 1, price: 10_000, total: 10_000, net: 10_000, gross: 10_699, rate: 0.07 },
    false,
  );
  const order = netOrder({
    lineItems: [line],
    shippingInfo: undefined,
    discountOnTotalPrice: {
      discountedAmount: eur(5000),
      discountedNetAmount: eur(5000),
      discountedGrossAmount: eur(5349),
      includedDiscounts: [],
    },
    totalPrice: eur(5000),
    taxedPrice: { ...taxedOf(5000, 5350), taxPortions: [{ rate: 0.07, name: "7 percent", amount: eur(350) }] },
  });
  const world = worldWith(order, { config: configWith({ charges: { rounding: "ROUND" } }) });
  expect(await run(world)).toEqual({ kind: "linked", orderNo: "P1000" });
  expect(world.journal.map(({ event, detail }) => [event, detail])).toEqual([
    [
      "order-linked",
      {
        orderNo: "P1000",
        attempt: 1,
        ifsState: "Released",
        roundedRows: 2,
        rounded:
          "A-1: commercetools 100.00 EUR net + 6.99 EUR tax, IFS 100.00 EUR net + 7.00 EUR tax; " +
          "discount on the order: commercetools -50.00 EUR net + -3.49 EUR tax, IFS -50.00 EUR net + -3.50 EUR tax",
      },
    ],
  ]);
});

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
        event: "order-linked",
        detail: { orderNo: "P1000", attempt: 1, ifsState: "Released" },
        configVersion: 1,
        steps: [
          ["claimed", { phase: "posting", attempt: 1 }],
          ["created", { orderNo: "P1000", rows: 3, site: "101", route: "web shop" }],
          ["compared", { equal: true }],
          ["released", { ifsState: "Released" }],
          ["linked"],
        ].map(([step, detail]) => ({ at: new Date(START).toISOString(), step, ...(detail && { detail }) })),
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
    expect([...world.exceptions.values()].map(({ id: _, message: __, action: ___, ...row }) => row)).toMatchObject([
      { flow: "status-sync", code: "ifsBlocked", recordType: "order", owner: "operator", ifsOrderNo: "P1000" },
    ]);
  });

  test("configuration can leave the order planned", async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { release: false } }) });
    expect([(await run(world)).kind, ifsStates(world)]).toEqual(["linked", ["Planned"]]);
  });
});

describe("the claim", () => {
  test("whose answer was lost is recognised as our own: the order leaves at once", async () => {
    const world = worldWith();
    const hook = once("orders.update", "after", () => new TransientError("no answer"));
    expect([await run(world, "event", hook), world.state.creates]).toEqual([{ kind: "linked", orderNo: "P1000" }, 1]);
  });

  test("of a worker whose clock is behind counts as the newest all the same", async () => {
    const world = worldWith(netOrder(), { syncInfo: "append" });
    const down = once("ifs.create", "before", () => new TransientError("IFS is down"));
    await expect(run(world, "event", down)).rejects.toThrow("IFS is down");
    world.clock.at -= 5 * MINUTE;
    expect(await run(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    expect([claimOf(world).phase, await run(world)]).toEqual(["linked", { kind: "unchanged", orderNo: "P1000" }]);
  });

  test.each([
    ["before the claim", "ifs.salesParts", "no claim"],
    ["in the middle of the create", "ifs.create", 0],
    ["at the release", "ifs.release", 0],
  ])(
    "a credential that is refused %s burns no attempt and is no exception, however long it lasts",
    async (_when, at, attempt) => {
      const world = worldWith();
      const refused: Hook = (name, phase) => {
        if (name === at && phase === "before") throw new AuthenticationError("ifs", "401");
      };
      for (let turn = 0; turn < 12; turn += 1) {
        await expect(run(world, turn % 2 === 0 ? "event" : "sweep", refused)).rejects.toBeInstanceOf(
          AuthenticationError,
        );
        world.clock.at += 20 * MINUTE;
      }
      expect([...world.exceptions.values()]).toEqual([]);
      const { claim } = world.linkOf(ID);
      expect(claim.kind === "claim" ? claim.claim.attempt : "no claim").toBe(attempt);
      expect(await run(world, "sweep")).toEqual({ kind: "linked", orderNo: "P1000" });
      expect(world.state.creates).toBe(1);
    },
  );

  test("that was lost to a change of the order is planned again with the new content", async () => {
    const world = worldWith();
    let edited = false;
    const hook: Hook = (name, phase) => {
      if (edited || name !== "orders.update" || phase !== "before") return;
      edited = true;
      world.editOrder(ID, { purchaseOrderNumber: "PO-2" });
    };
    expect([await run(world, "event", hook), world.state.creates]).toEqual([{ kind: "linked", orderNo: "P1000" }, 1]);
  });

  test("lost three times in a row comes again later", async () => {
    const world = worldWith();
    const hook: Hook = (name, phase) => {
      if (name === "orders.update" && phase === "before") world.editOrder(ID, { shipmentState: "Pending" });
    };
    await expect(run(world, "event", hook)).rejects.toThrow("changed by others 3 times in a row");
    expect(world.state.creates).toBe(0);
  });

  test("a change of the order while IFS creates does not cost the link", async () => {
    const world = worldWith();
    const hook: Hook = (name, phase) => {
      if (name === "ifs.release" && phase === "after") world.editOrder(ID, { paymentState: "BalanceDue" });
    };
    expect(await run(world, "event", hook)).toEqual({ kind: "linked", orderNo: "P1000" });
    expect([world.linkOf(ID).orderNo, world.orders.get(ID)?.paymentState]).toEqual(["P1000", "BalanceDue"]);
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

  test("an event with no time left comes again, without a claim; a person is told", async () => {
    const world = worldWith();
    const late = (mode: ExportContext["mode"]) =>
      exportOrder(world.worker(), ID, { mode, deadlineAt: world.clock.at + 2000 });
    await expect(late("event")).rejects.toEqual(new TransientError("no time left; the sweep goes on"));
    expect([(await late("person")).kind, world.orders.get(ID)?.version]).toEqual(["deferred", 4]);
  });

  test("where more is under way than the budget ends in time, an event comes again without a claim; the sweep goes on", async () => {
    const world = worldWith();
    world.state.room = 0;
    await expect(run(world)).rejects.toBeInstanceOf(BusyError);
    expect(world.orders.get(ID)?.version).toBe(4);
    expect((await run(world, "sweep")).kind).toBe("linked");
  });

  test("an event leaves its place when it ends, whatever the end", async () => {
    const world = worldWith();
    const down = () => new TransientError("down");
    await expect(run(world, "event", once("ifs.create", "before", down))).rejects.toThrow("down");
    expect(world.state.inside).toBe(0);
    expect([(await run(world)).kind, world.state.inside]).toEqual(["linked", 0]);
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
