/** Changes that are too many at once to be written without a person's word. Pure. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { heldZeros, type StockAction, tooManyZeros } from "./plan.ts";

export const holdKinds = ["zeros", "cuts", "raises"] as const;
export type HoldKind = (typeof holdKinds)[number];

type StockConfig = ConnectorConfig["stock"];

/** The bound that a change counts against; undefined: none. New entries, and what only says more about an entry, have none. */
export function holdKindOf(action: StockAction, { bounds }: StockConfig): HoldKind | undefined {
  if (action.kind === "create") return undefined;
  if (action.zeroing) return "zeros";
  const { by, from } = action;
  if (Math.abs(by) <= bounds.largeUnits || Math.abs(by) * 100 <= bounds.largePercent * Math.max(0, from))
    return undefined;
  if (by < 0) return bounds.maxCuts === undefined && bounds.maxCutsPercent === 100 ? undefined : "cuts";
  return bounds.maxRaises === undefined && bounds.maxRaisesPercent === 100 ? undefined : "raises";
}

export type HoldCount = {
  /** Entries that the run wants to change so, and those that it changed so already. */
  readonly changes: number;
  /** Tracked entries of the site. */
  readonly entries: number;
};

export function isTooMany(kind: HoldKind, { changes, entries }: HoldCount, stock: StockConfig): boolean {
  if (kind === "zeros") return tooManyZeros({ zeroing: changes, entries }, stock);
  const { most, percent } = boundsOf(kind, stock);
  return (
    (most !== undefined && changes > most) ||
    (percent < 100 && entries >= stock.minEntriesForHold && changes * 100 > percent * entries)
  );
}

const boundsOf = (kind: "cuts" | "raises", { bounds }: StockConfig) =>
  kind === "cuts"
    ? { most: bounds.maxCuts, percent: bounds.maxCutsPercent }
    : { most: bounds.maxRaises, percent: bounds.maxRaisesPercent };

export function heldRecord(
  kind: HoldKind,
  { site, count, skus }: { readonly site: string; readonly count: HoldCount; readonly skus: readonly string[] },
  stock: StockConfig,
): RefusedRecord {
  const { changes, entries } = count;
  if (kind === "zeros") return heldZeros(site, { zeroing: changes, entries }, stock, skus);
  const { most, percent } = boundsOf(kind, stock);
  const share = Math.round((changes * 1000) / entries) / 10;
  const verb = kind === "cuts" ? "lower" : "raise";
  const allowed = `${percent} %${most === undefined ? "" : ` and ${most} entries`}`;
  const { largePercent, largeUnits } = stock.bounds;
  return {
    recordType: "flow",
    recordId: `${kind} ${site}`,
    recordLabel: `stock of site ${site}`,
    rejection: {
      code: "stockAnomaly",
      message: `A run would ${verb} ${changes} of ${entries} entries of site ${site} by more than ${largePercent} % and ${largeUnits} units (${share} %, allowed ${allowed}). They are held, all other changes were written. Among them: ${skus.slice(0, 10).join(", ")}.`,
      action: `Look at the stock of these parts in IFS. If it is right, release the ${kind}: npm run stock -- release ${site} --${kind} ${changes} --by <name>. The next run plans anew, and writes them if they are not more.`,
      owner: "operator",
      field: "stock.bounds",
      value: String(share),
    },
  };
}
