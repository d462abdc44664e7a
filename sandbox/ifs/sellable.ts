/** A figure to hold a connector's against: computed from the rows alone, by nothing that a connector uses. */
import { Decimal } from "./decimal.ts";
import type { IfsModel } from "./model.ts";
import { flag, maybeText, num, text } from "./rows.ts";

/** What the site could still sell of a part, in inventory units, by IFS's own rows. */
export function sellable(model: Pick<IfsModel, "world">, site: string, partNo: string): number {
  const ifs = model.world();
  const today = ifs.siteToday(site);
  let left = new Decimal(0);
  for (const row of ifs.table("InventoryPartInStock").find("PartNo", partNo) ?? []) {
    const expires = maybeText(row, "ExpirationDate");
    const usable =
      text(row, "Contract") === site &&
      text(row, "LocationTypeDb") === "PICKING" &&
      !flag(row, "FreezeFlagDb") &&
      text(row, "PartOwnershipDb") === "COMPANY OWNED" &&
      (expires === null || expires.slice(0, 10) >= today);
    if (usable) left = left.plus(num(row, "QtyOnhand")).minus(num(row, "QtyReserved"));
  }
  for (const line of ifs.table("CustomerOrderLine").find("PartNo", partNo) ?? []) {
    if (text(line, "Contract") !== site) continue;
    if (["Delivered", "Invoiced", "Cancelled"].includes(text(line, "Objstate"))) continue;
    const open = num(line, "RevisedQtyDue")
      .plus(num(line, "QtyShipdiff"))
      .minus(num(line, "QtyShipped"))
      .minus(num(line, "QtyAssigned"));
    if (open.gt(0)) left = left.minus(open);
  }
  return Math.max(0, left.floor().toNumber());
}
