/**
 * What thresholds need to know beside the configuration: product type, categories and numbers of the merchandisers for each SKU, and
 * what was sold lately. Known SKUs are answered from memory and read again beside the answers; a SKU that was never seen is waited for a
 * short time, together with the entries. What cannot be read costs neither an answer nor its deadline: the configuration decides alone.
 */
import type { Sku } from "../../domain/ids.ts";
import type { SalesFigures } from "../../domain/sales.ts";
import { asksCatalogue, asksSales, noFacts, type SkuFacts } from "../../domain/threshold.ts";
import { withDeadline } from "../../runtime/limit.ts";
import type { AtpDeps } from "./deps.ts";

export type Knowledge = {
  /** undefined: the catalogue could not be read. */
  readonly facts: (sku: Sku) => SkuFacts | undefined;
  readonly sales: SalesFigures | undefined;
};

export const nothingKnown: Knowledge = { facts: () => undefined, sales: undefined };

/** Older ones are read again beside the answer. */
const FRESH_MS = 5 * 60_000;
const SALES_FRESH_MS = 10 * 60_000;
/** And count this long while the catalogue does not answer: a threshold seldom changes, and an old one is better than none. */
const KEPT_MS = 24 * 3_600_000;
/** Log lines of one read about fields that hold no number. The doctor tells them all. */
const MOST_TOLD = 20;
/** After a failure, or when it took too long, nobody waits for so long. */
const PAUSE_MS = 10_000;
/** What is not known is waited for at most this long, and a quarter of the deadline. */
const WAIT_MS = 300;

/** What is remembered, without any read: where the shop could not be read, its rules still count. */
export function knownByHeart(deps: AtpDeps): Knowledge {
  const { facts: cache } = deps.context;
  if (!asksCatalogue(deps.config.atp)) return { facts: () => noFacts, sales: cache.sales?.figures };
  forgetOthers(deps);
  return { facts: (sku) => cache.skus.peek(sku)?.facts, sales: cache.sales?.figures };
}

export async function knowledgeOf(deps: AtpDeps, skus: readonly Sku[]): Promise<Knowledge> {
  const [facts, sales] = await Promise.all([factsOf(deps, skus), salesOf(deps)]);
  return { facts, sales };
}

async function factsOf(deps: AtpDeps, skus: readonly Sku[]): Promise<Knowledge["facts"]> {
  const { atp } = deps.config;
  if (!asksCatalogue(atp)) return () => noFacts;
  const { facts: cache, clock } = deps.context;
  forgetOthers(deps);
  const now = clock.monotonic();
  const { found, old, missing } = remembered(deps, skus, now);
  const waits = !isPaused(cache.factsFailedAt, now);
  const later = waits ? old : [...old, ...missing];
  if (later.length > 0) read(deps, later, "refreshes").catch(unseen);
  if (waits && missing.length > 0) {
    const tooLate = () => {
      cache.factsFailedAt = clock.monotonic();
    };
    const waited = await patiently(deps, read(deps, missing, "reads"), tooLate);
    for (const [sku, facts] of waited ?? []) found.set(sku as Sku, facts);
  }
  return (sku) => found.get(sku);
}

function remembered({ context }: AtpDeps, skus: readonly Sku[], now: number) {
  const found = new Map<Sku, SkuFacts>();
  const [old, missing]: [Sku[], Sku[]] = [[], []];
  for (const sku of skus) {
    const kept = context.facts.skus.get(sku);
    const age = kept ? now - kept.readAt : Number.POSITIVE_INFINITY;
    if (kept && age < KEPT_MS) found.set(sku, kept.facts);
    if (age >= KEPT_MS) missing.push(sku);
    else if (age >= FRESH_MS) old.push(sku);
  }
  return { found, old, missing };
}

/** Facts that were read by other names of fields say nothing of these. */
function forgetOthers({ config, context }: AtpDeps): void {
  const names = JSON.stringify(config.atp.thresholdFields);
  if (context.facts.fields === names) return;
  context.facts.skus.clear();
  context.facts.fields = names;
}

async function read(deps: AtpDeps, skus: readonly Sku[], how: "reads" | "refreshes"): Promise<Map<string, SkuFacts>> {
  const { context, logger } = deps;
  const { facts: cache, clock } = context;
  const { fields } = cache;
  try {
    return await cache[how].load(skus, async (keys) => {
      const readAt = clock.monotonic();
      const asked = keys as readonly Sku[];
      const told = await deps.skuFacts(asked);
      // A SKU of no published product has no facts, which is known for as long as facts are.
      const facts = new Map(asked.map((sku) => [sku as string, told.get(sku) ?? noFacts]));
      cache.factsFailedAt = undefined;
      if (cache.fields === fields) for (const [sku, each] of facts) cache.skus.set(sku, { facts: each, readAt });
      const ignored = [...facts].flatMap(([sku, each]) => each.ignored.map((field) => ({ sku, ...field })));
      for (const field of ignored.slice(0, MOST_TOLD))
        logger.warn({ flow: "atp-check", ...field }, "threshold-ignored");
      return facts;
    });
  } catch (error) {
    cache.factsFailedAt = clock.monotonic();
    throw error;
  }
}

async function salesOf(deps: AtpDeps): Promise<SalesFigures | undefined> {
  const { context, config } = deps;
  if (!asksSales(config.atp)) return undefined;
  const { facts: cache, clock } = context;
  const now = clock.monotonic();
  const kept = cache.sales;
  if ((kept && now - kept.readAt < SALES_FRESH_MS) || isPaused(cache.salesFailedAt, now)) return kept?.figures;
  const reading = readSales(deps);
  const tooLate = () => {
    cache.salesFailedAt = clock.monotonic();
  };
  if (!kept) return await patiently(deps, reading, tooLate);
  reading.catch(unseen);
  return kept.figures;
}

async function readSales({ context, salesFigures }: AtpDeps): Promise<SalesFigures | undefined> {
  const { facts: cache, clock } = context;
  try {
    const read = await cache.salesReads.load(["sales"], async () => {
      const readAt = clock.monotonic();
      // Parts that are being written look like none: what was known goes on to count.
      const figures = (await salesFigures()) ?? cache.sales?.figures;
      cache.sales = { figures, readAt };
      return new Map([["sales", figures ?? null]]);
    });
    return read.get("sales") ?? undefined;
  } catch (error) {
    cache.salesFailedAt = clock.monotonic();
    throw error;
  }
}

const isPaused = (failedAt: number | undefined, now: number): boolean =>
  failedAt !== undefined && now - failedAt < PAUSE_MS;

class TooLate extends Error {}

/** undefined where it failed or took too long; the configuration then decides without it, and the answer says so. */
async function patiently<T>(deps: AtpDeps, work: Promise<T>, tooLate: () => void): Promise<T | undefined> {
  const { clock } = deps.context;
  const ms = Math.min(WAIT_MS, deps.config.atp.deadlineMs / 4);
  const settled = work.catch((error: unknown) => {
    deps.logger.warn({ flow: "atp-check", error }, "threshold-facts-unread");
    return undefined;
  });
  try {
    return await withDeadline({ clock, ms, onTimeout: () => new TooLate() }, () => settled);
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    tooLate();
    return undefined;
  }
}

/** Nobody waits for a refresh: what is known counts on, and its failure makes a pause. */
const unseen = (): void => {};
