/** Thresholds that are too low, unreadable, or rest on sales that nobody counted; numbers of the Merchant Center as the checkout reads them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCatalogue } from "../../core/src/ct/catalogue.ts";
import { createCt } from "../../core/src/ct/client.ts";
import { createStore } from "../../core/src/ct/store.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import type { Sku } from "../../core/src/domain/ids.ts";
import { type SalesRow, toSalesParts } from "../../core/src/domain/sales.ts";
import { systemClock } from "../../core/src/runtime/clock.ts";
import { access, admin, closeSandboxes, config, diagnose, named, openSandboxes } from "./doctor-fixture.ts";

const SKU = "BAT.12V.2AH" as Sku;

beforeAll(openSandboxes);
afterAll(closeSandboxes);

const ct = () => createCt({ ...access(), logger: { info: () => {}, warn: () => {}, error: () => {} } });
const withAtp = (atp: object) => ({
  config: { name: "test", value: connectorConfigSchema.parse({ ...config, atp: { ...config.atp, ...atp } }) },
});
const fields = { units: "atp-threshold" };

async function sold(rows: SalesRow[], daysAgo = 1): Promise<void> {
  const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const parts = toSalesParts([{ day, windowSeconds: 13, orders: 9, rows }], new Date().toISOString());
  await createStore(ct(), systemClock).sales.writeWindow(parts);
}

/** What a merchandiser does on the product's page: an attribute of the variant, saved, and published. */
async function enter(value: unknown, publish = true): Promise<void> {
  const where = `masterData(current(masterVariant(sku="${SKU}") or variants(sku="${SKU}")))`;
  const [product] = (await admin.get("/products", { where })).results as {
    id: string;
    version: number;
    productType: { id: string };
  }[];
  if (!product) throw new Error(`no product has ${SKU}`);
  const type = await admin.get(`/product-types/${product.productType.id}`);
  if (!(type.attributes as { name: string }[]).some(({ name }) => name === fields.units)) {
    const attribute = { name: fields.units, label: { en: "ATP threshold" }, type: { name: "number" } };
    await admin.post(`/product-types/${product.productType.id}`, {
      version: type.version,
      actions: [{ action: "addAttributeDefinition", attribute }],
    });
  }
  await admin.post(`/products/${product.id}`, {
    version: product.version,
    actions: [
      { action: "setAttribute", sku: SKU, name: fields.units, value, staged: true },
      ...(publish ? [{ action: "publish" }] : []),
    ],
  });
}

const thresholdFindings = async (atp: object) =>
  named(await diagnose(withAtp(atp)), "warning").filter(({ check }) => check.startsWith("ct.threshold"));

test("days of cover without counted sales, and with sales that are old", async () => {
  const days = { thresholds: [{ days: 2 }] };
  const finding = { check: "ct.threshold-sales", subject: "sales figures", owner: "operator" };
  expect(await thresholdFindings(days)).toEqual([finding]);
  await sold([[SKU, "hamburg", 4, 1]], 9);
  expect(await thresholdFindings(days)).toEqual([finding]);
  await sold([[SKU, "hamburg", 4, 1]]);
  expect(await thresholdFindings(days)).toEqual([]);
});

test("a threshold that is not above what was sold unseen, until a merchandiser raises it and publishes", async () => {
  await sold([
    [SKU, "hamburg", 400, 5],
    ["BAT.18V.2AH", "hamburg", 300, 4],
    ["BAT.18V.2AH", "nowhere", 300, 900],
  ]);
  const low = [{ check: "ct.threshold-low", subject: "1 threshold", owner: "merchant" }];
  const atp = { defaultThreshold: 5, thresholdFields: fields };
  expect(await thresholdFindings(atp)).toEqual(low);
  await enter(6, false);
  expect(await thresholdFindings(atp)).toEqual(low);
  await enter(6);
  expect(await thresholdFindings(atp)).toEqual([]);
  const facts = await createCatalogue(ct()).skuFacts([SKU], fields);
  expect(facts.get(SKU)).toMatchObject({ variant: { units: 6 }, product: {}, categories: [], ignored: [] });
});

test("a field that holds no threshold is told, and passed over", async () => {
  await enter(-3);
  await sold([[SKU, "hamburg", 400, 5]]);
  expect(await thresholdFindings({ defaultThreshold: 9, thresholdFields: fields })).toEqual([
    { check: "ct.threshold-field", subject: "1 field", owner: "merchant" },
  ]);
});
