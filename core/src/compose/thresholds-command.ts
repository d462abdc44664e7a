/** `npm run thresholds`: which threshold a SKU has and why, whether thresholds are high enough, and what others would cost. */

import type { ThresholdFacts } from "../doctor/threshold-facts.ts";
import type { Terms, ThresholdFound } from "../domain/threshold.ts";
import type { SalesCounted } from "../flows/threshold-sales/run.ts";
import { generateDemand } from "../flows/threshold-simulation/demand.ts";
import { type Evaluation, evaluate } from "../flows/threshold-simulation/evaluate.ts";
import {
  type Assumptions,
  type Candidate,
  type Demand,
  defaultAssumptions,
  type Streams,
} from "../flows/threshold-simulation/world.ts";
import type { History, SlotLook } from "./thresholds.ts";
import { readThresholdsArgs, type SimulateArgs, THRESHOLDS_USAGE } from "./thresholds-args.ts";
import { figure, markOf, percent, toCsv, toHtml, toSvg } from "./thresholds-chart.ts";

export type ThresholdsDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly streams: (seed: number) => Streams;
  readonly history: (days: number) => Promise<History>;
  readonly explain: (sku: string) => Promise<readonly SlotLook[]>;
  readonly check: () => Promise<ThresholdFacts>;
  readonly countSales: () => Promise<SalesCounted>;
  /** Lines of a chart for the terminal. */
  readonly plot: (evaluation: Evaluation, riskGoal: number) => readonly string[];
  readonly writeFile: (path: string, text: string) => Promise<void>;
};

/**
 * 0: done; of `simulate`, some candidate is within the goal; of `check`, no threshold is too low. 1: none is, one is; or the SKU has no channel.
 * 2: not understood.
 */
export async function runThresholdsCommand(args: readonly string[], deps: ThresholdsDeps): Promise<number> {
  const given = readThresholdsArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${THRESHOLDS_USAGE}`);
    return 2;
  }
  if (given.what === "simulate") return simulate(given.options, deps);
  if (given.what === "explain") return explain(given, deps);
  return given.what === "check" ? check(given.json, deps) : count(given.json, deps);
}

async function simulate(options: SimulateArgs, deps: ThresholdsDeps): Promise<number> {
  const history = options.generated ? undefined : await deps.history(options.days);
  if (history && history.demand.checkouts.length === 0) {
    deps.complain(
      `No orders between ${history.from} and ${history.until} that say something of a pool's channel. Take more --days, or --generated.`,
    );
    return 1;
  }
  const assumptions = assumptionsOf(options, history);
  const minimumUnits = history?.settings.minimumUnits ?? 3;
  const candidates = options.candidates.map(
    (each): Candidate => (each.kind === "days" ? { ...each, minimumUnits } : each),
  );
  const evaluation = evaluate({
    ...{ candidates, assumptions, repetitions: options.repetitions, riskGoal: options.risk },
    demand: (repetition) => history?.demand ?? generated(options, deps.streams(options.seed + 2 * repetition)),
    streams: (repetition) => deps.streams(options.seed + 2 * repetition + 1),
  });
  const title = titleOf(options, history);
  for (const line of [title, ...assumptionsInWords(assumptions), "", ...tableOf(evaluation)]) deps.print(line);
  for (const line of ["", ...deps.plot(evaluation, options.risk), "", ...adviceOf(evaluation, options.risk)])
    deps.print(line);
  if (options.out !== undefined) await writeOut(options.out, { evaluation, title }, deps);
  if (options.json) {
    const source = history
      ? { orders: history.orders, from: history.from, until: history.until }
      : { seed: options.seed };
    deps.print(JSON.stringify({ ...source, riskGoal: options.risk, assumptions, ...evaluation }));
  }
  return evaluation.chosen === undefined ? 1 : 0;
}

function assumptionsOf(options: SimulateArgs, history: History | undefined): Assumptions {
  const base = { ...defaultAssumptions, ...history?.settings };
  return {
    stockRunSeconds: options["stock-run"] ?? base.stockRunSeconds,
    lagSeconds: options.lag,
    unseenSeconds: options.unseen ?? base.unseenSeconds,
    cacheSeconds: options.cache ?? base.cacheSeconds,
    telephoneShare: options.telephone,
    telephoneExtra: options["telephone-pieces"],
    lotDays: options["lot-days"],
    sellOutShare: options["sell-out"],
    outageSeconds: options["outage-hours"] * 3600,
  };
}

const generated = (options: SimulateArgs, streams: Streams): Demand =>
  generateDemand(
    {
      skus: options.skus,
      days: options.days,
      ordersPerDay: options["orders-per-day"],
      extraLines: options["extra-lines"],
      extraPieces: options["extra-pieces"],
      evenness: options.evenness,
    },
    streams,
  );

function titleOf({ days, seed, "orders-per-day": perDay, skus }: SimulateArgs, history: History | undefined): string {
  if (!history) return `Generated: ${days} days of ${perDay} orders over ${skus} SKUs, seed ${seed}`;
  const cut = history.shortened ? " (as many as are read at most)" : "";
  return `${history.orders} orders of commercetools from ${history.from} to ${history.until}${cut}, ${history.demand.items.length} SKUs and channels`;
}

const assumptionsInWords = (given: Assumptions): string[] => [
  `stock run every ${given.stockRunSeconds} s, shown after ${given.lagSeconds} s; own sales unseen for ${given.unseenSeconds} s; answers of IFS used for ${given.cacheSeconds} s`,
  `sold in IFS ${given.telephoneShare} per piece of the shop; a lot lasts ${given.lotDays} days, ${percent(given.sellOutShare)} of the lots are sold out for ${given.outageSeconds / 3600} h`,
];

function tableOf(evaluation: Evaluation): string[] {
  const head = [
    "threshold",
    "oversold/10,000",
    "95 % interval",
    "units",
    "refused",
    "checkouts that call",
    "calls/h",
    "busiest h",
    "",
  ];
  const rows = evaluation.candidates.map((each) => [
    each.candidate,
    figure(each.risk),
    `${figure(each.riskLow)} - ${figure(each.riskHigh)}`,
    figure(each.unitsPerTenThousand),
    figure(each.refusedPerTenThousand),
    percent(each.callShare),
    figure(each.callsPerHour),
    String(each.mostCallsPerHour),
    markOf(each, evaluation),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function adviceOf({ chosen, knee, checkouts, repetitions }: Evaluation, goal: number): string[] {
  const basis = `${checkouts} checkouts in ${repetitions} repetitions.`;
  const bend = knee === undefined ? "" : ` Beyond ${knee} more calls buy little.`;
  if (chosen === undefined) {
    return [
      `No candidate is surely within ${goal} oversold orders of 10,000. Try higher ones, more --repetitions, or a shorter schedules.stockSeconds.${bend} ${basis}`,
    ];
  }
  return [`${chosen} is the cheapest that is surely within ${goal} oversold orders of 10,000.${bend} ${basis}`];
}

async function writeOut(
  path: string,
  { evaluation, title }: { readonly evaluation: Evaluation; readonly title: string },
  { writeFile, print }: ThresholdsDeps,
): Promise<void> {
  const text = path.endsWith(".csv") ? toCsv(evaluation) : (path.endsWith(".svg") ? toSvg : toHtml)(evaluation, title);
  await writeFile(path, text);
  print(`written: ${path}`);
}

async function explain({ sku, json }: { sku: string; json: boolean }, deps: ThresholdsDeps): Promise<number> {
  const slots = await deps.explain(sku);
  if (json) deps.print(JSON.stringify({ sku, slots }));
  else for (const line of slots.flatMap(slotInWords)) deps.print(line);
  if (slots.length === 0) deps.complain("No pool feeds any supply channel.");
  return slots.length === 0 ? 1 : 0;
}

const slotInWords = ({ supplyChannel, terms, sold, ignored }: SlotLook): string[] => [
  `${supplyChannel}: ${termsInWords(terms)}`,
  ...(sold ? [`  sold ${sold.units} in ${sold.days} days, at most ${sold.most} within ${sold.windowSeconds} s`] : []),
  ...ignored.map(
    ({ place, field, found }) => `  ! ${place}: ${field} is ${found}, which is no threshold; it is passed over`,
  ),
];

const termsInWords = ({ found, failPolicy }: Terms): string =>
  `${foundInWords(found)}; where IFS cannot answer: ${failPolicy}`;

const ruleWords: Readonly<Record<ThresholdFound["rule"], string>> = {
  sku: "SKU",
  product: "product",
  category: "category",
  productType: "product type",
  supplyChannel: "supply channel",
  default: "default",
};

export function foundInWords({ units, rule, from, name, days, soldPerDay, age, assumed }: ThresholdFound): string {
  const place = from === "merchantCenter" ? "the Merchant Center" : "the configuration";
  const cover = days === undefined ? "" : `, ${days} days of cover`;
  const sales =
    soldPerDay === undefined ? "" : ` at ${soldPerDay} a day, counted until ${Math.round((age ?? 0) / 3600)} h ago`;
  const guess = {
    salesUnknown: "; nobody counted sales yet, so it is the default or the floor",
    productUnread: "; the catalogue could not be read, so it is the highest that may be meant",
  };
  return `${units} units by the rule of the ${[ruleWords[rule], ...(name === undefined ? [] : [name])].join(" ")} in ${place}${cover}${sales}${assumed ? guess[assumed] : ""}`;
}

async function check(json: boolean, { check: look, print }: ThresholdsDeps): Promise<number> {
  const { sales, low, ignored, looked } = await look();
  if (json) print(JSON.stringify({ looked, low, ignored }));
  else {
    for (const { sku, supplyChannel, found, most } of low) {
      print(
        `${sku} @ ${supplyChannel}: ${foundInWords(found)}; at most ${most} were sold within ${sales?.windowSeconds} s, so it should be at least ${most + 1}`,
      );
    }
    for (const { sku, place, field, found } of ignored)
      print(`${sku}: ${place}: ${field} is ${found}, which is no threshold`);
    print(
      sales
        ? `${looked} SKUs and channels that sold from ${sales.from} to ${sales.to}: ${low.length} thresholds too low, ${ignored.length} fields unreadable.`
        : "Nobody counted sales yet: npm run thresholds -- sales",
    );
  }
  return sales && low.length + ignored.length === 0 ? 0 : 1;
}

async function count(json: boolean, { countSales, print }: ThresholdsDeps): Promise<number> {
  const counted = await countSales();
  const { days, read, orders, unfinished } = counted;
  print(
    json
      ? JSON.stringify(counted)
      : `${orders} orders of ${days} days are in the figures, ${read} days were read now.${unfinished ? " Some days are left; count again." : ""}`,
  );
  return unfinished ? 1 : 0;
}
