/** What an entry says beside its quantity: back-ordering, quantities of a cart, stock levels. Pure. */
import type { InventoryEntry, InventoryEntryDraft, InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import type { ClassTerms, EntryTerms } from "../../domain/stock-class.ts";
import type { ExpectedSupply } from "../../domain/supply.ts";

type Shown = Pick<
  InventoryEntry,
  "restockableInDays" | "expectedDelivery" | "minCartQuantity" | "maxCartQuantity" | "stockLevels"
>;

/** Actions for those terms that the configuration names and the entry shows otherwise; `null` takes one away. */
export function termActions(entry: Shown, wanted: EntryTerms): InventoryEntryUpdateAction[] {
  const differs = (name: Exclude<keyof EntryTerms, "expectedDelivery">, shown: number | undefined): boolean =>
    wanted[name] !== undefined && (wanted[name] ?? undefined) !== shown;
  const actions: InventoryEntryUpdateAction[] = [];
  if (differs("restockableInDays", entry.restockableInDays)) {
    actions.push({ action: "setRestockableInDays", ...given("restockableInDays", wanted.restockableInDays) });
  }
  const { expectedDelivery: expected } = wanted;
  if (expected !== undefined && instantOf(expected) !== instantOf(entry.expectedDelivery)) {
    actions.push({ action: "setExpectedDelivery", ...(expected !== null && { expectedDelivery: expected }) });
  }
  if (differs("minCartQuantity", entry.minCartQuantity) || differs("maxCartQuantity", entry.maxCartQuantity)) {
    // Both are set together: one that nobody configured stays as it is.
    const { minCartQuantity = entry.minCartQuantity, maxCartQuantity = entry.maxCartQuantity } = wanted;
    actions.push({
      action: "setInventoryLimits",
      ...given("minCartQuantity", minCartQuantity),
      ...given("maxCartQuantity", maxCartQuantity),
    });
  }
  if (differs("reorderPoint", entry.stockLevels?.reorderPoint)) {
    actions.push({ action: "setReorderPoint", ...given("quantity", wanted.reorderPoint) });
  }
  if (differs("safetyStock", entry.stockLevels?.safetyStock)) {
    actions.push({ action: "setSafetyStock", ...given("quantity", wanted.safetyStock) });
  }
  return actions;
}

/** The platform may spell an instant otherwise than it was given. */
const instantOf = (text: string | null | undefined): number | undefined => (text ? Date.parse(text) : undefined);

/** What a class says, with what IFS expects where the class goes by it. */
export function resolveTerms(
  { restockableInDays: days, ...terms }: ClassTerms,
  expected: ExpectedSupply | undefined,
): EntryTerms {
  if (days === undefined) return terms;
  // Whoever decides about back-ordering decides about both: a date that another class once told would stay for ever.
  if (typeof days === "number") return { ...terms, restockableInDays: days, expectedDelivery: null };
  if (days === null || !expected) return { ...terms, restockableInDays: null, expectedDelivery: null };
  return { ...terms, restockableInDays: expected.days, expectedDelivery: `${expected.date}T00:00:00.000Z` };
}

const given = <K extends string>(name: K, value: number | null | undefined): Partial<Record<K, number>> =>
  typeof value === "number" ? ({ [name]: value } as Record<K, number>) : {};

/** The same terms for an entry that is created. */
export function termsOfDraft(wanted: EntryTerms): Partial<InventoryEntryDraft> {
  const { restockableInDays, expectedDelivery, minCartQuantity, maxCartQuantity, reorderPoint, safetyStock } = wanted;
  const stockLevels = { ...given("reorderPoint", reorderPoint), ...given("safetyStock", safetyStock) };
  return {
    ...given("restockableInDays", restockableInDays),
    ...(typeof expectedDelivery === "string" && { expectedDelivery }),
    ...given("minCartQuantity", minCartQuantity),
    ...given("maxCartQuantity", maxCartQuantity),
    ...(Object.keys(stockLevels).length > 0 && { stockLevels }),
  };
}
