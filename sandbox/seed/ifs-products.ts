import { canonical, Decimal } from "../ifs/decimal.ts";
import type { Values } from "../ifs/schema.ts";
import type { World } from "../ifs/world.ts";
import { fill } from "./ifs-basic-data.ts";
import { parts, type SeedPart } from "./ifs-parts.ts";

const companyOfSite: Record<string, "10" | "20"> = { "101": "10", "102": "10", "201": "20" };
const taxCodes = { "10": { standard: "DE19", reduced: "DE7" }, "20": { standard: "SE25", reduced: "SE12" } } as const;
const rates: Record<string, string> = { DE19: "1.19", DE7: "1.07", SE25: "1.25", SE12: "1.12" };

/** Sales parts per site, the inventory parts behind them, and price lists in both currencies. */
export function seedProducts(world: World, offered: readonly SeedPart[] = parts): void {
  seedSalesParts(world, offered);
  seedPriceLists(world, offered);
}

/** Sales parts per site and the inventory parts behind them. */
export function seedSalesParts(world: World, offered: readonly SeedPart[]): void {
  const stocked = new Map<string, { part: SeedPart; sites: Set<string> }>();
  offered.forEach((part, index) => {
    for (const site of part.sites) fill(world, "SalesPart", [salesPart(part, site, index)]);
    if (part.partNo === "") return;
    const known = stocked.get(part.partNo) ?? { part, sites: new Set<string>() };
    for (const site of part.sites) known.sites.add(site);
    stocked.set(part.partNo, known);
  });
  for (const { part, sites } of stocked.values()) seedInventoryPart(world, part, [...sites]);
}

function salesPart(part: SeedPart, site: string, index: number): Values {
  const company = companyOfSite[site] ?? "10";
  const taxCode = taxCodes[company][part.taxClass];
  const price = company === "10" ? part.listPriceEur : part.listPriceSek;
  return {
    Contract: site,
    Company: company,
    CatalogNo: part.catalogNo,
    CatalogDesc: part.description,
    PartNo: part.partNo === "" ? null : part.partNo,
    CatalogGroup: part.type === "inventory" ? "GOODS" : "SERVICE",
    SalesPriceGroupId: "STD",
    SalesUnitMeas: part.salesUnit,
    ConvFactor: part.convFactor,
    InvertedConvFactor: "1",
    PriceUnitMeas: part.salesUnit,
    PriceConvFactor: "1",
    UnitMeas: part.inventoryUnit,
    ListPrice: canonical(price),
    ListPriceInclTax: canonical(new Decimal(price).times(rates[taxCode] ?? "1").toDecimalPlaces(2)),
    CurrencyCode: company === "10" ? "EUR" : "SEK",
    TaxCode: taxCode,
    Taxable: true,
    UsePriceInclTax: false,
    CloseTolerance: "0",
    Activeind: "ActivePart",
    CatalogTypeDb: part.type === "inventory" ? "INV" : "NON",
    ExportToExternalApp: true,
    CreateSmObjectOption: "DoNotCreateSMObject",
    DateEntered: "2024-01-15",
    InventoryPartDesc: part.description,
    Gtin: gtin(index),
  };
}

/** 13 digits with a check digit, from a prefix that is set aside for use inside a company. */
function gtin(index: number): string {
  const body = `200${String(1_000_000 + index * 37).padStart(9, "0")}`;
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function seedInventoryPart(world: World, part: SeedPart, sites: string[]) {
  const description = part.description.replace(/, box of 12( pairs)?$/, "");
  fill(world, "PartCatalog", [
    { PartNo: part.partNo, Description: description, UnitCode: part.inventoryUnit, PartMainGroup: "GOODS" },
  ]);
  fill(
    world,
    "InventoryPart",
    sites.map((Contract) => ({
      Contract,
      PartNo: part.partNo,
      Description: description,
      UnitMeas: part.inventoryUnit,
      PartStatus: "A",
      TypeCode: "Purchased",
      SupplyCode: "InventoryOrder",
      PlannerBuyer: "STORE",
      ExpectedLeadtime: "7",
      PurchLeadtime: "5",
      ManufLeadtime: "0",
      // Grease and coffee go off.
      DurabilityDay: /^(GRS|COF)/.test(part.partNo) ? "365" : null,
      CountryOfOrigin: "DE",
      CustomsStatNo: "73181595",
    })),
  );
}

/** Webshop and business lists. Every fifth part has a step at 10, every tenth a price that changed in the meantime. */
function seedPriceLists(world: World, offered: readonly SeedPart[]) {
  const lists = [
    { no: "WEB-EUR", company: "10", group: "WEB", share: "1" },
    { no: "WEB-SEK", company: "20", group: "WEB", share: "1" },
    { no: "B2B-EUR", company: "10", group: "B2B", share: "0.9" },
    { no: "B2B-SEK", company: "20", group: "B2B", share: "0.9" },
  ] as const;
  for (const list of lists) {
    const currency = list.company === "10" ? "EUR" : "SEK";
    fill(world, "SalesPriceList", [
      {
        PriceListNo: list.no,
        Description: `${list.group} ${currency}`,
        CurrencyCode: currency,
        SalesPriceGroupId: "STD",
        OwningCompany: list.company,
        CustPriceGroupId: list.group,
        UsePriceInclTax: false,
        ActivePriceList: true,
      },
    ]);
    offered.forEach((part, index) => {
      // Parts without a step of their own fall back to the list price of the sales part.
      if (index % 50 === 49) return;
      const listPrice = currency === "EUR" ? part.listPriceEur : part.listPriceSek;
      const price = new Decimal(listPrice).times(list.share).toDecimalPlaces(2);
      fill(
        world,
        "SalesPriceListPart",
        steps(list.no, list.company, part, index, price, taxCodes[list.company][part.taxClass]),
      );
    });
  }
}

function steps(
  list: string,
  company: string,
  part: SeedPart,
  index: number,
  price: Decimal,
  taxCode: string,
): Values[] {
  const step = (MinQuantity: string, ValidFromDate: string, ValidToDate: string | null, value: Decimal): Values => ({
    PriceListNo: list,
    CatalogNo: part.catalogNo,
    MinQuantity,
    ValidFromDate,
    MinDuration: "-1",
    ValidToDate,
    BasePrice: canonical(value),
    SalesPrice: canonical(value),
    SalesPriceInclTax: canonical(value.times(rates[taxCode] ?? "1").toDecimalPlaces(2)),
    Discount: "0",
    LastUpdated: ValidFromDate,
    OwningCompany: company,
  });
  const rows = [step("0", "2025-01-01", index % 10 === 0 ? "2025-12-31" : null, price)];
  if (index % 10 === 0) rows.push(step("0", "2026-01-01", null, price.times("1.03").toDecimalPlaces(2)));
  if (index % 5 === 0) rows.push(step("10", "2025-01-01", null, price.times("0.95").toDecimalPlaces(2)));
  return rows;
}
