import { z } from "zod";
import { decimal } from "../domain/decimal.ts";
import { contractSchema, type OrderNo, orderNoSchema } from "../domain/ids.ts";
import type { IfsShipment } from "../domain/ifs-records.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { fieldsOf, id, numOrNull, numOrZero, parseRows, str, strOrNull } from "./fields.ts";
import { number } from "./filter.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";

export type Shipments = {
  /** Shipments that hold lines of these orders, each with those lines only: a shipment may serve several orders. */
  shipmentsOf(orderNos: readonly OrderNo[]): Promise<IfsShipment[]>;
};

const lineSchema = z.object({
  shipmentId: id,
  shipmentLineNo: id,
  orderNo: orderNoSchema,
  lineNo: str,
  relNo: str,
  lineItemNo: id,
  inventoryQty: numOrZero,
  qtyShipped: numOrNull,
});

const shipmentSchema = z.object({
  shipmentId: id,
  state: str,
  contract: contractSchema,
  actualShipDate: strOrNull,
  forwardAgentId: strOrNull,
  trackingNumber: strOrNull,
});

export function createShipments(client: IfsClient): Shipments {
  const { binding, siteTime } = client;
  const { shipment, shipmentLine, states } = binding;

  return {
    async shipmentsOf(orderNos) {
      const asked = [...new Set(orderNos)];
      const lineRows = await readInChunks(client, shipmentLine, {
        terms: asked.map((orderNo) => keyTerm(property(shipmentLine, "orderNo"), orderNo)),
        fields: [...fieldsOf(lineSchema.shape), "sourceRefType"],
      });
      // A shipment may mix sources, and a work order may carry the number of a customer order. Judged here and not in the
      // filter, because the enumeration's type name is not known.
      const ours = lineRows.filter((row) => row.sourceRefType === binding.sourceRefType);
      const lines = Map.groupBy(parseRows(lineSchema, ours, "shipment line"), (line) => line.shipmentId);
      const rows = await readInChunks(client, shipment, {
        terms: [...lines.keys()].map((shipmentId) =>
          keyTerm(property(shipment, "shipmentId"), shipmentId, (id) => number(decimal(id))),
        ),
        fields: fieldsOf(shipmentSchema.shape),
      });
      return parseRows(shipmentSchema, rows, "shipment").map((row) => ({
        ...row,
        state: states.shipment[row.state] ?? `unknown:${row.state}`,
        actualShipDate: row.actualShipDate && instant(row.contract, row.actualShipDate),
        lines: (lines.get(row.shipmentId) ?? []).map(({ shipmentId, ...line }) => line),
      }));
    },
  };

  function instant(contract: string, digits: string): string {
    return shipment.timeZoneAware ? digits : siteTime.toUtc(contract, digits);
  }
}
