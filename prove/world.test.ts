import { describe, expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import type { Interrupt, Interruption, Moment } from "./life.ts";
import { buy, germany, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type World } from "./world.ts";

/** Orders alone: no stock and no prices to wait for. */
const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };

/** Two orders, a lost answer, a restart. */
async function shortDay(seed: number): Promise<readonly string[]> {
  const world = await openWorld({ seed });
  try {
    await installConnector(world, ordersOnly);
    world.start("event-app");
    const end = world.schedule(5000);
    world.ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: "batch", times: 1 });
    await world.drive(buy(world, germany, wish));
    await world.drive(buy(world, germany, wish));
    await world.run(30_000);
    end();
    expect(world.realTimers()).toEqual([]);
    return world.network.log;
  } finally {
    world.close();
  }
}

test("the same seed gives the same requests to the millisecond, another seed gives others", async () => {
  const [first, again, other] = [await shortDay(7), await shortDay(7), await shortDay(8)];
  expect(first.length).toBeGreaterThan(100);
  expect(first.some((line) => line.includes("lost") || line.includes("$batch"))).toBe(true);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test("a Subscription that stops is shown with the next look, and no tick has anything to complain of before", async () => {
  const world = await openWorld({ size: "small" });
  try {
    await installConnector(world, ordersOnly);
    await world.tick();
    expect(world.log.filter(({ level }) => level !== "info")).toEqual([]);
    const status = "ConfigurationErrorDeliveryStopped";
    world.commercetools.model.setSubscriptionStatus({ key: "ifs-connector-orders", status });
    // It looks every quarter of an hour.
    await world.run(15 * 60_000);
    await world.tick();
    expect((await openExceptions(world)).map(({ code }) => code)).toEqual(["subscriptionStopped"]);
  } finally {
    world.close();
  }
});

/** Strikes once, at the first moment that fits. */
function once(
  fits: (moment: Moment) => boolean,
  interruption: Interruption,
): Interrupt & { readonly struck: Moment[] } {
  const struck: Moment[] = [];
  const interrupt = (moment: Moment): Interruption => {
    if (struck.length > 0 || !fits(moment)) return "go";
    struck.push(moment);
    return interruption;
  };
  return Object.assign(interrupt, { struck });
}

const creates = (kind: Moment["kind"]) => (moment: Moment) => moment.kind === kind && moment.what.endsWith("/$batch");

/** An order whose first process is interrupted; other processes are there, and the sweep comes every five seconds. */
async function interrupted(
  interrupt: Interrupt,
  story: (world: World, orderId: string) => Promise<void>,
): Promise<void> {
  const world = await openWorld();
  try {
    // A claim of 15 s; 3 s later others look, and create.
    await installConnector(world, ordersOnly);
    for (const process of world.processes("event-app")) process.life.kill();
    world.start("event-app", { interrupt });
    const order = await world.drive(buy(world, germany, wish));
    await world.run(2000);
    world.start("event-app");
    const end = world.schedule(5000);
    await world.run(180_000);
    end();
    await story(world, String(order.id));
  } finally {
    world.close();
  }
}

async function expectOnce(world: World, orderId: string): Promise<void> {
  const numbers = ordersInIfs(world, orderId);
  const { syncInfo } = await orderById(world, orderId);
  expect(numbers.map((orderNo) => orderInIfs(world, orderNo).state)).toEqual(["Released"]);
  expect(syncInfo.map(({ externalId }) => externalId)).toContain(numbers[0]);
}

describe("a process that dies", () => {
  test.each([
    ["before the order leaves for IFS", creates("send")],
    ["when IFS has created the order and the answer is on its way", creates("answer")],
    ["before the push is acknowledged", ({ kind, what }: Moment) => kind === "reply" && what.endsWith("/event")],
  ] as const)("%s does nothing any more, and the order is in IFS once", async (_when, fits) => {
    const interrupt = once(fits, "die");
    await interrupted(interrupt, async (world, orderId) => {
      const [moment] = interrupt.struck;
      const dead = moment?.process ?? "";
      const sent = world.network.log.filter((line) => line.split(" ")[1] === dead);
      expect(sent.length).toBeGreaterThan(0);
      expect(world.processes("event-app").map(({ name }) => name)).not.toContain(dead);
      // What was under way when it died arrives within a second; after that there is nothing of it.
      const last = Number(sent.at(-1)?.split(" ")[0]);
      expect(world.time.elapsed() - last).toBeGreaterThan(150_000);
      await expectOnce(world, orderId);
    });
  });
});

describe("a process that sleeps longer than its claim", () => {
  test.each([
    [
      "when it has just claimed the order",
      ({ kind, what }: Moment) => kind === "answer" && /POST .*\/orders\//.test(what),
    ],
    [
      "when the token for IFS has come",
      ({ kind, what }: Moment) => kind === "answer" && what.endsWith("/openid-connect/token"),
    ],
    ["before the order leaves for IFS", creates("send")],
    ["when IFS has created the order and the answer is on its way", creates("answer")],
  ] as const)("%s goes on afterwards, and the order is in IFS once", async (_when, fits) => {
    const interrupt = once(fits, { pauseMs: 60_000 });
    await interrupted(interrupt, async (world, orderId) => {
      const [moment] = interrupt.struck;
      const sleeper = moment?.process ?? "";
      const times = world.network.log
        .filter((line) => line.split(" ")[1] === sleeper)
        .map((line) => Number.parseInt(line, 10));
      const gaps = times.map((at, index) => at - (times[index - 1] ?? at));
      // Nothing leaves it while it sleeps, and it lives on.
      expect(Math.max(...gaps)).toBeGreaterThan(55_000);
      expect(world.processes("event-app").map(({ name }) => name)).toContain(sleeper);
      await expectOnce(world, orderId);
    });
  });
});
