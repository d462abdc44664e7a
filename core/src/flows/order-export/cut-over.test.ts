/** Orders of the former integration are linked where the totals are equal, and never created a second time. */
import { describe, expect, test } from "vitest";
import { UnknownOutcomeError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { dryRun } from "./dry-run.ts";
import { exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type World } from "./testing/world.ts";

const order = netOrder();
const id = order.id as OrderId;
const CUT_OVER = { at: "2026-11-21T00:00:00Z", field: "CustomerPoNo" };

const judged = (world: World) =>
  exportOrder(world.worker(), id, { mode: "event", deadlineAt: world.clock.at + 10_000 });

/** IFS as the former integration left it: one order for each total, all with the order's number. */
async function left(cutOver: object = {}, { copies = 1, cents = 0 } = {}): Promise<World> {
  // What the order would become, under a reference that is not ours.
  const maker = createWorld();
  maker.putOrder(order);
  await judged(maker);
  const draft = maker.sent.get("P1000");
  if (!draft) throw new Error("not exported");
  const config = configWith({ orders: { cutOver: { ...CUT_OVER, ...cutOver } } });
  const world = createWorld({ config, activationStamp: "2026-11-25T00:00:00.000Z" });
  world.state.deviation = cents;
  const foreign = { ...draft, header: { ...draft.header, externalRef: "FORMER-1" } };
  const numbers = Array.from({ length: copies }, () => world.commit(foreign).order.orderNo as string);
  world.state.deviation = 0;
  world.former.set("CustomerPoNo=W-1001", numbers);
  world.putOrder(order);
  return world;
}

const messageOf = async (world: World): Promise<string> => {
  const outcome = await judged(world);
  return "rejection" in outcome ? `${outcome.rejection.code}: ${outcome.rejection.message}` : outcome.kind;
};

test("the one with equal total is linked, untouched, and its later look changes nothing", async () => {
  const world = await left();
  const before = structuredClone(world.documents.get("P1000"));
  expect(await judged(world)).toEqual({ kind: "linked", orderNo: "P1000" });
  expect(await judged(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
  expect([world.documents.get("P1000"), world.documents.size, world.state.creates]).toEqual([before, 1, 0]);
  expect(world.linkOf(id).orderNo).toBe("P1000");
  expect(world.journal.map(({ event }) => event)).toEqual(["order-linked-with-former"]);
});

describe("the dry run", () => {
  const dry = async (world: World) => {
    const before = JSON.stringify([...world.orders.values()]);
    const result = await dryRun(world.worker(), world.orders.get(id) ?? { id });
    expect([
      JSON.stringify([...world.orders.values()]),
      world.state.creates,
      world.journal,
      world.exceptions.size,
    ]).toEqual([before, 0, [], 0]);
    return result;
  };

  test("says that the order would be linked, not created", async () => {
    const { next, former, draft, rejection } = await dry(await left());
    expect([former, draft, rejection]).toEqual(["P1000", undefined, undefined]);
    expect(next).toMatch(/^links IFS order P1000 \(Planned\) of the former integration.*nothing is created$/);
  });

  test("says what would be an exception", async () => {
    expect((await dry(await left({}, { cents: 1 }))).rejection?.message).toMatch(
      /its total is 93\.26 EUR, not 93\.24 EUR/,
    );
    expect((await dry(await left({}, { copies: 2 }))).rejection?.code).toBe("ifsDuplicate");
    expect((await dry(await left({}, { copies: 0 }))).rejection?.cause).toBe("cutOverNotFound");
  });

  test("shows the document of an order that may be exported all the same", async () => {
    const { next, draft } = await dry(await left({ ifNotFound: "export" }, { copies: 0 }));
    expect([next, draft?.lines.length]).toEqual(["looks whether IFS has it, then creates it", 2]);
  });
});

test("a cent less is an exception and stays untouched; corrected in IFS, it is linked and the exception closes", async () => {
  const world = await left({}, { cents: 1 });
  expect(await messageOf(world)).toMatch(/^heldForReview: IFS order P1000 .* its total is 93\.26 EUR, not 93\.24 EUR/);
  // However often it is looked at, it is never taken for a half-built order of ours.
  world.advance(7_200_000);
  await messageOf(world);
  expect([world.documents.get("P1000")?.order.state, world.state.creates]).toEqual(["Planned", 0]);
  const equal = (await left()).documents.get("P1000");
  if (equal) world.documents.set("P1000", equal);
  expect([await messageOf(world), world.exceptions.size]).toEqual(["linked", 0]);
});

describe("no other order is created", () => {
  test("where several have the number", async () => {
    const world = await left({}, { copies: 2 });
    expect([await messageOf(world), world.state.creates]).toEqual([
      "ifsDuplicate: IFS has 2 orders with CustomerPoNo W-1001: P1000, P1001.",
      0,
    ]);
  });

  test("where IFS shows no order at all", async () => {
    const world = await left();
    world.state.visible = false;
    expect(await messageOf(world)).toMatch(
      /^heldForReview: It cannot be proven whether IFS has an order with CustomerPoNo/,
    );
    expect(world.state.creates).toBe(0);
  });

  test("where none is found, until somebody says so", async () => {
    const world = await left();
    world.former.clear();
    expect([await messageOf(world), world.state.creates]).toEqual([
      "heldForReview: The order is from before the cut-over, and no IFS order has CustomerPoNo W-1001.",
      0,
    ]);
    const { cutOver } = world.state.config.orders;
    if (!cutOver) throw new Error("no cut-over");
    world.state.config = configWith({ orders: { cutOver: { ...cutOver, ifNotFound: "export" } } });
    expect([await messageOf(world), world.state.creates]).toEqual(["linked", 1]);
    expect(world.exceptions.size).toBe(0);
  });
});

describe("an IFS order that carries the id of another commercetools order", () => {
  const OTHER = "99999999-0000-4000-8000-000000000009";
  const claim = (world: World, orderNo: string, externalRef: string) => {
    const document = world.documents.get(orderNo);
    if (document) world.documents.set(orderNo, { ...document, order: { ...document.order, externalRef } });
  };

  test.each(["ask", "export"])(
    "is not linked, however equal it is, and nothing is created (%s)",
    async (ifNotFound) => {
      const world = await left({ ifNotFound });
      claim(world, "P1000", OTHER);
      expect([await messageOf(world), world.linkOf(id).orderNo, world.state.creates]).toEqual([
        `heldForReview: The only IFS order with CustomerPoNo W-1001 is P1000, which carries the id of another commercetools order (${OTHER}). It was not linked.`,
        undefined,
        0,
      ]);
    },
  );

  test("does not stand in the way of the one that the former integration made", async () => {
    const world = await left({}, { copies: 2 });
    claim(world, "P1000", OTHER);
    expect(await judged(world)).toEqual({ kind: "linked", orderNo: "P1001" });
  });

  test("the order's own id is no other's", async () => {
    const world = await left();
    claim(world, "P1000", id);
    expect(await judged(world)).toEqual({ kind: "linked", orderNo: "P1000" });
  });
});

test("an order that this connector may have sent is looked up by its own reference", async () => {
  const world = createWorld();
  world.putOrder(order);
  const lost = world.worker((effect, phase) => {
    if (effect === "ifs.create" && phase === "after") throw new UnknownOutcomeError("no answer");
  });
  await exportOrder(lost, id, { mode: "event", deadlineAt: world.clock.at + 10_000 });
  world.state.config = configWith({ orders: { cutOver: CUT_OVER } });
  world.advance(700_000);
  expect([await messageOf(world), world.state.creates]).toEqual(["linked", 1]);
});

test("an order from after the cut-over is exported without a look at the former integration's property", async () => {
  const world = await left({ at: "2026-11-20T00:00:00Z" });
  expect([await messageOf(world), world.state.creates]).toEqual(["linked", 1]);
});

test("the identity is what was configured: the id, behind a prefix", async () => {
  const world = await left({ value: "id", prefix: "WEB-", field: "Cf_Web_Order" });
  world.former.set(`Cf_Web_Order=WEB-${id}`, ["P1000"]);
  world.former.delete("CustomerPoNo=W-1001");
  expect(await judged(world)).toEqual({ kind: "linked", orderNo: "P1000" });
});
