/**
 * What the availability check did, as sums that can be added up over minutes, hours and replicas. Bounded: fixed counters and fixed
 * classes of time, whatever is asked. Pure.
 */
import { z } from "zod";

/** Upper ends in milliseconds; what took longer than the last is in one more class. */
export const timeClasses = [
  ...[1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200],
  ...[300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000],
] as const;

const count = z.int().min(0);
const histogramSchema = z.array(count).length(timeClasses.length + 1);
/** Answers by their class of time. */
export type Histogram = z.infer<typeof histogramSchema>;

export const emptyHistogram = (): Histogram => Array.from({ length: timeClasses.length + 1 }, () => 0);

export function addTime(histogram: Histogram, ms: number): void {
  const index = timeClasses.findIndex((upper) => ms <= upper);
  const at = index === -1 ? timeClasses.length : index;
  histogram[at] = (histogram[at] ?? 0) + 1;
}

/** The upper end of the class that the share falls into; null for none, and for what is above all classes. */
export function quantile(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, one) => sum + one, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * share);
  const index = histogram.findIndex((one) => {
    left -= one;
    return left <= 0;
  });
  return timeClasses[index] ?? null;
}

/** `extension`: orders and carts of commercetools. `question`: storefronts and checkouts. `batch`: each question of several that come at once. */
export const doors = ["extension", "question", "batch"] as const;
export type Door = (typeof doors)[number];

const doorSchema = z.object({
  answers: count,
  /** Answers of which no line needed IFS. */
  withoutIfs: count,
  lines: count,
  /** Lines by what settled them; `shop` are the calls that IFS was spared. */
  byShop: count,
  byIfs: count,
  policyOpen: count,
  policyClosed: count,
  policyBackOrder: count.default(0),
  /** Lines that may not be ordered, and answers with such a line. */
  refusedLines: count,
  refused: count,
  /** Answers for which nothing could be decided: a body of another shape, an error of the connector. */
  undecided: count,
  /** Whole answers, and their parts: our own, and waiting for either system. */
  total: histogramSchema,
  ours: histogramSchema,
  ct: histogramSchema,
  ifs: histogramSchema,
});
export type DoorMetrics = z.infer<typeof doorSchema>;

/** Moments in milliseconds since the epoch; 0: never. */
const extensionCallsSchema = z.object({
  /** Calls at the door of the Extension without its secret, or with a wrong one; when the last came, and when the last with a right one. */
  refused: count,
  refusedAt: count,
  rightAt: count,
});
export type ExtensionCalls = z.infer<typeof extensionCallsSchema>;

export const noExtensionCalls: ExtensionCalls = { refused: 0, refusedAt: 0, rightAt: 0 };

export const atpMetricsSchema = z.object({
  doors: z.object({ extension: doorSchema, question: doorSchema, batch: doorSchema.default(() => newDoor()) }),
  extensionCalls: extensionCallsSchema.default(noExtensionCalls),
  /** Why policies decided, in lines. */
  policyReasons: z.record(z.string(), count),
  /** Figures of IFS that were at hand, that somebody else was reading already, and reads of IFS for many parts. */
  cached: count,
  coalesced: count,
  ifsReads: count,
  /** How often the breaker opened. */
  breakerOpened: count,
  /** Hints that IFS has less than commercetools shows. */
  corrections: count,
});
export type AtpMetrics = z.infer<typeof atpMetricsSchema>;

const newDoor = (): DoorMetrics => ({
  ...{ answers: 0, withoutIfs: 0, lines: 0, byShop: 0, byIfs: 0, policyOpen: 0, policyClosed: 0, policyBackOrder: 0 },
  ...{ refusedLines: 0, refused: 0, undecided: 0 },
  ...{ total: emptyHistogram(), ours: emptyHistogram(), ct: emptyHistogram(), ifs: emptyHistogram() },
});

export const newAtpMetrics = (): AtpMetrics => ({
  doors: { extension: newDoor(), question: newDoor(), batch: newDoor() },
  extensionCalls: noExtensionCalls,
  ...{ policyReasons: {}, cached: 0, coalesced: 0, ifsReads: 0, breakerOpened: 0, corrections: 0 },
});

/** The sum of both. */
export function addMetrics(a: AtpMetrics, b: AtpMetrics): AtpMetrics {
  const { refusedAt, rightAt } = b.extensionCalls;
  const extensionCalls = {
    refused: a.extensionCalls.refused + b.extensionCalls.refused,
    refusedAt: Math.max(a.extensionCalls.refusedAt, refusedAt),
    rightAt: Math.max(a.extensionCalls.rightAt, rightAt),
  };
  return { ...atpMetricsSchema.parse(sum(a, b)), extensionCalls };
}

type Sums = number | readonly Sums[] | { readonly [name: string]: Sums };

/** Sums of the same shape; a name that only one has keeps its value. */
function sum(a: Sums | undefined, b: Sums | undefined): Sums {
  if (a === undefined || b === undefined) return a ?? b ?? 0;
  if (typeof a === "number" || typeof b === "number") return Number(a) + Number(b);
  if (isList(a) && isList(b)) return a.map((one, index) => sum(one, b[index]));
  const [left, right] = [a as Record<string, Sums>, b as Record<string, Sums>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...names].map((name) => [name, sum(left[name], right[name])]));
}

const isList = (value: Sums): value is readonly Sums[] => Array.isArray(value);

const times = (histogram: readonly number[]) => ({
  p50Ms: quantile(histogram, 0.5),
  p95Ms: quantile(histogram, 0.95),
  p99Ms: quantile(histogram, 0.99),
});

/** For people: sums as they are, times as quantiles. */
export function summaryOf({ doors: byDoor, ...rest }: AtpMetrics) {
  const told = (door: DoorMetrics) => ({
    ...door,
    ...{ total: times(door.total), ours: times(door.ours), ct: times(door.ct), ifs: times(door.ifs) },
  });
  const { extension, question, batch } = byDoor;
  return { doors: { extension: told(extension), question: told(question), batch: told(batch) }, ...rest };
}
export type AtpSummary = ReturnType<typeof summaryOf>;
