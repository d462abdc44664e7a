import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const MINUTE = 60_000;

describe.each(FORMS)("imports of inventories (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form, { importDelayMs: 1000 });
    await shop.admin.post("/import-containers", { key: "stock", resourceType: "inventory" });
  });
  afterAll(() => shop.close());

  const entry = (key: string, quantityOnStock: number, channel = "hamburg", more: Json = {}): Json => ({
    key,
    sku: key,
    supplyChannel: { typeId: "channel", key: channel },
    quantityOnStock,
    ...more,
  });
  const submit = (...resources: Json[]) =>
    shop.admin.post("/inventories/import-containers/stock", { type: "inventory", resources });
  const states = async () => (await shop.admin.get("/import-containers/stock/import-summaries")).states as Json;
  const operations = async (state: string) =>
    results(await shop.admin.get("/import-containers/stock/import-operations", { state })).map((operation) =>
      pick(operation, "resourceKey", "state"),
    );
  const stored = (key: string) => shop.admin.get(`/inventory/key=${key}`);

  it("are worked off later, and create or set by key", async () => {
    const before = Number((await states()).imported);
    const answer = await submit(entry("IMP-1", 5), entry("IMP-2", 7, "munich", { restockableInDays: 3 }));
    expect((answer.operationStatus as Json[]).map(({ state }) => state)).toEqual(["processing", "processing"]);
    expect((await refusal(stored("IMP-1"))).status).toBe(404);
    shop.clock.advance(1000);
    expect(pick(await stored("IMP-1"), "sku", "quantityOnStock", "version")).toEqual({
      sku: "IMP-1",
      quantityOnStock: 5,
      version: 1,
    });
    expect((await stored("IMP-2")).restockableInDays).toBe(3);
    await submit(entry("IMP-1", 9));
    shop.clock.advance(1000);
    expect(pick(await stored("IMP-1"), "quantityOnStock", "version")).toEqual({ quantityOnStock: 9, version: 2 });
    expect(await states()).toMatchObject({ imported: before + 3, processing: 0 });
  });

  it("wait for a channel that is not there, and are rejected where SKU and channel are taken", async () => {
    await submit(entry("IMP-3", 1, "oslo"), { ...entry("IMP-4", 1), sku: "IMP-1" });
    shop.clock.advance(1000);
    expect(await operations("unresolved")).toEqual([{ resourceKey: "IMP-3", state: "unresolved" }]);
    expect(await operations("rejected")).toEqual([{ resourceKey: "IMP-4", state: "rejected" }]);
    const listed = async (sort: string) =>
      results(await shop.admin.get("/import-containers/stock/import-operations", { sort })).map((one) => one.id);
    expect(await listed("createdAt desc")).toEqual((await listed("createdAt asc")).toReversed());
    await shop.admin.post("/channels", { key: "oslo", roles: ["InventorySupply"] });
    expect((await stored("IMP-3")).quantityOnStock).toBe(1);
    shop.clock.advance(48 * 60 * MINUTE);
    expect(await states()).toMatchObject({ imported: 0, rejected: 0 });
  });

  it("refuse what an import cannot say, more than twenty, and a container that is not there", async () => {
    await shop.admin.post("/import-containers", { key: "again" }).catch(() => undefined);
    const answer = await submit(entry("IMP-5", 1, "hamburg", { maxCartQuantity: 4 }));
    expect((answer.operationStatus as Json[]).map(({ state }) => state)).toEqual(["validationFailed"]);
    const many = Array.from({ length: 21 }, (_, nth) => entry(`MANY-${nth}`, 1));
    expect(await refusal(submit(...many))).toMatchObject({ status: 400, code: "InvalidInput" });
    const elsewhere = shop.admin.post("/inventories/import-containers/none", { type: "inventory", resources: many });
    expect((await refusal(elsewhere)).status).toBe(404);
    expect(await refusal(shop.admin.post("/import-containers", { key: "stock" }))).toMatchObject({
      code: "DuplicateField",
    });
  });
});
