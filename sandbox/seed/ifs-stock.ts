import { newStockRow } from "../ifs/business/stock.ts";
import { text } from "../ifs/rows.ts";
import type { Values } from "../ifs/schema.ts";
import type { Row } from "../ifs/store.ts";
import { addDays } from "../ifs/time.ts";
import type { World } from "../ifs/world.ts";

/**
 * Stock of every inventory part on its sites: something to pick, rows that went to zero, and now and then what must not be
 * sold: frozen, expired, somebody else's, or not yet put away.
 */
export function seedStock(world: World): void {
  let index = 0;
  for (const part of world.table("InventoryPart").all()) {
    seedPart(world, part, index);
    index += 1;
  }
}

function seedPart(world: World, part: Row, index: number) {
  const whole = !["M", "KG"].includes(text(part, "UnitMeas"));
  const qty = (most: number) => {
    const value = Math.floor(world.random() * most * 10) + 10;
    return whole ? String(Math.ceil(value / 10)) : `${Math.trunc(value / 10)}.${value % 10 || 5}`;
  };
  const expires = part.values.DurabilityDay != null;
  const today = world.siteToday(text(part, "Contract"));
  // Every thirtieth part is sold out: its rows are there and hold nothing.
  const soldOut = index % 30 === 29;
  const fresh: Values = expires ? { ExpirationDate: addDays(today, 200) } : {};
  put(world, part, "PICK-01", expires ? "L1" : "*", soldOut ? "0" : qty(120), fresh);
  put(world, part, "PICK-02", expires ? "L2" : "*", index % 3 === 0 || soldOut ? "0" : qty(60), fresh);
  if (index % 4 === 0) put(world, part, "BULK-01", "*", qty(400), {});
  for (const { every, rest, place, lot, extra } of oddities(today)) {
    if (index % every === rest) put(world, part, place, lot, qty(40), extra);
  }
}

function oddities(today: string): { every: number; rest: number; place: string; lot: string; extra: Values }[] {
  return [
    { every: 9, rest: 1, place: "FREEZE-01", lot: "*", extra: { FreezeFlagDb: true } },
    { every: 11, rest: 2, place: "PICK-01", lot: "OLD", extra: { ExpirationDate: addDays(today, -20) } },
    {
      every: 13,
      rest: 3,
      place: "PICK-02",
      lot: "CUST",
      extra: { PartOwnershipDb: "CUSTOMER OWNED", OwningCustomerNo: "10001" },
    },
    { every: 17, rest: 4, place: "BULK-01", lot: "BLK", extra: { AvailabilityControlId: "BLOCKED" } },
    { every: 10, rest: 5, place: "QA-01", lot: "*", extra: {} },
    { every: 10, rest: 6, place: "ARR-01", lot: "*", extra: {} },
  ];
}

function put(world: World, part: Row, locationNo: string, lotBatchNo: string, qty: string, extra: Values) {
  const location = world.table("InventoryLocation").get(text(part, "Contract"), locationNo);
  if (!location) throw new Error(`site ${text(part, "Contract")} has no location ${locationNo}`);
  world.table("InventoryPartInStock").insert({
    ...newStockRow(world, part, location, lotBatchNo),
    QtyOnhand: qty,
    // Goods moved on some day of the last two months, not all in the moment the sandbox started.
    LastActivityDate: `${addDays(world.siteToday(text(part, "Contract")), -1 - Math.floor(world.random() * 60))}T08:00:00Z`,
    ...extra,
  });
}
