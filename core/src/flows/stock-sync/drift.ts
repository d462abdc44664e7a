/** Why an entry was wrong although no change announced it. Pure. */
import type { StockAction } from "./plan.ts";

/**
 * `takenOver`: the connector's first full run found it. `manualEdit`: a person wrote the entry last. `otherClient`: another API client
 * did, be it an integration that sets stock, or a shop whose order the platform books under its client (unverified whether it does). `formulaChange`: the configuration that decides the figures is another one.
 * `ifsChange`: IFS moved the part's stock after the entry was written, and change detection missed it. `lostSale`: the entry shows
 * more than there is, nobody edited it and no row moved: a sale that it never booked. `unexplained`: it shows less.
 */
export type DriftReason =
  | "takenOver"
  | "manualEdit"
  | "otherClient"
  | "formulaChange"
  | "ifsChange"
  | "lostSale"
  | "unexplained";

type Move = Extract<StockAction, { kind: "move" }>;

/** The entry's last write and the newest movement of the part's rows are compared as instants; without them nothing is concluded. */
export function driftReason(
  { by, lastModifiedBy, lastModifiedAt, desired }: Move,
  {
    first,
    formulaChanged,
    ownClientId,
  }: { readonly first: boolean; readonly formulaChanged: boolean; readonly ownClientId: string | undefined },
): DriftReason {
  if (first) return "takenOver";
  const moved = desired.movedAt !== undefined && desired.movedAt > Date.parse(lastModifiedAt);
  if (!moved && lastModifiedBy?.startsWith("user ")) return "manualEdit";
  if (formulaChanged) return "formulaChange";
  if (moved) return "ifsChange";
  const byOther = ownClientId !== undefined && lastModifiedBy?.startsWith("client ");
  if (byOther && lastModifiedBy !== `client ${ownClientId}`) return "otherClient";
  return by < 0 ? "lostSale" : "unexplained";
}
