/**
 * What other supply channels have of a line that its own has too little of: those that the order's route names. Their figures are read in
 * the same reads as those of the lines, as far as it can be told beforehand that a line will be short. They cost an answer no time beyond
 * its deadline: what is not known by then is told as not known.
 */
import { alternativeChannels } from "../../domain/alternatives.ts";
import { type Alternative, type Demand, judgeByShop, type LineVerdict, type Looked, withAge } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { type InTime, within } from "./in-time.ts";
import { judgeByIfs, type Question } from "./judge.ts";
import type { AvailabilityRequest } from "./parse.ts";
import { channelKeyOf } from "./pool-channels.ts";
import { mayBeTold } from "./respond.ts";
import { dated, type ShopFigures } from "./shop-view.ts";
import { withDay } from "./supply.ts";

export type Offers = {
  /** Of the demands that turned out short, by demand id. */
  of(short: readonly Demand[]): Promise<ReadonlyMap<string, readonly Alternative[]>>;
};

type Given = {
  /** Of the demands that are to be asked about. */
  readonly question: Question;
  readonly view: ShopFigures;
  readonly look: (demands: readonly Demand[]) => Looked;
  /** Nothing is asked of IFS: the entries are the record. */
  readonly isByShop: boolean;
};

/** Begins to read what will probably be needed. */
export function beginOffers(deps: AtpDeps, given: Given): Offers {
  const { question, view } = given;
  const keys = channelsFor(deps, question.request, view);
  const othersOf = ({ sku, supplyChannel, requested }: Demand): Demand[] =>
    keys
      .filter((key) => key !== supplyChannel)
      .map((key) => ({
        ...{ id: JSON.stringify([sku, key]), sku, supplyChannel: key },
        ...{ requested, ownReserved: 0, lines: [] },
      }));
  const siteOf = ({ supplyChannel }: Demand): string | undefined =>
    deps.config.stock.pools.find(({ channels }) => channels.some((one) => one.supplyChannel === supplyChannel))?.site;
  const isLikelyShort = (demand: Demand): boolean => {
    const stock = question.stockOf(demand);
    return !stock || stock.availableQuantity + demand.ownReserved < demand.requested;
  };
  // At the site of the line itself it is the same figures, whether they are needed or not.
  const early = question.demands.flatMap((demand) =>
    othersOf(demand).filter((other) => isLikelyShort(demand) || siteOf(other) === siteOf(demand)),
  );
  const judge = (others: readonly Demand[]): Promise<Judged> => judgeBySite(deps, given, Map.groupBy(others, siteOf));
  const begun = judge(early);
  const isBegun = new Set(early.map(({ id }) => id));
  return {
    async of(short) {
      if (keys.length === 0) return new Map();
      const late = short.flatMap((demand) => othersOf(demand).filter(({ id }) => !isBegun.has(id)));
      const verdicts = new Map([...(await begun), ...(await judge(late))]);
      const told = (demand: Demand): Alternative[] =>
        othersOf(demand).map((other) => toAlternative(deps, given, { other, verdict: verdicts.get(other.id) }));
      return new Map(short.map((demand) => [demand.id, told(demand)]));
    },
  };
}

/** By demand id: a verdict, or why there is none. */
type Judged = ReadonlyMap<string, InTime<LineVerdict | undefined>>;

/** Each site by itself: one that does not answer keeps nothing from those that do. */
async function judgeBySite(
  deps: AtpDeps,
  given: Given,
  sites: ReadonlyMap<string | undefined, readonly Demand[]>,
): Promise<Judged> {
  const lists = await Promise.all(
    [...sites.values()].map(async (others) => {
      const found = await within(deps, given.question.deadlineAt, verdictsOn(deps, given, others));
      return others.map(({ id }): [string, InTime<LineVerdict | undefined>] => [
        id,
        found.ok ? { ok: true, value: found.value.get(id) } : found,
      ]);
    }),
  );
  return new Map(lists.flat());
}

/** None where the caller would not be told. */
function channelsFor(deps: AtpDeps, request: AvailabilityRequest, { channelIds }: ShopFigures): string[] {
  const { config } = deps;
  if (config.routes.every(({ alternatives }) => alternatives.length === 0)) return [];
  if (!mayBeTold(request, config.atp.doors)) return [];
  const { facts = {}, purpose, lines } = request;
  // A question may be about a part of a cart: what all lines have is not known of it.
  if (purpose === "question") return alternativeChannels(config.routes, facts);
  const keys = lines.map((line) => (line.supplyChannel ? channelKeyOf(deps, line, channelIds) : ""));
  const known = keys.filter((key) => key !== undefined);
  const channels = known.length === keys.length ? { supplyChannel: known } : {};
  return alternativeChannels(config.routes, { ...facts, ...channels });
}

async function verdictsOn(
  deps: AtpDeps,
  { question, view, look, isByShop }: Given,
  others: readonly Demand[],
): Promise<ReadonlyMap<string, LineVerdict>> {
  const unique = [...new Map(others.map((other) => [other.id, other])).values()];
  const { settled, toAsk } = look(unique);
  const byShop = dated(unique, settled, view);
  if (toAsk.length === 0) return byShop;
  if (isByShop) {
    const verdicts = toAsk.map((demand) => {
      const stock = question.stockOf(demand);
      return [demand.id, judgeByShop(demand, stock, { terms: question.terms(demand), unseen: undefined })] as const;
    });
    return new Map([...byShop, ...dated(toAsk, new Map(verdicts), view)]);
  }
  // Nobody holds what is only offered.
  const judged = await judgeByIfs(deps, { ...question, demands: toAsk, holder: undefined });
  return new Map([...byShop, ...judged.verdicts]);
}

type Found = { readonly other: Demand; readonly verdict: InTime<LineVerdict | undefined> | undefined };

function toAlternative(deps: AtpDeps, { question }: Given, { other, verdict: found }: Found): Alternative {
  const { supplyChannel = "" } = other;
  const { clock } = deps.context;
  const unknown = { supplyChannel, available: null, earliestDate: null, source: null, ageMs: null };
  const verdict = found?.ok ? found.value : undefined;
  if (!verdict) return { ...unknown, reason: found && !found.ok ? found.reason : "defect" };
  const stock = question.stockOf(other);
  const dated = withAge(withDay(deps, other, { verdict, stock }), clock.monotonic());
  const { source, available, reason, ageMs, earliestDate } = dated;
  // The policy decides about lines. Of what is only offered it says nothing.
  if (source !== "shop" && source !== "ifs") return { ...unknown, reason };
  return { supplyChannel, available, earliestDate: earliestDate ?? null, reason, source, ageMs: ageMs ?? null };
}
