/** The export rule: an order leaves once, at the right moment, and says before what it waits for. */
import { describe, expect, test } from "vitest";
import type { OrderId } from "../../domain/ids.ts";
import { exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type World } from "./testing/world.ts";

const order = netOrder();
const id = order.id as OrderId;
const state = (key?: string) => ({ typeId: "state", id: "s-1", ...(key !== undefined && { obj: { key } }) });
const channelOf = (key: string) => ({
  lineItems: (order.lineItems as object[]).map((line) => ({
    ...line,
    distributionChannel: { typeId: "channel", id: "c-1", obj: { key } },
  })),
});

async function judged(world: World): Promise<string> {
  const outcome = await exportOrder(world.worker(), id, { mode: "event", deadlineAt: world.clock.at + 10_000 });
  return "reason" in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
}

const worldOf = (orders: object, fields: object = {}): World => {
  const world = createWorld({ config: configWith({ orders }) });
  world.putOrder({ ...order, ...fields } as typeof order);
  return world;
};

test("one order walks through the whole rule and leaves once", async () => {
  const world = worldOf(
    {
      orderStates: ["Confirmed"],
      paymentStates: ["Paid"],
      workflowStates: ["checked"],
      riskHold: { customField: "fraud", values: ["review"] },
      minimumAgeSeconds: 900,
    },
    { paymentState: "Pending", custom: { type: { typeId: "type", id: "t" }, fields: { fraud: "review" } } },
  );
  const told: string[] = [await judged(world)];
  const step = async (fields: object) => {
    world.editOrder(id, fields);
    told.push(await judged(world));
  };
  await step({ orderState: "Confirmed" });
  await step({ paymentState: "Paid" });
  await step({ state: state("new") });
  await step({ state: state("checked") });
  await step({ custom: { type: { typeId: "type", id: "t" }, fields: { fraud: "passed" } } });
  world.advance(900_000);
  told.push(await judged(world), await judged(world));
  expect(told).toEqual([
    "waiting: order state Open is not exported",
    "waiting: payment state Pending is not exported",
    "waiting: it has no workflow state",
    "waiting: workflow state new is not exported",
    "waiting: risk hold: custom field fraud is review",
    "waiting: younger than the minimum age",
    "linked",
    "unchanged",
  ]);
  expect([world.state.creates, world.documents.size]).toEqual([1, 1]);
});

describe("one by one", () => {
  const custom = (value: unknown) => ({ custom: { type: { typeId: "type", id: "t" }, fields: { hold: value } } });
  test.each<[string, object, object, string]>([
    [
      "a boolean mark",
      { riskHold: { customField: "hold" } },
      custom(true),
      "waiting: risk hold: custom field hold is true",
    ],
    ["a mark that is off", { riskHold: { customField: "hold" } }, custom(false), "linked"],
    ["no mark", { riskHold: { customField: "hold" } }, {}, "linked"],
    [
      "a choice of a list",
      { riskHold: { customField: "hold", values: ["A"] } },
      custom({ key: "A", label: "a" }),
      "waiting: risk hold: custom field hold is A",
    ],
    [
      "a member of a set",
      { riskHold: { customField: "hold", values: ["B"] } },
      custom(["A", "B"]),
      "waiting: risk hold: custom field hold is B",
    ],
    [
      "a state that holds",
      { riskHold: { workflowStates: ["risk"] } },
      { state: state("risk") },
      "waiting: risk hold: workflow state risk",
    ],
    ["another state", { riskHold: { workflowStates: ["risk"] } }, { state: state("fine") }, "linked"],
    [
      "a state without key is not passed over",
      { riskHold: { workflowStates: ["risk"] } },
      { state: state() },
      "waiting: its workflow state has no key that could be read",
    ],
    ["where no rule names states, its key does not matter", {}, { state: state() }, "linked"],
    ["the store", { stores: ["b2c"] }, { store: { typeId: "store", key: "b2c" } }, "linked"],
    [
      "another store",
      { stores: ["b2c"] },
      { store: { typeId: "store", key: "b2b" } },
      "skipped: store b2b is not exported",
    ],
    ["no store", { stores: ["b2c"] }, {}, "skipped: an order without store is not exported"],
    ["the channel", { channels: ["web"] }, channelOf("web"), "linked"],
    [
      "another channel",
      { channels: ["web"] },
      channelOf("shop"),
      "skipped: no line is of a channel that is exported (shop, shop)",
    ],
  ])("%s", async (_, rule, fields, told) => {
    expect(await judged(worldOf(rule, fields))).toBe(told);
  });
});
