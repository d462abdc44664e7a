/** Changes that are too many at once to be written without a person's word. Pure. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { RefusedRecord } from "../run-delta.ts";
import type { HoldKind } from "./hold-kinds.ts";
import type { StockAction } from "./plan.ts";

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
  /** Entries that the run wants to change so, and those that were changed so before and belong to the same wave. */
  readonly changes: number;
  /** Tracked entries of the site. */
  readonly entries: number;
};

/** Would the run change more of the site so than the configuration allows? */
export function isTooMany(kind: HoldKind, { changes, entries }: HoldCount, stock: StockConfig): boolean {
  const { most, percent } = boundsOf(kind, stock);
  return (
    (most !== undefined && changes > most) || (entries >= stock.minEntriesForHold && changes * 100 > percent * entries)
  );
}

function boundsOf(kind: HoldKind, { bounds, maxZeros, maxChangePercent }: StockConfig) {
  if (kind === "zeros") return { most: maxZeros, percent: maxChangePercent, field: "stock.maxChangePercent" };
  if (kind === "cuts") return { most: bounds.maxCuts, percent: bounds.maxCutsPercent, field: "stock.bounds" };
  return { most: bounds.maxRaises, percent: bounds.maxRaisesPercent, field: "stock.bounds" };
}

export function heldRecord(
  kind: HoldKind,
  { site, count, skus }: { readonly site: string; readonly count: HoldCount; readonly skus: readonly string[] },
  stock: StockConfig,
): RefusedRecord {
  const { changes, entries } = count;
  const { most, percent, field } = boundsOf(kind, stock);
  const share = Math.round((changes * 1000) / entries) / 10;
  const allowed = `${percent} %${most === undefined ? "" : ` and ${most} entries`}`;
  const of = `${changes} of ${entries} entries of site ${site}`;
  const large = `by more than ${stock.bounds.largePercent} % and ${stock.bounds.largeUnits} units`;
  const would = { zeros: `set ${of} to zero`, cuts: `lower ${of} ${large}`, raises: `raise ${of} ${large}` }[kind];
  return {
    recordType: "flow",
    recordId: `${kind} ${site}`,
    recordLabel: `stock of site ${site}`,
    rejection: {
      code: "stockAnomaly",
      message: `A run would ${would} (${share} %, allowed ${allowed}). They are held, all other changes were written. Among them: ${skus.slice(0, 10).join(", ")}.`,
      action: `Look at the stock of these parts in IFS. If it is right, release the ${kind}: npm run stock -- release ${site} --${kind} ${changes} --by <name>. The next run plans anew, and writes them if they are not more.`,
      owner: "operator",
      field,
      value: String(share),
    },
  };
}
