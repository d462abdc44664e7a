import { unreadableBody } from "../errors.ts";
import type { SetDef } from "../projections/definition.ts";
import type { Column, Scalar } from "../schema.ts";
import type { PropertyType } from "../settings.ts";
import type { Row, Table } from "../store.ts";
import type { World } from "../world.ts";

export type ViewColumn = Column & {
  /** Column of the table; `name` is how this tenant calls the property. */
  source: string;
  /** Not a stored column, or a tenant's own: a filter on it is slow. */
  slow: boolean;
  /** The index over the column may answer filters. */
  stored: boolean;
  read: (row: Row) => Scalar;
  /** What the column stores of a value of the property's type. */
  toStored: (value: Scalar) => Scalar;
};

/** The properties of a set as this tenant has them: `path` is `Projection/Set` or `Projection/Set/Array`. */
export function compileColumns(def: SetDef, table: Table, path: string, world: World): Map<string, ViewColumn> {
  const own = [...table.def.columns.values()]
    .filter((column) => (def.only ? def.only.includes(column.name) : !def.without?.includes(column.name)))
    .map((column) => stored(column));
  const computed = (def.computed ?? []).map(
    ({ column, value }): ViewColumn => ({
      ...column,
      source: column.name,
      slow: true,
      stored: false,
      read: (row) => value(row, world),
      toStored: (given) => given,
    }),
  );
  const columns = new Map<string, ViewColumn>();
  for (const column of new Map(
    [...own, ...computed, ...rowversion(def, path, world)].map((one) => [one.source, one]),
  ).values()) {
    const property = `${path}/${column.source}`;
    if (world.settings.hiddenProperties.includes(property)) continue;
    const typed = retyped(respelled(column, property, world), world.settings.propertyTypes[property], world);
    const served = renamed(typed, property, world);
    columns.set(served.name, served);
  }
  return columns;
}

function stored(column: Column): ViewColumn {
  const { name } = column;
  return {
    ...column,
    source: name,
    slow: false,
    stored: true,
    read: (row) => row.values[name] ?? null,
    toStored: (given) => given,
  };
}

function renamed(column: ViewColumn, property: string, world: World): ViewColumn {
  const name = world.settings.renames[property] ?? column.name;
  const slow = column.slow || name.startsWith("Cf_") || world.settings.unindexedProperties.includes(property);
  return { ...column, name, slow };
}

/** A text column whose values the tenant spells in its own way. */
function respelled(column: ViewColumn, property: string, world: World): ViewColumn {
  const spellings = Object.entries(world.settings.textValues).flatMap(([path, served]) =>
    path.startsWith(`${property}/`) ? [[path.slice(property.length + 1), served] as const] : [],
  );
  if (column.kind !== "str" || spellings.length === 0) return column;
  const served = new Map(spellings);
  const kept = new Map(spellings.map(([own, theirs]) => [theirs, own]));
  return {
    ...column,
    stored: false,
    read(row) {
      const value = column.read(row);
      return typeof value === "string" ? (served.get(value) ?? value) : value;
    },
    toStored: (value) => (typeof value === "string" ? (kept.get(value) ?? value) : value),
  };
}

/** The row's last change as a column of the tenant's own; its version begins with it. */
function rowversion(def: SetDef, path: string, world: World): ViewColumn[] {
  if (!world.settings.rowversionField.includes(path)) return [];
  const name = "Cf_Rowversion";
  return [
    {
      name,
      kind: "ts",
      max: 0,
      source: name,
      slow: true,
      stored: false,
      read: ({ objversion }) => objversion.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d).*$/, "$1-$2-$3T$4:$5:$6Z"),
      toStored() {
        throw unreadableBody(`The property '${name}' of '${def.name}' may not be written.`);
      },
    },
  ];
}

type Retyping = {
  from: Column["kind"];
  column: Pick<Column, "kind" | "max" | "enumName">;
  out: (value: string | boolean, column: ViewColumn, world: World) => Scalar;
  back: (value: string | boolean, column: ViewColumn, world: World) => Scalar;
};

/** Types under which one property is known, or may turn out to be served. */
const retypings: Record<PropertyType, Retyping> = {
  flag: {
    from: "bool",
    column: { kind: "str", max: 5, enumName: undefined },
    out: (value) => (value ? "TRUE" : "FALSE"),
    back: (value) => value === "TRUE",
  },
  fndBoolean: {
    from: "bool",
    column: { kind: "enum", max: 0, enumName: "FndBoolean" },
    out: (value) => (value ? "True" : "False"),
    back: (value) => value === "True",
  },
  date: {
    from: "ts",
    column: { kind: "date", max: 0, enumName: undefined },
    out: (value) => String(value).slice(0, 10),
    back: (value) => `${String(value)}T00:00:00Z`,
  },
  timestamp: {
    from: "date",
    column: { kind: "ts", max: 0, enumName: undefined },
    out: (value) => `${String(value)}T00:00:00Z`,
    back: (value) => String(value).slice(0, 10),
  },
  text: {
    from: "enum",
    column: { kind: "str", max: 200, enumName: undefined },
    out: (value, { enumName = "" }, world) => world.servedMember(enumName, String(value)),
    back: (value, { enumName = "" }, world) => world.storedMember(enumName, String(value)) ?? null,
  },
  isoCountry: {
    from: "str",
    column: { kind: "enum", max: 0, enumName: "Lookup_IsoCountry" },
    out: (value, _column, world) => world.servedMember("Lookup_IsoCountry", String(value)),
    back: (value) => value,
  },
};

function retyped(column: ViewColumn, type: PropertyType | undefined, world: World): ViewColumn {
  if (!type) return column;
  const { from, column: shape, out, back } = retypings[type];
  if (column.kind !== from) return column;
  return {
    ...column,
    ...shape,
    stored: false,
    read: (row) => {
      const value = column.read(row);
      return value === null ? null : out(value, column, world);
    },
    toStored: (value) => (value === null ? null : back(value, column, world)),
  };
}

/** What the tenant calls a column of the table; itself when the set does not serve it. */
export function servedName(columns: Map<string, ViewColumn>, source: string): string {
  for (const column of columns.values()) if (column.source === source) return column.name;
  return source;
}
