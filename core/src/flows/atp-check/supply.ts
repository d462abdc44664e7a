/**
 * Goods on their way, for lines that may be ordered before they are there (`restockableInDays: supply`, `atp.supply: ifs`): the formula of
 * the stock flow, with what IFS expects by a day added to what it has. Read after the stock: what is received in between is counted in
 * neither, never in both. Asked only for such lines; where it cannot be found out, those among them that are short are left to their policy.
 */
import { add, type DecimalString, ZERO } from "../../domain/decimal.ts";
import { askedWithout } from "../../domain/failure.ts";
import type { HeldByOthers } from "../../domain/held-by-others.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import type { IfsSupplyLine } from "../../domain/ifs-records.ts";
import { backOrderOf } from "../../domain/stock-class.ts";
import { sellableDay } from "../../domain/supply.ts";
import type { IfsView, Supplied } from "./ask-ifs.ts";
import { figureKey, type PartFigure } from "./context.ts";
import { type Coming, type Demand, type LineVerdict, withExpected } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { type InTime, within } from "./in-time.ts";
import type { ShopStock } from "./shop-stock.ts";

/** May the line be ordered as far as IFS expects enough of it? */
export const goesBySupply = (
  { config }: Pick<AtpDeps, "config">,
  { sku, supplyChannel }: Pick<Demand, "sku" | "supplyChannel">,
): boolean =>
  config.atp.supply === "ifs" &&
  config.stock.direction === "ifs" &&
  supplyChannel !== undefined &&
  backOrderOf(config.stock, sku, supplyChannel) === "supply";

/** The day of the entry, but for a line that IFS itself was asked about. */
export const withDay = (
  deps: AtpDeps,
  demand: Demand,
  { verdict, stock }: { readonly verdict: LineVerdict; readonly stock: ShopStock | undefined },
): LineVerdict =>
  verdict.source === "ifs" && goesBySupply(deps, demand)
    ? verdict
    : withExpected(verdict, stock, deps.context.clock.now());

/** The view with what is to come of the demands that go by it. `until` in Clock.monotonic() milliseconds. */
export async function withSupply(
  deps: AtpDeps,
  view: IfsView,
  { demands, until }: { readonly demands: readonly Demand[]; readonly until: number },
): Promise<IfsView> {
  const going = new Map(
    demands.flatMap((demand) => {
      const supplied = goesBySupply(deps, demand) ? view.supplied(demand) : undefined;
      return supplied ? [[demand.id, supplied] as const] : [];
    }),
  );
  if (going.size === 0) return view;
  const read = await readSupply(deps, [...going.values()], until);
  return {
    ...view,
    answerTo(demand, held) {
      const answer = view.answerTo(demand, held);
      const supplied = going.get(demand.id);
      if (answer.kind !== "target" || !supplied) return answer;
      const lines = read.get(supplied.contract);
      if (!lines?.ok) return { ...answer, coming: lines?.reason ?? "defect" };
      return { ...answer, coming: stepsOf(deps, supplied, { demand, held, view, lines: lines.value }) };
    },
  };
}

type Found = {
  readonly demand: Demand;
  readonly held: HeldByOthers;
  readonly view: IfsView;
  readonly lines: ReadonlyMap<string, readonly IfsSupplyLine[]>;
};

/** What the line could have on each day on which something arrives, the first ones first. */
function stepsOf(
  { config }: AtpDeps,
  { contract, localDate, figures }: Supplied,
  { demand, held, view, lines }: Found,
): Coming[] {
  const dated = [...figures.keys()].flatMap((partNo) =>
    (lines.get(figureKey(contract, partNo)) ?? []).flatMap(({ date, quantity }) => {
      const day = sellableDay(date, { localDate, supply: config.stock.supply });
      return day === undefined ? [] : [{ partNo, day, quantity }];
    }),
  );
  return [...new Set(dated.map(({ day }) => day))].toSorted().flatMap((date): Coming[] => {
    const more = new Map<PartNo, DecimalString>();
    for (const { partNo, day, quantity } of dated)
      if (day <= date) more.set(partNo, add(more.get(partNo) ?? ZERO, quantity));
    const answer = view.answerWith(demand, held, more);
    return answer.kind === "target" ? [{ date, target: answer.target }] : [];
  });
}

/** Of each site by itself its parts, by `figureKey`; one read for all callers of the moment. What IFS refuses to be asked for brings nothing. */
async function readSupply(
  deps: AtpDeps,
  supplied: readonly Supplied[],
  until: number,
): Promise<ReadonlyMap<Contract, InTime<ReadonlyMap<string, readonly IfsSupplyLine[]>>>> {
  const sites = [...Map.groupBy(supplied, ({ contract }) => contract)];
  const read = sites.map(async ([contract, each]) => {
    const figures = new Map(each.flatMap(({ figures }) => [...figures]));
    return [contract, await within(deps, until, supplyOf(deps, contract, figures))] as const;
  });
  return new Map(await Promise.all(read));
}

async function supplyOf(
  deps: AtpDeps,
  contract: Contract,
  figures: ReadonlyMap<PartNo, PartFigure>,
): Promise<Map<string, readonly IfsSupplyLine[]>> {
  const { context, config, ifs } = deps;
  const found = new Map<string, readonly IfsSupplyLine[]>();
  const missing: PartNo[] = [];
  for (const [partNo, figure] of figures) {
    const key = figureKey(contract, partNo);
    const known = context.supply.get(key);
    if (known && known.readAt >= figure.readUntil) found.set(key, known.lines);
    else missing.push(partNo);
  }
  if (missing.length === 0) return found;
  const loaded = await context.batchers(contract).supply.load(missing, (keys) =>
    context.guarded(config.atp.deadlineMs, async () => {
      const readAt = context.clock.monotonic();
      // Of stock and demand the part may well be answered: this refusal is of this read alone.
      const lines = await askedWithout(keys, new Map(), (left) => ifs.plannedSupply(contract, left));
      const byPart = Map.groupBy(lines, ({ partNo }) => partNo);
      return new Map(keys.map((partNo) => [partNo, { lines: byPart.get(partNo) ?? [], readAt }]));
    }),
  );
  for (const [partNo, value] of loaded) {
    const key = figureKey(contract, partNo);
    found.set(key, value.lines);
    context.supply.set(key, value);
  }
  return found;
}
