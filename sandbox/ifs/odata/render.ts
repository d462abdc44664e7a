import { malformed, notImplemented } from "../errors.ts";
import type { Caller } from "../projections/definition.ts";
import { etagOf, keyrefOf, type Row } from "../store.ts";
import type { World } from "../world.ts";
import { writeScalar } from "./json.ts";
import type { Expand } from "./options.ts";
import type { ViewColumn } from "./tenant-columns.ts";
import { type CompiledProjection, isVisible, readerOf, type View } from "./view.ts";

export type RenderScope = {
  world: World;
  caller: Caller;
  projection: CompiledProjection;
  aware: boolean;
};

const bookkeeping = ["luname", "keyref", "Objgrants"];

/** A function that writes rows of a set as JSON objects. Throws for unknown properties and for expands that are not to-one. */
export function rowWriter(
  view: View,
  options: { select?: string[]; expand: Expand[] },
  scope: RenderScope,
): (row: Row) => Record<string, unknown> {
  const { world, aware } = scope;
  const chosen = options.select ?? [...bookkeeping, ...view.columns.keys()];
  const writers = chosen.map((name) => [name, propertyWriter(view, name, world, aware)] as const);
  const expansions = options.expand.map((expand) => expandWriter(view, expand, scope));
  return (row) => {
    const out: Record<string, unknown> = { "@odata.etag": etagOf(row) };
    for (const [name, write] of writers) out[name] = write(row);
    for (const [name, write] of expansions) out[name] = write(row);
    return out;
  };
}

function propertyWriter(view: View, name: string, world: World, aware: boolean): (row: Row) => unknown {
  if (name === "luname") return () => view.table.def.lu;
  if (name === "keyref") return (row) => keyrefOf(view.table.def, row);
  if (name === "Objgrants") return () => null;
  const column = columnOf(view, name);
  const read = readerOf(view, column, world, aware);
  const { decimalsAsStrings } = world.settings;
  const { enumName } = column;
  if (enumName !== undefined) {
    return (row) => {
      const member = read(row);
      return typeof member === "string" ? world.servedMember(enumName, member) : null;
    };
  }
  return (row) => writeScalar(column, read(row), decimalsAsStrings);
}

export function columnOf(view: View, name: string): ViewColumn {
  const column = view.columns.get(name);
  if (column) return column;
  const type = `IfsApp.${view.projection}.${view.def.entity}`;
  throw malformed(`The property '${name}', used in a query expression, is not defined in type '${type}'.`);
}

function expandWriter(view: View, expand: Expand, scope: RenderScope): readonly [string, (row: Row) => unknown] {
  const ref = view.def.refs?.[expand.property];
  if (!ref) {
    if (view.arrays.has(expand.property)) {
      throw notImplemented(`$expand of the collection '${expand.property}' is not supported.`);
    }
    throw malformed(`'${expand.property}' is no navigation property of '${view.name}'.`);
  }
  const target = [...scope.projection.sets.values()].find((candidate) => candidate.def.name === ref.set);
  if (!target) throw new Error(`the reference ${expand.property} leads to no set`);
  const write = rowWriter(target, { select: expand.select, expand: [] }, scope);
  return [
    expand.property,
    (row) => {
      const found = referenced(view, target, expand.property, row);
      return found && isVisible(target, found, scope.caller, scope.world) ? write(found) : null;
    },
  ];
}

/** The row that a `…Ref` of this row leads to. */
export function referenced(view: View, target: View, name: string, row: Row): Row | undefined {
  const on = view.def.refs?.[name]?.on ?? {};
  const sourceOf = Object.fromEntries(Object.entries(on).map(([own, other]) => [other, own]));
  const key = target.table.def.keys.map((column) => row.values[sourceOf[column] ?? ""] ?? null);
  return target.table.get(...key);
}
