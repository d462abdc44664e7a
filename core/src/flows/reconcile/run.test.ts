import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { exceptionId } from "../exception-id.ts";
import type { Finding } from "./finding.ts";
import { formatPosition, parsePosition } from "./position.ts";
import { reconcile } from "./run.ts";
import { createWorld, idOf, ifsOrder, NOW, PERIOD, shopOrder, withClaim } from "./testing/world.ts";

/** Three orders that agree; what is given replaces or follows them. */
const worldOf = (
  shop: ReturnType<typeof shopOrder>[] = [],
  documents: ReturnType<typeof ifsOrder>[] = [],
  config: object = {},
) =>
  createWorld(
    [shopOrder(1, "P1"), shopOrder(2, "P2"), ...shop],
    [ifsOrder(1, "P1"), ifsOrder(2, "P2"), ...documents],
    config,
  );

const kinds = (findings: readonly { kind: string; orderId: string; reason: { kind: string } | null }[]) =>
  findings.map(({ kind, orderId, reason }) => [kind, orderId, reason?.kind ?? null]);

test("orders that are in both systems once, linked and equal, are no finding; nothing is written", async () => {
  const world = worldOf();
  const { counts, findings, next } = await world.ledger();
  expect([findings, next]).toEqual([[], undefined]);
  expect(counts).toMatchObject({ orders: 2, linkedOnce: 2, cancelled: 0, ignored: 0, ifsOrders: 2, unexplained: 0 });
  expect(world.exceptions.size).toBe(0);
});

describe("a planted fault is found", () => {
  test("an order that was lost", async () => {
    const { counts, findings } = await worldOf([shopOrder(3, "")]).ledger();
    expect(findings).toEqual([
      {
        kind: "missing",
        orderId: idOf(3),
        label: "S-3",
        orderNos: [],
        ageSeconds: 86_400,
        detail: "not in IFS",
        reason: null,
      },
    ]);
    expect([counts.findings.missing, counts.unexplained]).toEqual([1, 1]);
  });

  test("an order twice: critical, with the one to keep, and closed once one is cancelled", async () => {
    const world = worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3"), ifsOrder(3, "P4")]);
    const { counts, findings } = await world.ledger();
    expect(kinds(findings)).toEqual([["double", idOf(3), null]]);
    expect([findings[0]?.keep, findings[0]?.orderNos, counts.unexplained]).toEqual(["P3", ["P3", "P4"], 1]);
    expect([...world.exceptions.values()].map(({ id, code, action }) => [id, code, action])).toEqual([
      [
        exceptionId("order-export", idOf(3), "ifsDuplicate"),
        "ifsDuplicate",
        "Keep P3 and cancel the others in IFS. The next ledger of the period closes this.",
      ],
    ]);
    world.ifs.set("P4", ifsOrder(3, "P4", { order: { state: "Cancelled" } }));
    expect((await world.ledger()).findings).toEqual([]);
    expect(world.exceptions.size).toBe(0);
  });

  test("an open exception does not excuse a double", async () => {
    const world = worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3"), ifsOrder(3, "P4")]);
    await world.deps.exceptions.open({
      id: exceptionId("order-export", idOf(3)),
      flow: "order-export",
      code: "ifsDuplicate",
      recordType: "order",
      recordId: idOf(3),
      recordLabel: "S-3",
      message: "",
      action: "",
      owner: "operator",
    });
    const { counts } = await world.ledger();
    expect([counts.findings.double, counts.unexplained, world.exceptions.size]).toEqual([1, 1, 1]);
  });

  test.each([
    ["goods have left", "P4", { state: "PartiallyDelivered" }, {}, "P4"],
    ["the link", "P4", { state: "Reserved" }, {}, "P3"],
    ["the equal one, where none is linked", "", { state: "Released" }, { buyQtyDue: decimal("3") }, "P3"],
  ] as const)("of a double is kept: %s", async (_name, _other, order, line, keep) => {
    const link = _other === "" ? "" : "P3";
    const world = worldOf([shopOrder(3, link)], [ifsOrder(3, "P3"), ifsOrder(3, "P4", { order, line })]);
    expect((await world.ledger()).findings.map((one) => one.keep)).toEqual([keep]);
  });

  test("a cent", async () => {
    const { findings } = await worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3", { shipping: "5.01" })]).ledger();
    expect(kinds(findings)).toEqual([["differentTotal", idOf(3), null]]);
    expect(findings[0]?.detail).toBe("total 25 EUR in commercetools, 25.01 EUR in IFS order P3");
  });

  test("a quantity, a foreign line, a cancelled line", async () => {
    const quantity = worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3", { line: { buyQtyDue: decimal("3") } })]);
    const foreign = worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3", { line: { lineRef: null } })]);
    const cancelled = worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3", { line: { state: "Cancelled" } })]);
    const details = async (world: typeof quantity) =>
      (await world.ledger()).findings.map(({ kind, detail }) => [kind, detail]);
    expect(await details(quantity)).toEqual([["differentQuantities", "IFS order P3: A-1: 2 ordered, 3 in IFS"]]);
    expect(await details(foreign)).toEqual([
      ["differentQuantities", "IFS order P3: A-1: 2 ordered, 0 in IFS; line 1/1 (2 of A-1) is not of the shop's order"],
    ]);
    expect((await details(cancelled)).map(([kind]) => kind)).toEqual(["differentTotal", "differentQuantities"]);
  });

  test("a link to nothing, and a link to somebody else's order", async () => {
    const gone = await worldOf([shopOrder(3, "P9")]).ledger();
    expect(kinds(gone.findings)).toEqual([["linkNotFound", idOf(3), null]]);
    const foreign = await worldOf([shopOrder(3, "P1")]).ledger();
    expect(foreign.findings.map(({ detail }) => detail)).toEqual([
      `linked to IFS order P1, which carries the reference ${idOf(1)}`,
    ]);
  });

  test("in IFS and not linked, or linked to the cancelled one of two", async () => {
    const none = await worldOf([shopOrder(3, "")], [ifsOrder(3, "P3")]).ledger();
    const other = await worldOf(
      [shopOrder(3, "P3")],
      [ifsOrder(3, "P3", { order: { state: "Cancelled" } }), ifsOrder(3, "P4")],
    ).ledger();
    expect(kinds(none.findings)).toEqual([["notLinked", idOf(3), null]]);
    expect(kinds(other.findings)).toEqual([["notLinked", idOf(3), null]]);
  });

  test("what is exported while it is compared is no finding", async () => {
    const world = worldOf([shopOrder(3, "")]);
    const { page } = world.deps.orders;
    let pages = 0;
    const racing: typeof page = async (query) => {
      const rows = await page(query);
      pages += 1;
      if (pages === 1) {
        world.shop.set(idOf(3), shopOrder(3, "P3"));
        world.ifs.set("P3", ifsOrder(3, "P3"));
      }
      return rows;
    };
    const findings: Finding[] = [];
    const deps = { ...world.deps, orders: { page: racing } };
    const { counts } = await reconcile(deps, PERIOD, { report: (one) => void findings.push(one) });
    expect([findings, counts.linkedOnce]).toEqual([[], 3]);
  });

  test("our reference in IFS without an order in commercetools; other integrations' references are none of ours", async () => {
    const { findings, counts } = await worldOf(
      [],
      [
        ifsOrder(7, "P7"),
        ifsOrder(8, "P8", { order: { state: "Invoiced" } }),
        ifsOrder(9, "P9", { order: { externalRef: "EDI-4711" } }),
      ],
    ).ledger();
    expect(kinds(findings)).toEqual([
      ["orphan", idOf(7), null],
      ["orphan", idOf(8), "policy"],
    ]);
    expect(counts.unexplained).toBe(1);
  });

  test("cancelled on one side only", async () => {
    const shopSide = await worldOf([shopOrder(3, "P3", { orderState: "Cancelled" })], [ifsOrder(3, "P3")]).ledger();
    const ifsSide = await worldOf(
      [shopOrder(3, "P3")],
      [ifsOrder(3, "P3", { order: { state: "Cancelled" } })],
    ).ledger();
    expect([kinds(shopSide.findings), kinds(ifsSide.findings)]).toEqual([
      [["cancelledOnOneSide", idOf(3), null]],
      [["cancelledOnOneSide", idOf(3), null]],
    ]);
    const both = await worldOf(
      [shopOrder(3, "P3", { orderState: "Cancelled" }), shopOrder(4, "", { orderState: "Cancelled" })],
      [ifsOrder(3, "P3", { order: { state: "Cancelled" } })],
    ).ledger();
    expect([both.findings, both.counts.cancelled]).toEqual([[], 2]);
  });
});

describe("what the connector knows about", () => {
  const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
  test.each([
    ["the export rule", shopOrder(3, "", { paymentState: "Failed" }), "gate"],
    ["created a moment ago", shopOrder(3, "", { lastModifiedAt: minutesAgo(1) }), "recent"],
    ["an answer that is waited for", shopOrder(3, "", withClaim({ phase: "unknown", notBefore: NOW })), "claim"],
    ["a worker", shopOrder(3, "", withClaim({ phase: "posting", expiresAt: NOW })), "claim"],
    ["a worker that died long ago", shopOrder(3, "", withClaim({ phase: "claimed", expiresAt: NOW - 600_000 })), null],
    ["a refusal whose exception is gone", shopOrder(3, "", withClaim({ phase: "rejected", code: "noRoute" })), null],
  ])("missing: %s", async (_name, order, reason) => {
    const { findings, counts } = await worldOf([order]).ledger();
    expect(kinds(findings)).toEqual([["missing", idOf(3), reason]]);
    expect(counts.unexplained).toBe(reason === null ? 1 : 0);
  });

  test("what may be in IFS already is not excused by the export rule", async () => {
    const claim = withClaim({ phase: "unknown", notBefore: NOW - 3_600_000 });
    const { findings } = await worldOf([shopOrder(3, "", { ...claim, paymentState: "Failed" })]).ledger();
    expect(kinds(findings)).toEqual([["missing", idOf(3), null]]);
  });

  test("an open exception of the order, whatever the finding", async () => {
    const world = worldOf([shopOrder(3, ""), shopOrder(4, "P4")], [ifsOrder(4, "P4", { shipping: "9" })]);
    for (const index of [3, 4]) {
      await world.deps.exceptions.open({
        id: exceptionId("order-export", idOf(index)),
        flow: "order-export",
        code: "heldForReview",
        recordType: "order",
        recordId: idOf(index),
        recordLabel: `S-${index}`,
        message: "",
        action: "",
        owner: "operator",
      });
    }
    const { findings, counts } = await world.ledger();
    expect(kinds(findings)).toEqual([
      ["missing", idOf(3), "exception"],
      ["differentTotal", idOf(4), "exception"],
    ]);
    expect([counts.unexplained, counts.explained.exception]).toEqual([0, 2]);
  });

  test("missing grants prove nothing: neither missing nor well", async () => {
    const world = worldOf([shopOrder(3, "")]);
    world.state.visible = false;
    const { findings, counts } = await world.ledger();
    expect(kinds(findings)).toEqual([
      ["linkNotFound", idOf(1), "notProven"],
      ["linkNotFound", idOf(2), "notProven"],
      ["missing", idOf(3), "notProven"],
    ]);
    expect([counts.linkedOnce, counts.explained.notProven]).toEqual([0, 3]);
  });

  test("a cancellation in IFS that the configuration does not take over", async () => {
    const { findings } = await worldOf([shopOrder(3, "P3")], [ifsOrder(3, "P3", { order: { state: "Cancelled" } })], {
      statuses: { order: { Released: "Confirmed" } },
    }).ledger();
    expect(kinds(findings)).toEqual([["cancelledOnOneSide", idOf(3), "policy"]]);
  });

  test("an ignored order, and one from before exportFrom, are out of scope", async () => {
    const world = worldOf([shopOrder(3, "", withClaim({ phase: "ignored" }))]);
    expect((await world.ledger()).counts).toMatchObject({ orders: 3, ignored: 1, linkedOnce: 2, unexplained: 0 });
    const later = worldOf([shopOrder(3, "")], [], { orders: { exportFrom: PERIOD.to } });
    // The other two carry a link of ours.
    expect((await later.ledger()).counts).toMatchObject({ orders: 2, linkedOnce: 2, unexplained: 0 });
  });

  test("inventory units, where a piece of the shop is one", async () => {
    const box = ifsOrder(3, "P3", { line: { buyQtyDue: decimal("0.5"), convFactor: decimal("4") } });
    const pieces = worldOf([shopOrder(3, "P3")], [box], { units: { sellBySalesUnit: false } });
    expect((await pieces.ledger()).findings).toEqual([]);
    expect((await worldOf([shopOrder(3, "P3")], [box]).ledger()).findings.map(({ kind }) => kind)).toEqual([
      "differentQuantities",
    ]);
  });
});

const number = (index: number): string => `P${String(index).padStart(6, "0")}`;
const crowd = (size: number, without?: number) => {
  const many = Array.from({ length: size }, (_, index) => index + 1);
  return createWorld(
    many.map((index) => shopOrder(index, number(index))),
    many.filter((index) => index !== without).map((index) => ifsOrder(index, number(index))),
  );
};

test("10,000 orders page by page, and the one that is not there", async () => {
  const world = crowd(10_000, 7777);
  const { counts, findings } = await world.ledger();
  expect([counts.orders, counts.linkedOnce, counts.ifsOrders]).toEqual([10_000, 9_999, 9_999]);
  expect([kinds(findings), world.state.largestPage]).toEqual([[["linkNotFound", idOf(7777), null]], 100]);
});

test("a run that is stopped goes on where it was, on either side", async () => {
  const world = crowd(250);
  const stopAfter = (pages: number) => {
    const stops = Array.from({ length: pages + 1 }, (_, page) => page === pages);
    return () => stops.shift() ?? true;
  };
  const first = await world.ledger({ stop: stopAfter(2) });
  if (!first.next) throw new Error("it was not stopped");
  const second = await world.ledger({ position: first.next, stop: stopAfter(2) });
  if (!second.next) throw new Error("it was not stopped");
  const rest = await world.ledger({ position: second.next });
  const runs = [first, second, rest].map(({ counts }) => [counts.orders, counts.ifsOrders]);
  expect(runs).toEqual([
    [200, 0],
    [50, 100],
    [0, 150],
  ]);
  for (const position of [first.next, second.next]) {
    expect(parsePosition(formatPosition(position))).toEqual(position);
  }
  expect(["ifs:1", "commercetools:x y", "", "ifs:%E0%A4%A:1"].map(parsePosition)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
