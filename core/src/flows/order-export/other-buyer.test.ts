/** A buyer or a store that is set after the export: where IFS would have another customer or site a person sees it, else nobody. */
import { describe, expect, test } from "vitest";
import { UnknownOutcomeError } from "../../domain/failure.ts";
import { configWith } from "./testing/config.ts";
import { codes, ID, ifsStates, MINUTE, once, run } from "./testing/export.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld, type World } from "./testing/world.ts";

const shopper = (id: string, externalId: string) => ({
  id,
  version: 4,
  externalId,
  email: `${externalId}@example.com`,
  firstName: "Erika",
  lastName: "Muster",
});
const ERIKA = "11111111-1111-4111-8111-111111111111";
const OTHER = "11111111-1111-4111-8111-222222222222";
const messageOf = (world: World) => [...world.exceptions.values()].map(({ message }) => message).join(" ");

function worldWith(config: object, order: object): World {
  const world = createWorld({ config: configWith(config) });
  for (const [id, number] of [
    [ERIKA, "C-ERIKA"],
    [OTHER, "C-OTHER"],
  ] as const) {
    world.customers.shoppers.set(id, shopper(id, number));
    world.customers.put({ customerId: number, name: number });
  }
  world.putOrder(netOrder(order));
  return world;
}

describe("another buyer", () => {
  const own = { route: { customers: { policy: "own", template: "TEMPLATE" } } };

  test("of a shop whose orders are all of one IFS customer changes nothing in IFS, and is looked at once", async () => {
    const world = worldWith({}, {});
    await run(world);
    world.editOrder(ID, { customerId: ERIKA });
    expect(await run(world)).toEqual({ kind: "unchanged", orderNo: "P1000" });
    const { version } = world.orders.get(ID) ?? {};
    expect([await run(world), codes(world), ifsStates(world)]).toEqual([
      { kind: "unchanged", orderNo: "P1000" },
      [],
      ["Released"],
    ]);
    expect(world.orders.get(ID)?.version).toBe(version);
  });

  test("who has another IFS customer is shown, and closes when it is taken back", async () => {
    const world = worldWith(own, { customerId: ERIKA });
    expect(await run(world)).toMatchObject({ kind: "linked" });
    world.editOrder(ID, { customerId: OTHER });
    expect(await run(world)).toMatchObject({ kind: "held" });
    expect([codes(world), messageOf(world)]).toEqual([
      ["heldForReview"],
      expect.stringContaining("customer C-ERIKA instead of C-OTHER, which cannot be changed on an order"),
    ]);
    world.editOrder(ID, { customerId: ERIKA });
    expect([await run(world), codes(world)]).toEqual([{ kind: "unchanged", orderNo: "P1000" }, []]);
  });

  test("who is set while the order is being created is no reason to hold it", async () => {
    const world = worldWith({}, {});
    const lost = once("ifs.create", "after", () => new UnknownOutcomeError("no answer"));
    expect((await run(world, "event", lost)).kind).toBe("unknown");
    world.editOrder(ID, { customerId: ERIKA });
    world.advance(11 * MINUTE);
    expect(await run(world)).toEqual({ kind: "linked", orderNo: "P1000" });
    expect([codes(world), ifsStates(world)]).toEqual([[], ["Released"]]);
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

test("another store, which leads to another IFS customer, is shown", async () => {
  const base = configWith({}).routes[0];
  if (!base) throw new Error("no route");
  const routes = [{ ...base, name: "outlet", when: { store: "outlet" }, customerNo: "C-OUTLET" }, base];
  const world = createWorld({ config: { ...configWith({}), routes } });
  world.putOrder(netOrder());
  await run(world);
  world.editOrder(ID, { store: { typeId: "store", key: "outlet" } });
  expect(await run(world)).toMatchObject({ kind: "held" });
  expect(messageOf(world)).toContain("customer C-WEB instead of C-OUTLET");
});
