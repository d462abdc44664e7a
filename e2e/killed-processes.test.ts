/**
 * Orders come while event-app and job-app are killed again and again: real processes, SIGKILL, and Google's Pub/Sub emulator in
 * between where it is installed (the sandbox's own push delivery elsewhere).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { seededRandom } from "../sandbox/kernel/types.ts";
import { findEmulatorJar } from "../sandbox/pubsub/emulator.ts";
import { commercetools, eventually, ifsCloud, type Json } from "../scripts/platforms.ts";
import { PROJECT_KEY, type Stack, startStack } from "../scripts/stack.ts";
import {
  grossInIfs,
  orderById,
  ordersInIfs,
  pushConfiguration,
  sandboxConfiguration,
  shopper,
  storyWorld,
} from "../scripts/story.ts";
import { pause, portsOfStack } from "./order-bench.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const logDir = mkdtempSync(join(tmpdir(), "killed-"));
const servers = ["event-app", "job-app"] as const;
const ORDERS = 16;
const KILLS = 10;
const random = seededRandom(4);

let stack: Stack;
let jar: string | undefined;

beforeAll(async () => {
  jar = await findEmulatorJar();
  process.stdout.write(
    `  pushed by ${jar ? "Google's Pub/Sub emulator" : "the sandbox: the emulator is not installed here"}\n`,
  );
  const progress = (line: string) => process.stdout.write(`${line}\n`);
  stack = await startStack({
    root,
    logDir,
    progress,
    ports: portsOfStack(2),
    merchantCenter: false,
    built: true,
    announce: false,
    pubsubJar: jar,
  });
  for (const name of servers) await stack.script(name, "post-deploy");
  await pushConfiguration(stack, sandboxConfiguration(stack));
  for (const name of servers) await stack.startApp(name);
});

afterAll(async () => {
  await stack?.stop();
  rmSync(logDir, { recursive: true, force: true });
});

const buy = async (quantity: number): Promise<string> => {
  const order = await placeOrder({
    url: stack.urls.commercetools,
    projectKey: PROJECT_KEY,
    // Nobody has run the price flow here.
    lines: [{ sku: "BAT.12V.4AH", quantity, externalPrice: 1999 }],
    country: shopper.country,
    currency: shopper.currency,
    customerEmail: shopper.customerEmail,
    shippingAddress: shopper.address,
    shippingMethodKey: shopper.shippingMethodKey,
    inventoryMode: "None",
  });
  return String((order as Json).id);
};

test("every order is in IFS once, released, equal to the cent and linked", async () => {
  const { tick } = storyWorld(stack);
  const shop = commercetools(stack.urls.commercetools, PROJECT_KEY);
  const ifs = ifsCloud(stack.urls.ifs);
  // The claim is an entry of `syncInfo` too: linked is what carries the number of an order in IFS.
  const isLinked = async (id: string): Promise<boolean> => {
    const numbers = (await ordersInIfs(ifs, id)).map((row) => String(row.OrderNo));
    const { syncInfo } = await orderById(shop, id);
    return syncInfo.some(({ externalId }) => externalId !== undefined && numbers.includes(externalId));
  };
  // Nobody has asked the job for anything yet: this one came by its event.
  const ids = [await buy(1)];
  await eventually("the order that was pushed", 30_000, async () => {
    return (await Promise.all(ids.map(isLinked))).every(Boolean) || undefined;
  });
  // Slow enough that a kill falls into the middle of something.
  const slow = { kind: "latency", delayMs: 120, path: "/main/" };
  const slowed = await fetch(`${stack.urls.ifs}/sandbox/faults`, { method: "POST", body: JSON.stringify(slow) });
  expect(slowed.status).toBe(201);

  const shopping = (async () => {
    for (let count = 0; count < ORDERS; count += 1) {
      ids.push(await buy(1 + (count % 4)));
      await pause(400 + random() * 400);
    }
  })();
  const killing = (async () => {
    for (let count = 0; count < KILLS; count += 1) {
      await pause(300 + random() * 600);
      const name = servers[count % 4 === 3 ? 1 : 0];
      // The scheduler's request dies with the job that it asked.
      if (name === "job-app") tick().catch(() => undefined);
      await pause(random() * 300);
      await stack.kill(name);
      await stack.startApp(name);
    }
  })();
  await Promise.all([shopping, killing]);

  expect(ids).toHaveLength(1 + ORDERS);
  await eventually("the links of all orders", 150_000, async () => {
    await tick();
    const done = (await Promise.all(ids.map(isLinked))).every(Boolean);
    if (!done) await pause(1000);
    return done || undefined;
  });
  for (const id of ids) {
    const rows = await ordersInIfs(ifs, id);
    const order = await orderById(shop, id);
    expect(rows.map((row) => row.Objstate)).toEqual(["Released"]);
    expect(order.syncInfo.map(({ externalId }) => externalId)).toContain(String(rows[0]?.OrderNo));
    expect(await grossInIfs(ifs, String(rows[0]?.OrderNo))).toBe(order.taxedPrice.totalGross.centAmount);
  }
}, 300_000);
