/** What commercetools shows of a page's SKUs, as it was read for the plan. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import type { DecimalString } from "../../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { InFlightLine } from "../../domain/in-flight.ts";
import type { JointLine } from "../../domain/joint-lines.ts";

export type Current = {
  /** By `slotOf`. */
  readonly entries: ReadonlyMap<string, InventoryEntry>;
  /** Of SKUs that draw on the same parts and are planned with parts of their own. */
  readonly others?: ReadonlyMap<string, InventoryEntry>;
  /** SKUs that some product has; asked only for SKUs with missing entries. */
  readonly inShop: ReadonlySet<Sku>;
  /** Supply channel key -> id, of all pools. */
  readonly channelIds: ReadonlyMap<string, string>;
  readonly inFlight: readonly InFlightLine[];
  /** Lines of channels that several sites feed, with the pieces that no figure of any of these sites contains. */
  readonly sold?: readonly JointLine[];
  /** What the figures may have missed between their two reads; no entry is raised by it. */
  readonly missed: readonly MissedUnits[];
  readonly readAt: number;
};

/** Inventory units that may have been open demand when the stock was read, and reserved when the demand was. */
export type MissedUnits = {
  readonly contract: Contract;
  readonly partNo: PartNo;
  /** Open demand belongs to the site. */
  readonly supplyChannelId: undefined;
  readonly quantity: DecimalString;
};

export const missedAt = ({ missed }: Pick<Current, "missed">, contract: Contract | undefined): readonly MissedUnits[] =>
  missed.filter((units) => units.contract === contract);

/** What targets are computed from. */
export type Shown = Pick<Current, "entries" | "others" | "inShop" | "channelIds"> & {
  readonly inFlight: readonly (InFlightLine | MissedUnits)[];
};

export const slotOf = (sku: string, supplyChannelId: string): string => JSON.stringify([sku, supplyChannelId]);

export function entryAt(
  { entries, others }: Pick<Current, "entries" | "others">,
  sku: string,
  supplyChannelId: string,
): InventoryEntry | undefined {
  const slot = slotOf(sku, supplyChannelId);
  return entries.get(slot) ?? others?.get(slot);
}

/** Units that somebody may buy. */
export const shownBy = (entry: InventoryEntry | undefined): number => Math.max(0, entry?.quantityOnStock ?? 0);
