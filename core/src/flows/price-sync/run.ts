/** IFS price lists -> StandalonePrices of the shop. */
import type { StandalonePrice, StandalonePriceDraft, StandalonePriceUpdateAction } from "@commercetools/platform-sdk";
import { z } from "zod";
import type { Change } from "../../domain/change.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { DecimalString } from "../../domain/decimal.ts";
import type { RefusedError, Rejection } from "../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toSkus } from "../../domain/sku.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Changed } from "../changed.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { type ExceptionDeps, type ExceptionTracker, trackExceptions } from "../exception-tracker.ts";
import { type DeltaSteps, type RefusedRecord, runDelta, type Sorted } from "../run-delta.ts";
import { type DesiredPart, listIdOf, type PartRows, type PriceList, toDesiredPart } from "./map.ts";
import { changedPages, type PageSource, type PartSource, partPages, type RawPart } from "./pages.ts";
import { type PriceListConfig, type PriceRow, parsePriceRow } from "./parse.ts";
import { type PartWrites, type PriceWrite, planPart } from "./plan.ts";

export type PriceSyncDeps = {
  readonly config: Pick<ConnectorConfig, "prices" | "skus" | "ifs">;
  /** Parts whose prices or units may have changed since the last run. */
  readonly changedParts: () => Promise<Changed<CatalogNo>>;
  readonly ifs: {
    readonly pagePriceListParts: PageSource;
    /** All rows of these parts. */
    readonly priceListPartsOf: PartSource;
    /** Price units in one piece of the shop (domain/price-unit.ts); parts that no site sells are absent. */
    readonly priceFactorsOf: (catalogNos: readonly CatalogNo[]) => Promise<ReadonlyMap<CatalogNo, DecimalString>>;
  };
  readonly prices: {
    readonly bySkus: (skus: readonly Sku[]) => Promise<StandalonePrice[]>;
    readonly create: (draft: StandalonePriceDraft) => Promise<StandalonePrice>;
    readonly update: (
      ref: { id: string; version: number },
      actions: StandalonePriceUpdateAction[],
    ) => Promise<StandalonePrice>;
  };
  readonly catalogue: { readonly existingSkus: (skus: readonly Sku[]) => Promise<ReadonlySet<Sku>> };
  readonly channelIds: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly customerGroupIds: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly exceptions: ExceptionDeps;
  readonly cursors: Cursors;
  readonly logger: Logger;
  /** Asked between pages; true ends the run, which goes on there next time. */
  readonly stop: () => boolean;
};

const CURSOR = "price-sync";
const positionSchema = z.object({ position: z.string().min(1).optional() });
const CONCURRENT_PARTS = 6;

/** Outages of either side are thrown, with the cursor before the page that failed. */
export async function runPriceSync(deps: PriceSyncDeps, { now }: { readonly now: Date }): Promise<RunSummary> {
  const at = now.getTime();
  const tracker = await trackExceptions(deps.exceptions, {
    flow: "price-sync",
    now: at,
  });
  const lists = await resolveLists(deps, tracker);
  const cursor = await openCursor(deps.cursors, CURSOR, positionSchema);
  const after = cursor.value()?.position;
  // A pass through whole lists that was cut short goes on; what changed meanwhile is found by the next run.
  const changed = after === undefined ? await deps.changedParts() : undefined;
  const only = typeof changed?.keys === "object" ? changed.keys : undefined;
  let finished = false;
  const steps = stepsOf(deps, {
    now: at,
    tracker,
    lists: lists.usable,
    page: only
      ? changedPages(deps.ifs.priceListPartsOf, lists.usable, { catalogNos: only, limit: deps.config.ifs.pageSize })
      : partPages(deps.ifs.pagePriceListParts, lists.usable, deps.config.ifs.pageSize),
    finish: () => {
      finished = true;
    },
    // Written only when it moves: a pass that fits into one page writes nothing, nor does one through what changed.
    save: async (next) => {
      if (!only && cursor.value()?.position !== next) await cursor.move(next === undefined ? {} : { position: next });
    },
  });
  const summary = await runDelta(steps, { after, concurrency: CONCURRENT_PARTS, stop: deps.stop });
  await tracker.settle({ complete: finished && after === undefined && !only });
  // The position of a pass through everything is saved: what is behind it is read by the next run.
  if (finished || !only) await changed?.handled();
  return { ...summary, failed: summary.failed + lists.refused };
}

/** A list whose customer group or channel does not exist is left out: its prices would count for everybody. */
async function resolveLists(
  deps: PriceSyncDeps,
  tracker: ExceptionTracker,
): Promise<{ usable: PriceList[]; refused: number }> {
  const { lists } = deps.config.prices;
  const channels = await deps.channelIds([...new Set(lists.flatMap(({ channel }) => channel ?? []))]);
  const groups = await deps.customerGroupIds([...new Set(lists.flatMap(({ customerGroup }) => customerGroup ?? []))]);
  const usable: PriceList[] = [];
  let refused = 0;
  for (const list of lists) {
    const channelId = list.channel === undefined ? undefined : channels.get(list.channel);
    const customerGroupId = list.customerGroup === undefined ? undefined : groups.get(list.customerGroup);
    const missing =
      list.channel !== undefined && channelId === undefined
        ? { field: "channel", value: list.channel }
        : list.customerGroup !== undefined && customerGroupId === undefined
          ? { field: "customerGroup", value: list.customerGroup }
          : undefined;
    if (missing === undefined) usable.push({ ...list, listId: listIdOf(list), channelId, customerGroupId });
    else {
      refused += 1;
      await tracker.record(missingReference(list, missing));
    }
  }
  return { usable, refused };
}

const missingReference = (list: PriceListConfig, missing: { field: string; value: string }): RefusedRecord => ({
  recordType: "flow",
  recordId: listIdOf(list),
  recordLabel: `Price list ${list.priceListNo}`,
  rejection: {
    code: "invalidInput",
    message: `Price list ${list.priceListNo} is meant for the ${missing.field} "${missing.value}", which commercetools does not have. None of its prices was written.`,
    action: `Create the ${missing.field} in commercetools or correct its key in the configuration.`,
    owner: "merchant",
    ...missing,
  },
});

type RunState = {
  readonly now: number;
  readonly tracker: ExceptionTracker;
  readonly page: ReturnType<typeof partPages>;
  readonly lists: readonly PriceList[];
  readonly finish: () => void;
  readonly save: (next: string | undefined) => Promise<void>;
};

type Current = ReadonlyMap<Sku, readonly StandalonePrice[]>;

function stepsOf(deps: PriceSyncDeps, run: RunState): DeltaSteps<PartRows, DesiredPart, Current, PartWrites> {
  const options = { now: run.now, maxChangePercent: deps.config.prices.maxChangePercent };
  const current = async (skus: readonly Sku[]): Promise<Current> =>
    Map.groupBy(await deps.prices.bySkus(skus), ({ sku }) => sku as Sku);
  return {
    page: run.page,
    parse: (raw) => parsePart(raw as RawPart, run.lists),
    desired: (parts) => desired(deps, parts, run),
    current: (parts) => current([...new Set(parts.map(({ sku }) => sku))]),
    plan: (parts, prices) => {
      const values: Change<PartWrites>[] = [];
      const refused: RefusedRecord[] = [];
      for (const part of parts) {
        const { change, rejection } = planPart(part, prices.get(part.sku) ?? [], options);
        if (change) values.push(change);
        if (rejection) refused.push(refusedPart(part, rejection));
      }
      return { values, refused };
    },
    apply: async ({ apply }) => {
      for (const write of apply.writes) await writePrice(deps, write);
    },
    again: async ({ apply: { part } }) => {
      const prices = await current([part.sku]);
      // What became a problem meanwhile is met, and recorded, by the next run.
      return planPart(part, prices.get(part.sku) ?? [], options).change;
    },
    refuse: ({ apply: { part } }, error) => refusedPart(part, refusedByPlatform(part, error)),
    record: async (refused) => {
      const { code, field } = refused.rejection;
      deps.logger.warn({ flow: "price-sync", recordId: refused.recordId, code, field }, "rejected");
      await run.tracker.record(refused);
    },
    waits: ({ record }) => deps.logger.warn({ flow: "price-sync", recordId: record }, "conflicts-exhausted"),
    saveCursor: async (next) => {
      if (next === undefined) run.finish();
      await run.save(next);
    },
  };
}

/** One bad line refuses its whole part: prices without it might be wrong in a way that nobody sees. */
function parsePart(raw: RawPart, lists: readonly PriceList[]): Result<PartRows, RefusedRecord> {
  const list = lists.find(({ listId }) => listId === raw.listId);
  if (!list) throw new Error(`rows of price list ${raw.listId}, which was not asked for`);
  const rows: PriceRow[] = [];
  for (const row of raw.rows) {
    const parsed = parsePriceRow(row, list);
    if (!parsed.ok) return err(refusedPart({ list, catalogNo: raw.catalogNo, sku: undefined }, parsed.error));
    rows.push(parsed.value);
  }
  return ok({ list, catalogNo: raw.catalogNo, rows });
}

async function desired(deps: PriceSyncDeps, parts: readonly PartRows[], run: RunState): Promise<Sorted<DesiredPart>> {
  const factors = await deps.ifs.priceFactorsOf([...new Set(parts.map(({ catalogNo }) => catalogNo))]);
  const skus = parts.map((part) => toSkus(deps.config, part.catalogNo));
  const known = await deps.catalogue.existingSkus([...new Set(skus.flat())]);
  const values: DesiredPart[] = [];
  const refused: RefusedRecord[] = [];
  for (const [index, part] of parts.entries()) {
    run.tracker.seen(recordIdOf(part.list, part.catalogNo));
    for (const sku of skus[index] ?? []) {
      if (!known.has(sku)) continue;
      const factor = factors.get(part.catalogNo);
      const mapped = factor ? toDesiredPart(part, sku, { factor, now: run.now }) : err(unknownUnit(part, sku));
      if (mapped.ok) values.push(mapped.value);
      else refused.push(refusedPart({ ...part, sku }, mapped.error));
    }
  }
  return { values, refused };
}

/** Without the sales part nobody knows what the price is for: one piece, or a hundred. */
const unknownUnit = ({ list, catalogNo }: PartRows, sku: Sku): Rejection => ({
  code: "unmappedUnit",
  message: `Price list ${list.priceListNo} has a price of part ${catalogNo} (SKU ${sku}), which is a sales part of no configured site, so its price unit is not known. No price of this part was written.`,
  action: "Create the sales part at a site in IFS, or take the part off the price list.",
  owner: "ifsAdministrator",
  field: "CatalogNo",
  value: catalogNo,
});

async function writePrice(deps: PriceSyncDeps, write: PriceWrite): Promise<void> {
  if (write.kind === "create") await deps.prices.create(write.draft);
  else await deps.prices.update({ id: write.id, version: write.version }, write.actions);
}

const recordIdOf = ({ listId }: PriceList, catalogNo: CatalogNo): string => JSON.stringify([listId, catalogNo]);

const refusedPart = (
  { list, catalogNo, sku }: { list: PriceList; catalogNo: CatalogNo; sku: Sku | undefined },
  rejection: Rejection,
): RefusedRecord => ({
  recordType: "price",
  recordId: recordIdOf(list, catalogNo),
  recordLabel: `${sku ?? catalogNo} @ ${list.priceListNo}`,
  rejection,
});

const refusedByPlatform = (part: DesiredPart, error: RefusedError): Rejection => ({
  code: "heldForReview",
  message: `commercetools refused a price of SKU ${part.sku} from price list ${part.list.priceListNo}: ${error.message}`,
  action: "Compare the prices of this SKU in commercetools; one of another origin may be in the way.",
  owner: "merchant",
  field: error.code,
});
