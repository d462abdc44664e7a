/**
 * The first entries of a supply channel that is not live yet, through the Import API: many entries in few requests, worked off later, with
 * absolute quantities. That gives back what is sold meanwhile, so it is only for a channel of which the configuration itself says that
 * nobody can buy from it (`live: false`); no ordinary run writes such a channel. What is there already moves by a difference, as always.
 */
import type { InventoryEntryDraft } from "@commercetools/platform-sdk";
import type { Change } from "../../domain/change.ts";
import type { CatalogNo } from "../../domain/ids.ts";
import { toKey } from "../../domain/key.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { chunked } from "../../runtime/limit.ts";
import { openCursor } from "../cursor.ts";
import { trackExceptions } from "../exception-tracker.ts";
import { type DeltaSteps, type RefusedRecord, runDelta } from "../run-delta.ts";
import type { StockPart } from "../stock-part.ts";
import type { Current } from "./current.ts";
import type { StockSyncDeps } from "./deps.ts";
import { writesEntries } from "./direction.ts";
import { notHandedOver, splitHandOver } from "./load-split.ts";
import { type LoadPosition, loadName, loadSchema } from "./loading.ts";
import type { Desired } from "./map.ts";
import { openRun, openSites } from "./open.ts";
import { PARTS_PER_PAGE, partsAfter, TOGETHER } from "./pages.ts";
import { planEntries, type StockAction } from "./plan.ts";
import { putSharedAside } from "./shared.ts";
import { stepsOf, writeAction } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";
import { reportUnreadable } from "./unreadable-report.ts";

export type FailedLoad = { readonly key: string; readonly state: string; readonly message: string };

export type LoadDeps = StockSyncDeps & {
  readonly countSalesParts: (contract: SiteRun["contract"]) => Promise<number>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly imports: {
    readonly mostPerRequest: number;
    readonly open: (container: string) => Promise<void>;
    readonly submit: (
      container: string,
      entries: { readonly channel: string; readonly drafts: readonly InventoryEntryDraft[] },
    ) => Promise<readonly FailedLoad[]>;
    readonly states: (container: string) => Promise<{ processing: number; imported: number; failed: number }>;
    readonly failures: (container: string, since: string) => Promise<readonly FailedLoad[]>;
  };
};

export type LoadProgress = {
  /** Sales parts of the site. */
  readonly done: number;
  readonly total: number;
  /** Of this run. */
  readonly perSecond: number;
  readonly remainingSeconds: number;
  /** Entries handed over and not worked off yet. */
  readonly waiting: number;
};

export type LoadOptions = {
  /** Key of the supply channel. */
  readonly channel: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly progress: (progress: LoadProgress) => void;
};

export type Loaded = RunSummary & {
  /** Entries handed over for creation, by this load over all its runs, and those that moved by a difference. */
  readonly submitted: number;
  readonly moved: number;
  /** Operations that did not end well, a few of them. */
  readonly failures: readonly FailedLoad[];
  /** Not worked off yet when the load stopped waiting. */
  readonly waiting: number;
};

const POLL_MS = 2000;
/** The platform promises no time: what is still waiting then is told, and goes on by itself. */
const LONGEST_WAIT_MS = 10 * 60_000;

type LoadAction =
  | { readonly kind: "import"; readonly drafts: readonly InventoryEntryDraft[] }
  | Extract<StockAction, { kind: "move" }>;

export const loadContainer = (channel: string): string => toKey("ifs", "stock", channel);

/** RangeError: the channel is not one that may be loaded; nothing was done. A load that was cut short goes on where it stopped. */
export async function loadChannel(deps: LoadDeps, options: LoadOptions): Promise<Loaded> {
  const { channel, now } = options;
  const { config, clock } = deps;
  if (!writesEntries(config)) {
    throw new RangeError(
      "`stock.direction` is commercetools: no inventory entry is written, and so no channel is loaded. Set it to ifs where IFS is the record for stock.",
    );
  }
  const pool = config.stock.pools.find(({ channels }) =>
    channels.some(({ supplyChannel }) => supplyChannel === channel),
  );
  const site = config.sites.find((one) => one.site === pool?.site);
  if (!pool || !site) throw new RangeError(`no pool of the configuration feeds a supply channel "${channel}"`);
  if (pool.channels.some(({ supplyChannel, live }) => supplyChannel === channel && live)) {
    throw new RangeError(
      `supply channel "${channel}" is live: a load sets absolute quantities, which gives back what is sold meanwhile. Only a channel with live: false under stock.pools can be loaded.`,
    );
  }
  const tracker = await trackExceptions(deps.exceptions, { flow: "stock-sync", now });
  const opened = await openRun(deps, now);
  const [{ run } = { run: undefined }] = await openSites(deps, opened, { sites: [site], tracker });
  // A pool is left out whole, and nothing would be handed over.
  const missing = pool.channels.find(({ supplyChannel }) => !opened.channelIds.has(supplyChannel));
  if (!run || missing) {
    throw new RangeError(
      `commercetools has no supply channel "${missing?.supplyChannel}", which pool "${pool.name}" of stock.pools feeds: create it, or take it out of the pool. Then load again.`,
    );
  }
  const container = loadContainer(channel);
  await deps.imports.open(container);
  const cursor = await openCursor(deps.cursors, loadName(channel), loadSchema);
  let position: LoadPosition = cursor.value()?.position ?? {
    startedAt: now,
    done: 0,
    total: await deps.countSalesParts(run.contract),
    submitted: 0,
  };
  // Before the first entry is handed over: a run that finds the channel live knows that there are some.
  await cursor.move({ position, outstandingSince: now });
  const from = { done: position.done, at: clock.monotonic() };
  const counts = { moved: 0, refused: new Set<string>(), pages: [] as { read: number; submitted: number }[] };
  const tell = (waiting: number): void =>
    options.progress(progressOf(position, from, { now: clock.monotonic(), waiting }));

  const steps = loadSteps(run, deps, {
    channel,
    page: async (after) => {
      const { rows, next } = await partsAfter(run, after as CatalogNo | undefined, PARTS_PER_PAGE);
      // What shares a part has to be divided among all who share it: the first run does so, once the channel is live.
      const lone = await putSharedAside(run, rows, { complete: false });
      return { rows: lone, next };
    },
    planned: (read, submitted) => counts.pages.push({ read, submitted }),
    moved: () => {
      counts.moved += 1;
    },
    refused: (drafts) => {
      for (const { sku } of drafts) counts.refused.add(sku);
    },
    async saveCursor(next) {
      const page = counts.pages.shift() ?? { read: 0, submitted: 0 };
      position = {
        ...position,
        after: (next ?? position.after) as CatalogNo | undefined,
        done: next === undefined ? position.total : position.done + PARTS_PER_PAGE,
        submitted: position.submitted + page.submitted,
      };
      if (next !== undefined) await cursor.move({ position, outstandingSince: now });
      tell((await deps.imports.states(container)).processing);
    },
  });
  const summary = await runDelta<StockPart, Desired, Current, LoadAction>(steps, {
    after: position.after,
    concurrency: deps.writes,
    ...TOGETHER,
  });
  const waiting = await workedOff(deps, container, tell);
  // The end: the next load begins anew. What it finds in place it leaves as it is.
  await cursor.move(waiting > 0 ? { outstandingSince: now } : {});
  const failures = await deps.imports.failures(container, new Date(position.startedAt).toISOString());
  for (const failure of failures) await tracker.record(notLoaded(failure));
  const unread = await reportUnreadable(run);
  await tracker.settle({ complete: false });
  const refused = { processed: 0, changed: 0, failed: counts.refused.size };
  return { ...sum([summary, refused, unread]), submitted: position.submitted, moved: counts.moved, failures, waiting };
}

function progressOf(
  { done, total }: LoadPosition,
  from: { readonly done: number; readonly at: number },
  { now, waiting }: { readonly now: number; readonly waiting: number },
): LoadProgress {
  const seconds = (now - from.at) / 1000;
  const perSecond = seconds > 0 ? (done - from.done) / seconds : 0;
  return {
    done: Math.min(done, total),
    total,
    perSecond: Math.round(perSecond * 10) / 10,
    remainingSeconds: perSecond > 0 ? Math.ceil(Math.max(0, total - done) / perSecond) : 0,
    waiting,
  };
}

type LoadPages = {
  readonly channel: string;
  readonly page: DeltaSteps<StockPart, Desired, Current, LoadAction>["page"];
  readonly saveCursor: (next: string | undefined) => Promise<void>;
  /** Called for each page, in their order. */
  readonly planned: (read: number, submitted: number) => void;
  readonly moved: () => void;
  /** Called for entries that the platform does not take; more than once where their request is repeated. */
  readonly refused: (drafts: readonly InventoryEntryDraft[]) => void;
};

/** As a run goes, but for the plan, which is that of the other channels, and for what is created, which is handed over in bulk. */
function loadSteps(
  run: SiteRun,
  deps: LoadDeps,
  pages: LoadPages,
): DeltaSteps<StockPart, Desired, Current, LoadAction> {
  const { channel } = pages;
  const channelId = run.channelIds.get(channel);
  const steps = stepsOf(run, { page: pages.page, saveCursor: pages.saveCursor }, LOAD_PASS);
  const handOver = splitHandOver(async (drafts) => {
    for (const failure of await deps.imports.submit(loadContainer(channel), { channel, drafts })) {
      await steps.record(notLoaded(failure));
    }
  });
  const ofChannel = (desired: readonly Desired[], current: Current): readonly Change<StockAction>[] =>
    planEntries(desired, current, false).changes.filter(({ apply }) => apply.supplyChannelId === channelId);
  return {
    page: steps.page,
    parse: steps.parse,
    desired: steps.desired,
    current: steps.current,
    record: steps.record,
    saveCursor: pages.saveCursor,
    plan(desired, current) {
      const changes = ofChannel(desired, current);
      const drafts = changes.flatMap(({ apply }) => (apply.kind === "create" ? [apply.draft] : []));
      pages.planned(desired.length, drafts.length);
      const moves = changes.flatMap(({ apply, ...rest }) => (apply.kind === "move" ? [{ ...rest, apply }] : []));
      return { values: [...chunked(drafts, deps.imports.mostPerRequest).map(importOf), ...moves], refused: [] };
    },
    async apply({ apply }) {
      if (apply.kind === "move") {
        await writeAction(deps, apply);
        pages.moved();
        return;
      }
      await handOver(apply.drafts, async (refused, error) => {
        await steps.record(notHandedOver(refused, error));
        pages.refused(refused);
      });
    },
    async again({ record, apply }) {
      if (apply.kind === "import") return undefined;
      const current = await steps.current([apply.desired]);
      const found = ofChannel([apply.desired], current).find((change) => change.record === record);
      return found?.apply.kind === "move" ? { ...found, apply: found.apply } : undefined;
    },
    refuse({ apply, ...rest }, error) {
      if (apply.kind === "move") return steps.refuse({ ...rest, apply }, error);
      return notHandedOver(apply.drafts, error);
    },
    waits: () => {},
  };
}

const LOAD_PASS = { withholdZeros: false, counts: false, journal: "edits" } as const;

function importOf(drafts: readonly InventoryEntryDraft[]): Change<LoadAction> {
  const [first] = drafts;
  return { record: `${first?.sku} and ${drafts.length - 1} more`, cause: "load", apply: { kind: "import", drafts } };
}

/** Waits until the platform has worked off what was handed over; the number that it has not, after LONGEST_WAIT_MS. */
async function workedOff(deps: LoadDeps, container: string, tell: (waiting: number) => void): Promise<number> {
  const until = deps.clock.monotonic() + LONGEST_WAIT_MS;
  for (;;) {
    const { processing } = await deps.imports.states(container);
    tell(processing);
    if (processing === 0 || deps.clock.monotonic() > until) return processing;
    await deps.sleep(POLL_MS);
  }
}

const notLoaded = ({ key, state, message }: FailedLoad): RefusedRecord => ({
  recordType: "flow",
  recordId: `load ${key}`,
  recordLabel: key,
  rejection: {
    code: "invalidInput",
    message: `The Import API did not create the inventory entry with key ${key} (${state}): ${message}`,
    action: "Look whether another entry has this SKU and supply channel, or this key. Then load the channel again.",
    owner: "operator",
  },
});
