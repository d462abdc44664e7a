/** Entries that no sales part stands for. */
import type { Sku } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { isStocked } from "./pages.ts";
import { unmappedEntry } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

const ENTRY_PAGE = 500;

/** Entries of our channels with stock that no sales part stands for. They are named, never written. */
export async function reportUnmapped(run: SiteRun): Promise<RunSummary> {
  const { deps, pools, channelIds } = run;
  let failed = 0;
  for (const { supplyChannel } of pools.flatMap(({ channels }) => channels)) {
    let afterId: string | undefined;
    do {
      const entries = await deps.inventory.page(channelIds.get(supplyChannel) ?? "", afterId, ENTRY_PAGE);
      const skus = entries.filter(({ quantityOnStock }) => quantityOnStock > 0).map(({ sku }) => sku as Sku);
      failed += await reportWithoutPart(run, skus, supplyChannel);
      afterId = entries.length < ENTRY_PAGE ? undefined : entries.at(-1)?.id;
    } while (afterId !== undefined);
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
