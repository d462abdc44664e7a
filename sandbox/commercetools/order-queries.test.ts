import { expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import type { Order } from "./order-model.ts";
import { openShop, results, START } from "./test-shop.ts";

const ORDERS = 10_000;
const at = (n: number) => new Date(START + n * 1000).toISOString();
const id = (n: number) => `${n.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;

it("pages windows of 10,000 orders in under 10 ms: by lastModifiedAt, createdAt, id and syncInfo", {
  timeout: 60_000,
}, async () => {
  const shop = await openShop("in-process");
  const channel = await shop.admin.post("/channels", { key: "erp-export", roles: ["OrderExport"] });
  const placed = await shop.order({
    lines: [{ sku: "HB-M5X20", quantity: 5, externalPrice: 1000 }],
    inventoryMode: "None",
    shippingMethodKey: "standard",
  });
  const collection = shop.model.world.collection<Order>("order");
  const first = collection.get(String(placed.id));
  if (!first) throw new Error("the order was not stored");
  collection.remove(first.id);
  for (let n = 0; n < ORDERS; n += 1) {
    // Every twentieth is not exported yet; changes come in another order than creations.
    const externalId = { channel: { typeId: "channel" as const, id: String(channel.id) }, syncedAt: at(n) };
    const changed = at((n * 7919) % ORDERS);
    const syncInfo = n % 20 === 0 ? [] : [{ ...externalId, externalId: `H${n}` }];
    collection.put({ ...first, id: id(n), orderNumber: `N-${n}`, createdAt: at(n), lastModifiedAt: changed, syncInfo });
  }
  const ids = (page: Json) => results(page).map((one) => one.id);
  const measure = async (name: string, query: (n: number) => Record<string, string>, count: number) => {
    const times: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      const start = performance.now();
      const page = await shop.connector.get("/orders", { withTotal: "false", limit: "20", ...query(n) });
      times.push(performance.now() - start);
      expect([name, results(page).length]).toEqual([name, count]);
    }
    // The fastest tells what a page costs; slower ones tell what else the machine does.
    const [best = Number.POSITIVE_INFINITY] = times.sort((a, b) => a - b);
    process.stdout.write(`${ORDERS} orders, ${name}: ${best.toFixed(2)} ms, median ${times[20]?.toFixed(2)} ms\n`);
    return best;
  };
  const window = (field: string, n: number) => ({
    where: `${field} >= :from and ${field} <= :to and id > :last`,
    "var.from": at(n * 200),
    "var.to": at(n * 200 + 99),
    "var.last": id(0),
    sort: "id asc",
  });
  const erp = String(channel.id);
  const best = [
    await measure("changed in a window, by id", (n) => window("lastModifiedAt", n + 1), 20),
    await measure("created in a window, by id", (n) => window("createdAt", n + 1), 20),
    await measure(
      "changed since, by time",
      (n) => ({ where: "lastModifiedAt > :from", "var.from": at(n * 200), sort: "lastModifiedAt asc" }),
      20,
    ),
    await measure("newest created", () => ({ sort: "createdAt desc" }), 20),
    await measure("by id", (n) => ({ where: "id > :last", "var.last": id(n * 200), sort: "id asc" }), 20),
    await measure(
      "not exported, in a window",
      (n) => ({
        ...window("createdAt", n + 1),
        where: `createdAt >= :from and createdAt <= :to and not(syncInfo(channel(id = :erp)))`,
        "var.erp": erp,
      }),
      5,
    ),
    await measure(
      "not exported at all",
      () => ({ where: "not(syncInfo(channel(id = :erp)))", "var.erp": erp, sort: "id asc" }),
      20,
    ),
    await measure("by number of the ERP", (n) => ({ where: `syncInfo(externalId = "H${n * 20 + 1}")` }), 1),
    await measure("by line", () => ({ where: 'lineItems(variant(sku = "HB-M5X20"))', sort: "id asc" }), 20),
  ];
  const page = await shop.connector.get("/orders", { ...window("lastModifiedAt", 3), limit: "500" });
  const expected = Array.from({ length: ORDERS }, (_, n) => n).filter((n) => {
    const changed = (n * 7919) % ORDERS;
    return n > 0 && changed >= 600 && changed <= 699;
  });
  expect([page.total, ids(page)]).toEqual([100, expected.map(id)]);
  const newest = await shop.connector.get("/orders", { sort: "lastModifiedAt desc", limit: "2", offset: "1" });
  expect(results(newest).map((one) => one.lastModifiedAt)).toEqual([at(ORDERS - 2), at(ORDERS - 3)]);
  for (const ms of best) expect(ms).toBeLessThan(10);
  await shop.close();
});
