/**
 * Both platforms for the bench of the availability check, in a process of its own: one site whose entries show plenty, and IFS with as
 * much. Read as `SANDBOX_…` settings of sandbox/main.ts, and BENCH_ENTRIES.
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
import { partOf } from "../sandbox/seed/any-catalogue.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../sandbox/seed/commercetools-shop.ts";
import { seedBasicData } from "../sandbox/seed/ifs-basic-data.ts";
import { seedCustomers } from "../sandbox/seed/ifs-customers.ts";
import { parts, type SeedPart } from "../sandbox/seed/ifs-parts.ts";
import { seedSalesParts } from "../sandbox/seed/ifs-products.ts";

const entries = Number(process.env.BENCH_ENTRIES ?? "0");
const SECRET = "sandbox-secret";
const SITE = "101";
const ON_HAND = 1_000_000;
/** Ordered by telephone and not reserved yet, of each so many parts. */
const EVERY = 20;

function seedStock(world: World): void {
  seedBasicData(world);
  seedCustomers(world);
  const template = parts.find(({ type, convFactor }) => type === "inventory" && convFactor === "1") as SeedPart;
  const numbers = Array.from({ length: entries }, (_, index) => partOf(index));
  seedSalesParts(
    world,
    numbers.map((number): SeedPart => ({ ...template, catalogNo: number, partNo: number, sites: [SITE] })),
  );
  const location = world.table("InventoryLocation").get(SITE, "PICK-01");
  for (const number of numbers) {
    const stocked = world.table("InventoryPart").get(SITE, number);
    if (!stocked || !location) throw new Error(`${number} has no place`);
    const row = { ...newStockRow(world, stocked, location, "*"), QtyOnhand: String(ON_HAND) };
    world.table("InventoryPartInStock").insert({ ...row, LastActivityDate: "2026-01-02T08:00:00Z" });
  }
  const lines = numbers.filter((_, index) => index % EVERY === 0).map((catalogNo) => ({ catalogNo, qty: "2" }));
  createTelephoneOrder(world, { contract: SITE, customerNo: "10001", lines });
}

async function seedEntries(model: CommercetoolsModel): Promise<void> {
  await seedShop(model, { skus: [] });
  model.auth.addClient({ id: "bench", secret: SECRET, scopes: ["manage_project"] });
  const url = "http://commercetools.seed";
  const fetch = inProcessFetch({ [url]: { handler: model.handle } });
  const api = createApi({ url, projectKey: model.world.projectKey, clientId: "bench", clientSecret: SECRET, fetch });
  const supplyChannel = { typeId: "channel", key: "hamburg" };
  for (let index = 0; index < entries; index += 1) {
    await api.post("/inventory", { sku: partOf(index), supplyChannel, quantityOnStock: ON_HAND - 2 });
  }
  model.journal.length = 0;
}

const port = (name: string): number => Number(process.env[`SANDBOX_${name}_PORT`] ?? "0");
const scopes = (process.env.SANDBOX_CONNECTOR_SCOPES ?? "").split(" ").filter((scope) => scope !== "");
const clock = systemClock;
const ifs = await startIfs({ port: port("IFS"), clock, random: seededRandom(1), seed: seedStock });
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
