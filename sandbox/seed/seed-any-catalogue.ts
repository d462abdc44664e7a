/** The catalogue in IFS, and what a shop shows of it. */
import { newStockRow } from "../ifs/business/stock.ts";
import { createTelephoneOrder } from "../ifs/business/telephone-order.ts";
import type { World } from "../ifs/world.ts";
import { customers, lineQuantity, onHand, partOf, places, type Size, siteOf } from "./any-catalogue.ts";
import { seedBasicData } from "./ifs-basic-data.ts";
import { seedCustomers } from "./ifs-customers.ts";
import { parts, type SeedPart } from "./ifs-parts.ts";
import { seedSalesParts } from "./ifs-products.ts";

/** Of 5 lines, as a clerk types them. */
const LINES_PER_ORDER = 5;
const channelOf: Readonly<Record<string, string>> = { "101": "hamburg", "102": "munich", "201": "gothenburg" };

/** The catalogue's parts, rows and open lines on the three sites of the sandbox's company. */
export function seedCatalogue(world: World, size: Size): void {
  seedBasicData(world);
  seedCustomers(world);
  const template = parts.find(({ type, convFactor }) => type === "inventory" && convFactor === "1") as SeedPart;
  const offered = Array.from({ length: size.entries }, (_, index): SeedPart => {
    const number = partOf(index);
    return { ...template, catalogNo: number, partNo: number, sites: [siteOf(index)] };
  });
  seedSalesParts(world, offered);
  offered.forEach((part, index) => {
    const [contract] = part.sites as [string];
    const stocked = world.table("InventoryPart").get(contract, part.partNo);
    for (const [place, locationNo] of places(index, size).entries()) {
      const location = world.table("InventoryLocation").get(contract, locationNo);
      if (!stocked || !location) throw new Error(`${part.partNo} of site ${contract} has no place ${locationNo}`);
      world.table("InventoryPartInStock").insert({
        ...newStockRow(world, stocked, location, "*"),
        QtyOnhand: String(onHand(index, place)),
        LastActivityDate: "2026-01-02T08:00:00Z",
      });
    }
  });
  for (const [contract, customerNo] of Object.entries(customers)) {
    const lines = offered.flatMap(({ catalogNo }, index) => {
      const quantity = siteOf(index) === contract ? lineQuantity(index, size) : 0;
      return quantity > 0 ? [{ catalogNo, qty: String(quantity) }] : [];
    });
    for (let at = 0; at < lines.length; at += LINES_PER_ORDER) {
      createTelephoneOrder(world, { contract, customerNo, lines: lines.slice(at, at + LINES_PER_ORDER) });
    }
  }
}

/** Entries that show what IFS can promise, with the keys that the connector has given them: drafts for commercetools. */
export function* entriesOf(size: Size) {
  for (let index = 0; index < size.entries; index += 1) {
    const shelves = places(index, size).reduce((sum, _, place) => sum + onHand(index, place), 0);
    yield {
      key: `inv-${partOf(index).replace("-", "_2d_")}-${channelOf[siteOf(index)]}`,
      sku: partOf(index),
      supplyChannel: { typeId: "channel", key: channelOf[siteOf(index)] },
      quantityOnStock: shelves - lineQuantity(index, size),
    };
  }
}
