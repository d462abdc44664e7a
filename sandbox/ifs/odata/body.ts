import { malformed, unreadableBody } from "../errors.ts";
import type { Parameters } from "../projections/definition.ts";
import type { Values } from "../schema.ts";
import { utcToSite } from "../time.ts";
import type { World } from "../world.ts";
import { type Json, JsonNumber, readObject, readScalar } from "./json.ts";
import type { View } from "./view.ts";

/** Bookkeeping that is a property of every type but belongs to the server. */
const bookkeeping = new Set(["luname", "keyref", "Objgrants", "Objstate"]);

export function requireJson(headers: Record<string, string>) {
  const type = headers["content-type"];
  if (type !== undefined && !type.startsWith("application/json")) {
    throw unreadableBody(`The content type '${type}' is not supported.`);
  }
}

/** A body as column values. Unknown properties, wrong types and texts that are too long are de-serialization errors. */
export function readValues(view: View, body: Buffer, world: World): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(readObject(body))) {
    if (name.startsWith("@") || name.includes("@odata.")) continue;
    if (bookkeeping.has(name)) {
      if (world.settings.bookkeepingInBodies === "ignore") continue;
      throw unreadableBody(`The property '${name}' may not be written.`);
    }
    const column = view.columns.get(name);
    if (!column) {
      throw unreadableBody(
        `The property '${name}' is not defined in type 'IfsApp.${view.projection}.${view.def.entity}'.`,
      );
    }
    values[column.source] = column.toStored(readScalar(column, value, world.storedMember));
  }
  return values;
}

/** Real UTC in an aware request -> the digits of the site. */
export function toSiteDigits(view: View, values: Values, zone: string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isStamp = view.table.def.columns.get(name)?.kind === "ts" && typeof value === "string";
      return [name, isStamp ? utcToSite(value as string, zone) : value];
    }),
  );
}

export function readParameters(body: Buffer, declared: Record<string, "str" | "num" | "bool">): Parameters {
  const given = readObject(body);
  for (const [name, value] of Object.entries(given)) {
    const type = declared[name];
    if (!type) throw unreadableBody(`The parameter '${name}' is not declared.`);
    if (value !== null && !fits(type, value)) throw unreadableBody(`The parameter '${name}' has the wrong type.`);
  }
  return given;
}

function fits(type: "str" | "num" | "bool", value: Json): boolean {
  if (type === "num") return value instanceof JsonNumber;
  return typeof value === (type === "str" ? "string" : "boolean");
}

export function textParameter(parameters: Parameters, name: string): string {
  const value = parameters[name];
  return typeof value === "string" ? value : "";
}

export function numberParameter(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (value instanceof JsonNumber) return value.text;
  throw malformed(`The parameter '${name}' is missing.`);
}
