/** What an entry says beside its quantity: back-ordering, quantities of a cart, stock levels. Pure. */
import type { InventoryEntry, InventoryEntryDraft, InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import type { EntryTerms } from "../../domain/stock-class.ts";

type Shown = Pick<InventoryEntry, "restockableInDays" | "minCartQuantity" | "maxCartQuantity" | "stockLevels">;

/** Actions for those terms that the configuration names and the entry shows otherwise; `null` takes one away. */
export function termActions(entry: Shown, wanted: EntryTerms): InventoryEntryUpdateAction[] {
  const differs = (name: keyof EntryTerms, shown: number | undefined): boolean =>
    wanted[name] !== undefined && (wanted[name] ?? undefined) !== shown;
  const actions: InventoryEntryUpdateAction[] = [];
  if (differs("restockableInDays", entry.restockableInDays)) {
    actions.push({ action: "setRestockableInDays", ...given("restockableInDays", wanted.restockableInDays) });
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

const given = <K extends string>(name: K, value: number | null | undefined): Partial<Record<K, number>> =>
  typeof value === "number" ? ({ [name]: value } as Record<K, number>) : {};

/** The same terms for an entry that is created. */
export function termsOfDraft(wanted: EntryTerms): Partial<InventoryEntryDraft> {
  const { restockableInDays, minCartQuantity, maxCartQuantity, reorderPoint, safetyStock } = wanted;
  const stockLevels = { ...given("reorderPoint", reorderPoint), ...given("safetyStock", safetyStock) };
  return {
    ...given("restockableInDays", restockableInDays),
    ...given("minCartQuantity", minCartQuantity),
    ...given("maxCartQuantity", maxCartQuantity),
    ...(Object.keys(stockLevels).length > 0 && { stockLevels }),
  };
}
