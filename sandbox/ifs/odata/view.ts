import type {
  ArrayDef,
  Caller,
  ProjectionDef,
  SetDef,
  UnboundAction,
  UnboundFunction,
} from "../projections/definition.ts";
import { text } from "../rows.ts";
import type { Scalar } from "../schema.ts";
import type { Row, Table } from "../store.ts";
import { siteToUtc } from "../time.ts";
import { type World, zoneOfRow } from "../world.ts";
import { compileColumns, type ViewColumn } from "./tenant-columns.ts";

/** A set as one projection of this tenant serves it. */
export type View = {
  def: SetDef;
  /** Name in URLs. */
  name: string;
  projection: string;
  table: Table;
  columns: Map<string, ViewColumn>;
  arrays: Map<string, { view: View; on: Record<string, string> }>;
};

export type CompiledProjection = {
  def: ProjectionDef;
  name: string;
  sets: Map<string, View>;
  actions: Map<string, UnboundAction>;
  functions: Map<string, UnboundFunction>;
};

export type Catalogue = Map<string, CompiledProjection>;

/** All projections under the names that the settings give them. */
export function compileCatalogue(definitions: readonly ProjectionDef[], world: World): Catalogue {
  const catalogue: Catalogue = new Map();
  for (const def of definitions) {
    const name = world.settings.renames[def.name] ?? def.name;
    const views = def.sets.map((set) => compileView(set, def.name, `${def.name}/${set.name}`, world));
    catalogue.set(name, {
      def,
      name,
      sets: new Map(views.map((view) => [view.name, view])),
      actions: new Map(renamedIn(def.name, def.actions, world).map((action) => [action.name, action])),
      functions: new Map(renamedIn(def.name, def.functions, world).map((fn) => [fn.name, fn])),
    });
  }
  return catalogue;
}

function renamedIn<T extends { name: string }>(path: string, named: readonly T[] | undefined, world: World): T[] {
  return (named ?? []).map((one) => ({ ...one, name: world.settings.renames[`${path}/${one.name}`] ?? one.name }));
}

function compileView(def: SetDef, projection: string, path: string, world: World): View {
  const { settings } = world;
  const table = world.table(def.table);
  const columns = compileColumns(def, table, path, world);
  const arrays = (def.arrays ?? []).map((array: ArrayDef) => {
    const view = compileView(array, projection, `${path}/${array.name}`, world);
    return [view.name, { view, on: array.on }] as const;
  });
  return {
    def: { ...def, actions: renamedIn(path, def.actions, world), functions: renamedIn(path, def.functions, world) },
    name: settings.renames[path] ?? def.name,
    projection: settings.renames[projection] ?? projection,
    table,
    columns,
    arrays: new Map(arrays),
  };
}

/** Site and company grants hide rows without a word. */
export function isVisible(view: View, row: Row, caller: Caller, world: World): boolean {
  const { siteColumn, companyColumn } = view.table.def;
  if (siteColumn && world.settings.siteGrantsFilter && !caller.sites.includes(text(row, siteColumn))) return false;
  if (companyColumn && !caller.companies.includes(text(row, companyColumn))) return false;
  return view.def.where ? view.def.where(row, world) : true;
}

/** A column's reader; with `aware`, timestamps come out as real UTC. */
export function readerOf(view: View, column: ViewColumn, world: World, aware: boolean): (row: Row) => Scalar {
  if (!aware || column.kind !== "ts") return column.read;
  return (row) => {
    const digits = column.read(row);
    return typeof digits === "string" ? siteToUtc(digits, zoneOfRow(world, view.table.def.siteColumn, row)) : null;
  };
}
