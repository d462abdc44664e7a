/** Entries that may be ordered without stock though nobody decided so: what an earlier integration left switches the protection of commercetools off. */
import type { RefusedRecord } from "../run-delta.ts";
import { type Current, entryAt } from "./current.ts";
import type { Desired } from "./map.ts";
import type { SiteRun } from "./site-run.ts";

const EXAMPLES = 10;

/** Called once for each entry of a full run. */
export function noteBackOrders({ seen }: SiteRun, desired: readonly Desired[], current: Current): void {
  const { backOrders } = seen;
  for (const { sku, channels } of desired) {
    for (const { supplyChannel, live, terms } of channels) {
      if (!live || terms.restockableInDays !== undefined) continue;
      const entry = entryAt(current, sku, current.channelIds.get(supplyChannel) ?? "");
      if (entry?.restockableInDays === undefined) continue;
      backOrders.count += 1;
      if (backOrders.examples.length < EXAMPLES) backOrders.examples.push(`${sku} @ ${supplyChannel}`);
    }
  }
}

/** At the end of a full run. */
export async function reportBackOrders({ site, tracker, seen }: SiteRun): Promise<void> {
  const record = leftOver(site.site, seen.backOrders);
  tracker.seen(record.recordId);
  if (seen.backOrders.count > 0) await tracker.record(record);
}

const leftOver = (
  site: string,
  { count, examples }: { readonly count: number; readonly examples: readonly string[] },
): RefusedRecord => ({
  recordType: "flow",
  recordId: `restock ${site}`,
  recordLabel: `stock of site ${site}`,
  rejection: {
    code: "backOrderLeftOver",
    message: `${count} inventory entries of site ${site} have restockableInDays, and no class of the configuration says so: commercetools accepts orders for them without stock. Among them: ${examples.join("; ")}.`,
    action:
      "Give these SKUs a class under `stock.classes`: `restockableInDays: null` takes it off their entries, a number says that they may be ordered without stock.",
    owner: "merchant",
    field: "stock.classes",
  },
});
