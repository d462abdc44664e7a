/** An application dies in the middle of what it does, as a real process, and IFS hears, or does not hear, the rest of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, test } from "vitest";
import { eventually } from "../scripts/platforms.ts";
import { type Stack, startStack } from "../scripts/stack.ts";
import { entryOf, opening, ordersInIfs, sellableInIfs } from "../scripts/story.ts";
import { type OrderBench, orderBench, pause, portsOfStack } from "./order-bench.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const logDir = mkdtempSync(join(tmpdir(), "crashes-"));
const PART = "BAT.12V.4AH";

let stack: Stack;
let bench: OrderBench;

beforeAll(async () => {
  const progress = (line: string) => process.stdout.write(`${line}\n`);
  const ports = portsOfStack(1);
  stack = await startStack({ root, ports, logDir, progress, merchantCenter: false, built: true, announce: false });
  bench = orderBench(stack);
  for (const step of opening) await step.run(bench.world);
});

afterAll(async () => {
  await stack?.stop();
  rmSync(logDir, { recursive: true, force: true });
});

test("event-app dies while IFS is creating the order: one order, linked, released", async () => {
  await bench.fault({ kind: "latency", delayMs: 2500, methods: ["POST"], path: "CustomerOrderHandling", times: 1 });
  const orderId = await bench.buy(PART, 1);
  await pause(1500);
  await stack.kill("event-app");
  await stack.startApp("event-app");
  await bench.linkedNumber(orderId);
  await bench.expectOnce(orderId);
});

test("event-app dies after IFS has committed and before it hears so: one order", async () => {
  await bench.fault({
    kind: "loseResponse",
    delayMs: 3000,
    methods: ["POST"],
    path: "CustomerOrderHandling.svc/.batch",
    times: 1,
  });
  const orderId = await bench.buy(PART, 2);
  await eventually("the order in IFS", 20_000, async () =>
    (await ordersInIfs(bench.ifs, orderId)).length > 0 ? true : undefined,
  );
  await stack.kill("event-app");
  await stack.startApp("event-app");
  await bench.linkedNumber(orderId);
  await bench.expectOnce(orderId);
});

test("an answer is lost and IFS commits late: one order", async () => {
  await bench.fault({
    kind: "lateCommit",
    delayMs: 2000,
    methods: ["POST"],
    path: "CustomerOrderHandling.svc/.batch",
    times: 1,
  });
  const orderId = await bench.buy(PART, 1);
  await bench.linkedNumber(orderId);
  await pause(2500);
  await bench.expectOnce(orderId);
});

test("job-app dies in the middle of a run: the next one ends in the right state", async () => {
  await bench.ifs.clerk("sell", { site: "101", part: PART, qty: 3 });
  await bench.fault({ kind: "latency", delayMs: 2000, path: "InventoryPartInStockSet", times: 1 });
  const running = bench.tick().catch((error: unknown) => error);
  await pause(700);
  await stack.kill("job-app");
  await running;
  await stack.startApp("job-app");
  const wanted = await sellableInIfs(bench.ifs, PART);
  await eventually("the right stock", 120_000, async () => {
    await bench.tick();
    const entry = await entryOf(bench.shop, PART, "hamburg");
    if (entry?.availableQuantity === wanted) return true;
    await pause(1000);
    throw new Error(`${entry?.availableQuantity} instead of ${wanted}`);
  });
});
