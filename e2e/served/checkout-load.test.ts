/**
 * The check as commercetools meets it, under load: service-app as a process of its own beside both platforms. A race for the last units,
 * a thousand questions, a log that nobody reads, and the end of the process while it is asked.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type Connector, createConnector } from "../../core/src/compose/connector.ts";
import { scheduledFlows } from "../../core/src/compose/flows.ts";
import { serverSettings } from "../../core/src/compose/settings.ts";
import { installCheckout, installJobs } from "../../core/src/ct/resources.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { type RunningCommercetools, startCommercetools } from "../../sandbox/commercetools/start.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { allTables } from "../../sandbox/ifs/tables/all-tables.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../../sandbox/seed/commercetools-shop.ts";
import { freePort } from "../../scripts/processes.ts";
import { shopper } from "../../scripts/story.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SECRET = "sandbox-extension-secret";
const DEADLINE_MS = 4000;
const config = connectorConfigSchema.parse(parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8")));
const armed = {
  ...config,
  atp: {
    ...config.atp,
    // Everything is below its threshold, and nobody is let pass for want of time.
    ...{ extension: "armed" as const, defaultThreshold: 100_000, defaultFailPolicy: "closed" as const },
    ...{ cacheSeconds: 0, deadlineMs: DEADLINE_MS, extensionTimeoutMs: 10_000 },
  },
};

let ifs: IfsServer;
let shop: RunningCommercetools;
let connector: Connector;
let env: Record<string, string>;
let port: number;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(1) });
  shop = await startCommercetools({
    port: 0,
    clock: systemClock,
    projectKey: SHOP_PROJECT_KEY,
    settings: { extensionDelayMs: 0 },
    seed: async (model) => {
      await seedShop(model);
      model.auth.addClient({ id: "connector", secret: "sandbox-secret", scopes: ["manage_project"] });
    },
  });
  env = {
    ...{ CTP_API_URL: shop.url, CTP_AUTH_URL: shop.url, CTP_SESSION_URL: shop.url, CTP_PROJECT_KEY: SHOP_PROJECT_KEY },
    ...{ CTP_CLIENT_ID: "connector", CTP_CLIENT_SECRET: "sandbox-secret", IFS_BASE_URL: ifs.url },
    IFS_TOKEN_URL: `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`,
    ...{ IFS_CLIENT_ID: "ctconnector", IFS_CLIENT_SECRET: "sandbox-secret", CLOUD_IDENTIFIER: "gcp-eu" },
    ...{ ENTRY_POINT_URI_PATH: "ifs-cloud", ATP_EXTENSION_SECRET: SECRET, HOST: "127.0.0.1" },
  };
  const settings = serverSettings.parse({ ...env, LOG_LEVEL: "error" });
  connector = createConnector({ app: "test", settings, lanes: ["stock", "orders", "reports"] });
  connector.budget.start();
  port = await freePort(0);
  const checkIfs = async () => "not asked";
  await installJobs(connector.ct, { checkIfs });
  await connector.store.config.push(armed);
  const found = scheduledFlows(connector, await connector.active()).find(({ flow }) => flow === "stock-sync");
  await found?.run(new Date(), async () => {});
  await start();
  const serviceUrl = `http://127.0.0.1:${port}/service`;
  await installCheckout(connector.ct, {
    checkIfs,
    serviceUrl,
    extensionHeader: SECRET,
    extensionPath: "/extension",
  });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await connector.budget.stop();
  await shop.close();
  await ifs.close();
});

/** A process that listens; `read`: its lines are read from the beginning, and not only when somebody asks for them. */
async function start(level: "info" | "error" = "error"): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["src/main.ts"], {
    cwd: join(root, "service-app"),
    env: { ...env, PORT: String(port), LOG_LEVEL: level },
    stdio: ["ignore", level === "info" ? "pipe" : "ignore", "inherit"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  for (let left = 600; left > 0; left -= 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/service/health`).catch(() => undefined);
    if (answer?.ok) return child;
    await pause(50);
  }
  throw new Error("service-app does not listen");
}

async function end(child: ChildProcess): Promise<number | null> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await ended;
  return code as number | null;
}

const onlyChild = (): ChildProcess => {
  const [child] = children;
  if (!child) throw new Error("service-app does not run");
  return child;
};

const channels = new Map<string, string>();
const channelId = async (key: string): Promise<string> => {
  const queryArgs = { where: `key="${key}"` };
  const found =
    channels.get(key) ?? (await connector.ct.root.channels().get({ queryArgs }).execute()).body.results[0]?.id;
  channels.set(key, found ?? "");
  return found ?? "";
};

type Answer = { readonly status: number | string; readonly ms: number };

/** As commercetools asks. */
async function ask(
  order: string,
  line: { readonly sku: string; readonly quantity: number },
  secret = SECRET,
): Promise<Answer> {
  const supplyChannel = { typeId: "channel", id: await channelId("hamburg") };
  const lineItems = [{ id: "l1", quantity: line.quantity, variant: { sku: line.sku }, supplyChannel }];
  const obj = { id: order, cart: { typeId: "cart", id: `cart-${order}` }, lineItems };
  const from = performance.now();
  try {
    const response = await fetch(`http://127.0.0.1:${port}/service/extension`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: secret },
      body: JSON.stringify({ action: "Create", resource: { typeId: "order", id: order, obj } }),
    });
    await response.text();
    return { status: response.status, ms: performance.now() - from };
  } catch (error) {
    const { code = String(error) } = ((error as Error).cause ?? {}) as { code?: string };
    return { status: code, ms: performance.now() - from };
  }
}

/** So much of a part is on hand in IFS from now on; its entry shows as much, or more. */
async function leave(sku: string, pieces: number, shown = pieces): Promise<void> {
  const queryArgs = { where: `sku="${sku}" and supplyChannel(id="${await channelId("hamburg")}")` };
  const [entry] = (await connector.ct.root.inventory().get({ queryArgs }).execute()).body.results;
  if (!entry) throw new Error(`there is no entry of ${sku}`);
  ifs.model.clerk("scrap", { site: "101", part: sku, qty: entry.quantityOnStock - pieces });
  const actions = [{ action: "changeQuantity" as const, quantity: shown }];
  await connector.ct.root
    .inventory()
    .withId({ ID: entry.id })
    .post({ body: { version: entry.version, actions } })
    .execute();
}

/** All that IFS has, in words; counters of requests are not among it. */
const ifsState = (): string =>
  JSON.stringify(allTables.map(({ name }) => [name, [...ifs.model.world().table(name).all()]]));

const liveHolds = async () => {
  const now = Date.now();
  return (await connector.store.holds.all()).flatMap(({ holds }) => holds.filter(({ until }) => until > now));
};

test("a thousand checks leave IFS as it was", async () => {
  const before = ifsState();
  expect(before.length).toBeGreaterThan(10_000);
  const answers: Answer[] = [];
  for (let round = 0; round < 20; round += 1) {
    const asked = Array.from({ length: 50 }, (_, n) =>
      // More than there is, so that nothing is held: each is judged by IFS to the end.
      ask(`none-${round}-${n}`, { sku: n % 2 === 0 ? "BAT.12V.4AH" : "BAT.18V.2AH", quantity: 1_000_000 }),
    );
    answers.push(...(await Promise.all(asked)));
  }
  expect([answers.length, new Set(answers.map(({ status }) => status))]).toEqual([1000, new Set([400])]);
  expect(ifsState() === before).toBe(true);
  const writes = Object.keys(ifs.model.counters()).filter((request) => !/^(GET|POST \$batch)/.test(request));
  expect(writes).toEqual([]);
});

test("of 50 parallel orders that reserve in commercetools as many are created as IFS has units", async () => {
  const UNITS = 7;
  const sku = "BAT.12V.4AH";
  // commercetools by itself would create all of them.
  await leave(sku, UNITS, 50);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () =>
      placeOrder({
        url: shop.url,
        projectKey: SHOP_PROJECT_KEY,
        lines: [{ sku, quantity: 1, externalPrice: 1999, supplyChannelKey: "hamburg" }],
        ...{ country: shopper.country, currency: shopper.currency, customerEmail: shopper.customerEmail },
        ...{ shippingAddress: shopper.address, shippingMethodKey: shopper.shippingMethodKey },
        inventoryMode: "ReserveOnOrder",
      }),
    ),
  );
  const refusals = outcomes.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(outcomes.length - refusals.length).toBe(UNITS);
  // Nobody was refused for want of an answer.
  expect(
    refusals.filter((text) => !/sold out|OutOfStock|InsufficientStock|out of stock|Only \d+ of/i.test(text)),
  ).toEqual([]);
  const held = (await liveHolds()).filter((hold) => hold.sku === sku);
  expect(held.reduce((sum, { pieces }) => sum + pieces, 0)).toBe(UNITS);
});

test("while nobody reads its log it answers as ever, and each line is shown or counted as dropped", async () => {
  await end(onlyChild());
  const child = await start("info");
  const [SCANS, CHECKS] = [9000, 200];
  // Of these each has a line, and together they are more than may wait.
  for (let left = SCANS; left > 0; left -= 100) {
    await Promise.all(
      Array.from({ length: 100 }, () => ask("scan", { sku: "X", quantity: 1 }, "former-extension-secret")),
    );
  }
  const answers: Answer[] = [];
  for (let left = CHECKS; left > 0; left -= 20) {
    const asked = Array.from({ length: 20 }, (_, n) =>
      ask(`log-${left}-${n}`, { sku: "BAT.18V.2AH", quantity: 1_000_000 }),
    );
    answers.push(...(await Promise.all(asked)));
  }
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(DEADLINE_MS);
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const told = () =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { event: string; dropped?: number });
  const counted = () => told().reduce((sum, { dropped = 0 }) => sum + dropped, 0);
  for (let left = 200; left > 0 && counted() === 0; left -= 1) await pause(100);
  await end(child);
  const isAnswer = ({ event }: { event: string }) => event === "request" || event === "availability-checked";
  expect(counted()).toBeGreaterThan(0);
  // A check that is refused has a line of its own beside that of its request.
  const others = told().filter((line) => !isAnswer(line) && line.event !== "log-lines-dropped").length;
  const all = told().filter(isAnswer).length + counted();
  expect(all).toBeGreaterThanOrEqual(SCANS + 2 * CHECKS);
  expect(all).toBeLessThanOrEqual(SCANS + 2 * CHECKS + others + 100);
  await start();
});

test("told to end while it is asked for the last units, it answers what was sent, and holds what it let pass", async () => {
  const UNITS = 40;
  const sku = "BAT.18V.2AH";
  await leave(sku, UNITS);
  const child = onlyChild();
  const answers = new Map<string, Answer>();
  const loop = async (nth: number): Promise<void> => {
    for (let round = 0; ; round += 1) {
      const order = `end-${nth}-${round}`;
      const answer = await ask(order, { sku, quantity: 1 });
      answers.set(order, answer);
      if (typeof answer.status === "string") return;
    }
  };
  const loops = Promise.all(Array.from({ length: 12 }, (_, nth) => loop(nth)));
  while (answers.size < 24) await pause(5);
  const before = answers.size;
  expect(await end(child)).toBe(0);
  await loops;
  const statuses = [...answers.values()].map(({ status }) => status);
  expect(statuses.slice(before).filter((status) => typeof status === "number").length).toBeGreaterThan(0);
  expect(statuses.filter((status) => ![200, 400, "ECONNREFUSED"].includes(status))).toEqual([]);
  const passed = [...answers].flatMap(([order, { status }]) => (status === 200 ? [order] : [])).toSorted();
  const held = (await liveHolds()).filter((hold) => hold.sku === sku);
  expect(passed.length).toBeGreaterThan(0);
  expect(passed.length).toBeLessThanOrEqual(UNITS);
  expect(held.map(({ order }) => order).toSorted()).toEqual(passed);
  await start();
});
