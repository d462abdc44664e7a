/** The verdicts on lines that the shop's own figures could not settle: by IFS, the orders in flight, and what others hold. */
import { type HeldByOthers, heldByOthers, heldTogether, nothingHeld } from "../../domain/held-by-others.ts";
import { holdShardOf, piecesReservedAndHeld, type StockHold } from "../../domain/stock-hold.ts";
import type { Terms } from "../../domain/threshold.ts";
import { askIfs, type IfsView } from "./ask-ifs.ts";
import {
  type Correction,
  type Demand,
  type IfsAnswer,
  judgeAnswer,
  type LineVerdict,
  type UnknownReason,
} from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { beforeHolds, drawsIn, HOLD_MS, holdAnyway } from "./hold-anyway.ts";
import type { HoldShardAccess } from "./hold-shards.ts";
import { type HoldAttempt, type Holder, holdsFor, lookAtHolds, noHolds, type SeenHolds, takeHolds } from "./holds.ts";
import { type InTime, within } from "./in-time.ts";
import type { AvailabilityRequest } from "./parse.ts";
import type { ShopStock } from "./shop-stock.ts";
import { withSupply } from "./supply.ts";

/** What is known of the lines before IFS is asked. */
export type Question = {
  readonly request: AvailabilityRequest;
  readonly demands: readonly Demand[];
  readonly channelIds: ReadonlyMap<string, string>;
  readonly stockOf: (demand: Demand) => ShopStock | undefined;
  readonly terms: (demand: Demand) => Terms;
  /** For whom it holds; undefined: it holds nothing. */
  readonly holder: Holder | undefined;
  /** Clock.monotonic() milliseconds. */
  readonly deadlineAt: number;
};

export type Judged = {
  readonly verdicts: ReadonlyMap<string, LineVerdict>;
  readonly corrections: readonly Correction[];
  /** What is held now; undefined: what should be held is not. */
  readonly held: readonly StockHold[] | undefined;
  /** The cart has held something for as long as it may: what is held ends sooner than it asked for, or nothing is held. */
  readonly isLongest?: boolean;
};

/** Where the request is to hold, all that is confirmed is held when this returns; where a line is not confirmed, nothing is. */
export async function judgeByIfs(deps: AtpDeps, question: Question): Promise<Judged> {
  const { demands, channelIds } = question;
  const until = askUntil(deps, question);
  const asked: InTime<IfsView> = deps.context.admission.isInTime(until)
    ? await askIfs(deps, demands, { channelIds, until })
    : { ok: false, reason: "busy" };
  if (!asked.ok) {
    const verdicts = byPolicy(question, demands, asked.reason);
    if (allPass(verdicts)) await holdAnyway(deps, question);
    return { verdicts, corrections: [], held: undefined };
  }
  // What is held here is no reason to lower an entry: an entry is lowered by orders.
  const corrections = demands.flatMap((demand) =>
    correctionOf(demand, question.stockOf(demand), asked.value.answerTo(demand, nothingHeld)),
  );
  // The holds of others are looked at behind it, for all lines: what hangs here must leave time for that.
  const view = await withSupply(deps, asked.value, { demands, until: beforeHolds(deps, question.deadlineAt) });
  return { ...(await besideHolds(deps, question, view)), corrections };
}

/** Who holds asks IFS for a little less long. */
const askUntil = (deps: AtpDeps, { holder, deadlineAt }: Question): number =>
  holder ? beforeHolds(deps, deadlineAt) : deadlineAt;

/** The shop's figures could not be read: the policies decide, and what an order takes by them is held. */
export async function judgeUnseen(deps: AtpDeps, question: Question, reason: UnknownReason): Promise<Judged> {
  const { demands, deadlineAt } = question;
  const verdicts = byPolicy(question, demands, reason);
  // Who cannot be read may not be written to either: nobody waits long for that.
  const until = Math.min(deadlineAt, deps.context.clock.monotonic() + HOLD_MS);
  if (allPass(verdicts)) await holdAnyway(deps, { ...question, deadlineAt: until });
  return { verdicts, corrections: [], held: undefined };
}

const byPolicy = (
  { stockOf, terms }: Pick<Question, "stockOf" | "terms">,
  demands: readonly Demand[],
  reason: UnknownReason,
): Map<string, LineVerdict> =>
  new Map(
    demands.map((demand) => [demand.id, judgeAnswer(demand, stockOf(demand), { kind: "none", reason }, terms(demand))]),
  );

function correctionOf(demand: Demand, stock: ShopStock | undefined, answer: IfsAnswer | undefined): Correction[] {
  const { sku, supplyChannel } = demand;
  if (answer?.kind !== "target" || !stock || supplyChannel === undefined) return [];
  return answer.target < stock.quantityOnStock ? [{ sku, supplyChannel }] : [];
}

type Verdicts = ReadonlyMap<string, LineVerdict>;
/** Of all demands, or of some, beside what these shards hold. */
type Judge = (seen: ReadonlyMap<number, readonly StockHold[]>, demands?: readonly Demand[]) => Verdicts;

const allPass = (verdicts: Verdicts): boolean => [...verdicts.values()].every(({ passes }) => passes);

/** An order that passes takes its units. Who only asks is told that all is held: of a line that a policy lets pass nobody could say so. */
const mayHold = ({ order }: Holder, verdicts: Verdicts): boolean =>
  allPass(verdicts) && (order !== undefined || [...verdicts.values()].every(({ policy }) => policy === null));

async function besideHolds(deps: AtpDeps, question: Question, view: IfsView): Promise<Omit<Judged, "corrections">> {
  const { request, deadlineAt, holder } = question;
  const owner = ownerOf(request) ?? holder?.owner;
  const without = (verdicts: Verdicts) => ({ verdicts, held: undefined });
  const against = othersHolds(deps, view, owner);
  const judge: Judge = (seen, demands = question.demands) =>
    judgeBeside({ ...question, demands }, view, (demand) => against(seen, demand));
  if (!deps.holds) return without(judge(noHolds));
  const looked = await lookFor(deps, deps.holds, { view, deadlineAt, judge });
  /** What the order takes all the same, where it passes. */
  async function passing(verdicts: Verdicts): Promise<Verdicts> {
    if (allPass(verdicts)) await holdAnyway(deps, { ...question, drawsOf: drawsIn(deps, view, verdicts) });
    return verdicts;
  }
  if (!looked.ok) return without(await passing(unheld(question, judge(noHolds), looked)));
  const { seen, verdicts } = looked.value;
  if (!holder || !mayHold(holder, verdicts)) return without(verdicts);
  const wanted = wantedOf({ question, view, verdicts, holder });
  const { taken, giveBack, isLongest, held } = await take(deps, { question, view, wanted, holder, judge, seen });
  if (taken.ok && taken.value && isLongest()) {
    giveBack();
    return { ...without(verdicts), isLongest: true };
  }
  if (taken.ok && taken.value) {
    const all = held();
    const byPolicy = question.demands.filter(({ id }) => !isByIfs(verdicts.get(id)));
    await holdAnyway(deps, { holder, demands: byPolicy, deadlineAt, drawsOf: drawsIn(deps, view, verdicts) });
    return { verdicts, held: all, isLongest: all.some(({ until }) => until < holder.until) };
  }
  const left = leftUnheld(question, taken, { judge, seen, holder });
  // An order that passes all the same takes its units: what is held of them stays held until it is counted.
  if (holder.order === undefined || !allPass(left)) giveBack();
  return without(await passing(left));
}

/** The verdicts where not all could be held. */
function leftUnheld(
  question: Question,
  taken: InTime<boolean>,
  { judge, seen, holder }: Pick<Taking, "judge" | "seen" | "holder">,
): Verdicts {
  if (!taken.ok) return unheld(question, judge(noHolds), taken);
  const now = judge(seen);
  // What was in the way is gone again, and nobody tries for ever.
  return mayHold(holder, now) ? unheld(question, now, { reason: "holdsUnavailable" }) : now;
}

/** Holds that are remembered may confirm; a line that they alone refuse is looked at with holds that are read now. */
async function lookFor(
  deps: AtpDeps,
  access: HoldShardAccess,
  { view: { parts }, deadlineAt, judge }: Pick<Taking, "view" | "judge"> & { readonly deadlineAt: number },
): Promise<InTime<{ readonly seen: SeenHolds; readonly verdicts: Verdicts }>> {
  async function look(isFresh: boolean) {
    const looked = await within(deps, deadlineAt, lookAtHolds(deps, access, { parts, isFresh }));
    if (!looked.ok) return looked;
    return { ok: true, value: { seen: looked.value, verdicts: judge(looked.value) } } as const;
  }
  const remembered = await look(false);
  if (!remembered.ok || allPass(remembered.value.verdicts) || !allPass(judge(noHolds))) return remembered;
  return look(true);
}

/** What IFS has confirmed, all of it or nothing: a line that a policy lets pass, and whose part cannot be held, must not undo it. */
const wantedOf = ({
  question,
  view,
  verdicts,
  holder,
}: Omit<Taking, "wanted" | "judge" | "seen"> & { verdicts: Verdicts }) =>
  question.demands
    .filter(({ id }) => isByIfs(verdicts.get(id)))
    .flatMap((demand) => holdsFor(holder, demand, view.draws.get(demand.id) ?? []));

/** What others hold in a demand's way. A shard is gone through once for each request, however often it is looked at. */
function othersHolds({ context }: AtpDeps, { counted, shardsOf }: IfsView, owner: string | undefined) {
  const known = new WeakMap<readonly StockHold[], HeldByOthers>();
  function ofOthers(holds: readonly StockHold[]): HeldByOthers {
    const before = known.get(holds);
    if (before) return before;
    const found = heldByOthers(holds, { owner, now: context.clock.now(), counted });
    known.set(holds, found);
    return found;
  }
  return (seen: ReadonlyMap<number, readonly StockHold[]>, demand: Demand): HeldByOthers =>
    heldTogether([...shardsOf(demand)].map((shard) => ofOthers(seen.get(shard) ?? noneSeen)));
}

const noneSeen: readonly StockHold[] = [];

/** What each line has beside the holds of others. */
function judgeBeside(question: Question, view: IfsView, against: (demand: Demand) => HeldByOthers): Verdicts {
  return new Map(
    question.demands.map((demand) => {
      const others = against(demand);
      const answer = view.answerTo(demand, others);
      // What others have reserved in the shop and hold here as well has come off already.
      const twice = piecesReservedAndHeld(others.reserving, { sku: demand.sku, channel: demand.supplyChannel ?? "" });
      const judged = { ...demand, ownReserved: demand.ownReserved + twice };
      return [demand.id, judgeAnswer(judged, question.stockOf(demand), answer, question.terms(demand))];
    }),
  );
}

/** Who is refused without holds is refused with them; what could not be held although IFS has it is decided by the policy. */
function unheld(question: Question, verdicts: Verdicts, { reason }: { readonly reason: UnknownReason }): Verdicts {
  const open = question.demands.filter(({ id }) => isByIfs(verdicts.get(id)));
  const why = reason === "ifsUnavailable" ? "holdsUnavailable" : reason;
  return new Map([...verdicts, ...byPolicy(question, open, why)]);
}

const isByIfs = (verdict: LineVerdict | undefined): boolean => verdict?.source === "ifs" && verdict.passes;

type Taking = {
  readonly question: Question;
  readonly view: IfsView;
  readonly holder: Holder;
  readonly wanted: readonly StockHold[];
  readonly judge: Judge;
  readonly seen: Map<number, readonly StockHold[]>;
};

/** `taken`: false where somebody else was quicker, and nothing is held. */
async function take(
  deps: AtpDeps,
  { question, view, wanted, holder, judge, seen }: Taking,
): Promise<{ readonly taken: InTime<boolean> } & Omit<HoldAttempt, "done">> {
  const { holds: access, context } = deps;
  const { demands, deadlineAt } = question;
  if (!access || wanted.length === 0) return { taken: { ok: true, value: true }, ...untaken(wanted) };
  const attempt = takeHolds(deps, access, {
    ...{ owner: holder.owner, by: holder.by, wanted, seen, deadlineAt },
    fits(shard, now) {
      const drawing = demands.filter(({ id }) => view.draws.get(id)?.some((draw) => holdShardOf(draw) === shard));
      return mayHold(holder, judge(now, drawing));
    },
  });
  const taken = await within(deps, deadlineAt, attempt.done);
  if (taken.ok && taken.value && !attempt.isLongest()) context.counters.held += 1;
  if (taken.ok && !taken.value) context.counters.holdsRefused += 1;
  return { taken, giveBack: attempt.giveBack, isLongest: attempt.isLongest, held: attempt.held };
}

/** Nothing had to be taken. */
const untaken = (wanted: readonly StockHold[]): Omit<HoldAttempt, "done"> => ({
  ...{ giveBack: () => {}, isLongest: () => false, held: () => wanted },
});

/** The cart, or the order where it is made of none. */
const ownerOf = ({ cart, order }: AvailabilityRequest): string | undefined =>
  cart ?? (order === undefined ? undefined : `order:${order}`);

/** Undefined: the request holds nothing. */
export function holderOf({ config, context, holds }: AtpDeps, request: AvailabilityRequest): Holder | undefined {
  const isOrder = request.purpose === "order";
  if (!holds || !(isOrder || request.hold)) return undefined;
  const by = holds.attempt();
  // Of an order of which nobody told an id, each request is a buyer of its own.
  const owner = ownerOf(request) ?? (isOrder ? `request:${by}` : undefined);
  if (owner === undefined) return undefined;
  const { seconds, boundSeconds } = config.atp.holds;
  const { order, caller } = request;
  const now = context.clock.now();
  return {
    ...{ owner, by },
    until: now + (isOrder ? boundSeconds : seconds) * 1000,
    ...(!isOrder && { since: now }),
    // An order of which nobody told the id is one all the same.
    ...(isOrder && { order: order ?? owner }),
    ...(caller?.kind === "client" && { caller: caller.id }),
  };
}
