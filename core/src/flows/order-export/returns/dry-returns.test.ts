/** The dry run of orders with returns: the RMA that the next look makes is the one that was shown, and showing it writes nothing. */
import { expect, test } from "vitest";
import { returnReference } from "../../../domain/return-record.ts";
import { type DryRun, dryRun } from "../dry-run.ts";
import { ignoreOrder } from "../ignore.ts";
import { ID } from "../testing/export.ts";
import { netOrder } from "../testing/orders.ts";
import {
  delivered,
  infoOf,
  itemOf,
  LINE_B,
  recordOf,
  returning,
  rmasOf,
  runOf,
  withReturns,
} from "../testing/returned.ts";
import { createWorld, type World } from "../testing/world.ts";

/** What can be read; every other effect is a write. */
const READS = new Set(["orders.get", "ifs.read", "ifs.salesParts", "returns.find"]);

async function dry(world: World): Promise<NonNullable<DryRun["returns"]> | undefined> {
  const done = new Set<string>();
  const worker = world.worker((effect, phase) => void (phase === "before" && done.add(effect)));
  const { returns } = await dryRun(worker, world.orders.get(ID) ?? { id: ID });
  expect([...done].filter((effect) => !READS.has(effect))).toEqual([]);
  return returns;
}

const wordsOf = (returns: Awaited<ReturnType<typeof dry>>) => [
  `${returns?.policy} by ${returns?.setting}`,
  ...(returns?.returns ?? []).map(({ what, next }) => `${what}: ${next}`),
  ...(returns?.refusals ?? []).map(({ code }) => `refused: ${code}`),
];

test("the RMA that is shown is the one that is then created", async () => {
  const world = await delivered({ options: { config: returning({ mode: "createAndRelease" }) } });
  withReturns(world, infoOf(itemOf("r1", { comment: "defect" }), itemOf("r2", { lineItemId: LINE_B, quantity: 2 })));
  const shown = await dry(world);
  expect(wordsOf(shown)).toEqual([
    "createAndRelease by orders.afterExport.returns.mode",
    "1 of A-1, 2 of B-2: creates an RMA and releases it",
  ]);
  expect(world.returns.rmas.size).toBe(0);
  await runOf(world);
  expect([world.returns.drafts, shown?.returns[0]?.reference, rmasOf(world)]).toEqual([
    [shown?.returns[0]?.draft],
    returnReference(ID, recordOf(world).returns[0]?.ref ?? ""),
    ["Released: 1 x 1 DEFECT, 2 x 2 WRONG"],
  ]);
  expect(wordsOf(await dry(world))).toEqual([
    "createAndRelease by orders.afterExport.returns.mode",
    "1 of A-1, 2 of B-2: nothing: it is RMA 5001",
  ]);
});

test("a second return beside one that is done; a list that was emptied", async () => {
  const world = await delivered();
  withReturns(world, infoOf(itemOf("r1")));
  await runOf(world);
  withReturns(world, infoOf(itemOf("r1")), infoOf(itemOf("r2", { quantity: 2 })));
  expect(wordsOf(await dry(world))).toEqual([
    "create by orders.afterExport.returns.mode",
    "1 of A-1: nothing: it is RMA 5001",
    "2 of A-1: creates an RMA",
  ]);
  withReturns(world);
  expect(wordsOf(await dry(world))).toEqual([
    "create by orders.afterExport.returns.mode",
    ": nothing: it is RMA 5001",
    "refused: heldForReview",
  ]);
});

test("more than was shipped is refused; a person is asked where the route says so", async () => {
  const world = await delivered({ shipped: 1 });
  withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
  expect(wordsOf(await dry(world))).toEqual([
    "create by orders.afterExport.returns.mode",
    "refused: returnNotPossible",
  ]);
  const asks = await delivered({ options: { config: returning({}, { route: { returns: "ask" } }) } });
  withReturns(asks, infoOf(itemOf("r1")));
  expect(wordsOf(await dry(asks))).toEqual(['ask by routes["web shop"].returns', "refused: heldForReview"]);
});

test("what stays in commercetools, what waits for the order, and an order without returns", async () => {
  const off = await delivered({ options: { config: returning({}, { route: { returns: "off" } }) } });
  withReturns(off, infoOf(itemOf("r1")));
  expect(wordsOf(await dry(off))).toEqual([
    'off by routes["web shop"].returns',
    "1 of A-1: nothing: it stays in commercetools",
  ]);
  const early = createWorld({ config: returning() });
  early.putOrder(netOrder({ returnInfo: [infoOf(itemOf("r1"))] }));
  expect(wordsOf(await dry(early))).toEqual([
    "create by orders.afterExport.returns.mode",
    "1 of A-1: waits: the order is not in IFS yet",
  ]);
  expect(await dry(await delivered())).toBeUndefined();
  const ignored = await delivered();
  withReturns(ignored, infoOf(itemOf("r1")));
  await ignoreOrder(ignored.worker(), ID);
  expect(await dry(ignored)).toBeUndefined();
});
