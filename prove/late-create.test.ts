/**
 * What no waiting rules out: IFS commits an order long after everybody has given it up, and its worker sleeps meanwhile. Without a
 * number of our own there are two orders, and a person is told; with one IFS's key refuses the second.
 */
import { describe, expect, test } from "vitest";
import type { IfsSettings } from "../sandbox/ifs/settings.ts";
import { addresses } from "./addresses.ts";
import { type Document, deploy, installConnector } from "./install.ts";
import type { Interrupt } from "./life.ts";
import { buy, germany, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { tenantNamed } from "./tenants.ts";
import { openWorld, type World } from "./world.ts";

/** Orders alone: no stock and no prices to wait for. */
const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const MINUTE = 60_000;

/** What the write probe stores about the tenant. */
async function learn(world: World, orderNoChosen: string): Promise<void> {
  await deploy(world, "job-app");
  const value = {
    ...{
      schemaVersion: 1,
      ifsBaseUrl: addresses.ifs,
      probedAt: "2026-01-01T00:00:00.000Z",
      company: "10",
      site: "101",
    },
    facts: { orderNoChosen: { answer: orderNoChosen, evidence: "as the story tells it" } },
  };
  await world.drive(
    world.shop.post("/custom-objects", { container: "ifs-connector-config", key: "capabilities", value }),
  );
}

/** Sleeps when the answer of its create should come. */
function sleeper(batches: boolean): Interrupt & { readonly slept: string[] } {
  const slept: string[] = [];
  const interrupt: Interrupt = ({ kind, what, process }) => {
    const isCreate =
      (batches && what.endsWith("/$batch")) || (what.startsWith("POST ") && what.endsWith("/CustomerOrderSet"));
    if (slept.length > 0 || kind !== "answer" || !isCreate) return "go";
    slept.push(process);
    return { pauseMs: 2 * MINUTE };
  };
  return Object.assign(interrupt, { slept });
}

type Story = {
  readonly tenant: string;
  readonly ifs?: Partial<IfsSettings>;
  readonly orders?: Document;
  readonly chosen?: string;
};

/** The create of the first process is committed a minute later: its claim lasts 15 s, and 3 s later others look. */
async function lateOrder(
  { tenant, ifs = {}, orders = {}, chosen = "unknown" }: Story,
  told: (world: World, id: string) => Promise<void>,
) {
  const world = await openWorld({ tenant: tenantNamed(tenant), ifs });
  try {
    await learn(world, chosen);
    await installConnector(world, ordersOnly, { orders });
    for (const process of world.processes("event-app")) process.life.kill();
    const interrupt = sleeper(tenant !== "no-change-sets");
    world.start("event-app", { interrupt });
    const path = tenant === "no-change-sets" ? "CustomerOrderSet$" : "batch";
    world.ifs.faults.add({ kind: "lateCommit", methods: ["POST"], path, times: 1, delayMs: MINUTE });
    const order = await world.drive(buy(world, germany, wish));
    await world.run(2000);
    expect(interrupt.slept.length).toBe(1);
    world.start("event-app");
    const end = world.schedule(5000);
    await world.run(4 * MINUTE);
    end();
    await told(world, String(order.id));
  } finally {
    world.close();
  }
}

/** Two rounds over what is shown. */
async function swept(world: World): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await world.run(11 * MINUTE);
    expect((await world.tick()).status).toBe(200);
    await world.run(5000);
  }
}

const statesOf = (world: World, id: string) =>
  ordersInIfs(world, id).map((orderNo) => orderInIfs(world, orderNo).state);
const codesOf = async (world: World, id: string) =>
  (await openExceptions(world)).filter(({ recordId }) => recordId === id).map(({ code }) => code);

describe("an order that IFS commits when everybody has given it up", () => {
  test("is a critical exception beside the other one, and is forgotten once a person has cancelled it in IFS", async () => {
    await lateOrder({ tenant: "standard" }, async (world, id) => {
      const numbers = ordersInIfs(world, id);
      expect([statesOf(world, id).toSorted(), await codesOf(world, id)]).toEqual([
        ["Planned", "Released"],
        ["ifsDuplicate"],
      ]);
      const late = numbers.find((orderNo) => orderInIfs(world, orderNo).state === "Planned") ?? "";
      const linked = numbers.find((orderNo) => orderNo !== late);
      const { syncInfo } = await orderById(world, id);
      expect(syncInfo.map(({ externalId }) => externalId)).toContain(linked);
      // It stays while both are there, whatever the sweeps look at.
      await swept(world);
      expect(await codesOf(world, id)).toEqual(["ifsDuplicate"]);
      world.ifs.model.clerk("cancel", { orderNo: late, reason: "WEB" });
      await swept(world);
      expect([statesOf(world, id).toSorted(), await codesOf(world, id)]).toEqual([["Cancelled", "Released"], []]);
    });
  });

  test.each(["standard", "no-change-sets"])(
    "is refused by IFS where it has a number of ours (%s tenant)",
    async (tenant) => {
      await lateOrder(
        { tenant, ifs: { orderNoInsertable: "accept" }, orders: { ifsOrderNo: { prefix: "CT" } }, chosen: "yes" },
        async (world, id) => {
          const numbers = ordersInIfs(world, id);
          expect([statesOf(world, id), await codesOf(world, id)]).toEqual([["Released"], []]);
          expect(numbers[0]).toMatch(/^CT[0-9A-Z]{10}$/);
        },
      );
    },
  );
});

describe("a number of ours that the tenant does not take", () => {
  test.each([
    ["ignore", "no"],
    ["refuse", "no"],
    // Nobody probed, or the tenant has changed since.
    ["refuse", "unknown"],
    ["refuse", "yes"],
    ["ignore", "yes"],
  ] as const)("stops no order (IFS would %s it, the probe says %s)", async (orderNoInsertable, chosen) => {
    const world = await openWorld({ ifs: { orderNoInsertable } });
    try {
      await learn(world, chosen);
      await installConnector(world, ordersOnly, { orders: { ifsOrderNo: { prefix: "CT" } } });
      const order = await world.drive(buy(world, germany, wish));
      await world.run(15_000);
      expect([statesOf(world, String(order.id)), await codesOf(world, String(order.id))]).toEqual([["Released"], []]);
      expect(ordersInIfs(world, String(order.id))[0]).toMatch(/^H\d+$/);
    } finally {
      world.close();
    }
  });
});
