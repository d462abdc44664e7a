import { expect, test } from "vitest";
import type { Sku } from "../domain/ids.ts";
import { createInventory } from "./inventory.ts";
import { clientOf, createPlatform, type Platform, refusal, reply } from "./testing/platform.ts";

const channel = (id: string) => ({ typeId: "channel", id });
const skusOf = (count: number) => Array.from({ length: count }, (_, index) => `S${index}` as Sku);

/** Understands the two predicates of this file's subject, and shows what was selected. */
function withGraphql(platform: Platform): void {
  platform.intercept = ({ path, body }) => {
    if (path !== "/graphql") return undefined;
    const { query, variables } = body as { query: string; variables: Record<string, string> };
    const rows = [...(platform.tables.get("inventory")?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    const resultsOf = (where: string) => {
      const skus = /sku in \((.*?)\) and/.exec(where)?.[1];
      const [above, upTo] = [/id > "(.*?)"/.exec(where)?.[1], /id <= "(.*?)"/.exec(where)?.[1]];
      return rows
        .filter(({ sku }) => skus === undefined || skus.split(", ").includes(`"${String(sku)}"`))
        .filter(({ supplyChannel }) => where.includes(`"${(supplyChannel as { id: string }).id}"`))
        .filter(({ id }) => (above === undefined || id > above) && (upTo === undefined || id <= upTo))
        .slice(0, 500)
        .map((row) => selected(query, { restockableInDays: null, expectedDelivery: null, ...row }));
    };
    const named = [...query.matchAll(/(w\d+): inventoryEntries/g)].map(([, name = ""]) => name);
    return reply(200, {
      data: Object.fromEntries(named.map((name) => [name, { results: resultsOf(variables[name] ?? "") }])),
    });
  };
}

/** GraphQL answers with what was selected, and nothing else; what is not there is null. */
function selected(query: string, { supplyChannel, ...row }: Record<string, unknown>): Record<string, unknown> {
  const fields =
    /results \{ (.*?) \} \}/.exec(query)?.[1]?.replace("supplyChannelRef { id }", "supplyChannelRef") ?? "";
  const all: Record<string, unknown> = { ...row, supplyChannelRef: supplyChannel };
  return Object.fromEntries(fields.split(" ").map((field) => [field, all[field]]));
}

function shopWith(skus: readonly Sku[], channels = ["c-1", "c-2"]) {
  const platform = createPlatform();
  for (const sku of skus) {
    for (const id of [...channels, "c-other"]) {
      platform.seed("inventory", { sku, supplyChannel: channel(id), quantityOnStock: 3, availableQuantity: 2 });
    }
  }
  const told: string[] = [];
  return { platform, told, inventory: createInventory(clientOf(platform).ct, (refusal) => told.push(refusal)) };
}
const paths = ({ calls }: Platform) => calls.map(({ method, path }) => `${method} ${path}`);

test("a thousand SKUs are one request, with what a plan compares", async () => {
  const { platform, inventory } = shopWith(skusOf(1000), ["c-1"]);
  withGraphql(platform);
  const found = await inventory.glance(skusOf(1000), ["c-1"]);
  expect(found.length).toBe(1000);
  expect(found[0]).toMatchObject({
    version: 1,
    quantityOnStock: 3,
    availableQuantity: 2,
    supplyChannel: channel("c-1"),
  });
  expect(found[0]).not.toHaveProperty("restockableInDays");
  expect(paths(platform)).toEqual(["POST /graphql"]);
});

test("what an entry says of goods to come is seen, as by its own read", async () => {
  const { platform, inventory } = shopWith([]);
  const terms = { restockableInDays: 3, expectedDelivery: "2026-08-04T00:00:00.000Z" };
  platform.seed("inventory", {
    ...{ sku: "S0", supplyChannel: channel("c-1"), quantityOnStock: 0, availableQuantity: 0 },
    ...terms,
  });
  withGraphql(platform);
  const skus = skusOf(1);
  const [glanced, [read]] = [await inventory.glance(skus, ["c-1"]), await inventory.bySkus(skus, ["c-1"])];
  expect(glanced).toEqual([expect.objectContaining(terms)]);
  expect(read).toMatchObject(terms);
  expect(paths(platform)).toEqual(["POST /graphql", "GET /inventory"]);
});

test("no list is longer than a page: more channels, fewer SKUs", async () => {
  const { platform, inventory } = shopWith(skusOf(600));
  withGraphql(platform);
  expect((await inventory.glance(skusOf(600), ["c-1", "c-2"])).length).toBe(1200);
  expect(paths(platform)).toEqual(["POST /graphql", "POST /graphql"]);
});

test("SKUs that could mean something to a predicate go by REST, where they are variables", async () => {
  const odd = ['5" PIPE', "A\\B", "PLAIN"] as Sku[];
  const { platform, inventory } = shopWith(odd, ["c-1"]);
  withGraphql(platform);
  const found = await inventory.glance(odd, ["c-1"]);
  expect(found.map(({ sku }) => sku).sort()).toEqual([...odd].sort());
  expect(
    platform.calls.filter(({ path }) => path === "/inventory").map(({ query }) => query.getAll("var.skus")),
  ).toEqual([['5" PIPE', "A\\B"]]);
});

test.each([
  ["a refusal", () => refusal(400, "QueryComplexityLimitExceeded", "too complex"), "too complex"],
  ["a missing scope", () => refusal(403, "insufficient_scope", "no"), "no"],
  [
    "errors beside the data",
    () => reply(200, { data: { w0: { results: [] } }, errors: [{ message: "no such field" }] }),
    "no such field",
  ],
  ["another form", () => reply(200, { data: {} }), "an answer of another form than was asked for"],
])("%s: REST is asked, and GraphQL no more, which is told once", async (_, answer, words) => {
  const { platform, inventory, told } = shopWith(skusOf(2500), ["c-1"]);
  platform.intercept = ({ path }) => (path === "/graphql" ? answer() : undefined);
  for (let turn = 0; turn < 2; turn += 1) expect((await inventory.glance(skusOf(2500), ["c-1"])).length).toBe(2500);
  let names = 0;
  for await (const rows of inventory.names("c-1")) names += rows.length;
  expect(names).toBe(2500);
  // Two were under way at once.
  expect(paths(platform).filter((one) => one.includes("graphql")).length).toBe(2);
  expect(told).toEqual([expect.stringContaining(words)]);
});

test("a query is repeated where the platform does not answer for a moment, as every read is", async () => {
  const { platform, inventory } = shopWith(skusOf(3), ["c-1"]);
  withGraphql(platform);
  const answer = platform.intercept;
  let turns = 0;
  platform.intercept = (call, signal) =>
    call.path === "/graphql" && ++turns === 1 ? refusal(503, "ServiceUnavailable", "away") : answer(call, signal);
  expect((await inventory.glance(skusOf(3), ["c-1"])).length).toBe(3);
  expect(paths(platform)).toEqual(["POST /graphql", "POST /graphql"]);
});

test("all entries of a channel, each once, in a few requests; those of others never", async () => {
  const { platform, inventory } = shopWith(skusOf(9000), ["c-1"]);
  withGraphql(platform);
  const ids: string[] = [];
  for await (const rows of inventory.names("c-1")) ids.push(...rows.map(({ id }) => id));
  expect([ids.length, new Set(ids).size]).toEqual([9000, 9000]);
  expect(paths(platform).length).toBeLessThanOrEqual(3);
});
