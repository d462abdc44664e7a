import { describe, expect, test } from "vitest";
import type { Sku } from "../domain/ids.ts";
import { createCatalogue } from "./catalogue.ts";
import { idsByKey, keysById } from "./channels.ts";
import { customerGroupIdsByKey, customerGroupKeysById } from "./customer-groups.ts";
import { createInventory } from "./inventory.ts";
import { createOrders } from "./orders.ts";
import { keyLists } from "./paging.ts";
import { createPrices } from "./prices.ts";
import { type Call, clientOf, createPlatform, refusal } from "./testing/platform.ts";

const padded = (index: number) => String(index).padStart(4, "0");
const channel = (id: string) => ({ typeId: "channel", id });

describe("keyset reads", () => {
  test("all entries of many SKUs, whatever is in their names; values only as variables", async () => {
    const platform = createPlatform();
    const skus = Array.from({ length: 730 }, (_, index) => `A.${index}/"x" & y` as Sku);
    for (const sku of skus) platform.seed("inventory", { sku, supplyChannel: channel("c-1"), quantityOnStock: 1 });
    platform.seed("inventory", { sku: skus[0], supplyChannel: channel("c-2"), quantityOnStock: 1 });
    const inventory = createInventory(clientOf(platform).ct);
    const found = await inventory.bySkus([...skus, ...skus], ["c-1"]);
    expect(found.map(({ sku }) => sku).sort()).toEqual([...skus].sort());
    expect(new Set(platform.calls.map(({ query }) => query.getAll("where").join(" & ")))).toEqual(
      new Set(["sku in :skus & supplyChannel(id in :channels)"]),
    );
    expect(Math.max(...platform.calls.map(({ query }) => query.toString().length))).toBeLessThan(8000);
  });

  test("a chunk with more rows than a page is read to its end", async () => {
    const platform = createPlatform();
    for (let index = 0; index < 1100; index += 1) {
      platform.seed("inventory", { id: padded(index), sku: "A", supplyChannel: channel(`c-${index}`) });
    }
    const inventory = createInventory(clientOf(platform).ct);
    const entries = await inventory.bySkus(["A" as Sku], []);
    expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: 1100 }, (_, index) => padded(index)));
    expect(
      platform.calls.map(({ query }) => [query.get("sort"), query.get("limit"), query.get("var.afterId")]),
    ).toEqual([
      ["id asc", "500", null],
      ["id asc", "500", "0499"],
      ["id asc", "500", "0999"],
    ]);
  });

  test("more channels than fit into a URL are chosen here", async () => {
    const platform = createPlatform();
    const ids = Array.from({ length: 60 }, (_, index) => `c-${index}`);
    for (const id of [...ids, "c-other"]) platform.seed("inventory", { sku: "A", supplyChannel: channel(id) });
    platform.seed("inventory", { sku: "A" });
    const found = await createInventory(clientOf(platform).ct).bySkus(["A" as Sku], ids);
    expect(found.map(({ supplyChannel }) => supplyChannel?.id).sort()).toEqual([...ids].sort());
  });

  test("entries of channels that were modified since then, a page at a time", async () => {
    const platform = createPlatform();
    const ids = Array.from({ length: 1003 }, (_, index) => padded(index));
    for (const id of ids) platform.seed("inventory", { id, sku: `S-${id}`, supplyChannel: channel("c-1") });
    platform.seed("inventory", { sku: "A", supplyChannel: channel("c-2") });
    platform.seed("inventory", { sku: "A" });
    const since = platform.tables.get("inventory")?.get("0002")?.lastModifiedAt ?? "";
    const { modifiedSince } = createInventory(clientOf(platform).ct);
    const pagesOf = async (channelIds: readonly string[]): Promise<string[][]> => {
      const pages: string[][] = [];
      for await (const rows of modifiedSince(channelIds, since)) pages.push(rows.map(({ id }) => id));
      return pages;
    };
    const pages = await pagesOf(["c-1"]);
    expect([pages.map(({ length }) => length), pages.flat()]).toEqual([[500, 500, 1], ids.slice(2)]);
    // More channels than fit into a URL are chosen here.
    const many = Array.from({ length: 60 }, (_, index) => `c-${index}`);
    expect((await pagesOf(many)).flat()).toHaveLength(1002);
  });

  describe("entries that others were the last to modify", () => {
    const writers = [
      { clientId: "own" },
      { clientId: "other" },
      { user: { typeId: "user", id: "u-1" }, isPlatformClient: true },
      { clientId: "own", customer: { typeId: "customer", id: "c-1" } },
    ];
    /** Old entries do not say who it was. */
    const shop = () => {
      const platform = createPlatform();
      for (const [index, lastModifiedBy] of writers.entries()) {
        platform.seed("inventory", { sku: `S${index}`, supplyChannel: channel("c-1"), lastModifiedBy });
      }
      platform.seed("inventory", { sku: "OLD", supplyChannel: channel("c-1") });
      return platform;
    };
    const since = "2026-01-01T00:00:00.000Z";
    const skusOf = async ({ modifiedSince }: ReturnType<typeof createInventory>, but?: string): Promise<string[]> => {
      const skus: string[] = [];
      for await (const rows of modifiedSince(["c-1"], since, but)) skus.push(...rows.map(({ sku }) => sku));
      return skus.sort();
    };

    test("come without those of the client, and with those that name nobody", async () => {
      const platform = shop();
      expect(await skusOf(createInventory(clientOf(platform).ct), "own")).toEqual(["OLD", "S1", "S2"]);
      expect(platform.calls).toHaveLength(1);
    });

    test("come with all others where the platform refuses to be asked by the writer, and it is asked once", async () => {
      const platform = shop();
      const byWriter = (call: Call) => call.query.getAll("where").some((where) => where.includes("lastModifiedBy"));
      platform.intercept = (call) =>
        byWriter(call) ? refusal(400, "InvalidInput", "Malformed parameter: where: unknown field") : undefined;
      const inventory = createInventory(clientOf(platform).ct);
      const all = ["OLD", "S0", "S1", "S2", "S3"];
      expect([await skusOf(inventory, "own"), await skusOf(inventory, "own")]).toEqual([all, all]);
      expect(platform.calls.map(byWriter)).toEqual([true, false, false]);
    });

    test("are asked for by the writer again where something else was refused", async () => {
      const platform = shop();
      let refused = true;
      platform.intercept = ({ path }) =>
        refused && path === "/inventory" ? refusal(400, "InvalidInput", "another fault") : undefined;
      const inventory = createInventory(clientOf(platform).ct);
      await expect(skusOf(inventory, "own")).rejects.toThrow("another fault");
      refused = false;
      expect(await skusOf(inventory, "own")).toEqual(["OLD", "S1", "S2"]);
    });
  });

  test("no keys, no request", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    expect([await createPrices(ct).bySkus([]), await idsByKey(ct, [])]).toEqual([[], new Map()]);
    expect(platform.calls).toEqual([]);
  });

  test("key lists are bounded in number and length, and keep one overlong key", () => {
    const lists = keyLists([...Array.from({ length: 250 }, (_, index) => `k${index}`), "k1"]);
    expect(lists.map((list) => list.length)).toEqual([100, 100, 50]);
    expect(keyLists(["ö".repeat(256), "ö".repeat(255), "x".repeat(9000)]).map((list) => list.length)).toEqual([2, 1]);
  });

  test("orders by page with predicates of the caller", async () => {
    const platform = createPlatform();
    for (const id of ["o-1", "o-2", "o-3", "o-4"]) {
      platform.seed("orders", { id, orderState: id === "o-2" ? "Cancelled" : "Open" });
    }
    const orders = createOrders(clientOf(platform).ct);
    const page = await orders.page({
      where: ["orderState in :states"],
      variables: { states: ["Open", "Confirmed"] },
      afterId: "o-1",
      limit: 1,
    });
    expect(page.map(({ id }) => id)).toEqual(["o-3"]);
  });
});

describe("references", () => {
  test("channels and customer groups by key and by id; what is not there is absent", async () => {
    const platform = createPlatform();
    platform.seed("channels", { id: "c-1", key: "hamburg", roles: [] });
    platform.seed("customer-groups", { id: "g-1", key: "workshops" });
    platform.seed("customer-groups", { id: "g-2" });
    const { ct } = clientOf(platform);
    expect([
      await idsByKey(ct, ["hamburg", "none"]),
      await keysById(ct, ["c-1", "c-9"]),
      await customerGroupIdsByKey(ct, ["workshops"]),
      await customerGroupKeysById(ct, ["g-1", "g-2"]),
    ]).toEqual([
      new Map([["hamburg", "c-1"]]),
      new Map([["c-1", "hamburg"]]),
      new Map([["workshops", "g-1"]]),
      new Map([["g-1", "workshops"]]),
    ]);
  });

  test("SKUs of master and other variants, with type and price mode", async () => {
    const platform = createPlatform();
    platform.seed("product-projections", {
      id: "p-1",
      productType: { typeId: "product-type", id: "t-1", obj: { key: "machine" } },
      masterVariant: { id: 1, sku: "M-1" },
      variants: [
        { id: 2, sku: "M-2" },
        { id: 3, sku: "M-3" },
      ],
      priceMode: "Standalone",
      published: true,
    });
    platform.seed("product-projections", {
      id: "p-2",
      productType: { typeId: "product-type", id: "t-2", obj: {} },
      masterVariant: { id: 1, sku: "N-1" },
      variants: [],
    });
    const catalogue = createCatalogue(clientOf(platform).ct);
    const asked = ["M-1", "M-3", "N-1", "X"] as Sku[];
    expect(await catalogue.existingSkus(asked)).toEqual(new Set(["M-1", "M-3", "N-1"]));
    expect((await catalogue.variants(["N-1"] as Sku[])).get("N-1" as Sku)).toEqual({
      sku: "N-1",
      productId: "p-2",
      productTypeKey: undefined,
      priceMode: "Embedded",
      published: false,
    });
    expect(platform.calls.every(({ query }) => query.get("staged") === "true")).toBe(true);
  });

  test("what thresholds ask: product type, categories with those above, and numbers of variant, product and category, as published", async () => {
    const platform = createPlatform();
    const category = (id: string, key: string | undefined, fields: object, ancestors: object[] = []) => ({
      ...{ typeId: "category", id },
      obj: { id, key, ancestors, custom: { type: { typeId: "type", id: "t" }, fields } },
    });
    const root = category("c-root", "tools", { cover: 7 });
    platform.seed("product-projections", {
      id: "p-1",
      productType: { typeId: "product-type", id: "t-1", obj: { key: "machine" } },
      masterVariant: {
        id: 1,
        sku: "M-1",
        attributes: [
          { name: "keep", value: 4 },
          { name: "other", value: 9 },
        ],
      },
      variants: [
        {
          id: 2,
          sku: "M-2",
          attributes: [
            { name: "keep", value: -4 },
            { name: "cover", value: "3.5" },
          ],
        },
        { id: 3, sku: "NOT-ASKED", attributes: [] },
      ],
      attributes: [{ name: "cover", value: { key: "much" } }],
      categories: [category("c-1", undefined, { keep: 12 }, [root]), { typeId: "category", id: "c-unseen" }],
    });
    const { skuFacts } = createCatalogue(clientOf(platform).ct);
    const categories = [
      { above: 0, units: 12 },
      { key: "tools", above: 1, days: 7 },
    ];
    const product = { place: "product", field: "cover", found: '{"key":"much"}' };
    const common = { productType: "machine", categories, product: {} };
    expect(await skuFacts(["M-1", "M-2", "X"] as Sku[], { units: "keep", days: "cover" })).toEqual(
      new Map<string, object>([
        ["M-1", { ...common, variant: { units: 4 }, ignored: [product] }],
        [
          "M-2",
          { ...common, variant: { days: 3.5 }, ignored: [{ place: "variant", field: "keep", found: "-4" }, product] },
        ],
      ]),
    );
    expect(platform.calls.map(({ path, query }) => [path, query.get("staged"), query.getAll("expand")])).toEqual([
      ["/product-projections", "false", ["productType", "categories[*]", "categories[*].ancestors[*]"]],
      ["/categories", null, []],
    ]);
  });

  test("categories that are not expanded are read, and those above them", async () => {
    const platform = createPlatform();
    const fields = (keep: number) => ({ custom: { type: { typeId: "type", id: "t" }, fields: { keep } } });
    platform.seed("categories", { id: "c-root", key: "tools", ancestors: [], ...fields(7) });
    platform.seed("categories", { id: "c-1", key: "drills", ancestors: [{ typeId: "category", id: "c-root" }] });
    for (const sku of ["M-1", "M-2"]) {
      platform.seed("product-projections", {
        id: `p-${sku}`,
        productType: { typeId: "product-type", id: "t-1" },
        masterVariant: { id: 1, sku },
        variants: [],
        categories: [{ typeId: "category", id: "c-1" }],
      });
    }
    const facts = await createCatalogue(clientOf(platform).ct).skuFacts(["M-1", "M-2"] as Sku[], { units: "keep" });
    expect([...facts.values()].map(({ categories }) => categories)).toEqual(
      Array(2).fill([
        { key: "drills", above: 0 },
        { key: "tools", above: 1, units: 7 },
      ]),
    );
    expect(platform.calls.map(({ path }) => path)).toEqual(["/product-projections", "/categories", "/categories"]);
  });
});
