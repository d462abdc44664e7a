/** What the configuration makes the connector use of IFS. */
import { type ConnectorConfig, returnsAreOn } from "../domain/config.ts";
import { followsCustomers } from "../domain/customer-route.ts";
import type { Binding } from "../ifs/binding.ts";
import { objectDefaults } from "../ifs/binding-defaults.ts";
import type { ObjectName } from "./field-types.ts";

/** The parts of the configuration that tell what IFS must have. */
export type DoctorConfig = Pick<
  ConnectorConfig,
  | "ifs"
  | "sites"
  | "orders"
  | "routes"
  | "charges"
  | "tax"
  | "stock"
  | "prices"
  | "atp"
  | "statuses"
  | "customers"
  | "skus"
>;

export const objectNames = Object.keys(objectDefaults) as ObjectName[];

/** What each flow needs of IFS: a flow that joins gets a line in each of the three tables below, and nothing else here. */
export const flows = [
  "order-export",
  "status-sync",
  "stock-sync",
  "atp-check",
  "price-sync",
  "own-customers",
  "customer-sync",
  "returns",
] as const;
export type Flow = (typeof flows)[number];

type FlowConfig = Pick<DoctorConfig, "stock" | "prices" | "routes" | "customers" | "orders" | "ifs">;
type Enabling = Omit<FlowConfig, "ifs">;

/** Flows that have work to do; the others run and find nothing. */
const enabledWhere: Readonly<Record<Flow, (config: Enabling) => boolean>> = {
  "order-export": () => true,
  "status-sync": () => true,
  "stock-sync": ({ stock }) => stock.pools.length > 0,
  "atp-check": ({ stock }) => stock.pools.length > 0,
  "price-sync": ({ prices }) => prices.lists.length > 0,
  // A part of the order export, with projections of its own.
  "own-customers": ({ routes }) => routes.some(({ customers }) => customers.policy === "own"),
  "customer-sync": followsCustomers,
  // The same.
  returns: returnsAreOn,
};

export const enabledFlows = (config: Enabling): Flow[] => flows.filter((flow) => enabledWhere[flow](config));

export type Access = "read" | "write";
export type Need = { readonly [F in Flow]?: Access };

/** Bound object -> flows that need it, and whether to write. What is not listed is needed by nobody yet. */
const neededBy: Readonly<Partial<Record<ObjectName, Need>>> = {
  order: { "order-export": "write", "status-sync": "read", "stock-sync": "read" },
  orderLine: { "order-export": "write", "status-sync": "read", "stock-sync": "read" },
  orderCharge: { "order-export": "write" },
  orderAddress: { "order-export": "write" },
  customer: { "own-customers": "write", "customer-sync": "write" },
  customerAddress: { "own-customers": "write", "customer-sync": "write" },
  customerAddressType: { "own-customers": "write", "customer-sync": "write" },
  openDemand: { "stock-sync": "read", "atp-check": "read" },
  salesPart: { "order-export": "read", "stock-sync": "read", "atp-check": "read", "price-sync": "read" },
  stock: { "stock-sync": "read", "atp-check": "read" },
  priceListPart: { "price-sync": "read" },
  shipment: { "status-sync": "read" },
  shipmentLine: { "status-sync": "read" },
  rma: { returns: "write" },
  rmaLine: { returns: "write" },
};

type ActionName = "release" | "cancel" | "orderDefault" | "lineDefault" | "copyCustomer" | "releaseRma";

/** Action of the binding -> object it is bound to, and flow that calls it. */
const actionUses: Readonly<Record<ActionName, { readonly object: ObjectName; readonly flow: Flow }>> = {
  release: { object: "order", flow: "order-export" },
  cancel: { object: "order", flow: "order-export" },
  orderDefault: { object: "order", flow: "order-export" },
  lineDefault: { object: "orderLine", flow: "order-export" },
  copyCustomer: { object: "customer", flow: "own-customers" },
  releaseRma: { object: "rma", flow: "returns" },
};

/** The bound objects that enabled flows touch, with what they do; `site` is how every application proves its grants. */
export function neededObjects(binding: Binding, config: FlowConfig): Map<ObjectName, Access> {
  const enabled = enabledFlows(config);
  const needed = new Map<ObjectName, Access>([["site", "read"]]);
  for (const [object, need] of Object.entries(neededBy) as [ObjectName, Need][]) {
    const accesses = enabled.flatMap((flow) => need[flow] ?? []);
    if (accesses.length > 0) needed.set(object, accesses.includes("write") ? "write" : "read");
  }
  if (binding.singleOccurrence.place === "header") needed.delete("orderAddress");
  const taxed = config.routes.some(
    ({ customers }) => customers.policy === "own" && customers.taxLiability !== undefined,
  );
  if (taxed && enabled.includes("customer-sync")) needed.set("customerInvoice", "write");
  const reached = config.customers.changes.communication.rows.length > 0;
  if (reached && enabled.includes("customer-sync")) needed.set("customerCommMethod", "write");
  if (enabled.includes("stock-sync")) for (const object of chosenForStock(config)) needed.set(object, "read");
  if (config.ifs.changes.orders.strategy === "historyLog") needed.set("historyLog", "read");
  return needed;
}

function chosenForStock({ stock }: FlowConfig): ObjectName[] {
  const { kits, supply } = stock;
  return [
    ...(kits.fromIfs ? (["packageComponent"] as const) : []),
    ...(supply.sources.includes("purchaseOrders") ? (["purchaseOrderLine"] as const) : []),
    ...(supply.sources.includes("shopOrders") ? (["shopOrder"] as const) : []),
  ];
}

export const usedObjects = (binding: Binding, config: FlowConfig): Set<ObjectName> =>
  new Set(neededObjects(binding, config).keys());

/** The tenant's names of the actions that enabled flows call on objects of this projection. */
export function neededActions(binding: Binding, config: FlowConfig, projection: string): string[] {
  const enabled = enabledFlows(config);
  return (Object.entries(actionUses) as [ActionName, (typeof actionUses)[ActionName]][]).flatMap(
    ([name, { object, flow }]) =>
      enabled.includes(flow) && binding[object].projection === projection ? (binding.actions[name] ?? []) : [],
  );
}

/** The projections of these objects, each with the objects it serves. */
export function projectionsOf(binding: Binding, objects: Iterable<ObjectName>): Map<string, ObjectName[]> {
  return Map.groupBy(objects, (object) => binding[object].projection);
}
