import { alreadyExists } from "./errors.ts";
import { databaseName, type Scalar, type TableDef, type Values } from "./schema.ts";

/** One stored row. `objid` and `objversion` are what the ETag is made of. */
export type Row = { readonly objid: string; objversion: string; values: Values };

export type RowSet = { readonly size: number; [Symbol.iterator](): Iterator<Row> };

export type Table = {
  readonly def: TableDef;
  /** Rises with each write; what is cached about the table's order is good for one number. */
  version(): number;
  size(): number;
  all(): RowSet;
  get(...key: Scalar[]): Row | undefined;
  /** Rows whose indexed column has this value; undefined when the column has no index. */
  find(column: string, value: Scalar): RowSet | undefined;
  /** Rows of the days from `first` to `last` (`yyyy-MM-dd`, both included); undefined without a day index. */
  findDays(column: string, first: string | undefined, last: string | undefined): Row[] | undefined;
  insert(values: Values): Row;
  update(row: Row, changes: Values): void;
  remove(row: Row): void;
};

export type Change = { table: TableDef; kind: "insert" | "update" | "remove"; row: Row; before: Values };

export type Store = {
  table(name: string): Table;
  /** Runs `work` so that all its writes stay or, when it throws, none does. May be nested. */
  transact<T>(work: () => T): T;
};

type StoreOptions = {
  defs: TableDef[];
  /** Gives the version text of a new or changed row. */
  objversion: () => string;
  /** Told of each write after it happened, inside its transaction. */
  changed?: (change: Change) => void;
};

const EMPTY: ReadonlySet<Row> = new Set();

export function createStore(options: StoreOptions): Store {
  const journal: (() => void)[] = [];
  const tables = new Map<string, Table>();
  options.defs.forEach((def, index) => {
    tables.set(def.name, createTable(def, index, options, journal));
  });
  let depth = 0;
  return {
    table(name) {
      const table = tables.get(name);
      if (!table) throw new Error(`the store has no table ${name}`);
      return table;
    },
    transact(work) {
      const savepoint = journal.length;
      depth += 1;
      try {
        return work();
      } catch (error) {
        while (journal.length > savepoint) journal.pop()?.();
        throw error;
      } finally {
        depth -= 1;
        if (depth === 0) journal.length = 0;
      }
    },
  };
}

function createTable(def: TableDef, number: number, options: StoreOptions, journal: (() => void)[]): Table {
  const rows = new Map<string, Row>();
  const indexes = new Map(def.indexes.map((column) => [column, new Map<string, Set<Row>>()]));
  const days = new Map(def.dayIndexes.map((column) => [column, new Map<string, Set<Row>>()]));
  let version = 0;
  let nextRow = 1;

  function link(row: Row) {
    version += 1;
    rows.set(keyOf(def, row.values), row);
    for (const [column, index] of indexes) addTo(index, indexText(row.values[column]), row);
    for (const [column, index] of days) addTo(index, dayText(row.values[column]), row);
  }
  function unlink(row: Row) {
    version += 1;
    rows.delete(keyOf(def, row.values));
    for (const [column, index] of indexes) removeFrom(index, indexText(row.values[column]), row);
    for (const [column, index] of days) removeFrom(index, dayText(row.values[column]), row);
  }
  function moveIndexed(row: Row, before: Values) {
    version += 1;
    for (const [column, index] of indexes) {
      move(index, indexText(before[column]), indexText(row.values[column]), row);
    }
    for (const [column, index] of days) move(index, dayText(before[column]), dayText(row.values[column]), row);
  }
  function assign(row: Row, values: Values, objversion: string) {
    const before = row.values;
    row.values = values;
    row.objversion = objversion;
    moveIndexed(row, before);
  }

  return {
    def,
    version: () => version,
    size: () => rows.size,
    all: () => ({ size: rows.size, [Symbol.iterator]: () => rows.values() }),
    get: (...key) => rows.get(key.map(indexText).join("\u0000")),
    find(column, value) {
      const index = indexes.get(column);
      return index ? (index.get(indexText(value)) ?? EMPTY) : undefined;
    },
    findDays(column, first, last) {
      const index = days.get(column);
      if (!index) return undefined;
      const found: Row[] = [];
      for (const [day, bucket] of index) {
        if (day !== "" && (!first || day >= first) && (!last || day <= last)) found.push(...bucket);
      }
      return found;
    },
    insert(values) {
      if (rows.has(keyOf(def, values))) throw alreadyExists(def.lu, def.object);
      const objid = `AAA${rowId(number)}AAF${rowId(nextRow)}`;
      nextRow += 1;
      const row: Row = { objid, objversion: options.objversion(), values: { ...values } };
      link(row);
      journal.push(() => unlink(row));
      options.changed?.({ table: def, kind: "insert", row, before: {} });
      return row;
    },
    update(row, changes) {
      const before = row.values;
      const { objversion } = row;
      assign(row, { ...before, ...changes }, options.objversion());
      journal.push(() => assign(row, before, objversion));
      options.changed?.({ table: def, kind: "update", row, before });
    },
    remove(row) {
      unlink(row);
      journal.push(() => link(row));
      options.changed?.({ table: def, kind: "remove", row, before: row.values });
    },
  };
}

function keyOf(def: TableDef, values: Values): string {
  return def.keys.map((name) => indexText(values[name])).join("\u0000");
}

function indexText(value: Scalar | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : String(value);
}

function dayText(value: Scalar | undefined): string {
  return typeof value === "string" ? value.slice(0, 10) : "";
}

function addTo(index: Map<string, Set<Row>>, text: string, row: Row) {
  const bucket = index.get(text);
  if (bucket) bucket.add(row);
  else index.set(text, new Set([row]));
}

function removeFrom(index: Map<string, Set<Row>>, text: string, row: Row) {
  const bucket = index.get(text);
  bucket?.delete(row);
  if (bucket?.size === 0) index.delete(text);
}

function move(index: Map<string, Set<Row>>, from: string, to: string, row: Row) {
  if (from === to) return;
  removeFrom(index, from, row);
  addTo(index, to, row);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number in the six letters of a database row address. */
function rowId(value: number): string {
  let rest = value;
  let text = "";
  for (let i = 0; i < 6; i += 1) {
    text = DIGITS.charAt(rest % 64) + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}

export function etagOf(row: Row): string {
  return `W/"${Buffer.from(`${row.objid}:${row.objversion}`, "utf8").toString("base64")}"`;
}

/** `ORDER_NO=X^LINE_NO=1^`. */
export function keyrefOf(def: TableDef, row: Row): string {
  return def.keys.map((name) => `${databaseName(name)}=${indexText(row.values[name])}^`).join("");
}
