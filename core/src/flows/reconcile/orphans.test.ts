/** Several projects on one IFS site: whose order is it, that this project does not know? */
import { expect, test } from "vitest";
import type { IfsEnteredOrder } from "../../domain/ifs-records.ts";
import { createWorld, idOf, ifsOrder } from "./testing/world.ts";

const ROUTE = {
  name: "all",
  company: "10",
  site: "101",
  orderType: "W",
  coordinator: "C",
  customerNo: "C",
  addressNo: "1",
};

async function reasons(
  fields: Partial<IfsEnteredOrder>,
  route: object = {},
  state: IfsEnteredOrder["state"] = "Released",
) {
  const { customerNo, contract, ...entered } = fields;
  const order = { state, ...(customerNo && { customerNo }), ...(contract && { contract }) };
  const world = createWorld([], [ifsOrder(7, "P7", { order })], { routes: [{ ...ROUTE, ...route }] });
  world.state.entered.set("P7", entered);
  const { findings, counts } = await world.ledger();
  expect(findings.map(({ kind, orderId }) => [kind, orderId])).toEqual([["orphan", idOf(7)]]);
  return [findings[0]?.reason?.kind ?? null, counts.unexplained];
}

test("what no route would write is of another project: counted, and not unexplained", async () => {
  expect(await reasons({ orderId: "B2B" })).toEqual(["foreign", 0]);
  expect(await reasons({ authorizeCode: "OTHER" })).toEqual(["foreign", 0]);
  expect(await reasons({ customerNo: "C-OTHER" })).toEqual(["foreign", 0]);
  expect(await reasons({ contract: "102" as never })).toEqual(["foreign", 0]);
  expect(await reasons({ orderId: "B2B" }, {}, "Invoiced")).toEqual(["foreign", 0]);
});

test("what a route may have written stays unexplained", async () => {
  expect(await reasons({})).toEqual([null, 1]);
  expect(await reasons({}, {}, "Invoiced")).toEqual(["policy", 0]);
  // Buyers have customers of their own, so the customer tells nothing.
  expect(await reasons({ customerNo: "C-OTHER" }, { customers: { policy: "own" } })).toEqual([null, 1]);
  // IFS does not show it, or a mapping writes it.
  expect(await reasons({ orderId: null, authorizeCode: null })).toEqual([null, 1]);
  expect(await reasons({ authorizeCode: "OTHER" }, { mapping: { header: { AuthorizeCode: "OTHER" } } })).toEqual([
    null,
    1,
  ]);
  expect(await reasons({ orderId: "B2B" }, { extra: { OrderId: "B2B" } })).toEqual([null, 1]);
});
