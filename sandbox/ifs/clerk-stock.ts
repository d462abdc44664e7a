import { otherPrice } from "./business/money.ts";
import { releaseOrder, reserveOrder } from "./business/order-flow.ts";
import { issue, receive, reservableQty, stockRows } from "./business/stock.ts";
import { createTelephoneOrder } from "./business/telephone-order.ts";
import { type Input, type Summary, summarizeOrder } from "./clerk-input.ts";
import { canonical, Decimal } from "./decimal.ts";
import { refused } from "./errors.ts";
import { maybeText, num, text } from "./rows.ts";
import type { Values } from "./schema.ts";
import type { World } from "./world.ts";

/** Commands on goods, prices and other channels' orders. */
export const stockCommands: Record<string, (world: World, input: Input) => Summary> = {
  receive(world, input) {
    const place = placeOf(world, input);
    receive(world, place, input.decimal("qty"));
    return stockSummary(world, place);
  },
  issue: takeOut,
  scrap: takeOut,
  freeze: (world, input) => setFrozen(world, input, true),
  unfreeze: (world, input) => setFrozen(world, input, false),
  stock: (world, input) => stockSummary(world, placeOf(world, input)),
  sell,
  "set-price": setPrice,
};

type Place = { contract: string; partNo: string; locationNo?: string; lotBatchNo?: string };

/** `part` may be an inventory part or a catalogue number; the first site that has it when none is named. */
function placeOf(world: World, input: Input): Place {
  const named = input.optional("part") ?? input.optional("partNo") ?? input.text("catalogNo");
  const site = input.optional("site") ?? input.optional("contract");
  const partNo = inventoryPartNo(world, named);
  const sites = [...(world.table("InventoryPart").find("PartNo", partNo) ?? [])].map((row) => text(row, "Contract"));
  const contract = site ?? sites[0] ?? "";
  if (!sites.includes(contract)) throw refused("InventoryPart", "NOPART", `Site ${contract} has no part "${named}".`);
  return { contract, partNo, locationNo: input.optional("location"), lotBatchNo: input.optional("lot") };
}

function inventoryPartNo(world: World, named: string): string {
  if ((world.table("InventoryPart").find("PartNo", named)?.size ?? 0) > 0) return named;
  const salesPart = [...(world.table("SalesPart").find("CatalogNo", named) ?? [])][0];
  const partNo = salesPart && maybeText(salesPart, "PartNo");
  if (!partNo) throw refused("InventoryPart", "NOPART", `There is no inventory part "${named}".`);
  return partNo;
}

function takeOut(world: World, input: Input): Summary {
  const place = placeOf(world, input);
  issue(world, place, input.decimal("qty"));
  return stockSummary(world, place);
}

function setFrozen(world: World, input: Input, frozen: boolean): Summary {
  const place = placeOf(world, input);
  const rows = stockRows(world, place.contract, place.partNo).filter(
    (row) => place.locationNo === undefined || text(row, "LocationNo") === place.locationNo,
  );
  for (const row of rows) {
    world.table("InventoryPartInStock").update(row, {
      FreezeFlagDb: frozen,
      ...(world.settings.freezeMovesLastActivityDate ? { LastActivityDate: world.siteNow(place.contract) } : {}),
    });
  }
  return stockSummary(world, place);
}

function stockSummary(world: World, place: Place): Summary {
  return {
    site: place.contract,
    partNo: place.partNo,
    sellable: canonical(reservableQty(world, place.contract, place.partNo)),
    rows: stockRows(world, place.contract, place.partNo).map((row) => ({
      location: text(row, "LocationNo"),
      lot: text(row, "LotBatchNo"),
      onhand: canonical(num(row, "QtyOnhand")),
      reserved: canonical(num(row, "QtyReserved")),
      frozen: row.values.FreezeFlagDb === true,
    })),
  };
}

const counterCustomers: Record<string, string> = { "101": "10001", "102": "10002", "201": "10005" };

/** A telephone order: entered, released and (unless reserve=false) reserved, so that it takes what the shop shows. */
function sell(world: World, input: Input): Summary {
  const catalogNo = input.optional("catalogNo") ?? input.text("part");
  const offered = [...(world.table("SalesPart").find("CatalogNo", catalogNo) ?? [])].map((row) =>
    text(row, "Contract"),
  );
  const contract = input.optional("site") ?? input.optional("contract") ?? offered[0];
  if (!contract) throw refused("SalesPart", "NOSALESPART", `There is no sales part "${catalogNo}".`);
  const order = createTelephoneOrder(world, {
    contract,
    customerNo: input.optional("customerNo") ?? counterCustomers[contract] ?? "10001",
    lines: [{ catalogNo, qty: canonical(input.decimal("qty")) }],
  });
  if (input.flag("release", true)) releaseOrder(world, order);
  const released = text(order, "Objstate") === "Released";
  if (released && input.flag("reserve", true)) reserveOrder(world, order);
  return summarizeOrder(world, order);
}

/** Changes or adds one step of a price list. */
function setPrice(world: World, input: Input): Summary {
  const list = input.optional("priceList") ?? input.text("list");
  const catalogNo = input.optional("catalogNo") ?? input.text("part");
  const header = world.table("SalesPriceList").get(list);
  if (!header) throw refused("SalesPriceList", "NOLIST", `There is no price list "${list}".`);
  const company = text(header, "OwningCompany");
  const salesPart = [...(world.table("SalesPart").find("CatalogNo", catalogNo) ?? [])].find(
    (row) => text(row, "Company") === company,
  );
  if (!salesPart) throw refused("SalesPriceListPart", "NOPART", `Company ${company} sells no part "${catalogNo}".`);
  const amount = input.decimal("amount");
  const minQuantity = canonical(input.optional("minQuantity") ?? "0");
  const today = world.siteToday(text(salesPart, "Contract"));
  const rate = num(world.table("StatutoryFee").get(company, text(salesPart, "TaxCode")) ?? { values: {} }, "FeeRate");
  const changes: Values = {
    BasePrice: canonical(amount),
    SalesPrice: canonical(amount),
    SalesPriceInclTax: canonical(otherPrice(amount, rate, false).toDecimalPlaces(2)),
    ValidToDate: input.optional("validTo") ?? null,
    LastUpdated: today,
  };
  const validFrom = input.optional("validFrom") ?? youngestStep(world, list, catalogNo, minQuantity) ?? today;
  const table = world.table("SalesPriceListPart");
  const present = table.get(list, catalogNo, minQuantity, validFrom, "-1");
  if (present) table.update(present, changes);
  else {
    table.insert({
      PriceListNo: list,
      CatalogNo: catalogNo,
      MinQuantity: minQuantity,
      ValidFromDate: validFrom,
      MinDuration: "-1",
      Discount: "0",
      OwningCompany: company,
      ...changes,
    });
  }
  return { priceList: list, catalogNo, minQuantity, validFrom, amount: new Decimal(amount).toFixed() };
}

function youngestStep(world: World, list: string, catalogNo: string, minQuantity: string): string | undefined {
  return [...(world.table("SalesPriceListPart").find("CatalogNo", catalogNo) ?? [])]
    .filter((row) => text(row, "PriceListNo") === list && text(row, "MinQuantity") === minQuantity)
    .map((row) => text(row, "ValidFromDate"))
    .sort()
    .at(-1);
}
