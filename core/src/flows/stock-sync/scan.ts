/**
 * The first half of a full run: everything is looked at for little, and nothing is written. What differs is handed on, and the other
 * half reads it anew by its key, in the order of reads that every figure needs, before anything is written (`full-run.ts`).
 *
 * So neither the order nor the age of what is read here can sell a unit twice: a scan that is wrong finds a part in vain, or finds
 * one in the next run.
 */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import type { PartNo, Sku } from "../../domain/ids.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeltaSteps } from "../run-delta.ts";
import { parseSalesPart, type StockPart } from "../stock-part.ts";
import { noteBelowZero } from "./below-zero.ts";
import { type Current, slotOf } from "./current.ts";
import type { ScannedPage } from "./deps.ts";
import { noteUnread, withPeers } from "./joint-reads.ts";
import { noteBackOrders } from "./left-over.ts";
import { type Desired, type SiteFigures, toDesired } from "./map.ts";
import type { StockedPart } from "./pages.ts";
import { planEntries } from "./plan.ts";
import { channelIdsOf, judge, noFigures, noteRows, resolveParts, slotsOf } from "./reads.ts";
import { putSharedAside } from "./shared.ts";
import type { ShownEntries } from "./shown-entries.ts";
import { firstTime, recordRefused } from "./site.ts";
import type { SiteRun } from "./site-run.ts";

/** Parts to be read again, by their sales parts. */
export type Found = { readonly add: (parts: readonly StockedPart[]) => void };

type Row = { readonly part: StockPart; readonly figures: SiteFigures };

export type ScanSteps = DeltaSteps<Row, Desired, Current, never>;

/** Orders in flight are good for so long where nothing is written by them. */
const ORDERS_MS = 5000;

export function scanSteps(
  run: SiteRun,
  { found, shown, from }: { readonly found: Found; readonly shown: ShownEntries; readonly from: string | undefined },
): Omit<ScanSteps, "saveCursor"> {
  const { deps } = run;
  const scan = deps.scanSite(run.contract, from);
  const soldOrders = ordersOf(run);
  const figuresOf = new WeakMap<Desired, SiteFigures>();
  const nothingWritten = (): never => {
    throw new Error("a scan writes nothing");
  };
  return {
    async page() {
      const page = await scan.next();
      if (!page) return { rows: [], next: undefined };
      const figures = figuresIn(run, page);
      noteRows(run, figures);
      const lone = await putSharedAside(run, page.parts, { complete: page.partial !== true });
      return { rows: lone.map((part) => ({ part, figures })), next: page.position };
    },
    parse(row) {
      const { part, figures } = row as { part: StockedPart; figures: SiteFigures };
      run.counts.read += 1;
      const parsed = parseSalesPart(part, deps.config);
      return parsed.ok ? ok({ part: parsed.value, figures }) : err(parsed.error);
    },
    async desired(rows) {
      for (const { part } of rows) run.tracker.seen(`${part.contract}/${part.catalogNo}`);
      const parts = rows.map(({ part }) => part);
      const figures = await withPeers(run, rows[0]?.figures ?? noFigures(run), parts);
      const { values, refused } = toDesired(parts, figures, { config: deps.config, pools: run.pools });
      for (const one of values) {
        figuresOf.set(one, figures);
        run.tracker.seen(one.sku);
      }
      noteUnread(run, values, figures);
      return { values, refused: refused.filter(({ recordId }) => firstTime(run, recordId)) };
    },
    async current(desired) {
      const [first] = desired;
      const figures = (first && figuresOf.get(first)) ?? noFigures(run);
      const entries = await glance(run, desired);
      const missing = [...slotsOf(run, desired)].filter(([slot]) => !entries.has(slot));
      const incomplete = new Set(missing.map(([, sku]) => sku));
      const inShop = incomplete.size > 0 ? await deps.existingSkus([...incomplete]) : new Set<Sku>();
      const readAt = deps.clock.monotonic();
      const judged = desired.length > 0 ? await judge(run, await soldOrders(), { desired, figures }) : { inFlight: [] };
      return { entries, inShop, channelIds: run.channelIds, readAt, ...judged, missed: [] };
    },
    plan(desired, current) {
      const plan = planEntries(desired, current);
      const parts = new Map(desired.map(({ part }) => [part.catalogNo, part]));
      const differing = new Set<PartNo>(plan.postponed);
      for (const { apply } of plan.changes) differing.add(apply.desired.part.partNo);
      // What is on its way is not scanned.
      for (const { part, channels } of desired) {
        if (channels.some(({ terms }) => terms.restockableInDays === "supply")) differing.add(part.partNo);
      }
      found.add([...parts.values()].filter(({ partNo }) => differing.has(partNo)));
      noteBelowZero(run, desired, plan.negative);
      noteBackOrders(run, desired, current);
      run.seen.entries += current.entries.size;
      run.counts.unchanged += unchanged(desired, current, differing);
      for (const { id } of current.entries.values()) shown.add(id);
      return { values: [], refused: [] };
    },
    apply: nothingWritten,
    again: nothingWritten,
    waits: nothingWritten,
    refuse: nothingWritten,
    record: (refused) => recordRefused(run, refused),
  };
}

/** Too old to write anything by, so that nobody tries. */
const figuresIn = (run: SiteRun, { demand, rows }: ScannedPage): SiteFigures => ({ ...noFigures(run), demand, rows });

/** Entries by `slotOf`. A glance shows all that is compared, unless a class of SKUs has terms of its own. */
async function glance(run: SiteRun, desired: readonly Desired[]): Promise<Map<string, InventoryEntry>> {
  const { inventory } = run.deps;
  const whole = new Set<Sku>();
  for (const { sku, channels } of desired) {
    if (channels.some(({ terms }) => Object.keys(terms).some((term) => term !== "restockableInDays"))) whole.add(sku);
  }
  const glanced = [...new Set(desired.map(({ sku }) => sku))].filter((sku) => !whole.has(sku));
  const ids = channelIdsOf(run);
  const read: InventoryEntry[] = [
    ...(glanced.length > 0 ? await inventory.glance(glanced, ids) : []),
    ...(whole.size > 0 ? await inventory.bySkus([...whole], ids) : []),
  ];
  return new Map(read.map((entry) => [slotOf(entry.sku, entry.supplyChannel?.id ?? ""), entry]));
}

/** Orders in flight, as they were a moment ago. */
function ordersOf(run: SiteRun): () => Promise<readonly SoldOrder[]> {
  const { clock } = run.deps;
  let known: { readonly at: number; readonly orders: readonly SoldOrder[] } | undefined;
  return async () => {
    if (!known || clock.monotonic() - known.at > ORDERS_MS) {
      known = { at: clock.monotonic(), orders: await run.orders.refresh() };
      await resolveParts(run, known.orders);
    }
    return known.orders;
  };
}

/** Entries of parts that are as they should be. */
function unchanged(desired: readonly Desired[], { entries }: Current, differing: ReadonlySet<PartNo>): number {
  const others = new Set<string>(desired.flatMap(({ sku, part }) => (differing.has(part.partNo) ? [sku] : [])));
  return [...entries.values()].filter(({ sku }) => !others.has(sku)).length;
}
