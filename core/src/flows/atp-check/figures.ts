/** What IFS shows of inventory parts at a site: open demand, then stock; remembered for seconds. */
import { askedWithout } from "../../domain/failure.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { figureKey, type PartFigure } from "./context.ts";
import type { AtpDeps } from "./deps.ts";
import { refusedPartsOf } from "./refused-parts.ts";

/**
 * Figures of the parts, `cacheSeconds` old at most: demand first, then stock, one read of each for all callers of the moment. Parts that
 * IFS refuses to be asked for have none.
 */
export async function figuresOf(
  deps: AtpDeps,
  contract: Contract,
  partNos: readonly PartNo[],
): Promise<Map<PartNo, PartFigure>> {
  const { context } = deps;
  const found = new Map<PartNo, PartFigure>();
  const missing: PartNo[] = [];
  const refused = refusedPartsOf(deps, contract);
  for (const partNo of partNos) {
    if (refused.has(partNo)) continue;
    const cached = context.figures.get(figureKey(contract, partNo));
    if (cached && isFresh(deps, cached)) {
      found.set(partNo, cached);
      context.askedAgain(contract).set(partNo, cached.readAt);
      context.counters.cachedFigures += 1;
    } else missing.push(partNo);
  }
  if (missing.length === 0) return found;
  const read = (keys: readonly PartNo[]) => readFigures(deps, contract, keys);
  const loaded = await context
    .batchers(contract)
    .figures.load(missing, read, { alongside: (keys) => expiring(deps, contract, keys) });
  return new Map([...found, ...loaded]);
}

function readFigures(
  deps: AtpDeps,
  contract: Contract,
  keys: readonly PartNo[],
): Promise<ReadonlyMap<PartNo, PartFigure>> {
  const { context, config, ifs } = deps;
  const refused = refusedPartsOf(deps, contract);
  return context.guarded(config.atp.deadlineMs, async () => {
    const readAt = context.clock.monotonic();
    const readAtEpoch = context.clock.now();
    const lines = await askedWithout(keys, refused, (left) => ifs.openDemand(contract, left));
    const demand = Map.groupBy(lines, ({ partNo }) => partNo);
    const [stock, demandSeen] = await Promise.all([
      askedWithout(keys, refused, (left) => ifs.stockRows(contract, left)),
      isDemandSeen(deps, contract, { shown: lines.length > 0, readAt }),
    ]);
    const rows = Map.groupBy(stock, ({ partNo }) => partNo);
    const seen = { demandSeen, readAt, readUntil: context.clock.monotonic(), readAtEpoch };
    const found = new Map<PartNo, PartFigure>();
    for (const partNo of keys) {
      if (refused.has(partNo)) continue;
      const figure = { rows: rows.get(partNo) ?? [], demand: demand.get(partNo) ?? [], ...seen };
      found.set(partNo, figure);
      context.figures.set(figureKey(contract, partNo), figure);
      context.askedAgain(contract).delete(partNo);
    }
    return found;
  });
}

/** As many as one request to IFS takes. */
const PARTS_PER_READ = 75;
/** Parts of `cacheSeconds`: from this age on a figure is taken along, and up to the other one somebody may still ask for it. */
const TAKEN_ALONG = 0.5;
const GIVEN_UP = 1.5;

/**
 * Where one figure has to be read, others that were asked for again and expire soon are read with it: hot parts then come to expire together,
 * and cost one read in `cacheSeconds` instead of one for each few. What was asked for once is not read again.
 */
function expiring({ context, config }: AtpDeps, contract: Contract, keys: ReadonlySet<PartNo>): PartNo[] {
  const ms = config.atp.cacheSeconds * 1000;
  const asked = context.askedAgain(contract);
  const now = context.clock.monotonic();
  const along: PartNo[] = [];
  for (const [partNo, readAt] of asked) {
    const age = now - readAt;
    if (age > ms * GIVEN_UP) asked.delete(partNo);
    else if (age >= ms * TAKEN_ALONG && !keys.has(partNo) && keys.size + along.length < PARTS_PER_READ)
      along.push(partNo);
  }
  return along;
}

/** By both clocks: one stands still while the machine sleeps, the other is set by people. */
function isFresh({ context, config }: AtpDeps, { readAt, readAtEpoch }: PartFigure): boolean {
  const ms = config.atp.cacheSeconds * 1000;
  return context.clock.monotonic() - readAt <= ms && Math.abs(context.clock.now() - readAtEpoch) <= ms;
}

/** A lost grant answers like a site without open demand. Any order line of the site tells them apart; a proof counts as long as a figure. */
export async function isDemandSeen(
  { context, config, ifs }: AtpDeps,
  contract: Contract,
  { shown, readAt, ask = ifs.orderLinesVisible }: DemandSeen,
): Promise<boolean> {
  const provedAt = context.demandSeenAt.get(contract);
  const proved = provedAt !== undefined && readAt - provedAt <= config.atp.cacheSeconds * 1000;
  if (!shown && proved) return true;
  const seen = shown || (await ask(contract));
  if (seen) context.demandSeenAt.set(contract, readAt);
  return seen;
}

type DemandSeen = {
  readonly shown: boolean;
  readonly readAt: number;
  /** Where it is not asked within a read that is guarded already. */
  readonly ask?: AtpDeps["ifs"]["orderLinesVisible"];
};
