import { formatPath } from "./path.ts";

/** One setting that differs; `undefined` where a side does not have it. */
export type Difference = {
  readonly path: string;
  readonly old: unknown;
  readonly new: unknown;
};

/** What a row of a list is recognised by; the first that all rows of both lists have, each value once. */
const IDENTITIES = ["name", "site", "sku", "priceListNo", "supplyChannel"] as const;

/**
 * The differences of two documents, in the order of the newer one, old settings last. Rows of a list are compared by their
 * name (`routes["web"].site`), so that an inserted row is one difference; where the order of rows changed as well, that is
 * a difference of its own, because the first matching route counts.
 */
export function diffDocuments(older: unknown, newer: unknown): Difference[] {
  return differences([], older, newer);
}

function differences(path: readonly (string | number)[], older: unknown, newer: unknown): Difference[] {
  if (Array.isArray(older) && Array.isArray(newer)) return listDifferences(path, older, newer);
  if (isObject(older) && isObject(newer)) {
    const keys = new Set([...Object.keys(newer), ...Object.keys(older)]);
    return [...keys].flatMap((key) => differences([...path, key], older[key], newer[key]));
  }
  return JSON.stringify(older) === JSON.stringify(newer) ? [] : [{ path: formatPath(path), old: older, new: newer }];
}

function listDifferences(
  path: readonly (string | number)[],
  older: readonly unknown[],
  newer: readonly unknown[],
): Difference[] {
  const identity = IDENTITIES.find((name) => identifies(older, name) && identifies(newer, name));
  if (identity === undefined || (older.length === 0 && newer.length === 0)) {
    // Plain values, or rows without a name: by position.
    const length = Math.max(older.length, newer.length);
    const positions = Array.from({ length }, (_, index) => index);
    return positions.flatMap((index) => differences([...path, index], older[index], newer[index]));
  }
  const rows = (list: readonly unknown[]) => new Map(list.map((row) => [String((row as Row)[identity]), row]));
  const [before, after] = [rows(older), rows(newer)];
  const names = new Set([...after.keys(), ...before.keys()]);
  const found = [...names].flatMap((name) => rowDifferences(path, name, before.get(name), after.get(name)));
  const [kept, moved] = [
    [...before.keys()].filter((name) => after.has(name)),
    [...after.keys()].filter((name) => before.has(name)),
  ];
  if (kept.join("\n") !== moved.join("\n")) found.push({ path: `${formatPath(path)} (order)`, old: kept, new: moved });
  return found;
}

type Row = Readonly<Record<string, unknown>>;

/** A row by its name. The name is quoted even where it could stand bare: it is a value, not a setting. */
function rowDifferences(
  path: readonly (string | number)[],
  name: string,
  older: unknown,
  newer: unknown,
): Difference[] {
  const prefix = `${formatPath(path)}[${JSON.stringify(name)}]`;
  return differences([], older, newer).map((one) => ({
    ...one,
    path: one.path === "" || one.path.startsWith("[") ? `${prefix}${one.path}` : `${prefix}.${one.path}`,
  }));
}

const identifies = (rows: readonly unknown[], name: string): boolean => {
  const values = rows.map((row) => (isObject(row) ? row[name] : undefined));
  return values.every((value) => typeof value === "string") && new Set(values).size === values.length;
};

const isObject = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** `  prices.maxChangePercent: 50 -> 30`, one line per difference. */
export function formatDifference({ path, old, new: now }: Difference): string {
  if (old === undefined) return `+ ${path}: ${show(now)}`;
  if (now === undefined) return `- ${path}: ${show(old)}`;
  return `~ ${path}: ${show(old)} -> ${show(now)}`;
}

const show = (value: unknown): string => JSON.stringify(value);
