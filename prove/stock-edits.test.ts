/** A person sets an inventory entry by hand; shoppers buy all the while. */
import { expect, test } from "vitest";
import { createCt } from "../core/src/ct/client.ts";
import { createInventory } from "../core/src/ct/inventory.ts";
import type { JournalEntry } from "../core/src/domain/records.ts";
import { createApi } from "../sandbox/commercetools/api-caller.ts";
import type { InventoryEntry } from "../sandbox/commercetools/stock.ts";
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";
import { addresses } from "./addresses.ts";
import { configurationOf, type Document, deploy, pushConfiguration } from "./install.ts";
import { buy, germany } from "./people.ts";
import { channelId, entryOf } from "./stock/books.ts";
import { openWorld, type World } from "./world.ts";

const MINUTE = 60_000;
const DAY = 86_400;
/** Nobody but the shop sells it: no other order makes runs look at it. */
const SKU = "BAT.18V.2AH";
const stockOnly: Document = {
  stock: { pools: [{ name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg" }] }] },
  prices: { lists: [] },
  schedules: { stockSeconds: 60, stockFullSeconds: DAY, sweepSeconds: 3600, statusSeconds: DAY, customerSeconds: DAY },
};

/** By somebody who is logged in to the Merchant Center. */
function merchantCenter(world: World) {
  world.commercetools.model.auth.addClient({ id: "mc", secret: "mc-secret", user: "kim", scopes: ["manage_project"] });
  const credentials = { clientId: "mc", clientSecret: "mc-secret", fetch: world.network.fetchOf({ name: "kim" }) };
  return createApi({ url: addresses.commercetools, projectKey: SHOP_PROJECT_KEY, ...credentials });
}

const shown = (world: World): InventoryEntry => {
  const entry = entryOf(world, SKU, channelId(world, "hamburg"));
  if (!entry) throw new Error(`no entry of ${SKU}`);
  return entry;
};

async function corrections(world: World): Promise<unknown[]> {
  const query = { limit: "500", sort: "key asc" };
  const { results } = await world.drive(world.shop.get("/custom-objects/ifs-connector-journal", query));
  const entries = (results as { value: JournalEntry }[]).map(({ value }) => value);
  return entries
    .filter(({ event }) => event === "stock-corrected")
    .map(({ recordId, detail: { from, to, reason, lastModifiedBy } }) => [recordId, from, to, reason, lastModifiedBy]);
}

/** Ids of the entries that somebody else than the connector was the last to modify, by the connector's own question. */
async function byOthers(world: World): Promise<string[]> {
  const ct = createCt({
    apiUrl: addresses.commercetools,
    authUrl: addresses.commercetools,
    projectKey: SHOP_PROJECT_KEY,
    clientId: "connector",
    clientSecret: "sandbox-secret",
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    fetch: world.network.fetchOf({ name: "looking" }),
    clock: world.time.clock,
  });
  const { modifiedSince } = createInventory(ct);
  const found: string[] = [];
  const look = async () => {
    for await (const rows of modifiedSince([channelId(world, "hamburg")], "2020-01-01T00:00:00.000Z", "connector"))
      found.push(...rows.map(({ id }) => id));
  };
  await world.drive(look());
  const asked = world.network.log.filter((line) => line.includes(" looking ") && line.includes("lastModifiedBy"));
  expect(asked.map((line) => line.split(" -> ")[1])).toEqual(["200"]);
  return found;
}

/** How often one tick asks IFS for the stock of the part. */
async function figuresOf(world: World): Promise<number> {
  const before = world.network.log.length;
  await world.tick();
  const isFigure = (line: string): boolean => line.includes("InventoryPartInStockSet") && line.includes(`%27${SKU}%27`);
  // The end of each list is asked for as well.
  return world.network.log.slice(before).filter((line) => isFigure(line) && line.includes("$top=500")).length;
}

test("is corrected at the next cycle and journaled with their name; carts and orders cost no further read of IFS", async () => {
  const world = await openWorld({ size: "small" });
  try {
    for (const app of ["event-app", "job-app"] as const) await deploy(world, app);
    await pushConfiguration(world, configurationOf(world, stockOnly));
    world.start("job-app");
    await world.tick();
    const right = shown(world).quantityOnStock;
    await world.run(3 * MINUTE);
    await world.tick();

    const { id, version } = shown(world);
    const edit = { version, actions: [{ action: "changeQuantity", quantity: right + 50 }] };
    await world.drive(merchantCenter(world).post(`/inventory/${id}`, edit));
    // Of all that runs have written, nothing is read.
    expect(await byOthers(world)).toEqual([id]);
    await world.run(MINUTE);
    await world.tick();
    expect(shown(world).quantityOnStock).toBe(right);
    const corrected = [[SKU, right + 50, right, "manualEdit", "user kim"]];
    expect(await corrections(world)).toEqual(corrected);

    await world.run(5 * MINUTE);
    expect(await figuresOf(world)).toBe(0);
    // The order is in flight: its part is looked at once in each run, whatever the look for edits finds of it.
    await world.drive(
      buy(world, germany, { lines: [{ sku: SKU, quantity: 1, externalPrice: 4990 }], inventoryMode: "ReserveOnOrder" }),
    );
    for (let runs = 0; runs < 3; runs += 1) {
      await world.run(MINUTE);
      expect(await figuresOf(world)).toBe(1);
    }
    expect([shown(world).quantityOnStock, await corrections(world)]).toEqual([right - 1, corrected]);
  } finally {
    world.close();
  }
}, 120_000);
