/** The threshold of a SKU in a channel, and which rule gave it. Pure. See docs/thresholds.md for the order of the rules. */
import type { ConnectorConfig } from "./config.ts";
import { type SalesFigures, soldOf } from "./sales.ts";
import { type FailPolicy, MOST_DAYS, MOST_UNITS, type Threshold } from "./threshold-config.ts";

type Atp = Pick<
  ConnectorConfig["atp"],
  "thresholds" | "defaultThreshold" | "defaultFailPolicy" | "thresholdFields" | "cover"
>;

/** A threshold as somebody entered it; with both, the higher counts. */
export type Amount = { readonly units?: number; readonly days?: number };

/** What the catalogue says of a SKU, as far as thresholds ask. */
export type SkuFacts = {
  /** Key of the product type. */
  readonly productType?: string;
  /** Categories of the product and those above them. */
  readonly categories: readonly CategoryFact[];
  /** Numbers that merchandisers entered at the variant and at the product. */
  readonly variant: Amount;
  readonly product: Amount;
  /** Fields that hold something else than a number of the right kind; they are passed over. */
  readonly ignored: readonly IgnoredField[];
};

/** `above`: 0 for a category of the product itself, 1 for the one above it, and so on. */
export type CategoryFact = { readonly key?: string; readonly above: number } & Amount;

export type IgnoredField = {
  /** `variant`, `product`, or `category <key or id>`. */
  readonly place: string;
  readonly field: string;
  /** What is there, shortened. */
  readonly found: string;
};

export const noFacts: SkuFacts = { categories: [], variant: {}, product: {}, ignored: [] };

export const thresholdRules = ["sku", "product", "category", "productType", "supplyChannel", "default"] as const;
export type ThresholdRule = (typeof thresholdRules)[number];

/** Which rule gave the threshold, and how. */
export type ThresholdFound = {
  /** IFS is asked when fewer than these would stay available. */
  readonly units: number;
  readonly rule: ThresholdRule;
  readonly from: "merchantCenter" | "configuration";
  /** Key of the category, product type or supply channel that the rule is of. */
  readonly name?: string;
  /** Days of cover, where the rule is in days. */
  readonly days?: number;
  /** Average of a day, two decimals, where the rule is in days and sales are known. */
  readonly soldPerDay?: number;
  /** Seconds since the end of the last day that is in the average. */
  readonly age?: number;
  /**
   * `salesUnknown`: the rule is in days, and nobody counted sales yet; the default, or the floor if that is higher. `productUnread`: the catalogue
   * could not be read, so the highest of the configuration's rows that may be meant.
   */
  readonly assumed?: "salesUnknown" | "productUnread";
};

export type Terms = {
  /** `found.units`. */
  readonly threshold: number;
  readonly failPolicy: FailPolicy;
  readonly found: ThresholdFound;
};

export type ThresholdQuestion = {
  readonly sku: string;
  /** Key; undefined: none that a pool feeds. */
  readonly supplyChannel?: string | undefined;
  /** undefined: the catalogue could not be read. */
  readonly facts: SkuFacts | undefined;
  readonly sales?: SalesFigures | undefined;
  /** Only one channel is fed by pools. */
  readonly onlyChannel?: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** A rule that is, or without the catalogue may be, meant. */
type Candidate = {
  readonly rule: ThresholdRule;
  readonly from: ThresholdFound["from"];
  readonly name?: string | undefined;
  readonly amount: Amount;
  readonly failPolicy?: FailPolicy | undefined;
  readonly sure: boolean;
  /** Lower is more specific. */
  readonly rank: number;
};

/**
 * The most specific rule that says something; the fail policy is that of the most specific row that names one. Where the catalogue is
 * unread and a row before it may be meant, the stricter of them counts, as the higher threshold does.
 */
export function termsOf(atp: Atp, question: ThresholdQuestion): Terms {
  const candidates = candidatesOf(atp, question);
  const found = thresholdOf(atp, candidates, question);
  return { threshold: found.units, failPolicy: failPolicyOf(atp, candidates), found };
}

function failPolicyOf({ defaultFailPolicy }: Atp, candidates: readonly Candidate[]): Terms["failPolicy"] {
  const naming = candidates.filter(({ failPolicy }) => failPolicy !== undefined);
  const surest = naming.findIndex(({ sure }) => sure);
  const possible = naming.slice(0, surest === -1 ? undefined : surest);
  if (possible.some(({ failPolicy }) => failPolicy === "closed")) return "closed";
  return naming[surest]?.failPolicy ?? defaultFailPolicy;
}

function thresholdOf(atp: Atp, candidates: readonly Candidate[], question: ThresholdQuestion): ThresholdFound {
  const saying = candidates.filter(({ amount }) => amount.units !== undefined || amount.days !== undefined);
  const surest = saying.findIndex(({ sure }) => sure);
  const first = saying[surest];
  const certain: ThresholdFound = first
    ? best(saying.filter((each) => each.sure && each.rank === first.rank).map((each) => resolve(atp, each, question)))
    : { units: atp.defaultThreshold, rule: "default", from: "configuration" };
  const possible = saying.slice(0, surest === -1 ? undefined : surest).map((each) => resolve(atp, each, question));
  if (possible.length === 0) return certain;
  return { ...best([certain, ...possible]), assumed: "productUnread" };
}

/** The highest; of equal ones the first. */
const best = (found: readonly ThresholdFound[]): ThresholdFound =>
  found.reduce((highest, each) => (each.units > highest.units ? each : highest));

/** Ranks, from specific to general. A row that also names the channel goes before what holds in every channel. */
const RANK = {
  skuInChannel: 0,
  variant: 1,
  sku: 2,
  product: 3,
  category: 4,
  productTypeInChannel: 5,
  productType: 6,
  supplyChannel: 7,
  all: 8,
} as const;

function candidatesOf(atp: Atp, question: ThresholdQuestion): Candidate[] {
  const { facts } = question;
  const { bySku, others } = indexOf(atp.thresholds);
  const near = [...(bySku.get(question.sku) ?? []), ...others];
  const rows = near.flatMap(({ row, index }) => rowCandidate(row, question, index));
  return [...rows, ...(facts ? ofMerchandisers(facts) : [])].sort((a, b) => a.rank - b.rank);
}

type Placed = { readonly row: Threshold; readonly index: number };
type RowIndex = { readonly bySku: ReadonlyMap<string, readonly Placed[]>; readonly others: readonly Placed[] };

/** Of a configuration that counts; it goes with it. A shop may name thousands of SKUs, and every line of every checkout asks. */
const indexes = new WeakMap<readonly Threshold[], RowIndex>();

function indexOf(thresholds: readonly Threshold[]): RowIndex {
  const known = indexes.get(thresholds);
  if (known) return known;
  const placed = thresholds.map((row, index): Placed => ({ row, index }));
  const named = placed.filter(({ row }) => row.sku !== undefined);
  const made: RowIndex = {
    bySku: Map.groupBy(named, ({ row }) => row.sku ?? ""),
    others: placed.filter(({ row }) => row.sku === undefined),
  };
  indexes.set(thresholds, made);
  return made;
}

function ofMerchandisers(facts: SkuFacts): Candidate[] {
  const common = { from: "merchantCenter", sure: true } as const;
  return [
    { ...common, rule: "sku", amount: facts.variant, rank: RANK.variant },
    { ...common, rule: "product", amount: facts.product, rank: RANK.product },
    ...facts.categories.map(
      (category): Candidate => ({
        ...common,
        rule: "category",
        name: category.key,
        amount: category,
        rank: categoryRank(category.above, "merchantCenter"),
      }),
    ),
  ];
}

/** The nearest category first; at the same distance a row with a channel, then the Merchant Center, then other rows. */
const categoryRank = (above: number, place: "channelRow" | "merchantCenter" | "row"): number =>
  RANK.category + (Math.min(above, 99) + { channelRow: 0, merchantCenter: 0.3, row: 0.6 }[place]) / 100;

/** Nothing where the row is not meant. Rows of the same rank keep their order by a part of the rank that is smaller than any other. */
function rowCandidate(row: Threshold, question: ThresholdQuestion, index: number): Candidate[] {
  const { sku, supplyChannel, facts } = question;
  if (row.sku !== undefined && row.sku !== sku) return [];
  if (row.supplyChannel !== undefined && row.supplyChannel !== supplyChannel) return [];
  const asksCatalogue = row.productType !== undefined || row.category !== undefined;
  if (facts && row.productType !== undefined && row.productType !== facts.productType) return [];
  const distances = facts?.categories.flatMap(({ key, above }) => (key === row.category ? [above] : [])) ?? [];
  if (facts && row.category !== undefined && distances.length === 0) return [];
  const above = distances.length > 0 ? Math.min(...distances) : 0;
  const order = index / 1e7;
  return [
    {
      ...ruleOf(row),
      from: "configuration",
      amount: {
        ...(row.threshold !== undefined && { units: row.threshold }),
        ...(row.days !== undefined && { days: row.days }),
      },
      failPolicy: row.failPolicy,
      sure: facts !== undefined || !asksCatalogue,
      rank: rankOf(row, above) + order,
    },
  ];
}

function ruleOf({ sku, category, productType, supplyChannel }: Threshold): Pick<Candidate, "rule" | "name"> {
  if (sku !== undefined) return { rule: "sku" };
  if (category !== undefined) return { rule: "category", name: category };
  if (productType !== undefined) return { rule: "productType", name: productType };
  return supplyChannel === undefined ? { rule: "default" } : { rule: "supplyChannel", name: supplyChannel };
}

function rankOf({ sku, category, productType, supplyChannel }: Threshold, above: number): number {
  const inChannel = supplyChannel !== undefined;
  if (sku !== undefined) return inChannel ? RANK.skuInChannel : RANK.sku;
  if (category !== undefined) return categoryRank(above, inChannel ? "channelRow" : "row");
  if (productType !== undefined) return inChannel ? RANK.productTypeInChannel : RANK.productType;
  return inChannel ? RANK.supplyChannel : RANK.all;
}

function resolve(atp: Atp, candidate: Candidate, question: ThresholdQuestion): ThresholdFound {
  const { rule, from, name, amount } = candidate;
  const about = { rule, from, ...(name !== undefined && { name }) };
  const { units, days } = amount;
  const absolute = units === undefined ? [] : [{ units, ...about }];
  const covered = days === undefined ? [] : [{ ...about, ...coverOf(atp, days, question) }];
  return best([...absolute, ...covered]);
}

type Cover = Pick<ThresholdFound, "units" | "days" | "soldPerDay" | "age" | "assumed">;

function coverOf(atp: Atp, days: number, question: ThresholdQuestion): Cover & { readonly units: number } {
  const { minimumUnits } = atp.cover;
  const { sales, sku, supplyChannel, onlyChannel = false } = question;
  if (!sales) {
    return { units: Math.max(minimumUnits, atp.defaultThreshold), days, assumed: "salesUnknown" };
  }
  const sold = soldOf(sales, { sku, supplyChannel, onlyChannel });
  return {
    units: Math.min(MOST_UNITS, Math.max(minimumUnits, unitsFor(days, sold))),
    days,
    soldPerDay: Math.round((sold.units / sold.days) * 100) / 100,
    age: ageOf(sales, question.now),
  };
}

/** days x average daily sales, rounded up; what only the binary fraction adds is no unit. */
export const unitsFor = (days: number, sold: { readonly units: number; readonly days: number }): number =>
  Math.ceil(Number(((days * sold.units) / sold.days).toFixed(6)));

/** Seconds since the end of the last day that was counted. */
export const ageOf = ({ to }: Pick<SalesFigures, "to">, now: number): number =>
  Math.max(0, Math.round((now - (Date.parse(`${to}T00:00:00Z`) + 86_400_000)) / 1000));

/** Does any rule need what the catalogue says? Where none does, it is never read. */
export const asksCatalogue = ({ thresholds, thresholdFields }: Pick<Atp, "thresholds" | "thresholdFields">): boolean =>
  thresholdFields.units !== undefined ||
  thresholdFields.days !== undefined ||
  thresholds.some(({ productType, category }) => productType !== undefined || category !== undefined);

/** Does any rule need sales figures? */
export const asksSales = ({ thresholds, thresholdFields }: Pick<Atp, "thresholds" | "thresholdFields">): boolean =>
  thresholdFields.days !== undefined || thresholds.some(({ days }) => days !== undefined);

/** A number that somebody entered; undefined: there is none; `ignored`: it is none of the right kind. */
export function readAmount(value: unknown, kind: "units" | "days"): number | undefined | "ignored" {
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" && /^\d{1,9}(\.\d{1,6})?$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return "ignored";
  const fits =
    kind === "units"
      ? Number.isInteger(number) && number >= 0 && number <= MOST_UNITS
      : number > 0 && number <= MOST_DAYS;
  return fits ? number : "ignored";
}
