/** The ledger of a cut-over: what a former integration exported, and what a back-fill brought, is judged like everything else. */
import { describe, expect, test } from "vitest";
import { createWorld, idOf, ifsOrder, PERIOD, shopOrder, withClaim } from "./testing/world.ts";

const kinds = (findings: readonly { kind: string; orderId: string; reason: { kind: string } | null }[]) =>
  findings.map(({ kind, orderId, reason }) => [kind, orderId, reason?.kind ?? null]);

describe("an order that the cut-over linked with the former integration's IFS order", () => {
  const cutOver = { at: PERIOD.to, field: "CustomerPoNo" };
  const linked = (fields: object = {}) =>
    shopOrder(1, "", { ...withClaim({ phase: "linked", orderNo: "P1" }), ...fields });
  const former = (fields: Parameters<typeof ifsOrder>[2] = {}, externalRef: string | null = "FORMER-1") =>
    ifsOrder(1, "P1", { line: { lineRef: null }, ...fields, order: { externalRef, ...fields.order } });
  const ledger = async (
    shop: ReturnType<typeof shopOrder>,
    documents: ReturnType<typeof ifsOrder>[],
    orders: object = { exportFrom: "2026-01-01T00:00:00Z", cutOver },
  ) => {
    const { findings, counts } = await createWorld([shop], documents, { orders }).ledger();
    return [kinds(findings), counts.linkedOnce, counts.unexplained];
  };

  test.each(["FORMER-1", null])("is in IFS once, linked and equal (reference %s)", async (externalRef) => {
    expect(await ledger(linked(), [former({}, externalRef)])).toEqual([[], 1, 0]);
  });

  test("is compared by its link: a cent, a double, a cancellation on either side", async () => {
    const one = idOf(1);
    expect(await ledger(linked(), [former({ shipping: "5.01" })])).toEqual([[["differentTotal", one, null]], 0, 1]);
    expect(await ledger(linked(), [former(), ifsOrder(1, "P2")])).toEqual([[["double", one, null]], 0, 1]);
    const cancelled = [[["cancelledOnOneSide", one, null]], 0, 1];
    expect(await ledger(linked({ orderState: "Cancelled" }), [former()])).toEqual(cancelled);
    expect(await ledger(linked(), [former({ order: { state: "Cancelled" } })])).toEqual(cancelled);
  });

  test("that is gone, or carries another commercetools order's id, is a finding", async () => {
    const finding = [[["linkNotFound", idOf(1), null]], 0, 1];
    expect(await ledger(linked(), [])).toEqual(finding);
    const orphan = ["orphan", idOf(9), null];
    expect(await ledger(linked(), [former({}, idOf(9))])).toEqual([[finding[0]?.[0 as never], orphan], 0, 2]);
  });

  test("another reference explains nothing where no cut-over made the link", async () => {
    const finding = [[["linkNotFound", idOf(1), null]], 0, 1];
    expect(await ledger(linked(), [former()], { exportFrom: "2026-01-01T00:00:00Z" })).toEqual(finding);
    const late = { exportFrom: "2026-01-01T00:00:00Z", cutOver: { ...cutOver, at: PERIOD.from } };
    expect(await ledger(linked(), [former()], late)).toEqual(finding);
    expect(await ledger(shopOrder(1, "P1"), [former()])).toEqual(finding);
    expect(await ledger(linked({ syncInfo: shopOrder(1, "P1").syncInfo }), [former()])).toEqual(finding);
  });
});

describe("orders from before exportFrom", () => {
  const config = { orders: { exportFrom: PERIOD.to } };
  const orders = () => [
    shopOrder(1, ""),
    shopOrder(2, "P2"),
    shopOrder(3, "", withClaim({ phase: "rejected", code: "noRoute" })),
    shopOrder(4, ""),
  ];

  test("are compared where they have a link or a claim of ours; the others are whoever's", async () => {
    const { counts, findings } = await createWorld(orders(), [], config).ledger();
    expect([counts.orders, kinds(findings)]).toEqual([
      2,
      [
        ["linkNotFound", idOf(2), null],
        ["missing", idOf(3), null],
      ],
    ]);
  });

  test("are all compared in a period that a back-fill covered", async () => {
    const world = createWorld(orders(), [ifsOrder(2, "P2"), ifsOrder(3, "P3")], config);
    world.state.backfilled.push({ from: PERIOD.from, to: PERIOD.to });
    const { counts, findings } = await world.ledger();
    expect([counts.orders, counts.linkedOnce, kinds(findings)]).toEqual([
      4,
      1,
      [
        ["missing", idOf(1), null],
        ["notLinked", idOf(3), null],
        ["missing", idOf(4), null],
      ],
    ]);
    world.state.backfilled = [{ from: PERIOD.to, to: "2026-11-22T00:00:00.000Z" }];
    expect((await world.ledger()).counts.orders).toBe(2);
  });

  test("IFS orders of that time are not looked through for the way back", async () => {
    const world = createWorld([], [ifsOrder(7, "P7")], config);
    expect((await world.ledger()).findings).toEqual([]);
  });
});
