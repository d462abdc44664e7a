/** What the configuration makes the connector use of IFS. */
import type { ConnectorConfig } from "../domain/config.ts";
import type { Binding } from "../ifs/binding.ts";
import { objectDefaults } from "../ifs/binding-defaults.ts";
import type { ObjectName } from "./field-types.ts";

/** The parts of the configuration that tell what IFS must have. */
export type DoctorConfig = Pick<
  ConnectorConfig,
  "ifs" | "sites" | "routes" | "charges" | "tax" | "stock" | "prices" | "atp" | "statuses"
>;

export const objectNames = Object.keys(objectDefaults) as ObjectName[];

export type EnabledFlow = "order-export" | "status-sync" | "stock-sync" | "price-sync" | "atp-check";

/** Flows that have work to do; the others run and find nothing. */
export function enabledFlows(config: Pick<DoctorConfig, "stock" | "prices">): EnabledFlow[] {
  return [
    "order-export",
    "status-sync",
    ...(config.stock.pools.length > 0 ? (["stock-sync", "atp-check"] as const) : []),
    ...(config.prices.lists.length > 0 ? (["price-sync"] as const) : []),
  ];
}

const usedBy: Readonly<Record<EnabledFlow, readonly ObjectName[]>> = {
  "order-export": ["order", "orderLine", "orderCharge", "orderAddress", "salesPart"],
  "status-sync": ["order", "orderLine", "shipment", "shipmentLine"],
  "stock-sync": ["stock", "openDemand", "salesPart", "order", "orderLine"],
  "price-sync": ["priceListPart", "salesPart"],
  "atp-check": ["stock", "openDemand", "salesPart"],
};

/** The bound objects that enabled flows touch; `site` is how every application proves its grants. */
export function usedObjects(binding: Binding, config: Pick<DoctorConfig, "stock" | "prices">): Set<ObjectName> {
  const used = new Set<ObjectName>(["site", ...enabledFlows(config).flatMap((flow) => usedBy[flow])]);
  if (binding.singleOccurrence.place === "header") used.delete("orderAddress");
  return used;
}

/** The projections of these objects, each with the objects it serves. */
export function projectionsOf(binding: Binding, objects: Iterable<ObjectName>): Map<string, ObjectName[]> {
  return Map.groupBy(objects, (object) => binding[object].projection);
}
