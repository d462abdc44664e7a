import { afterEach, expect, test } from "vitest";
import type { Contract } from "../../domain/ids.ts";
import { createParts } from "../parts.ts";
import { createStock } from "../stock.ts";
import { createTestMemory } from "../testing/memory.ts";
import { startTenant, type Tenant } from "../testing/tenant.ts";
import { createChanges } from "./feeds.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

test("a changed sales part that IFS refuses to be asked for is handed on by its number, and ends nothing", async () => {
  const etags = new Map([
    ["BOX", 1],
    ["ODD#1", 1],
  ]);
  const rowOf = (catalogNo: string) => ({
    "@odata.etag": `W/"${etags.get(catalogNo)}"`,
    ...{ Contract: "S1", CatalogNo: catalogNo, CatalogDesc: "", PartNo: "PIECE", ActiveInd: "Y" },
    ...{ SalesUnitMeas: "PCS", UnitMeas: "PCS", ConvFactor: 1, InvertedConvFactor: 1 },
    ...{ PriceUnitMeas: "PCS", PriceConvFactor: 1 },
  });
  tenant = await startTenant(({ path, query: { $filter = "" } }) => {
    if (!path.includes("SalesPart")) return { json: { value: [] } };
    if ($filter.includes("'ODD#1'"))
      return { status: 400, json: { error: { code: "X", message: "Malformed Request." } } };
    const named = [...etags.keys()].filter((no) => !$filter.includes("CatalogNo eq") || $filter.includes(`'${no}'`));
    return { json: { value: named.map(rowOf) } };
  });
  const client = tenant.client({ ifs: { changes: { salesParts: { strategy: "etagSweep" } } } });
  const changes = createChanges(client, { parts: createParts(client), stock: createStock(client) });
  const feed = changes.parts("S1" as Contract, { memory: createTestMemory(), clock: { now: () => Date.now() } });
  await (await feed()).handled();
  for (const no of etags.keys()) etags.set(no, 2);
  const { keys } = await feed();
  expect(typeof keys === "string" ? keys : [...keys].toSorted()).toEqual(["ODD#1", "PIECE"]);
});
