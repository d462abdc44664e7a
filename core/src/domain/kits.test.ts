import { expect, it } from "vitest";
import { connectorConfigSchema } from "./config.ts";
import { configInconsistencies } from "./config-findings.ts";
import { decimal } from "./decimal.ts";
import type { CatalogNo, PartNo } from "./ids.ts";
import type { IfsPackage, IfsSalesPart } from "./ifs-records.ts";
import { drawsOfKit, kitsOf } from "./kits.ts";
import { stockSchema } from "./stock-config.ts";

const no = (text: string) => text as CatalogNo;
const of = (catalogNo: string, quantity = 1) => ({ catalogNo: no(catalogNo), quantity: decimal(quantity) });
const stock = (list: object[]) => stockSchema.parse({ kits: { list } });

it("takes kits apart down to what is no kit, and the configuration comes before the package", () => {
  const config = stock([
    { catalogNo: "SET", components: [{ catalogNo: "BOX", quantity: 2 }, { catalogNo: "LID" }] },
    { catalogNo: "ELSEWHERE", sites: ["S2"], components: [{ catalogNo: "LID" }] },
  ]);
  const packages: IfsPackage[] = [
    { catalogNo: no("BOX"), components: [of("BOLT", 5), of("LID", 3)] },
    { catalogNo: no("SET"), components: [of("NOBODY")] },
  ];
  const kits = kitsOf(config, "S1", packages);
  expect(kits.componentsOf(no("SET"))).toEqual([of("BOLT", 10), of("LID", 6), of("LID", 1)]);
  expect([kits.containing(no("LID")), kits.containing(no("BOLT")), kits.containing(no("NOBODY"))]).toEqual([
    ["BOX", "SET"],
    ["BOX", "SET"],
    [],
  ]);
  expect([kits.componentsOf(no("ELSEWHERE")), kits.componentsOf(no("BOLT"))]).toEqual([undefined, undefined]);
});

it("counts in inventory units, adds up a component that comes twice, and names what there is not", () => {
  const parts = new Map<string, Partial<IfsSalesPart>>([
    ["BOX", { partNo: "P" as PartNo, active: true, convFactor: decimal(12), invertedConvFactor: decimal(1) }],
    ["PIECE", { partNo: "P" as PartNo, active: true, convFactor: decimal(1), invertedConvFactor: decimal(1) }],
    ["SERVICE", { partNo: null, active: true, convFactor: decimal(1), invertedConvFactor: decimal(1) }],
    ["OLD", { partNo: "Q" as PartNo, active: false, convFactor: decimal(1), invertedConvFactor: decimal(1) }],
    ["ODD", { partNo: "R" as PartNo, active: true, convFactor: decimal(0), invertedConvFactor: decimal(1) }],
  ]);
  const components = [of("BOX"), of("PIECE", 2), of("SERVICE"), of("OLD"), of("ODD"), of("GONE")];
  const partOf = (catalogNo: CatalogNo) => parts.get(catalogNo) as IfsSalesPart | undefined;
  expect(drawsOfKit(components, partOf, { sellBySalesUnit: true })).toEqual({
    draws: [
      { partNo: "P", factor: { factor: "14", inverted: "1" }, component: true },
      { partNo: "Q", factor: { factor: "1", inverted: "1" }, component: true },
    ],
    missing: ["OLD", "ODD", "GONE"],
  });
});

it("a configuration that makes a kit of itself, twice, or at no site, does not pass", () => {
  const config = connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-07-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "WEB", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    stock: {
      pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }],
      kits: {
        list: [
          { catalogNo: "A", components: [{ catalogNo: "B" }] },
          { catalogNo: "B", components: [{ catalogNo: "A" }] },
          { catalogNo: "B", sites: ["S1"], components: [{ catalogNo: "C" }] },
          { catalogNo: "D", sites: ["S9"], components: [{ catalogNo: "C" }] },
        ],
      },
    },
  });
  expect(configInconsistencies(config)).toEqual([
    { path: "stock.kits.list[0].components", message: 'kit "A" contains itself' },
    { path: "stock.kits.list[1].components", message: 'kit "B" contains itself' },
    { path: "stock.kits.list[2].catalogNo", message: 'kit "B" is listed twice' },
    { path: "stock.kits.list[2].components", message: 'kit "B" contains itself' },
    { path: "stock.kits.list[3].sites", message: 'no pool is of site "S9"' },
  ]);
});
