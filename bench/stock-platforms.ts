/**
 * Both platforms with a catalogue of any size, in a process of its own: what a shop with so many entries has, and IFS with their
 * stock on three sites. Read as `SANDBOX_…` settings of sandbox/main.ts; and BENCH_ENTRIES, BENCH_ROWS, BENCH_LINES: inventory
 * entries, stock rows (at least one of each entry) and open order lines. Every entry shows what IFS can promise.
 */

import { createApi } from "../sandbox/commercetools/api-caller.ts";
import type { CommercetoolsModel } from "../sandbox/commercetools/model.ts";
import { startCommercetools } from "../sandbox/commercetools/start.ts";
import { newStockRow } from "../sandbox/ifs/business/stock.ts";
import { createTelephoneOrder } from "../sandbox/ifs/business/telephone-order.ts";
import { startIfs } from "../sandbox/ifs/server.ts";
import type { World } from "../sandbox/ifs/world.ts";
import { inProcessFetch } from "../sandbox/kernel/in-process-fetch.ts";
import { seededRandom, systemClock } from "../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../sandbox/seed/commercetools-shop.ts";
import { seedBasicData } from "../sandbox/seed/ifs-basic-data.ts";
import { seedCustomers } from "../sandbox/seed/ifs-customers.ts";
import { parts, type SeedPart } from "../sandbox/seed/ifs-parts.ts";
import { seedSalesParts } from "../sandbox/seed/ifs-products.ts";
import { customers, lineQuantity, onHand, partOf, places, type Size, siteOf } from "./stock-catalogue.ts";

const number = (name: string): number => Number(process.env[name] ?? "0");
const size: Size = { entries: number("BENCH_ENTRIES"), rows: number("BENCH_ROWS"), lines: number("BENCH_LINES") };
/** Of 5 lines, as a clerk types them. */
const LINES_PER_ORDER = 5;
const SECRET = "sandbox-secret";

function seedIfs(world: World): void {
  seedBasicData(world);
  seedCustomers(world);
  const template = parts.find(({ type, convFactor }) => type === "inventory" && convFactor === "1") as SeedPart;
  const offered = Array.from({ length: size.entries }, (_, index): SeedPart => {
    const number = partOf(index);
    return { ...template, catalogNo: number, partNo: number, sites: [siteOf(index)] };
  });
  seedSalesParts(world, offered);
  offered.forEach((part, index) => {
    const [contract] = part.sites as [string];
    const stocked = world.table("InventoryPart").get(contract, part.partNo);
    for (const [place, locationNo] of places(index, size).entries()) {
      const location = world.table("InventoryLocation").get(contract, locationNo);
      if (!stocked || !location) throw new Error(`${part.partNo} of site ${contract} has no place ${locationNo}`);
      world.table("InventoryPartInStock").insert({
        ...newStockRow(world, stocked, location, "*"),
        QtyOnhand: String(onHand(index, place)),
        LastActivityDate: "2026-01-02T08:00:00Z",
      });
    }
  });
  for (const [contract, customerNo] of Object.entries(customers)) {
    const lines = offered.flatMap(({ catalogNo }, index) => {
      const quantity = siteOf(index) === contract ? lineQuantity(index, size) : 0;
      return quantity > 0 ? [{ catalogNo, qty: String(quantity) }] : [];
    });
    for (let at = 0; at < lines.length; at += LINES_PER_ORDER) {
      createTelephoneOrder(world, { contract, customerNo, lines: lines.slice(at, at + LINES_PER_ORDER) });
    }
  }
}

async function seedEntries(model: CommercetoolsModel): Promise<void> {
  await seedShop(model, { skus: [] });
  for (const id of ["bench", "peer"]) model.auth.addClient({ id, secret: SECRET, scopes: ["manage_project"] });
  const url = "http://commercetools.seed";
  const fetch = inProcessFetch({ [url]: { handler: model.handle } });
  const api = createApi({ url, projectKey: model.world.projectKey, clientId: "bench", clientSecret: SECRET, fetch });
  const channelOf: Record<string, string> = { "101": "hamburg", "102": "munich", "201": "gothenburg" };
  for (let index = 0; index < size.entries; index += 1) {
    const shelves = places(index, size).reduce((sum, _, place) => sum + onHand(index, place), 0);
    await api.post("/inventory", {
      sku: partOf(index),
      supplyChannel: { typeId: "channel", key: channelOf[siteOf(index)] },
      quantityOnStock: shelves - lineQuantity(index, size),
    });
  }
  model.journal.length = 0;
}

const port = (name: string): number => Number(process.env[`SANDBOX_${name}_PORT`] ?? "0");
const scopes = (process.env.SANDBOX_CONNECTOR_SCOPES ?? "").split(" ").filter((scope) => scope !== "");
const clock = systemClock;
const ifs = await startIfs({ port: port("IFS"), clock, random: seededRandom(1), seed: seedIfs });
const commercetools = await startCommercetools({
  port: port("COMMERCETOOLS"),
  clock,
  random: seededRandom(2),
  projectKey: SHOP_PROJECT_KEY,
  seed: async (model) => {
    await seedEntries(model);
    model.auth.addClient({ id: "connector", secret: SECRET, scopes });
  },
});
process.on("SIGTERM", () => void Promise.all([ifs.close(), commercetools.close()]).then(() => process.exit(0)));
