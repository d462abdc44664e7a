import { databaseName, type Scalar } from "../schema.ts";
import type { Change } from "../store.ts";

const triggers = ["insert", "update", "remove", "ORDER_RELEASED"] as const;

/** Changes of a logical unit's rows, or the application's own event of an order that was released. */
export type Trigger = (typeof triggers)[number];

/**
 * What an administrator sets up by hand in Solution Manager: an event on a logical unit, and a REST call as its action.
 * The form of headers and body is unverified: section "events" of the README.
 */
export type EventAction = {
  name: string;
  /** Logical unit as `luname` spells it: CustomerOrder, CustomerOrderLine, InventoryPartInStock, Shipment … */
  lu: string;
  on: Trigger[];
  /** Database columns of which one must have changed for an update to fire; any when empty. */
  columns: string[];
  method: "POST" | "PUT" | "PATCH" | "GET" | "DELETE";
  url: string;
  /** `name:value,name2:value2`; a comma ends a value. */
  headers: string;
  /** Free text with `&NEW:COLUMN` and `&OLD:COLUMN`. */
  body: string;
};

const texts = ["name", "lu", "method", "url", "headers", "body"] as const;
const lists = ["on", "columns"] as const;
const methods = ["POST", "PUT", "PATCH", "GET", "DELETE"];

/** Checks what comes from outside. Throws an Error whose text names the culprit. */
export function parseEventActions(input: unknown): EventAction[] {
  if (!Array.isArray(input)) throw new Error('"eventActions" is a list');
  return input.map((entry: unknown, index) => parseEventAction(entry, `eventActions[${index}]`));
}

function parseEventAction(entry: unknown, where: string): EventAction {
  if (typeof entry !== "object" || entry === null) throw new Error(`"${where}" is an object`);
  const given = { columns: [], headers: "", body: "", method: "POST", ...entry } as Record<string, unknown>;
  requireShape(given, where);
  const action = given as EventAction;
  if (action.on.length === 0 || !action.on.every((trigger) => triggers.includes(trigger))) {
    throw new Error(`"${where}.on" names some of ${triggers.join(", ")}`);
  }
  if (!methods.includes(action.method)) throw new Error(`"${where}.method" is one of ${methods.join(", ")}`);
  if (!/^https?:\/\//.test(action.url)) throw new Error(`"${where}.url" is an address`);
  headersOf(action.headers);
  return action;
}

function requireShape(given: Record<string, unknown>, where: string) {
  for (const name of Object.keys(given)) {
    const known = [...texts, ...lists].some((one) => one === name);
    if (!known) throw new Error(`"${where}" has no property "${name}"`);
  }
  for (const name of texts) if (typeof given[name] !== "string") throw new Error(`"${where}.${name}" is a text`);
  for (const name of lists) {
    const value = given[name];
    const fits = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!fits) throw new Error(`"${where}.${name}" is a list of texts`);
  }
}

/** `name:value,name2:value2` as pairs. A comma inside of a value ends it, and what follows is no header. */
export function headersOf(text: string): [string, string][] {
  if (text.trim() === "") return [];
  return text.split(",").map((piece) => {
    const match = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:(.*)$/s.exec(piece);
    if (!match?.[1])
      throw new Error(`"${piece}" is no header: they are name:value,name2:value2 without commas in values`);
    return [match[1], (match[2] ?? "").trim()];
  });
}

/** Whether this change is what the action waits for. */
export function fires(action: EventAction, change: Change): boolean {
  if (action.lu !== change.table.lu) return false;
  if (action.on.includes("ORDER_RELEASED") && isRelease(change)) return true;
  if (!action.on.includes(change.kind)) return false;
  if (change.kind !== "update" || action.columns.length === 0) return true;
  return [...change.table.columns.keys()].some(
    (column) => action.columns.includes(databaseName(column)) && change.before[column] !== change.row.values[column],
  );
}

function isRelease({ table, kind, before, row }: Change): boolean {
  if (table.lu !== "CustomerOrder" || kind !== "update" || before.Objstate !== "Planned") return false;
  return row.values.Objstate !== "Planned" && row.values.Objstate !== "Cancelled";
}

/** Textual: what a value holds stands in the body as it is, quotes and line breaks included. */
export function bodyOf(action: EventAction, change: Change): string {
  const after = change.kind === "remove" ? {} : change.row.values;
  const sides = { NEW: after, OLD: change.before };
  const columns = new Map([...change.table.columns.keys()].map((column) => [databaseName(column), column]));
  // The state machine's column has a name of its own in the database.
  columns.set("ROWSTATE", "Objstate");
  return action.body.replace(/&(NEW|OLD):([A-Z][A-Z0-9_]*)/g, (_whole, side: "NEW" | "OLD", name: string) =>
    show(sides[side][columns.get(name) ?? ""]),
  );
}

function show(value: Scalar | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : value;
}
