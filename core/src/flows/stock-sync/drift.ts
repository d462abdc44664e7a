/** Why an entry was wrong although no change announced it. Pure. */
import type { StockAction } from "./plan.ts";

/**
 * `takenOver`: the connector's first full run found it. `manualEdit`: a person wrote the entry last. `formulaChange`: the configuration that decides the figures is another one.
 * `ifsChange`: IFS moved the part's stock after the entry was written, and change detection missed it. `lostSale`: the entry shows
 * more than there is, nobody edited it and no row moved: a sale that it never booked. `unexplained`: it shows less.
 */
export type DriftReason = "takenOver" | "manualEdit" | "formulaChange" | "ifsChange" | "lostSale" | "unexplained";

type Move = Extract<StockAction, { kind: "move" }>;

/** The entry's last write and the newest movement of the part's rows are compared as instants; without them nothing is concluded. */
export function driftReason(
  { by, lastModifiedBy, lastModifiedAt, desired }: Move,
  { first, formulaChanged }: { readonly first: boolean; readonly formulaChanged: boolean },
): DriftReason {
  if (first) return "takenOver";
  const moved = desired.movedAt !== undefined && desired.movedAt > Date.parse(lastModifiedAt);
  if (!moved && lastModifiedBy?.startsWith("user ")) return "manualEdit";
  if (formulaChanged) return "formulaChange";
  if (moved) return "ifsChange";
  return by < 0 ? "lostSale" : "unexplained";
}
