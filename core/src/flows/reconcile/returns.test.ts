/** Returns in the ledger: missing, double, not recorded; and why, where the connector knows. */
import { describe, expect, test } from "vitest";
import type { Contract } from "../../domain/ids.ts";
import type { IfsReturn } from "../../domain/ifs-returns.ts";
import { encodeReturns, nothingReturned, returnReference } from "../../domain/return-record.ts";
import { returnRowOf } from "../exception-id.ts";
import { groupsOf } from "../return-groups.ts";
import { CHANNELS, createWorld, entry, idOf, ifsOrder, NOW, shopOrder, withClaim } from "./testing/world.ts";

const item = { id: "item-1", quantity: 1, lineItemId: "line-1", shipmentState: "Returned" };
const [group] = groupsOf(
  [{ trackingId: undefined, items: [{ ref: item.id, lineId: "line-1", quantity: 1, shipmentState: "Returned" }] }],
  "either",
);
if (!group) throw new Error("no group");
const reference = returnReference(idOf(1), group.ref);

const config = { orders: { exportFrom: "2026-01-01T00:00:00Z", afterExport: { returns: { mode: "create" } } } };

const rmaOf = (rmaNo: string, fields: Partial<IfsReturn> = {}): IfsReturn => ({
  rmaNo,
  state: "Planned",
  contract: "101" as Contract,
  reference,
  lines: [],
  ...fields,
});

/** An order with one return; recorded as the given RMA, or not. */
function worldOf(recorded: string | undefined, rmas: readonly IfsReturn[], fields: object = {}) {
  const returns = {
    ...nothingReturned,
    returns: [{ ref: group?.ref ?? "", content: "00000000", rmaNo: recorded ?? "" }],
  };
  const syncInfo = [
    entry(CHANNELS.link, "P1"),
    ...(recorded === undefined ? [] : [entry(CHANNELS.returns, encodeReturns(returns))]),
  ];
  const order = shopOrder(1, "P1", { returnInfo: [{ items: [item] }], syncInfo, ...fields });
  const world = createWorld([order, shopOrder(2, "P2")], [ifsOrder(1, "P1"), ifsOrder(2, "P2")], config);
  world.rmas.push(...rmas);
  return world;
}

const found = async (world: ReturnType<typeof worldOf>) =>
  (await world.ledger()).findings.map(({ kind, detail, reason }) => [kind, detail, reason?.kind ?? null]);

test("a return that is in IFS once and recorded is no finding, whatever has become of its RMA", async () => {
  for (const state of ["Planned", "ReturnCompleted", "Denied"] as const) {
    const world = worldOf("5001", [rmaOf("5001", { state })]);
    const { counts, findings } = await world.ledger();
    expect([findings, counts.linkedOnce, counts.unexplained]).toEqual([[], 2, 0]);
  }
});

describe("a planted fault is found", () => {
  test.each([
    ["never created", undefined, [], ["returnMissing", `return ${reference} is not in IFS`, null]],
    ["recorded and gone", "5001", [], ["returnMissing", "recorded as RMA 5001, which cannot be seen in IFS", null]],
    [
      "created and not recorded",
      undefined,
      [rmaOf("5001")],
      ["returnNotLinked", "RMA 5001 (Planned) carries its reference, and it is not recorded", null],
    ],
    [
      "twice",
      "5001",
      [rmaOf("5001"), rmaOf("5002")],
      ["returnDouble", "2 live RMAs of one return: 5001, 5002. Cancel all but one", null],
    ],
  ])("%s", async (_, recorded, rmas, finding) => {
    const world = worldOf(recorded, rmas);
    expect(await found(world)).toEqual([finding]);
    const { counts } = await world.ledger();
    expect([counts.linkedOnce, counts.unexplained]).toEqual([2, 1]);
  });

  test("one of two that was cancelled is none", async () => {
    expect(await found(worldOf("5001", [rmaOf("5001"), rmaOf("5002", { state: "Cancelled" })]))).toEqual([]);
  });
});

describe("what explains a return that is not in IFS", () => {
  test("its open exception; a claim in doubt; a change a moment ago", async () => {
    const shown = worldOf(undefined, []);
    await shown.deps.exceptions.open({
      id: returnRowOf(idOf(1)),
      flow: "order-export",
      code: "returnNotPossible",
      recordType: "order",
      recordId: idOf(1),
      recordLabel: "S-1",
      message: "m",
      action: "a",
      owner: "operator",
    });
    const { syncInfo } = withClaim({ phase: "unknown", notBefore: NOW + 1000 }) as { syncInfo: object[] };
    const doubtful = worldOf(undefined, [], { syncInfo: [entry(CHANNELS.link, "P1"), ...syncInfo] });
    const recent = worldOf(undefined, [], { lastModifiedAt: new Date(NOW - 1000).toISOString() });
    const reasons = await Promise.all([shown, doubtful, recent].map(found));
    expect(reasons.map(([first]) => first?.[2])).toEqual(["exception", "claim", "recent"]);
  });

  test("nothing explains a double", async () => {
    const recent = { lastModifiedAt: new Date(NOW - 1000).toISOString() };
    expect((await found(worldOf("5001", [rmaOf("5001"), rmaOf("5002")], recent))).map((one) => one[2])).toEqual([null]);
  });
});

test("nothing is asked where a route exports no returns, and for orders without any", async () => {
  const off = createWorld([shopOrder(1, "P1", { returnInfo: [{ items: [item] }] })], [ifsOrder(1, "P1")]);
  const none = createWorld([shopOrder(1, "P1")], [ifsOrder(1, "P1")], config);
  for (const world of [off, none]) {
    expect([(await world.ledger()).findings, world.reads.includes("returns.list")]).toEqual([[], false]);
  }
});
