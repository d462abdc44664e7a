/** Each strategy of change detection against the sandbox's IFS Cloud over real HTTP: it names what changed, and nothing else. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import type { Contract } from "../../core/src/domain/ids.ts";
import { createIfsAdapter, type IfsAdapter } from "../../core/src/ifs/adapter.ts";
import type { FeedContext } from "../../core/src/ifs/changes/feeds.ts";
import type { Feed, FoundKeys } from "../../core/src/ifs/changes/found.ts";
import { createTestMemory } from "../../core/src/ifs/testing/memory.ts";
import { systemClock as connectorClock } from "../../core/src/runtime/clock.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const sandbox = parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8"));
const HAMBURG = "101" as Contract;
const PART = "BAT.12V.2AH";
const OTHER = "BAT.12V.4AH";

let ifs: IfsServer;
beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(7) });
});
afterAll(() => ifs.close());

function connect(changes: object): IfsAdapter {
  const config = connectorConfigSchema.parse({ ...sandbox, ifs: { ...sandbox.ifs, changes, pageSize: 50 } });
  return createIfsAdapter({
    connection: {
      baseUrl: ifs.url,
      tokenUrl: `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`,
      clientId: "ctconnector",
      clientSecret: "sandbox-secret",
    },
    config,
    clock: connectorClock,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  });
}

async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`${ifs.url}/sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
  expect([path, response.status]).toEqual([path, 200]);
}
const clerk = (command: string, body: object) => post(`clerk/${command}`, body);

/** Reads, and remembers that all of it was handled. */
async function round<Key>(feed: Feed<Key>): Promise<FoundKeys<Key>> {
  const { keys, handled } = await feed();
  await handled();
  return keys;
}
const context = (): FeedContext => ({ memory: createTestMemory(), clock: connectorClock });

test("time stamps: a part that moved is named until the overlap has passed", async () => {
  const feed = connect({ stock: { overlapSeconds: 30 } }).changes.parts(HAMBURG, context());
  expect(await round(feed)).toBe("lost");
  await clerk("receive", { site: HAMBURG, part: PART, qty: 1 });
  expect(await round(feed)).toContain(PART);
  expect(await round(feed)).toContain(PART);
});

test("ETag sweep of stock: the part that moved, once; a freeze that moves no date, too", async () => {
  const feed = connect({ stock: { strategy: "etagSweep" } }).changes.parts(HAMBURG, context());
  expect(await round(feed)).toBe("lost");
  expect(await round(feed)).toEqual([]);
  await clerk("receive", { site: HAMBURG, part: PART, qty: 1 });
  await clerk("freeze", { site: HAMBURG, part: OTHER });
  const found = await round(feed);
  expect([...found].sort()).toEqual([PART, OTHER]);
  expect(await round(feed)).toEqual([]);
  await clerk("unfreeze", { site: HAMBURG, part: OTHER });
  expect(await round(feed)).toEqual([OTHER]);
});

test("ETag sweep of price lists: the part whose price changed", async () => {
  const feed = connect({ priceListParts: { strategy: "etagSweep" } }).changes.prices(["WEB-EUR"], context());
  expect(await round(feed)).toBe("lost");
  expect(await round(feed)).toEqual([]);
  await clerk("set-price", { priceList: "WEB-EUR", part: PART, amount: "12.34" });
  expect(await round(feed)).toEqual([PART]);
  expect(await round(feed)).toEqual([]);
  const rows = await connect({}).prices.priceListPartsOf("WEB-EUR", [PART as never]);
  expect(rows.map(({ catalogNo, salesPrice }) => [catalogNo, salesPrice])).toContainEqual([PART, "12.34"]);
});

test("sales parts are watched where they are to be, and the default does not ask for them", async () => {
  const watched = connect({ stock: { strategy: "etagSweep" }, salesParts: { strategy: "etagSweep" } });
  const feed = watched.changes.parts(HAMBURG, context());
  expect(await round(feed)).toBe("lost");
  expect(await round(feed)).toEqual([]);
});

test("history log of orders: polled while it shows nothing, believed once it does, headers and lines by their order", async () => {
  const feed = connect({ orders: { strategy: "historyLog" } }).changes.orders(context());
  expect(await round(feed)).toBe("lost");
  await clerk("sell", { site: HAMBURG, part: OTHER, qty: 1 });
  expect(await round(feed)).toBe("all");
  await post("settings", { historyLog: ["CustomerOrder", "CustomerOrderLine"] });
  await clerk("sell", { site: HAMBURG, part: OTHER, qty: 1 });
  const found = await round(feed);
  expect(found).toHaveLength(1);
  expect(String(found)).toMatch(/^\S+$/);
});
