/** What a mapping reads may change after the export: a person is asked, once, and not for what is no change of the order. */
import { describe, expect, test } from "vitest";
import { exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, codes, ID, MINUTE, run, worldWith } from "./testing/export.ts";
import { addressOf, netOrder } from "./testing/orders.ts";
import type { World } from "./testing/world.ts";

const custom = (fields: object) => ({ custom: { type: { typeId: "type", id: "t" }, fields } });
const [first, ...others] = netOrder().lineItems as [object, ...object[]];
const order = (gift = "no", more: object = {}) =>
  netOrder({
    ...custom({ gift, note: "a" }),
    lineItems: [{ ...first, ...custom({ engraving: "A" }) }, ...others],
    ...more,
  });
const mapping = {
  header: { Cf_Gift: { field: "order.custom.gift", type: "text" } },
  line: { Cf_Engraving: { field: "line.custom.engraving", type: "text" } },
};
const configOf = (map: object = mapping, afterExport: object = {}) =>
  configWith({ route: { mapping: { header: {}, line: {}, charge: {}, ...map } }, orders: { afterExport } });

async function exported(config = configOf()): Promise<World> {
  const world = worldWith(order(), { config });
  expect([(await run(world)).kind, (await run(world)).kind]).toEqual(["linked", "unchanged"]);
  return world;
}
const confirm = (world: World, confirmed: boolean) =>
  exportOrder(world.worker(), ID, { mode: "person", by: "kim", confirmed, deadlineAt: world.clock.at + MINUTE });
const message = (world: World) => [...world.exceptions.values()][0]?.message;

describe("another value of a mapped field", () => {
  test.each([
    ["of the order", custom({ gift: "yes", note: "a" })],
    ["of a line", { lineItems: [{ ...first, ...custom({ engraving: "B" }) }, ...others] }],
  ])("%s asks, and is forgotten when it is taken back", async (_name, edit) => {
    const world = await exported();
    world.editOrder(ID, edit);
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
    expect(message(world)).toContain(
      'what the mapping of route "web shop" reads is another value now (Cf_Gift, Cf_Engraving)',
    );
    world.editOrder(ID, { custom: order().custom, lineItems: order().lineItems });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });

  test("is confirmed by a person who retries this order alone, not by one who retries many", async () => {
    const world = await exported();
    world.editOrder(ID, custom({ gift: "yes", note: "a" }));
    await run(world);
    expect([(await confirm(world, false)).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
    expect([(await confirm(world, true)).kind, codes(world)]).toEqual(["unchanged", []]);
    expect((await run(world)).kind).toBe("unchanged");
  });

  test("holds the rest of an edit as well", async () => {
    const world = await exported();
    world.editOrder(ID, { ...custom({ gift: "yes", note: "a" }), shippingAddress: addressOf({ city: "Bremen" }) });
    expect([(await run(world)).kind, world.sent.get("P1000")?.shipTo?.city]).toEqual(["held", "Hamburg"]);
  });

  test("is passed over where the merchant says so", async () => {
    const world = await exported(configOf(mapping, { mappedFields: "ignore" }));
    world.editOrder(ID, custom({ gift: "yes", note: "a" }));
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

describe("no change of what was exported", () => {
  test.each<[string, object]>([
    ["a custom field that nothing reads", custom({ gift: "no", note: "b" })],
    ["the state of a payment", { paymentState: "Failed" }],
  ])("is %s", async (_name, edit) => {
    const world = await exported();
    world.editOrder(ID, edit);
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });

  test("is another mapping: what was exported with the old one cannot be compared", async () => {
    const world = await exported();
    world.state.config = configOf({ header: { Cf_Gift: { expression: "order.custom.gift + '!'", type: "text" } } });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });

  test("is an order that a release without this exported", async () => {
    const world = await exported();
    const entries = world.orders.get(ID)?.syncInfo as { externalId: string }[];
    const { fingerprint } = claimOf(world);
    expect(fingerprint.length).toBe(40);
    const syncInfo = entries.map((entry) => ({
      ...entry,
      externalId: entry.externalId.replace(fingerprint, fingerprint.slice(0, 16)),
    }));
    world.editOrder(ID, { syncInfo, ...custom({ gift: "yes", note: "a" }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

test("a mapped reference is amended, as one that is not mapped", async () => {
  const world = await exported(configOf({ header: { customerPoNo: { field: "order.custom.gift", type: "text" } } }));
  world.editOrder(ID, custom({ gift: "PO-9", note: "a" }));
  expect([(await run(world)).kind, world.sent.get("P1000")?.header.customerPoNo, codes(world)]).toEqual([
    "amended",
    "PO-9",
    [],
  ]);
});
