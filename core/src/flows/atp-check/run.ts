/** Can these lines be ordered? An answer always comes before the deadline. See README.md of this folder. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import type { Sku } from "../../domain/ids.ts";
import { backOrderOf } from "../../domain/stock-class.ts";
import { type Terms, termsOf } from "../../domain/threshold.ts";
import type { AtpContext } from "./context.ts";
import {
  type AvailabilityDecision,
  type Correction,
  type Demand,
  judgeByShop,
  type LineVerdict,
  leaveToShop,
  lookAtShop,
  type ShopStock,
  toDecision,
  toDemands,
  type UnknownReason,
  withThresholds,
} from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { type Knowledge, knowledgeOf, knownByHeart, nothingKnown } from "./facts.ts";
import { type InTime, within } from "./in-time.ts";
import { byPolicy, type Judged, judgeByIfs } from "./judge.ts";
import type { AvailabilityRequest, RequestLine } from "./parse.ts";

const CHANNELS_MS = 5 * 60_000;

/**
 * `deadlineAt` in Clock.monotonic() milliseconds. Never throws for an outage of either side: what could not be found out by the
 * deadline is decided by the fail policy of its SKU, named as such in the answer and counted.
 */
export async function checkAvailability(
  deps: AtpDeps,
  request: AvailabilityRequest,
  deadlineAt: number,
): Promise<AvailabilityDecision> {
  const isLeftToShop = shopIsRecord(deps) && request.purpose !== "question";
  const decision = isLeftToShop ? leaveToShop(request) : await decide(deps, request, deadlineAt);
  count(deps.context, decision);
  return decision;
}

const shopIsRecord = ({ config }: AtpDeps): boolean => config.stock.direction === "commercetools";

async function decide(deps: AtpDeps, request: AvailabilityRequest, deadlineAt: number): Promise<AvailabilityDecision> {
  const { config } = deps;
  const shop = ofShop(await within(deps, deadlineAt, readShop(deps, request)));
  const view: ShopView = shop.ok ? shop.value : { ...unseenShop, known: knownByHeart(deps) };
  const demands = toDemands(request, (line) => channelKeyOf(deps, line, view.channelIds));
  const stockOf = (demand: Demand) => view.stock.get(slot(demand.sku, view.channelIds.get(demand.supplyChannel ?? "")));
  const terms = (demand: Demand): Terms =>
    termsOf(config.atp, {
      ...{ sku: demand.sku, supplyChannel: demand.supplyChannel, now: deps.context.clock.now() },
      ...{ facts: view.known.facts(demand.sku), sales: view.known.sales, onlyChannel: poolKeys(deps).length === 1 },
    });
  const { settled, toAsk } = lookAtShop(demands, stockOf, {
    untracked: new Set(config.skus.untracked),
    mayBackOrder(demand) {
      const { sku, supplyChannel } = demand;
      if (shopIsRecord(deps)) return stockOf(demand)?.restockableInDays !== undefined;
      const allowed = supplyChannel === undefined ? "never" : backOrderOf(config.stock, sku, supplyChannel);
      return allowed === "always" || (allowed === "supply" && stockOf(demand)?.restockableInDays !== undefined);
    },
    termsOf: terms,
    isHeld: ({ sku, supplyChannel }) => supplyChannel !== undefined && view.isHeld(sku, supplyChannel),
  });

  const untracked = new Set(config.skus.untracked);
  const answerOf = (verdicts: ReadonlyMap<string, LineVerdict>, corrections: readonly Correction[]) =>
    withThresholds(toDecision(request, demands, new Map([...settled, ...verdicts]), corrections), demands, (demand) =>
      untracked.has(demand.sku) ? undefined : terms(demand).found,
    );
  if (shopIsRecord(deps)) {
    const unseen = shop.ok ? undefined : shop.reason;
    const byShop = toAsk.map((demand) => {
      return [demand.id, judgeByShop(demand, stockOf(demand), { terms: terms(demand), unseen })] as const;
    });
    return answerOf(new Map(byShop), []);
  }
  if (toAsk.length === 0) return answerOf(new Map(), []);
  const { channelIds } = view;
  const question = { request, demands: toAsk, channelIds, stockOf, terms, deadlineAt };
  const judged: Judged = shop.ok
    ? await judgeByIfs(deps, question)
    : { verdicts: byPolicy(question, toAsk, shop.reason), corrections: [] };
  return answerOf(judged.verdicts, judged.corrections);
}

type ShopView = {
  readonly channelIds: ReadonlyMap<string, string>;
  readonly stock: ReadonlyMap<string, ShopStock>;
  readonly known: Knowledge;
  readonly isHeld: (sku: string, supplyChannel: string) => boolean;
};

const unseenShop: ShopView = { channelIds: new Map(), stock: new Map(), known: nothingKnown, isHeld: () => false };

const slot = (sku: string, channelId: string | undefined): string => JSON.stringify([sku, channelId ?? null]);

/** The entries of all tracked SKUs in one call, and what thresholds ask of the catalogue. */
async function readShop(deps: AtpDeps, request: AvailabilityRequest): Promise<ShopView> {
  const channelIds = await poolChannels(deps);
  const tracked = new Set(request.lines.map(({ sku }) => sku));
  for (const sku of deps.config.skus.untracked) tracked.delete(sku as Sku);
  if (tracked.size === 0) return { channelIds, stock: new Map(), known: nothingKnown, isHeld: () => false };
  const ids = poolKeys(deps).flatMap((key) => channelIds.get(key) ?? []);
  const [entries, known, isHeld] = await Promise.all([
    ids.length === 0 ? [] : deps.entries([...tracked], ids),
    knowledgeOf(deps, [...tracked]),
    deps.heldCuts(),
  ]);
  const stock = new Map(entries.map((entry: InventoryEntry) => [slot(entry.sku, entry.supplyChannel?.id), entry]));
  return { channelIds, stock, known, isHeld };
}

const poolKeys = ({ config }: AtpDeps): string[] =>
  config.stock.pools.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel));

/** Ids of the pools' channels, minutes old at most. */
async function poolChannels(deps: AtpDeps): Promise<ReadonlyMap<string, string>> {
  const { context } = deps;
  const wanted = poolKeys(deps);
  const name = JSON.stringify(wanted);
  const known = context.channels;
  if (known?.wanted === name && context.clock.monotonic() - known.readAt < CHANNELS_MS) return known.ids;
  const readAt = context.clock.monotonic();
  const ids = await deps.channelIds(wanted);
  context.channels = { ids, readAt, wanted: name };
  return ids;
}

/** The key of the line's supply channel where a pool feeds it. A line that names none means the only one there is, if so. */
function channelKeyOf(
  deps: AtpDeps,
  { supplyChannel }: RequestLine,
  channelIds: ReadonlyMap<string, string>,
): string | undefined {
  const keys = poolKeys(deps);
  if (supplyChannel === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((key) =>
    supplyChannel.by === "key" ? key === supplyChannel.value : channelIds.get(key) === supplyChannel.value,
  );
}

const ofShop = <T>(read: InTime<T>): InTime<T> =>
  !read.ok && read.reason === "ifsUnavailable" ? { ok: false, reason: "shopUnavailable" } : read;

function count({ counters }: AtpContext, decision: AvailabilityDecision): void {
  counters.requests += 1;
  for (const { source, passes, policy, reason } of decision.lines) {
    counters.lines += 1;
    if (source === "shop") counters.shop += 1;
    else if (source === "ifs") counters.ifs += 1;
    if (policy === "open") counters.policyOpen += 1;
    if (policy === "closed") counters.policyClosed += 1;
    if (policy !== null) {
      const why = reason as UnknownReason;
      counters.reasons[why] = (counters.reasons[why] ?? 0) + 1;
    }
    if (!passes) counters.refused += 1;
  }
}
