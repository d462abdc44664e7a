/** Returns of exported orders, through the front door: what stands in IFS, on the order and in the inbox afterwards. */
import { describe, expect, test } from "vitest";
import { encodeClaim } from "../../../domain/claims.ts";
import { decimal } from "../../../domain/decimal.ts";
import { BarredError, RefusedError } from "../../../domain/failure.ts";
import { returnReference } from "../../../domain/return-record.ts";
import { exportOrder } from "../run.ts";
import { claimOf, codes, ID, MINUTE, once } from "../testing/export.ts";
import { addressOf, netOrder } from "../testing/orders.ts";
import {
  delivered,
  infoOf,
  itemOf,
  LINE_A,
  LINE_B,
  recordOf,
  returning,
  rmasOf,
  runOf,
  withReturns,
} from "../testing/returned.ts";
import { CHANNELS, createWorld, type World } from "../testing/world.ts";

const messages = (world: World) => [...world.exceptions.values()].map(({ message }) => message).join(" ");
const rmaNosOf = (world: World) => recordOf(world).returns.map(({ rmaNo }) => rmaNo);

describe("a return becomes an RMA", () => {
  test("full: all lines with reason, of the order's customer, site and currency, linked last", async () => {
    const world = await delivered();
    withReturns(
      world,
      infoOf(itemOf("r1", { quantity: 3, comment: " too SMALL " }), itemOf("r2", { lineItemId: LINE_B, quantity: 2 })),
    );
    expect(await runOf(world)).toEqual({ kind: "returned", orderNo: "P1000", rmaNos: ["5001"] });
    expect(rmasOf(world)).toEqual(["Planned: 1 x 3 REGRET, 2 x 2 WRONG"]);
    const [recorded] = recordOf(world).returns;
    expect(world.returns.drafts[0]).toMatchObject({
      reference: returnReference(ID, recorded?.ref ?? ""),
      contract: "101",
      customerNo: "C-WEB",
      currencyCode: "EUR",
      returnApproverId: "SHOP",
      noteText: "Shop order W-1001",
    });
    expect([recorded?.rmaNo, claimOf(world).phase, codes(world)]).toEqual(["5001", "linked", []]);
    expect(world.journal.map(({ event, detail }) => [event, detail.rmaNo, detail.how])).toEqual([
      ["return-exported", "5001", "create"],
    ]);
  });

  test("partial, in two steps: one RMA each, and a look again asks IFS nothing", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(world);
    withReturns(world, infoOf(itemOf("r1")), infoOf(itemOf("r2", { comment: "defect" })));
    await runOf(world);
    const looks = world.returns.state.looks;
    expect([(await runOf(world)).kind, (await runOf(world, "sweep")).kind]).toEqual(["unchanged", "unchanged"]);
    expect([rmasOf(world), rmaNosOf(world), world.returns.state.looks]).toEqual([
      ["Planned: 1 x 1 WRONG", "Planned: 1 x 1 DEFECT"],
      ["5001", "5002"],
      looks,
    ]);
  });

  test("released where the policy says so", async () => {
    const world = await delivered({ options: { config: returning({ mode: "createAndRelease" }) } });
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(world);
    expect(rmasOf(world)).toEqual(["Released: 1 x 1 WRONG"]);
  });

  test("an order that is exported with a return already: the return waits for the delivery", async () => {
    const world = createWorld({ config: returning() });
    world.putOrder(netOrder({ returnInfo: [infoOf(itemOf("r1"))] }));
    expect((await runOf(world)).kind).toBe("held");
    expect([world.linkOf(ID).orderNo, codes(world)]).toEqual(["P1000", ["returnNotPossible"]]);
    world.setState("P1000", "Delivered");
    world.setLine("P1000", LINE_A, { qtyShipped: decimal("3") });
    world.advance(MINUTE);
    expect((await runOf(world, "sweep")).kind).toBe("returned");
    expect([rmasOf(world), codes(world)]).toEqual([["Planned: 1 x 1 WRONG"], []]);
  });

  test("a line whose pieces are several IFS lines gives back what was shipped of each", async () => {
    const world = await delivered();
    const document = world.documents.get("P1000");
    const [first, ...others] = document?.lines ?? [];
    if (!document || !first) throw new Error("no line");
    const twin = { ...first, lineNo: "9", qtyShipped: decimal("2") };
    world.documents.set("P1000", { ...document, lines: [{ ...first, qtyShipped: decimal("1") }, twin, ...others] });
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    await runOf(world);
    expect(rmasOf(world)).toEqual(["Planned: 1 x 1 WRONG, 9 x 1 WRONG"]);
  });

  test("quantities of inventory units are sales units of the RMA", async () => {
    const world = await delivered({ options: { config: returning({}, { units: { sellBySalesUnit: false } }) } });
    world.setLine("P1000", LINE_A, { convFactor: decimal("0.5"), qtyShipped: decimal("3") });
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    await runOf(world);
    expect(rmasOf(world)).toEqual(["Planned: 1 x 4 WRONG"]);
  });

  test("an exchange names the other order with its IFS number; a tracking id is on the note", async () => {
    const world = await delivered({ options: { config: returning({ exchangeField: "exchange" }) } });
    const custom = { type: { typeId: "type", id: "t" }, fields: { exchange: { typeId: "order", id: ID } } };
    withReturns(world, { ...infoOf(itemOf("r1", { custom })), returnTrackingId: "TRACK-1" });
    await runOf(world);
    expect(world.returns.drafts[0]?.noteText).toBe(
      "Shop order W-1001; return tracking TRACK-1; exchange: W-1001 (IFS order P1000)",
    );
  });

  test.each([
    ["custom field", { customField: "why" }, { custom: { fields: { why: "defect" } }, comment: "Too small" }, "DEFECT"],
    ["Unusable", { unusable: "SCRAP" }, { shipmentState: "Unusable" }, "SCRAP"],
    ["back in stock", { unusable: "SCRAP" }, { shipmentState: "BackInStock" }, "WRONG"],
  ])("the reason comes from its %s", async (_, reasons, fields, code) => {
    const config = returning({
      reasons: { codes: { "too small": "REGRET", Defect: "DEFECT" }, default: "WRONG", ...reasons },
    });
    const world = await delivered({ options: { config } });
    withReturns(world, infoOf(itemOf("r1", fields)));
    await runOf(world);
    expect(rmasOf(world)).toEqual([`Planned: 1 x 1 ${code}`]);
  });
});

describe("which items are returns", () => {
  const advised = itemOf("a1", { shipmentState: "Advised", quantity: 2 });
  const received = itemOf("r1", { shipmentState: "Returned", quantity: 2 });
  test.each([
    ["either", ["Planned: 1 x 2 WRONG"]],
    ["advised", ["Planned: 1 x 2 WRONG"]],
    ["returned", ["Planned: 1 x 2 WRONG"]],
  ])("announced, then received as another item: one RMA with trigger %s", async (trigger, expected) => {
    const world = await delivered({ options: { config: returning({ trigger }) } });
    withReturns(world, infoOf(advised));
    const first = await runOf(world);
    withReturns(world, infoOf(advised), infoOf(received));
    await runOf(world);
    expect([first.kind, rmasOf(world)]).toEqual([trigger === "returned" ? "unchanged" : "returned", expected]);
  });

  test("more received than was announced: the rest is a return of its own", async () => {
    const world = await delivered();
    withReturns(world, infoOf({ ...advised, quantity: 1 }), infoOf({ ...received, quantity: 3 }));
    await runOf(world);
    expect(rmasOf(world)).toEqual(["Planned: 1 x 1 WRONG", "Planned: 1 x 2 WRONG"]);
  });

  test("switched off, or off on the order's route: nothing is asked and nothing written", async () => {
    for (const config of [returning({ mode: "off" }), returning({}, { route: { returns: "off" } })]) {
      const world = await delivered({ options: { config } });
      withReturns(world, infoOf(itemOf("r1")));
      const { version } = world.orders.get(ID) ?? {};
      expect([(await runOf(world)).kind, world.returns.state.looks, world.orders.get(ID)?.version]).toEqual([
        "unchanged",
        0,
        version,
      ]);
    }
  });
});

describe("what cannot be an RMA is shown, with a cure, and goes by itself once it is cured", () => {
  test("more than shipped, then delivered", async () => {
    const world = await delivered({ shipped: 1 });
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    expect((await runOf(world)).kind).toBe("held");
    expect([codes(world), messages(world)]).toEqual([
      ["returnNotPossible"],
      "2 of A-1 are to be returned, and of IFS order P1000 1 were shipped.",
    ]);
    world.setLine("P1000", LINE_A, { qtyShipped: decimal("3") });
    expect((await runOf(world, "sweep")).kind).toBe("waiting");
    world.advance(MINUTE);
    expect((await runOf(world, "sweep")).kind).toBe("returned");
    expect([rmasOf(world), codes(world), recordOf(world).code]).toEqual([["Planned: 1 x 2 WRONG"], [], ""]);
  });

  test("more than is left beside another RMA, which a person entered", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    await runOf(world);
    world.returns.set("5001", { reference: "by hand" });
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })), infoOf(itemOf("r2", { quantity: 2 })));
    await runOf(world);
    expect([rmasOf(world).length, codes(world), messages(world)]).toEqual([
      1,
      ["returnNotPossible"],
      "2 of A-1 are to be returned, and of IFS order P1000 3 were shipped; other returns of it are RMA 5001.",
    ]);
    const [line] = world.returns.rmas.get("5001")?.lines ?? [];
    if (line) world.returns.set("5001", { lines: [{ ...line, state: "Denied" }] });
    await runOf(world);
    expect([rmasOf(world).length, codes(world)]).toEqual([2, []]);
  });

  test("a bad return stops no other of the order", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1", { quantity: 9 })), infoOf(itemOf("r2")));
    expect((await runOf(world)).kind).toBe("held");
    expect([rmasOf(world), rmaNosOf(world), codes(world)]).toEqual([
      ["Planned: 1 x 1 WRONG"],
      ["5001"],
      ["returnNotPossible"],
    ]);
  });

  test("a charge, a line without reference, no reason, and what cannot be read", async () => {
    const cases: [object, object, string][] = [
      [{ lineItemId: undefined, customLineItemId: "gift", type: "CustomLineItemReturnItem" }, {}, "returnNotPossible"],
      [{}, { reasons: {} }, "mappingFailed"],
      [{ quantity: 0 }, {}, "invalidInput"],
    ];
    for (const [fields, returns, code] of cases) {
      const world = await delivered({ options: { config: returning(returns) } });
      withReturns(world, infoOf(itemOf("r1", fields)));
      await runOf(world);
      expect([codes(world), rmasOf(world)]).toEqual([[code], []]);
      world.editOrder(ID, { returnInfo: [] });
      await runOf(world);
      expect(codes(world)).toEqual([]);
    }
  });

  test("IFS says no: its own words; corrected, it goes, though no other RMA proves anything", async () => {
    const world = await delivered();
    Object.assign(world.returns.state, { proven: false, refusedReason: "WRONG" });
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(world);
    expect([codes(world), messages(world)]).toEqual([
      ["ifsRefused"],
      'IFS refused the return: Return reason "WRONG" does not exist.',
    ]);
    world.returns.state.refusedReason = "";
    await runOf(world);
    expect([rmasOf(world), codes(world)]).toEqual([["Planned: 1 x 1 WRONG"], []]);
  });

  test("asked: the reference is named; entered by hand with it, it is linked", async () => {
    const world = await delivered({ options: { config: returning({ mode: "ask", reasons: {} }) } });
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(world);
    const reference =
      world.exceptions
        .values()
        .next()
        .value?.action.match(/[0-9a-f-]{36}\/[0-9a-f]{12}/)?.[0] ?? "";
    expect([codes(world), world.returns.state.creates]).toEqual([["heldForReview"], 0]);
    const line = { orderNo: "P1000" as never, lineNo: "1", relNo: "1", lineItemNo: "0" };
    world.returns.commit({
      reference,
      contract: "101" as never,
      customerNo: "C-WEB",
      currencyCode: "EUR",
      returnApproverId: undefined,
      noteText: undefined,
      lines: [{ ...line, lineRef: "", qtyToReturn: decimal("1"), returnReasonCode: "OTHER" }],
    });
    expect(await runOf(world)).toMatchObject({ kind: "returned", rmaNos: ["5001"] });
    expect([codes(world), rmasOf(world)]).toEqual([[], ["Planned: 1 x 1 OTHER"]]);
  });

  test("a grant that is missing is no refusal of this return: its event comes again, and goes once the grant is there", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    const missing = () => new RefusedError("ifs", "grantMissing", 403, "ReturnMaterialHandling is not granted");
    await expect(runOf(world, "event", once("returns.find", "before", missing))).rejects.toBeInstanceOf(BarredError);
    expect(codes(world)).toEqual([]);
    await runOf(world);
    expect([codes(world), rmasOf(world).length]).toEqual([[], 1]);
  });

  test.each([
    ["altogether", returning({ mode: "off" })],
    ["for its route", returning({}, { route: { returns: "off" } })],
  ])("switched off %s, what was shown has no cause any more", async (_, config) => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1", { quantity: 9 })));
    await runOf(world);
    expect(codes(world)).toEqual(["returnNotPossible"]);
    Object.assign(world.state, { config, configVersion: 2 });
    await runOf(world);
    expect([codes(world), recordOf(world).code]).toEqual([[], ""]);
  });

  test("an edit that waits for a person, and a return: each has its row, and the return goes", async () => {
    const world = await delivered();
    world.editOrder(ID, { shippingAddress: addressOf({ city: "Kiel" }), returnInfo: [infoOf(itemOf("r1"))] });
    await runOf(world);
    expect([codes(world), rmasOf(world)]).toEqual([["changeRefused"], ["Planned: 1 x 1 WRONG"]]);
    expect([claimOf(world).code, claimOf(world).phase]).toEqual(["changeRefused", "linked"]);
  });
});

describe("what the order says about its returns", () => {
  test("written by somebody else: shown, and not written over", async () => {
    const world = await delivered();
    const syncInfo = world.orders.get(ID)?.syncInfo as object[];
    const foreign = { channel: { id: CHANNELS.returns }, externalId: "2;later", syncedAt: "2026-11-20T11:00:00.000Z" };
    world.editOrder(ID, { syncInfo: [...syncInfo, foreign], returnInfo: [infoOf(itemOf("r1"))] });
    const { version } = world.orders.get(ID) ?? {};
    expect((await runOf(world)).kind).toBe("held");
    expect([codes(world), rmasOf(world), world.orders.get(ID)?.version]).toEqual([["heldForReview"], [], version]);
  });

  test("an order that a person ignores, or whose claim is of another version, is left alone", async () => {
    for (const text of [encodeClaim({ ...claimOf(await delivered()), phase: "ignored" }), "9;later"]) {
      const world = await delivered();
      const syncInfo = world.orders.get(ID)?.syncInfo as object[];
      const claim = { channel: { id: CHANNELS.claim }, externalId: text, syncedAt: "2026-11-20T11:00:00.000Z" };
      world.editOrder(ID, { syncInfo: [...syncInfo, claim], returnInfo: [infoOf(itemOf("r1"))] });
      const { version } = world.orders.get(ID) ?? {};
      await runOf(world);
      expect([rmasOf(world), world.returns.state.looks, world.orders.get(ID)?.version]).toEqual([[], 0, version]);
    }
  });

  test("without the channel it is shown; with it the return goes and the row closes", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    const { returns, ...earlier } = CHANNELS;
    const deps = world.worker();
    const old = { ...deps, settings: { ...deps.settings, channels: earlier } };
    await exportOrder(old, ID, { mode: "event", deadlineAt: world.clock.at + 9500 });
    expect([returns, codes(world), rmasOf(world)]).toEqual(["channel-return", ["heldForReview"], []]);
    await runOf(world);
    expect([codes(world), rmasOf(world).length]).toEqual([[], 1]);
  });
});

test("an order with hundreds of returned lines is left to the sweep", async () => {
  const world = await delivered();
  const items = Array.from({ length: 51 }, (_, index) => itemOf(`r${index}`));
  withReturns(world, infoOf(...items));
  expect([(await runOf(world)).kind, world.returns.state.looks]).toEqual(["deferred", 0]);
});
