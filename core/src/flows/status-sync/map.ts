/** What IFS says about one order, in the shop's words. Pure. */

import type { ConnectorConfig } from "../../domain/config.ts";
import {
  add,
  compare,
  type DecimalString,
  divide,
  isInteger,
  isZero,
  ONE,
  subtract,
  toBigInt,
  ZERO,
} from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import {
  type IfsOrderDocument,
  type IfsOrderLine,
  type IfsShipment,
  ifsOrderStates,
} from "../../domain/ifs-records.ts";
import { deliveryPrefixes } from "../../domain/in-flight.ts";
import { toKey } from "../../domain/key.ts";
import type { OrderState, ShipmentState } from "./parse.ts";

export type DesiredItem = { readonly id: string; readonly quantity: number };

export type DesiredDelivery = {
  readonly key: string;
  /** For people: "shipment 19" or "line 1/1 delivered without shipment". */
  readonly source: string;
  readonly items: readonly DesiredItem[];
  /** True where the quantity may still grow (deliveries read from the order line). */
  readonly grows: boolean;
  readonly parcel: DesiredParcel | undefined;
};

export type DesiredParcel = {
  readonly key: string;
  readonly tracking: {
    readonly trackingId: string;
    readonly carrier?: string;
    /** IFS code of the carrier. */
    readonly provider?: string;
    /** The tracking page's address: TrackingData has no field of its own for it. */
    readonly providerTransaction?: string;
  };
};

/** Facts never say what to undo: a state that is absent means "nothing to say". */
export type OrderFacts = {
  readonly orderState: OrderState | undefined;
  readonly shipmentState: ShipmentState | undefined;
  readonly ifsState: string;
  readonly deliveries: readonly DesiredDelivery[];
  readonly blockedReason: string | undefined;
  readonly invoiceNumbers: readonly string[];
  readonly rejections: readonly Rejection[];
};

export type IfsView = {
  readonly document: IfsOrderDocument;
  /** Read after the document: a shipment that explains a shipped quantity is then always among them. */
  readonly shipments: readonly IfsShipment[];
  readonly invoiceNumbers: readonly string[];
};

/** `lineIds`: the order's line item ids in their sequence. */
export function toFacts(
  view: IfsView,
  config: Pick<ConnectorConfig, "statuses" | "units">,
  lineIds: readonly string[],
): OrderFacts {
  const rejections: Rejection[] = [];
  const state = logicalState(view.document.order.state);
  const { order: orderTable, shipment: shipmentTable } = config.statuses;
  const known = (ifsOrderStates as readonly string[]).includes(state);
  if (!known && orderTable[state] === undefined && shipmentTable[state] === undefined) {
    rejections.push(unknownState("order", view.document.order.orderNo, state));
  }
  const document = { ...view.document, lines: view.document.lines.map((line) => withLineId(line, lineIds)) };
  const shipments = view.shipments.filter((shipment) => isUsable(shipment, rejections));
  const bySalesUnit = config.units.sellBySalesUnit;
  const deliveries = [
    ...shipmentDeliveries(document, shipments, { bySalesUnit, carriers: config.statuses.carriers, rejections }),
    ...lineDeliveries(document, shipments, { bySalesUnit, rejections }),
  ];
  return {
    orderState: orderTable[state],
    shipmentState: shipmentTable[state],
    ifsState: state,
    blockedReason: view.document.order.blockedReason ?? undefined,
    deliveries,
    invoiceNumbers: [...new Set(view.invoiceNumbers)].sort(),
    rejections,
  };
}

/** "unknown:PartlyPicked" -> "PartlyPicked": configuration names the tenant's own member. */
const logicalState = (state: string): string => (state.startsWith("unknown:") ? state.slice("unknown:".length) : state);

function unknownState(kind: "order" | "shipment", number: string, state: string): Rejection {
  return {
    code: "unknownIfsState",
    message: `IFS ${kind} ${number} is in the state "${state}", which the connector does not know.`,
    action:
      kind === "order"
        ? `Add "${state}" to the status table of the configuration (order or shipment), or leave it out there by mapping it to the state that it should show.`
        : `Map the shipment state "${state}" in the binding of the configuration.`,
    owner: "merchant",
    field: "state",
    value: state,
  };
}

const SHIPMENT_STATES = new Set(["Preliminary", "Completed", "Closed", "Cancelled"]);

function isUsable(shipment: IfsShipment, rejections: Rejection[]): boolean {
  if (shipment.state === "Cancelled") return false;
  const state = logicalState(shipment.state);
  if (SHIPMENT_STATES.has(state)) return true;
  rejections.push(unknownState("shipment", shipment.shipmentId, state));
  return false;
}

/** A line whose note was cleared in IFS is known by its position only, counted from 1. */
function withLineId(line: IfsOrderLine, lineIds: readonly string[]): IfsOrderLine {
  if (line.lineRef === null || lineIds.includes(line.lineRef) || !/^\d{1,4}$/.test(line.lineRef)) return line;
  return { ...line, lineRef: lineIds[Number(line.lineRef) - 1] ?? line.lineRef };
}

type LineKeyed = { readonly lineNo: string; readonly relNo: string; readonly lineItemNo: string };
const lineKey = (line: LineKeyed): string => JSON.stringify([line.lineNo, line.relNo, line.lineItemNo]);

type Quantity = { readonly line: IfsOrderLine; readonly inventoryQty: DecimalString };
type UnitOptions = { readonly bySalesUnit: boolean; readonly rejections: Rejection[] };

function shipmentDeliveries(
  document: IfsOrderDocument,
  shipments: readonly IfsShipment[],
  options: UnitOptions & { readonly carriers: ConnectorConfig["statuses"]["carriers"] },
): DesiredDelivery[] {
  const lines = new Map(document.lines.map((line) => [lineKey(line), line]));
  return shipments.flatMap((shipment) => {
    if (shipment.actualShipDate === null) return [];
    const quantities = shipment.lines.flatMap((row): Quantity[] => {
      const line = row.orderNo === document.order.orderNo ? lines.get(lineKey(row)) : undefined;
      return line === undefined ? [] : [{ line, inventoryQty: row.qtyShipped ?? row.inventoryQty }];
    });
    const source = `shipment ${shipment.shipmentId}`;
    const items = toItems(quantities, source, options);
    if (items === undefined || items.length === 0) return [];
    return [
      {
        key: toKey(deliveryPrefixes.shipment, shipment.shipmentId),
        source,
        items,
        grows: false,
        parcel: parcelOf(shipment, options.carriers),
      },
    ];
  });
}

function parcelOf(shipment: IfsShipment, carriers: ConnectorConfig["statuses"]["carriers"]): DesiredParcel | undefined {
  const trackingId = shipment.trackingNumber?.trim();
  if (!trackingId) return undefined;
  const agent = shipment.forwardAgentId ?? undefined;
  const carrier = agent === undefined ? undefined : carriers[agent];
  const link = carrier?.trackingUrl?.replaceAll("{trackingNumber}", encodeURIComponent(trackingId));
  return {
    key: toKey("pcl", shipment.shipmentId),
    tracking: {
      trackingId,
      ...(agent === undefined ? {} : { carrier: carrier?.name ?? agent, provider: agent }),
      ...(link === undefined ? {} : { providerTransaction: link }),
    },
  };
}

/**
 * Quantities that IFS reports on the line and no shipment explains: orders delivered without shipments. A line with a
 * shipment still under way waits for it, because the same goods would else be delivered twice here.
 */
function lineDeliveries(
  document: IfsOrderDocument,
  shipments: readonly IfsShipment[],
  options: UnitOptions,
): DesiredDelivery[] {
  const rows = shipments.flatMap(({ actualShipDate, lines }) =>
    lines
      .filter((row) => row.orderNo === document.order.orderNo)
      .map((row) => ({ row, left: actualShipDate !== null })),
  );
  return document.lines.flatMap((line) => {
    const own = rows.filter(({ row }) => lineKey(row) === lineKey(line));
    if (own.some(({ left }) => !left)) return [];
    const explained = add(ZERO, ...own.map(({ row }) => row.qtyShipped ?? row.inventoryQty));
    const rest = subtract(line.qtyShipped, explained);
    if (compare(rest, ZERO) <= 0) return [];
    const source = `line ${line.lineNo}/${line.relNo} delivered without shipment`;
    const items = toItems([{ line, inventoryQty: rest }], source, options);
    if (items === undefined || items.length === 0) return [];
    const key = toKey(
      deliveryPrefixes.line,
      line.orderNo,
      line.lineNo,
      line.relNo,
      ...(line.lineItemNo === "0" ? [] : [line.lineItemNo]),
    );
    return [{ key, source, items, grows: true, parcel: undefined }];
  });
}

/** Inventory units -> pieces of the shop, summed per line item. Undefined: a rejection was noted, the delivery waits. */
function toItems(quantities: readonly Quantity[], source: string, options: UnitOptions): DesiredItem[] | undefined {
  const pieces = new Map<string, DecimalString>();
  for (const { line, inventoryQty } of quantities) {
    if (line.lineRef === null || compare(inventoryQty, ZERO) <= 0) continue;
    const factor = options.bySalesUnit ? line.convFactor : ONE;
    if (isZero(factor)) {
      options.rejections.push(unitRejection(line, source, inventoryQty));
      return undefined;
    }
    pieces.set(line.lineRef, add(pieces.get(line.lineRef) ?? ZERO, divide(inventoryQty, factor)));
  }
  const items: DesiredItem[] = [];
  for (const [id, quantity] of pieces) {
    if (!isInteger(quantity)) {
      const found = quantities.find(({ line }) => line.lineRef === id);
      if (found) options.rejections.push(unitRejection(found.line, source, found.inventoryQty));
      return undefined;
    }
    items.push({ id, quantity: Number(toBigInt(quantity)) });
  }
  return items.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const unitRejection = (line: IfsOrderLine, source: string, inventoryQty: DecimalString): Rejection => ({
  code: "unmappedUnit",
  message: `IFS order ${line.orderNo}, ${source}: ${inventoryQty} inventory units of ${line.catalogNo} are not whole pieces (${line.convFactor} inventory units per sales unit).`,
  action: "Correct the shipped quantity or the conversion factor of the sales part in IFS.",
  owner: "ifsAdministrator",
  field: "convFactor",
  value: line.convFactor,
});
