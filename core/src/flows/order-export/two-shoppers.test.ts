/** Two shoppers whom the same IFS customer would fit, and whose first orders come at the same time. */
import { expect, test } from "vitest";
import type { OrderId } from "../../domain/ids.ts";
import { type ExportOutcome, exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { codes, MINUTE } from "./testing/export.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type Hook } from "./testing/world.ts";

const one = {
  id: "11111111-1111-4111-8111-111111111111",
  version: 4,
  email: "one@example.com",
  isEmailVerified: true,
  firstName: "O",
  lastName: "M",
  vatId: "DE811234501",
};
const other = { ...one, id: "33333333-3333-4333-8333-333333333333", email: "other@example.com" };
const SECOND = "0b0c4c3c-0000-4000-8000-000000000002";

function worldOf(keepsReference: boolean) {
  const world = createWorld({ config: configWith({ route: { customers: { policy: "own", template: "TEMPLATE" } } }) });
  world.customers.state.keepsReference = keepsReference;
  world.customers.put({ customerId: "TEMPLATE", name: "T" });
  world.customers.put({ customerId: "10001", name: "Firm", vatNo: one.vatId });
  for (const shopper of [one, other]) world.customers.shoppers.set(shopper.id, { ...shopper });
  world.putOrder(netOrder({ customerId: one.id }));
  world.putOrder(netOrder({ id: SECOND, orderNumber: "W-2", customerId: other.id }));
  return world;
}

type Interleaved = { readonly name: string; readonly phase: "before" | "after" };

/** The first order stops at this step, until the other one has gone through. */
async function interleaved(keepsReference: boolean, { name, phase }: Interleaved) {
  const world = worldOf(keepsReference);
  const go = (id: string, hook?: Hook): Promise<ExportOutcome> =>
    exportOrder(world.worker(hook), id as OrderId, { mode: "event", deadlineAt: world.clock.at + 9500 });
  const outcomes: ExportOutcome[] = [];
  let done = false;
  outcomes.push(
    await go(netOrder().id, async (effect, when) => {
      if (done || effect !== name || when !== phase) return;
      done = true;
      outcomes.push(await go(SECOND));
    }),
  );
  const holders = () => [...world.customers.shoppers.values()].filter(({ externalId }) => externalId === "10001");
  const links = () => [...world.orders.keys()].filter((id) => world.linkOf(id).orderNo !== undefined);
  return { world, go, outcomes, holders, links, interleaved: () => done };
}

const steps: Interleaved[] = [
  { name: "ifs.findCustomers", phase: "after" },
  { name: "ct.customersOf", phase: "after" },
  { name: "ifs.writeCustomer", phase: "before" },
  { name: "ifs.writeCustomer", phase: "after" },
  { name: "ct.updateCustomer", phase: "before" },
  { name: "ct.updateCustomer", phase: "after" },
];

test.each(steps.flatMap((step) => [true, false].map((keeps) => ({ ...step, keeps }))))(
  "the other goes through $phase $name (a field for the reference: $keeps): one gets the customer, the other an exception",
  async ({ keeps, ...step }) => {
    const seen = await interleaved(keeps, step);
    expect(seen.interleaved()).toBe(true);
    // Where both took their number back, the next attempt decides; their pauses differ in the shop by when they came.
    for (const id of [netOrder().id, SECOND]) {
      seen.world.advance(5 * MINUTE);
      await seen.go(id);
    }
    expect([seen.holders().length, seen.links().length, codes(seen.world)]).toEqual([1, 1, ["customerConflict"]]);
    const [holder] = seen.holders();
    const reference = seen.world.customers.customers.get("10001")?.reference;
    expect(reference).toBe(keeps ? holder?.id : null);
  },
);

test("whoever finds the customer taken at the write has written nothing anywhere", async () => {
  const { world, outcomes } = await interleaved(true, { name: "ifs.writeCustomer", phase: "before" });
  expect(outcomes).toMatchObject([
    { kind: "linked" },
    { kind: "rejected", rejection: { code: "customerConflict", value: "10001" } },
  ]);
  expect(world.customers.shoppers.get(one.id)).toEqual(one);
});
