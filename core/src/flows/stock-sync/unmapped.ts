/** Entries that no sales part stands for. */
import type { Sku } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { isStocked } from "./pages.ts";
import { unmappedEntry } from "./plan.ts";
import type { ShownEntries } from "./shown-entries.ts";
import type { SiteRun } from "./site-run.ts";

/** SKUs that are asked for at once. */
const ASKED = 500;

/**
 * Entries of our channels with stock that no sales part stands for. They are named, never written. IFS is asked for those that the
 * full run has not met: for few of them, or for all where nobody remembers what an earlier run has met.
 */
export async function reportUnmapped(run: SiteRun, shown: ShownEntries | undefined): Promise<RunSummary> {
  const { deps, pools, channelIds } = run;
  let failed = 0;
  for (const { supplyChannel } of pools.flatMap(({ channels }) => channels)) {
    let skus: Sku[] = [];
    for await (const entries of deps.inventory.names(channelIds.get(supplyChannel) ?? "")) {
      for (const { id, sku, quantityOnStock } of entries) {
        if (quantityOnStock > 0 && !shown?.has(id)) skus.push(sku as Sku);
      }
      if (skus.length < ASKED) continue;
      failed += await reportWithoutPart(run, skus, supplyChannel);
      skus = [];
    }
    failed += await reportWithoutPart(run, skus, supplyChannel);
  }
  return { processed: 0, changed: 0, failed };
}

async function reportWithoutPart(run: SiteRun, skus: readonly Sku[], channel: string): Promise<number> {
  const { config, parts } = run.deps;
  const tracked = skus.filter((sku) => !config.skus.untracked.includes(sku));
  if (tracked.length === 0) return 0;
  const catalogNos = [...new Set(tracked.map((sku) => toCatalogNo(config, sku)))];
  const known = new Set(
    (await parts.salesParts(run.contract, catalogNos)).filter(isStocked).map((part) => part.catalogNo),
  );
  const unmapped = tracked.filter((sku) => !known.has(toCatalogNo(config, sku)));
  for (const sku of unmapped) {
    await run.tracker.record(unmappedEntry(sku, toCatalogNo(config, sku), channel, run.contract));
  }
  return unmapped.length;
}
