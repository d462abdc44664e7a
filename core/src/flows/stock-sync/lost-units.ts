/**
 * What Order Edits have just taken off orders that no run remembers, because IFS has contained them for long: one question to
 * commercetools, whatever the number of orders, and one to IFS where a line is gone altogether, whose SKU only IFS still tells.
 */
import type { OrderNo } from "../../domain/ids.ts";
import { type SoldLine, type SoldOrder, YOUNG_MS } from "../../domain/in-flight.ts";
import { toSkus } from "../../domain/sku.ts";
import type { LostUnits } from "../taken-off.ts";
import type { StockSyncDeps } from "./deps.ts";

/** By the id of the order; `orders` are linked. */
export async function lostLately(
  deps: Pick<StockSyncDeps, "config" | "clock" | "documents" | "removedLineItems">,
  orders: readonly SoldOrder[],
): Promise<ReadonlyMap<string, LostUnits>> {
  const byId = new Map<string, SoldOrder>(orders.map((order) => [order.orderId, order]));
  const removed = await deps.removedLineItems(deps.clock.now() - YOUNG_MS);
  const takenOff = removed.filter(({ orderId }) => byId.has(orderId));
  const hasLine = ({ orderId, lineId }: (typeof takenOff)[number]): boolean =>
    byId.get(orderId)?.lines.some((line) => line.lineId === lineId) === true;
  const gone = takenOff.filter((one) => !hasLine(one));
  const orderNos = [...new Set(gone.flatMap(({ orderId }) => byId.get(orderId)?.orderNo ?? []))];
  const lines = await goneLines(deps, orderNos, new Set(gone.map(({ lineId }) => lineId)));
  return new Map(
    [...Map.groupBy(takenOff, ({ orderId }) => orderId)].map(([orderId, units]): [string, LostUnits] => {
      const ids = new Set(units.map(({ lineId }) => lineId));
      return [orderId, { takenOff: units, gone: lines.filter(({ lineId }) => ids.has(lineId)) }];
    }),
  );
}

/** Of a line that IFS never had, IFS can have freed nothing. The supply channel is known to nobody any more: it counts in all pools. */
async function goneLines(
  { config, documents }: Pick<StockSyncDeps, "config" | "documents">,
  orderNos: readonly OrderNo[],
  lineIds: ReadonlySet<string>,
): Promise<SoldLine[]> {
  if (orderNos.length === 0) return [];
  const known = new Map<string, SoldLine>();
  for (const { lineRef, catalogNo } of (await documents(orderNos)).flatMap(({ lines }) => lines)) {
    const [sku] = lineRef !== null && lineIds.has(lineRef) ? toSkus(config, catalogNo) : [];
    if (lineRef === null || sku === undefined) continue;
    known.set(lineRef, { lineId: lineRef, sku, quantity: 0, supplyChannelId: undefined });
  }
  return [...known.values()];
}
