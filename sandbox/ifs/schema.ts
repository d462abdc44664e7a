/** How tables are described: once, in a compact text, from which storage, metadata and checks are made. */

export type Kind = "str" | "num" | "bool" | "date" | "ts" | "enum";

export type Column = { name: string; kind: Kind; max: number; enumName?: string };

/** What a column holds: numbers as canonical decimal text, dates and timestamps as their digits. */
export type Scalar = string | boolean | null;

export type Values = Record<string, Scalar>;

export type TableDef = {
  name: string;
  /** Logical unit as `luname`, error texts and the history log name it. */
  lu: string;
  /** What people call one row in an error text. */
  object: string;
  keys: string[];
  columns: Map<string, Column>;
  /** Columns with a hash index besides the key. */
  indexes: string[];
  /** Timestamp columns indexed by day, for windows. */
  dayIndexes: string[];
  /** Column that names the site or the company a row belongs to; grants filter by it. */
  siteColumn?: string;
  companyColumn?: string;
};

export type TableOptions = {
  name: string;
  lu?: string;
  object?: string;
  keys: string[];
  columns: string;
  indexes?: string[];
  dayIndexes?: string[];
  siteColumn?: string;
  companyColumn?: string;
};

export function defineTable(options: TableOptions): TableDef {
  const columns = parseColumns(options.columns);
  for (const name of [...options.keys, ...(options.indexes ?? []), ...(options.dayIndexes ?? [])]) {
    if (!columns.has(name)) throw new Error(`table ${options.name} has no column ${name}`);
  }
  return {
    name: options.name,
    lu: options.lu ?? options.name,
    object: options.object ?? spaced(options.lu ?? options.name),
    keys: options.keys,
    columns,
    indexes: options.indexes ?? [],
    dayIndexes: options.dayIndexes ?? [],
    siteColumn: options.siteColumn,
    companyColumn: options.companyColumn,
  };
}

/** `OrderNo str 12, Objstate enum CustomerOrderState, …`: name, kind, then length or enumeration. */
export function parseColumns(text: string): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const entry of text.split(",")) {
    const [name, kind, extra] = entry.trim().split(/\s+/);
    if (!name) continue;
    columns.set(name, column(name, kind ?? "str", extra));
  }
  return columns;
}

function column(name: string, kind: string, extra: string | undefined): Column {
  switch (kind) {
    case "str":
      return { name, kind, max: Number(extra ?? 2000) };
    case "flag":
      return { name, kind: "str", max: 5 };
    case "num":
    case "bool":
    case "date":
    case "ts":
      return { name, kind, max: 0 };
    case "enum":
      if (!extra) throw new Error(`column ${name} names no enumeration`);
      return { name, kind, max: 0, enumName: extra };
    default:
      throw new Error(`column ${name} has the unknown kind ${kind}`);
  }
}

/** `CustomerOrder` -> `Customer Order`. */
export function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2");
}

/** `CustomerPoNo` -> `CUSTOMER_PO_NO`: the database's spelling, seen in key references and the history log. */
export function databaseName(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
}
