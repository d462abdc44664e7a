import { Decimal } from "./decimal.ts";
import type { Values } from "./schema.ts";

/** A stored row, or values on their way to become one. */
type Valued = { readonly values: Values };

/** Reads of a row's columns with the type that the caller knows them to have; absent texts are empty, absent numbers zero. */
export function text(row: Valued, column: string): string {
  const value = row.values[column];
  return typeof value === "string" ? value : "";
}

export function maybeText(row: Valued, column: string): string | null {
  const value = row.values[column];
  return typeof value === "string" ? value : null;
}

export function num(row: Valued, column: string): Decimal {
  const value = row.values[column];
  return new Decimal(typeof value === "string" ? value : 0);
}

export function flag(row: Valued, column: string): boolean {
  return row.values[column] === true;
}
