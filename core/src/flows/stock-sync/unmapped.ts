/** Entries that no sales part stands for: what the connector made goes to zero, what others made is only named. In the other direction all are. */
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { feeds } from "../../domain/joint-pools.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { chunked } from "../../runtime/limit.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { noteDifference, writesEntries } from "./direction.ts";
import { ENDED_CAUSE, type Ended, type EndedEntry, type WrittenEnded, writeEnded } from "./ended-writes.ts";
import { entryKey } from "./entry-key.ts";
import { type HeldOfSite, type Hold, heldOfKind, LISTED_SKUS, SHOWN_CHANGES } from "./held.ts";
import { type HoldCount, heldRecord, isTooMany } from "./holds.ts";
import { peersOf, showsNoPart } from "./joint-reads.ts";
import { isStocked, partsAfter } from "./pages.ts";
import { unmappedEntry } from "./plan.ts";
import { releaseFor } from "./release.ts";
import { createShownEntries, type ShownEntries } from "./shown-entries.ts";
import type { Difference, SiteRun } from "./site-run.ts";

/** SKUs that are asked for at once. */
const ASKED = 500;
const NUMBERS_PER_PAGE = 500;

/** What was found and named, and not yet written. */
type Found = { readonly named: number; readonly ended: readonly Ended[] };

export type Unmapped = RunSummary & {
  /** Zeros that were too many. */
  readonly held: Hold | undefined;
  /** SKUs whose zeros may be written, and were left to the next run. */
  readonly left: readonly string[];
};

/** Of a search: zeros of the same wave that earlier runs wrote, and the end of the run's time. */
type Limits = { readonly already: number; readonly stop: () => boolean };

/**
 * Entries of our channels with stock that no sales part stands for. All are named. Those with our key had one, and their part has
 * ended: they go to zero, unless they are too many at once. `already`: zeros that earlier runs of the full run wrote.
 */
export async function reportUnmapped(
  run: SiteRun,
  { shown, already, stop }: Limits & { readonly shown: ShownEntries | undefined },
): Promise<Unmapped> {
  return settle(run, await searchUnmapped(run, shown), { already: already + run.seen.waiting.zeros.size, stop });
}

/**
 * IFS is asked for entries that the full run has not met. Where nobody remembers what an earlier run has met, all sales parts are read
 * once more in long pages: asking for each entry takes five times as many requests. Writes nothing.
 */
export async function searchUnmapped(run: SiteRun, shown: ShownEntries | undefined): Promise<Found> {
  const { deps, pools, channelIds } = run;
  const search = createSearch(run);
  const isMet = shown ? ({ id }: EntryName) => shown.has(id) : await soldNow(run);
  const isSuspect = (entry: EntryName): boolean => entry.quantityOnStock > 0 && !isMet(entry);
  for (const { supplyChannel } of pools.flatMap(({ channels }) => channels)) {
    let skus: Sku[] = [];
    for await (const entries of deps.inventory.names(channelIds.get(supplyChannel) ?? "")) {
      skus.push(...entries.filter(isSuspect).map(({ sku }) => sku as Sku));
      if (skus.length < ASKED) continue;
      await search.look(skus, supplyChannel);
      skus = [];
    }
    await search.look(skus, supplyChannel);
  }
  return search.found();
}

type EntryName = { readonly id: string; readonly sku: string; readonly quantityOnStock: number };

/** Entries of SKUs whose sales part is sold out of stock, as far as a filter of fixed size tells; see shown-entries.ts. */
async function soldNow(run: SiteRun): Promise<(entry: EntryName) => boolean> {
  const { config, clock } = run.deps;
  const sold = createShownEntries(clock.now() % 2 ** 31);
  for (let after: CatalogNo | undefined, ended = false; !ended; ) {
    const { rows, next } = await partsAfter(run, after, NUMBERS_PER_PAGE);
    for (const part of rows) if (isSold(run, part)) sold.add(part.catalogNo);
    [after, ended] = [next, next === undefined];
  }
  return ({ sku }) => sold.has(toCatalogNo(config, sku as Sku));
}

const isSold = ({ kits }: SiteRun, part: IfsSalesPart): boolean =>
  isStocked(part) || kits.componentsOf(part.catalogNo) !== undefined;

/** What the last full run held, where somebody has released it since: so a release need not wait for the next one. */
export async function releasedEnded({ deps, site }: SiteRun, known: HeldOfSite | undefined): Promise<Hold | undefined> {
  const held = heldOfKind(known, "ended");
  // How many they are now is judged when they are planned anew.
  const wants = { site: site.site, kind: "ended", changes: 1, now: deps.clock.now() } as const;
  return held && (await releaseFor(deps, wants)) ? held : undefined;
}

/** The same for the SKUs of a hold, as they are now. */
export async function reportReleased(run: SiteRun, { skus }: Hold, stop: () => boolean): Promise<Unmapped> {
  return settle(run, await searchAmong(run, skus), { already: run.seen.waiting.zeros.size, stop });
}

/** Goes on with what an earlier run left. It was no more than the bound, or a release, allowed: nobody has to decide about the rest again. */
export async function reportLeft(run: SiteRun, skus: readonly string[], stop: () => boolean): Promise<Unmapped> {
  const { named, ended } = await searchAmong(run, skus);
  return summaryOf(named, writesEntries(run.deps.config) ? await writeEnded(run, ended, stop) : NOTHING_WRITTEN);
}

async function searchAmong(run: SiteRun, skus: readonly string[]): Promise<Found> {
  const search = createSearch(run);
  for (const { supplyChannel } of run.pools.flatMap(({ channels }) => channels)) {
    for (const some of chunked(skus, ASKED)) await search.look(some as Sku[], supplyChannel);
  }
  return search.found();
}

function createSearch(run: SiteRun) {
  const { deps, channelIds } = run;
  let named = 0;
  const ended: Ended[] = [];
  return {
    /** SKUs of one supply channel. */
    async look(skus: readonly Sku[], channel: string): Promise<void> {
      const unmapped = await withoutPartAnywhere(run, skus, channel);
      if (unmapped.length === 0) return;
      for (const sku of unmapped) {
        await run.tracker.record(
          unmappedEntry(sku, {
            catalogNo: toCatalogNo(deps.config, sku),
            channel,
            site: run.contract,
            written: writesEntries(deps.config),
          }),
        );
      }
      named += unmapped.length;
      // Now with their versions.
      const entries = await deps.inventory.bySkus(unmapped, [channelIds.get(channel) ?? ""]);
      const ours = entries.filter(
        ({ sku, key, quantityOnStock }) => key === entryKey(sku, channel) && quantityOnStock > 0,
      );
      for (const { id, version, sku, quantityOnStock } of ours)
        ended.push({ entry: { id, version, sku, quantityOnStock }, channel });
    },
    found: (): Found => ({ named, ended }),
  };
}

async function settle(run: SiteRun, { named, ended }: Found, limits: Limits): Promise<Unmapped> {
  const { deps, seen } = run;
  if (!writesEntries(deps.config)) {
    for (const { entry, channel } of ended) noteDifference(seen, endedDifference(entry, channel));
    return summaryOf(named, NOTHING_WRITTEN);
  }
  const held = await holdEnded(run, ended, limits.already);
  return held
    ? { ...summaryOf(named, NOTHING_WRITTEN), held }
    : summaryOf(named, await writeEnded(run, ended, limits.stop));
}

const NOTHING_WRITTEN: WrittenEnded = { emptied: 0, refused: 0, left: [] };

function summaryOf(named: number, { emptied, refused, left }: WrittenEnded): Unmapped {
  const words = left.length > 0 && {
    message: `${left.length} SKUs without a sales part are left to the next run: their entries still show stock.`,
  };
  return { processed: 0, changed: emptied, failed: named + refused, ...words, held: undefined, left };
}

/** Of a channel that several sites feed, a SKU has ended once none of them sells it. */
async function withoutPartAnywhere(run: SiteRun, skus: readonly Sku[], channel: string): Promise<Sku[]> {
  let left = await withoutPart(run, skus);
  for (const peer of peersOf(run)) {
    if (left.length === 0 || !peer.pools.some((pool) => feeds(pool, channel))) continue;
    const unsold = await withoutPart(peer, left);
    // A site that shows nothing at all may sell all of them.
    const isHidden = unsold.length === left.length && (await showsNoPart(peer));
    left = isHidden ? [] : unsold;
  }
  return left;
}

async function withoutPart(run: SiteRun, skus: readonly Sku[]): Promise<Sku[]> {
  const { config, parts } = run.deps;
  const untracked = new Set<string>(config.skus.untracked);
  const tracked = skus.filter((sku) => !untracked.has(sku));
  if (tracked.length === 0) return [];
  const catalogNos = [...new Set(tracked.map((sku) => toCatalogNo(config, sku)))];
  const rows = await parts.salesParts(run.contract, catalogNos);
  const known = new Set(rows.filter((part) => isSold(run, part)).map((part) => part.catalogNo));
  // Of what IFS does not answer about, nobody knows whether it has ended.
  const { catalogNos: unanswered } = run.seen.unreadable;
  return tracked.filter((sku) => !known.has(toCatalogNo(config, sku)) && !unanswered.has(toCatalogNo(config, sku)));
}

/** The hold of entries of ended parts, where they are too many at once; a release is not asked for. */
export function holdOfEnded(
  run: SiteRun,
  ended: readonly Ended[],
  { already, entries }: { readonly already: number; readonly entries: number },
) {
  const count = { changes: ended.length + already, entries: Math.max(entries, 1) };
  const tooMany = ended.length > 0 && isTooMany("zeros", count, run.deps.config.stock);
  return { count, tooMany, record: tooManyEnded(run, count, ended) };
}

/** What is too many, and released by nobody. A release is used up. */
async function holdEnded(run: SiteRun, ended: readonly Ended[], already: number): Promise<Hold | undefined> {
  const { deps, site, before, seen, tracker } = run;
  const entries = Math.max(before.entries, seen.entries);
  const { count, tooMany, record } = holdOfEnded(run, ended, { already, entries });
  tracker.seen(record.recordId);
  if (!tooMany) return undefined;
  // The wave is judged together with the zeros of parts that there are; each of the two is released for itself.
  const wants = { site: site.site, kind: "ended", changes: ended.length, now: deps.clock.now() } as const;
  const release = await releaseFor(deps, wants);
  if (release) {
    await release.use();
    return undefined;
  }
  run.counts.held += ended.length;
  await tracker.record(record);
  return holdOf(ended, count.entries, record.rejection.message);
}

function holdOf(ended: readonly Ended[], entries: number, message: string): Hold {
  const skus = [...new Set(ended.map(({ entry }) => entry.sku))].toSorted();
  return {
    kind: "ended",
    changes: ended.length,
    entries,
    message,
    plan: ended.slice(0, SHOWN_CHANGES).map(({ entry, channel }) => ({
      ...{ sku: entry.sku, supplyChannel: channel, from: entry.quantityOnStock, to: 0 },
      cause: ENDED_CAUSE,
    })),
    skus: skus.slice(0, LISTED_SKUS),
    more: skus.length > LISTED_SKUS,
    skuCount: skus.length,
    already: 0,
  };
}

/** A row of its own: only full runs look for these entries, so only they know whether any are left. */
function tooManyEnded({ deps, site }: SiteRun, count: HoldCount, ended: readonly Ended[]): RefusedRecord {
  const skus = ended.map(({ entry }) => entry.sku);
  const { rejection, ...record } = heldRecord("zeros", { site: site.site, count, skus }, deps.config.stock);
  const others = count.changes - ended.length;
  return {
    ...record,
    recordId: `ended ${site.site}`,
    rejection: {
      ...rejection,
      message: `${rejection.message}${others > 0 ? ` ${ended.length} of them have no sales part any more.` : ""}`,
      action: `No sales part with an inventory part stands for these SKUs any more. If that is right, release them: npm run stock -- release ${site.site} --ended ${ended.length} --by <name>. The next run looks at them again, and writes them if they are not more. If not, look at the sales parts in IFS.`,
    },
  };
}

const endedDifference = ({ sku, quantityOnStock }: EndedEntry, supplyChannel: string): Difference => ({
  ...{ sku, supplyChannel, commercetools: quantityOnStock, ifs: 0 },
  cause: ENDED_CAUSE,
});
