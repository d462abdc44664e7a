/** What people do to single orders: try again at once, correct, ignore and take it back. */
import { describe, expect, test } from "vitest";
import { configInconsistencies } from "../../domain/config-findings.ts";
import { describeCorrections } from "../../domain/corrections.ts";
import { ignoreOrder, unignoreOrder } from "./ignore.ts";
import { exportOrder } from "./run.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith, partOf } from "./testing/config.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, run, worldWith } from "./testing/export.ts";
import { lineOf, netOrder, shippingOf } from "./testing/orders.ts";
import type { Hook, World } from "./testing/world.ts";

const byPerson = (world: World, hook?: Hook) =>
  exportOrder(world.worker(hook), ID, { mode: "person", by: "user-1", deadlineAt: world.clock.at + MINUTE });

const noPart = { salesParts: [partOf("B-2")] };

describe("a person's try", () => {
  test("ends the pause of a refused order, is journaled with the user, and creates one order", async () => {
    const world = worldWith(netOrder(), noPart);
    await run(world);
    await sweepOrders(world.worker(), world.clock.at);
    expect(codes(world)).toEqual(["unmappedSku"]);
    expect((await byPerson(world)).kind).toBe("rejected");
    world.state.salesParts = [partOf("A-1"), partOf("B-2")];
    expect(await byPerson(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    expect(await byPerson(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
    expect([world.state.creates, ifsStates(world), codes(world)]).toEqual([1, ["Released"], []]);
    expect(world.journal.map(({ event, by }) => [event, by])).toEqual([
      ["order-rejected", undefined],
      ["order-rejected", "user-1"],
      ["order-linked", "user-1"],
    ]);
  });

  test("waits for the outcome of a create like everybody else", async () => {
    const world = worldWith();
    await run(world, "event", (name, phase) => {
      if (name === "ifs.create" && phase === "after") throw new Error("killed");
    }).catch(() => undefined);
    expect((await byPerson(world)).kind).toBe("waiting");
    expect(world.state.creates).toBe(1);
  });

  test("exports what is too large for an event", async () => {
    const lines = Array.from({ length: 101 }, (_, index) =>
      lineOf(
        { id: `l${index}`, sku: "A-1", quantity: 1, price: 100, total: 100, net: 100, gross: 119, rate: 0.19 },
        false,
      ),
    );
    const large = netOrder({
      lineItems: lines,
      shippingInfo: shippingOf({ total: 0, net: 0, gross: 0, rate: 0.19 }, false),
      totalPrice: { type: "centPrecision", currencyCode: "EUR", centAmount: 10_100, fractionDigits: 2 },
      taxedPrice: undefined,
    });
    const world = worldWith(large);
    expect((await run(world)).kind).toBe("deferred");
    expect((await byPerson(world)).kind).toBe("linked");
  });
});

describe("a corrected order", () => {
  test("takes the purchase order number and the ship-via code that the person named", async () => {
    const order = netOrder({ purchaseOrderNumber: "P".repeat(60) });
    const config = configWith({ route: { shipVia: {}, defaultShipVia: undefined } });
    const world = worldWith(order, { config });
    expect([(await run(world)).kind, codes(world).length]).toEqual(["rejected", 1]);
    world.corrections.set(ID, { purchaseOrderNumber: "PO-7", shipVia: "ROAD" });
    expect(await byPerson(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    const { customerPoNo, shipViaCode } = world.sent.get("P1000")?.header ?? {};
    expect([customerPoNo, shipViaCode]).toEqual(["PO-7", "ROAD"]);
    expect(await run(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
  });

  test("goes to the part, the tax code, the route and the address that the person named, and is no changed order", async () => {
    const config = configWith({
      tax: { rules: [{ country: "DE", rate: 0.07, taxCode: "DE07" }] },
      route: { when: { country: "FR" } },
    });
    expect(configInconsistencies(config)).toEqual([]);
    const world = worldWith(netOrder({ shippingAddress: { country: "DE", lastName: "Muster", city: "Hamburg" } }), {
      config,
      salesParts: [partOf("A-1-NEW"), partOf("B-2")],
    });
    expect((await run(world)).kind).toBe("rejected");
    const first = String((netOrder().lineItems as { id: string }[])[0]?.id);
    world.corrections.set(ID, {
      route: "web shop",
      lines: { [first]: { catalogNo: "A-1-NEW" } },
      taxRules: [{ country: "DE", rate: 0.19, taxCode: "DE19" }],
      shippingAddress: { streetName: "Kai", streetNumber: "7", postalCode: "20457" },
    });
    expect(await byPerson(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    const draft = world.sent.get("P1000");
    expect(draft?.lines.map(({ catalogNo }) => catalogNo)).toContain("A-1-NEW");
    expect(draft?.shipTo).toMatchObject({ address1: "Kai 7", zipCode: "20457", city: "Hamburg" });
    expect(draft?.lines[0]?.taxCode).toBe("DE19");
    expect(world.corrections.size).toBe(0);
    // The next event finds the order as it was exported.
    expect(await run(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
    expect(codes(world)).toEqual([]);
  });

  test("only an order that was refused before is asked for corrections", async () => {
    const world = worldWith();
    const effects: string[] = [];
    await run(world, "event", (name) => void effects.push(name));
    expect(effects).not.toContain("corrections.read");
  });

  test("the journal has no address, only the names of its fields", () => {
    const text = describeCorrections({
      route: "b2b",
      lines: { l1: { catalogNo: "X" } },
      taxRules: [{ rate: 0.19, taxCode: "DE19" }],
      shippingAddress: { lastName: "Muster", city: "Hamburg" },
    });
    expect(text).toBe("route b2b; line l1: sales part X; tax 0.19: DE19; shipping address: lastName, city");
    expect([describeCorrections(undefined), describeCorrections({})]).toEqual(["nothing", "nothing"]);
  });
});

describe("an ignored order", () => {
  test("is left alone by events, the sweep and people, until it is taken back", async () => {
    const world = worldWith(netOrder(), noPart);
    await run(world);
    expect(await ignoreOrder(world.worker(), ID)).toEqual({
      ok: true,
      value: { before: "rejected", after: "ignored" },
    });
    world.state.salesParts = [partOf("A-1"), partOf("B-2")];
    world.advance(24 * 60 * MINUTE);
    expect(await run(world)).toEqual({ kind: "skipped", reason: "ignored by a person" });
    await sweepOrders(world.worker(), world.clock.at);
    expect((await byPerson(world)).kind).toBe("skipped");
    expect([world.state.creates, claimOf(world).phase]).toEqual([0, "ignored"]);

    expect(await unignoreOrder(world.worker(), ID)).toEqual({ before: "ignored", after: "unknown" });
    expect(await byPerson(world)).toEqual({ kind: "linked", orderNo: "P1000" });
  });

  test("taken back, it is looked up before anything is created", async () => {
    const world = worldWith(netOrder(), noPart);
    await run(world);
    await ignoreOrder(world.worker(), ID);
    world.state.salesParts = [partOf("A-1"), partOf("B-2")];
    const other = worldWith();
    await run(other);
    const draft = other.sent.get("P1000");
    if (!draft) throw new Error("no draft");
    world.commit(draft);
    await unignoreOrder(world.worker(), ID);
    expect(await byPerson(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    expect([world.state.creates, world.documents.size]).toEqual([0, 1]);
  });

  test("a linked order stays linked, and its change is shown again once it is taken back", async () => {
    const world = worldWith();
    await run(world);
    world.setState("P1000", "PartiallyDelivered");
    world.editOrder(ID, { purchaseOrderNumber: "PO-2" });
    await run(world);
    await ignoreOrder(world.worker(), ID);
    world.exceptions.clear();
    expect((await run(world)).kind).toBe("skipped");
    expect(await unignoreOrder(world.worker(), ID)).toEqual({ before: "ignored", after: "linked" });
    expect((await byPerson(world)).kind).toBe("held");
    expect([codes(world), world.linkOf(ID).orderNo]).toEqual([["heldForReview"], "P1000"]);
  });

  test("not while a create is under way", async () => {
    const world = worldWith();
    await run(world, "event", (name, phase) => {
      if (name === "ifs.create" && phase === "after") throw new Error("killed");
    }).catch(() => undefined);
    const refused = await ignoreOrder(world.worker(), ID);
    expect(refused.ok).toBe(false);
    expect(claimOf(world).phase).toBe("posting");
    world.advance(60 * MINUTE);
    expect((await ignoreOrder(world.worker(), ID)).ok).toBe(true);
  });

  test("an order that is gone, and one that was never ignored", async () => {
    const world = worldWith();
    world.orders.delete(ID);
    expect(await ignoreOrder(world.worker(), ID)).toEqual({ ok: true, value: undefined });
    const plain = worldWith();
    await run(plain);
    expect(await unignoreOrder(plain.worker(), ID)).toEqual({ before: "linked", after: "linked" });
  });
});
