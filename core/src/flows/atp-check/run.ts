/** Can these lines be ordered? An answer always comes before the deadline. See README.md of this folder. */

import { isClosedByValue } from "../../domain/atp-policy-config.ts";
import type { Sku } from "../../domain/ids.ts";
import { backOrderOf } from "../../domain/stock-class.ts";
import { type Terms, termsOf } from "../../domain/threshold.ts";
import { beginOffers, type Offers } from "./alternatives.ts";
import type { AtpContext } from "./context.ts";
import {
  type AvailabilityDecision,
  type Correction,
  type Demand,
  isShort,
  judgeByShop,
  type LineVerdict,
  leaveToShop,
  lookAtShop,
  toDecision,
  toDemands,
  type UnknownReason,
  withAge,
} from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { type Knowledge, knowledgeOf, knownByHeart, nothingKnown } from "./facts.ts";
import { beforeHolds } from "./hold-anyway.ts";
import { type InTime, within } from "./in-time.ts";
import { holderOf, type Judged, judgeByIfs, judgeUnseen, type Question } from "./judge.ts";
import { besideOwnCart } from "./own-cart.ts";
import { readAllPackages } from "./packages.ts";
import type { AvailabilityRequest } from "./parse.ts";
import { channelKeyOf, poolChannels, poolKeys, rememberedChannels } from "./pool-channels.ts";
import { keepPromise, promiseOf } from "./promise.ts";
import {
  dated,
  freshFigures,
  lookTwice,
  rememberedFigures,
  rememberSales,
  type ShopFigures,
  stockIn,
  unsoldIn,
} from "./shop-view.ts";
import { goesBySupply, withDay } from "./supply.ts";
import { toldToPage } from "./told-to-pages.ts";

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
  if (request.purpose === "order" && decision.accepted)
    rememberSales(deps, decision.lines, request.cart ?? request.order);
  count(deps.context, decision);
  return decision;
}

/** What the first check would wait for, besides its own lines. */
export async function warmUp(deps: AtpDeps): Promise<void> {
  await Promise.all([poolChannels(deps), deps.heldCuts(), deps.partlyThere(), readAllPackages(deps)]);
}

const shopIsRecord = ({ config }: AtpDeps): boolean => config.stock.direction === "commercetools";

async function decide(deps: AtpDeps, request: AvailabilityRequest, deadlineAt: number): Promise<AvailabilityDecision> {
  const { config } = deps;
  // What an order takes unseen is held in what time is left.
  const shopUntil = request.purpose === "order" ? beforeHolds(deps, deadlineAt) : deadlineAt;
  const first = ofShop(await within(deps, shopUntil, readShop(deps, request)));
  const seen: ShopView = first.ok ? first.value : shopByHeart(deps);
  const demands = toDemands(request, (line) => channelKeyOf(deps, line, seen.channelIds));
  const terms = termsFor(deps, seen, request);
  const looked = await lookTwice(demands, {
    view: seen,
    look: (some, view) => lookAtShop(some, (demand) => unsoldIn(deps, view, demand), givenOf(deps, view, terms)),
    read: async (close) =>
      first.ok ? ofShop(await within(deps, shopUntil, freshFigures(deps, close, first.value))) : first,
  });
  const { view } = looked;
  const { channelIds } = view;
  const toAsk = await besideOwnCart(deps, request, { demands: looked.toAsk, channelIds, deadlineAt });
  const stockOf = (demand: Demand) => stockIn(view, demand);
  const shop = looked.unread ?? first;
  const settled = dated(demands, looked.settled, view);

  const untracked = new Set(config.skus.untracked);
  const answerOf = (verdicts: ReadonlyMap<string, LineVerdict>, corrections: readonly Correction[]) => {
    const all = new Map([...settled, ...verdicts]);
    const now = deps.context.clock.monotonic();
    for (const demand of demands) {
      const judged = all.get(demand.id);
      if (!judged) continue;
      const hasEntry = (view.figures.get(demand.sku)?.byChannel.size ?? 0) > 0;
      const verdict = toldToPage(judged, { request, doors: config.atp.doors, hasEntry });
      const threshold = untracked.has(demand.sku) ? undefined : terms(demand).found;
      const told = withAge(withDay(deps, demand, { verdict, stock: stockOf(demand) }), now);
      all.set(demand.id, { ...told, ...(threshold && { threshold }) });
    }
    return toDecision(request, demands, all, corrections);
  };
  const question = { request, channelIds, stockOf, terms, holder: undefined, deadlineAt };
  const offersFor = (some: readonly Demand[]) =>
    beginOffers(deps, {
      ...{ question: { ...question, demands: shop.ok ? some : [] }, view, isByShop: shopIsRecord(deps) },
      look: (others) => lookAtShop(others, (demand) => unsoldIn(deps, view, demand), givenOf(deps, view, terms)),
    });
  if (shopIsRecord(deps)) {
    const unseen = shop.ok ? undefined : shop.reason;
    const byShop = toAsk.map((demand) => {
      return [demand.id, judgeByShop(demand, stockOf(demand), { terms: terms(demand), unseen })] as const;
    });
    return answerOf(await offering(offersFor(toAsk), toAsk, dated(toAsk, new Map(byShop), view)), []);
  }
  const holder = holderOf(deps, request);
  const promised = await keepPromise(deps, { request, demands, holder, deadlineAt });
  const left = toAsk.filter(({ id }) => !promised.has(id));
  const offers = offersFor(left);
  const judged = await judgeLeft(deps, { ...question, demands: left, holder }, shop);
  const verdicts = await offering(offers, left, judged.verdicts);
  const decision = answerOf(new Map([...verdicts, ...promised]), judged.corrections);
  return withHold(deps, { request, demands, judged }, decision);
}

/** With what other channels have of the lines that are short. */
async function offering(
  offers: Offers,
  demands: readonly Demand[],
  verdicts: ReadonlyMap<string, LineVerdict>,
): Promise<ReadonlyMap<string, LineVerdict>> {
  const short = demands.filter(({ id }) => isShort(verdicts.get(id) ?? { outcome: "unknown" }));
  if (short.length === 0) return verdicts;
  const found = await offers.of(short);
  return new Map(
    [...verdicts].map(([id, verdict]) => {
      const alternatives = found.get(id) ?? [];
      return [id, alternatives.length === 0 ? verdict : { ...verdict, alternatives }];
    }),
  );
}

async function judgeLeft(deps: AtpDeps, question: Question, shop: InTime<ShopView>): Promise<Judged> {
  const { demands } = question;
  if (demands.length === 0) return { verdicts: new Map(), corrections: [], held: [] };
  return shop.ok ? judgeByIfs(deps, question) : judgeUnseen(deps, question, shop.reason);
}

/** Says what came of the wish to hold, with the promise where there is one to give. */
function withHold(
  deps: AtpDeps,
  { request, demands, judged }: { request: AvailabilityRequest; demands: readonly Demand[]; judged: Judged },
  decision: AvailabilityDecision,
): AvailabilityDecision {
  if (request.purpose !== "question" || !request.hold) return decision;
  const { held } = judged;
  const reason = judged.isLongest ? { reason: "longestReached" as const } : {};
  if (!deps.holds || !held || !decision.accepted) return { ...decision, hold: { held: false, ...reason } };
  const promise = promiseOf(deps, demands, held);
  const until = held.length === 0 ? {} : { until: Math.min(...held.map((hold) => hold.until)) };
  return { ...decision, hold: { held: true, ...until, ...reason, ...(promise && { promise }) } };
}

/** What decides about a demand besides its figure. */
const givenOf = (deps: AtpDeps, view: ShopView, terms: (demand: Demand) => Terms) => ({
  untracked: new Set(deps.config.skus.untracked),
  mayBackOrder(demand: Demand) {
    const { sku, supplyChannel } = demand;
    const isExpected = () => stockIn(view, demand)?.restockableInDays !== undefined;
    if (shopIsRecord(deps)) return isExpected();
    const allowed = supplyChannel === undefined ? "never" : backOrderOf(deps.config.stock, sku, supplyChannel);
    // Where IFS's word counts, it is asked for it.
    return allowed === "always" || (allowed === "supply" && !goesBySupply(deps, demand) && isExpected());
  },
  termsOf: terms,
  isHeld: ({ sku, supplyChannel }: Demand) => supplyChannel !== undefined && view.isHeld(sku, supplyChannel),
});

/** Asked for several times about each demand, found once. */
function termsFor(deps: AtpDeps, { known }: ShopView, { value }: AvailabilityRequest): (demand: Demand) => Terms {
  const isDear = isClosedByValue(deps.config.atp, value);
  const onlyChannel = poolKeys(deps).length === 1;
  const now = deps.context.clock.now();
  const found = new Map<string, Terms>();
  return ({ id, sku, supplyChannel }) => {
    const before = found.get(id);
    if (before) return before;
    const facts = known.facts(sku);
    const byRules = termsOf(deps.config.atp, { sku, supplyChannel, onlyChannel, now, facts, sales: known.sales });
    const terms: Terms = isDear ? { ...byRules, failPolicy: "closed" } : byRules;
    found.set(id, terms);
    return terms;
  };
}

type ShopView = ShopFigures & {
  /** Of the channels that are read. */
  readonly ids: readonly string[];
  readonly known: Knowledge;
  readonly isHeld: (sku: string, supplyChannel: string) => boolean;
};

const unseenShop: ShopView = {
  channelIds: new Map(),
  ids: [],
  figures: new Map(),
  known: nothingKnown,
  isHeld: () => false,
};

/** Where commercetools does not say: what a line is of, and which policy it follows, is known all the same. */
const shopByHeart = (deps: AtpDeps): ShopView => ({
  ...unseenShop,
  channelIds: rememberedChannels(deps),
  known: knownByHeart(deps),
});

/** The entries of all tracked SKUs, seconds old at most; and what thresholds ask of the catalogue. */
async function readShop(deps: AtpDeps, request: AvailabilityRequest): Promise<ShopView> {
  const channelIds = await poolChannels(deps);
  const tracked = new Set(request.lines.map(({ sku }) => sku));
  for (const sku of deps.config.skus.untracked) tracked.delete(sku as Sku);
  if (tracked.size === 0) return { ...unseenShop, channelIds };
  const ids = poolKeys(deps).flatMap((key) => channelIds.get(key) ?? []);
  const [figures, known, isHeld] = await Promise.all([
    rememberedFigures(deps, [...tracked], ids),
    knowledgeOf(deps, [...tracked]),
    deps.heldCuts(),
  ]);
  return { channelIds, ids, figures, known, isHeld };
}

const ofShop = <T>(read: InTime<T>): InTime<T> =>
  !read.ok && read.reason === "ifsUnavailable" ? { ok: false, reason: "shopUnavailable" } : read;

const BY_POLICY = { open: "policyOpen", closed: "policyClosed", backOrder: "policyBackOrder" } as const;

function count({ counters }: AtpContext, decision: AvailabilityDecision): void {
  counters.requests += 1;
  for (const { source, passes, policy, reason } of decision.lines) {
    counters.lines += 1;
    if (source === "shop") counters.shop += 1;
    else if (source === "ifs") counters.ifs += 1;
    if (policy !== null) {
      counters[BY_POLICY[policy]] += 1;
      const why = reason as UnknownReason;
      counters.reasons[why] = (counters.reasons[why] ?? 0) + 1;
    }
    if (!passes) counters.refused += 1;
  }
}
