/** What routes an order, or maps it, changes between the create and the look at what became of it: never a second IFS order. */
import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { RefusedError, UnknownOutcomeError } from "../../domain/failure.ts";
import { configWith, partOf } from "./testing/config.ts";
import { claimOf, codes, ID, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { netOrder, type OrderJson } from "./testing/orders.ts";
import type { World } from "./testing/world.ts";

const other = { site: "202", company: "20" };
/** Two sites; the routes are the first one of the tests' configuration with these changes. */
function routed(...routes: object[]) {
  const base = configWith();
  return connectorConfigSchema.parse({
    ...base,
    routes: routes.map((route) => ({ ...base.routes[0], ...route })),
    sites: [...base.sites, { ...other, timeZone: "Europe/Berlin" }],
  });
}
const salesParts = ["101", "202"].flatMap((contract) =>
  ["A-1", "B-2"].map((catalogNo) => partOf(catalogNo, { contract: contract as never })),
);
const byCountry = routed(
  { name: "Germany", when: { country: "DE" } },
  { name: "Austria", ...other, when: { country: "AT" } },
);

const lost = () => new UnknownOutcomeError("no answer");
const inIfs = (world: World) =>
  [...world.documents.values()].map(({ order: { contract, state } }) => `${contract} ${state}`);

/** Whose route is told by the country of its delivery address alone. */
function order(country = "DE") {
  const { country: _, shippingAddress, ...rest } = netOrder();
  return { ...rest, shippingAddress: { ...(shippingAddress as object), country } } as OrderJson & {
    readonly shippingAddress: object;
  };
}

async function inDoubt(config: ReturnType<typeof routed>, atIfs: "committed" | "not committed" = "committed") {
  const world = worldWith(order(), { config, salesParts });
  const at = atIfs === "committed" ? "after" : "before";
  expect((await run(world, "event", once("ifs.create", at, lost))).kind).toBe("unknown");
  world.advance(11 * MINUTE);
  return world;
}
const move = (world: World, config: ReturnType<typeof routed>) => {
  world.state.config = config;
  world.state.configVersion += 1;
};

describe("in doubt, and the route leads to another site now", () => {
  test("by an edit: the one that is there is held and shown", async () => {
    const world = await inDoubt(byCountry);
    world.editOrder(ID, { shippingAddress: order("AT").shippingAddress });
    expect([(await run(world, "sweep")).kind, inIfs(world), codes(world), claimOf(world).site]).toEqual([
      "held",
      ["101 Planned"],
      ["ifsAmountsDiffer"],
      "101",
    ]);
  });

  test("by an edit after the process died", async () => {
    const world = worldWith(order(), { config: byCountry, salesParts });
    const dies = once("ifs.create", "after", () => new Error("killed"));
    await expect(run(world, "event", dies)).rejects.toThrow("killed");
    world.editOrder(ID, { shippingAddress: order("AT").shippingAddress });
    world.advance(12 * MINUTE);
    expect([(await run(world, "sweep")).kind, inIfs(world)]).toEqual(["held", ["101 Planned"]]);
  });

  test("by another configuration: the one that is there is held, and linked once its route is the former one", async () => {
    const world = await inDoubt(routed({}));
    move(world, routed(other));
    expect([(await run(world, "sweep")).kind, inIfs(world)]).toEqual(["held", ["101 Planned"]]);
    expect([...world.exceptions.values()].map(({ message }) => message)).toEqual([
      expect.stringContaining("site: 101 instead of 202"),
    ]);
    move(world, routed({}));
    expect([(await run(world, "person")).kind, inIfs(world), codes(world)]).toEqual(["linked", ["101 Released"], []]);
  });

  test("and nothing is there: it is created at the site of today's route", async () => {
    const world = await inDoubt(routed({}), "not committed");
    move(world, routed(other));
    expect([(await run(world, "sweep")).kind, inIfs(world)]).toEqual(["linked", ["202 Released"]]);
  });

  test("and the former site cannot be seen: nothing is created", async () => {
    const world = await inDoubt(routed({}));
    move(world, routed(other));
    world.state.hiddenSites = ["101"];
    expect([(await run(world, "sweep")).kind, world.documents.size]).toEqual(["held", 1]);
  });

  test("two are known there: no third", async () => {
    const world = await inDoubt(routed({}));
    const [draft] = [...world.sent.values()];
    if (draft) world.commit(draft);
    expect((await run(world, "sweep")).kind).toBe("held");
    move(world, routed(other));
    world.advance(61 * MINUTE);
    await run(world, "sweep");
    expect([inIfs(world), codes(world)]).toEqual([["101 Planned", "101 Planned"], ["ifsDuplicate"]]);
  });
});

describe("half-built at the first site, and a person corrects the route", () => {
  async function halfBuilt() {
    const world = worldWith(order(), {
      config: routed({ when: { country: "DE" } }, { name: "other", ...other, when: { country: "AT" } }),
      salesParts,
    });
    world.state.keepRows = 1;
    const refusal = () => new RefusedError("ifs", "ORA-20110", 500, "line 2 refused");
    await run(world, "event", once("ifs.create", "after", refusal));
    world.state.keepRows = Number.POSITIVE_INFINITY;
    world.corrections.set(ID, { route: "other" });
    return world;
  }

  test("it is held, and nothing is added to it or created beside it", async () => {
    const world = await halfBuilt();
    expect([(await run(world, "person")).kind, inIfs(world), world.state.adds]).toEqual(["held", ["101 Planned"], 0]);
    expect([...world.exceptions.values()].map(({ message }) => message)).toEqual([
      expect.stringContaining("site: 101 instead of 202"),
    ]);
  });

  test("and is completed once the correction is taken back", async () => {
    const world = await halfBuilt();
    await run(world, "person");
    world.corrections.delete(ID);
    expect([(await run(world, "person")).kind, inIfs(world)]).toEqual(["linked", ["101 Released"]]);
  });
});

test("another charge type is no edit: what was created complete is not cancelled", async () => {
  const world = await inDoubt(routed({}));
  const { charges, ...rest } = routed({});
  move(world, connectorConfigSchema.parse({ ...rest, charges: { ...charges, shipping: "FREIGHT2" } }));
  expect([(await run(world, "sweep")).kind, inIfs(world), codes(world)]).toEqual([
    "held",
    ["101 Planned"],
    ["heldForReview"],
  ]);
  move(world, routed({}));
  expect([(await run(world, "person")).kind, inIfs(world)]).toEqual(["linked", ["101 Released"]]);
});
