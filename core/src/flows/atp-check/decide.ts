/** Shop and IFS figures -> an answer per line. Pure. */
import type { Sku } from "../../domain/ids.ts";
import type { ThresholdFound } from "../../domain/threshold.ts";
import type { FailPolicy } from "../../domain/threshold-config.ts";
import type { AvailabilityRequest, RequestLine } from "./parse.ts";
import type { ShopStock } from "./shop-stock.ts";

/** Lines of one SKU out of one channel: they draw on the same units, so they are judged together. */
export type Demand = {
  readonly id: string;
  readonly sku: Sku;
  /** Key of the supply channel; undefined: none that any pool feeds. */
  readonly supplyChannel: string | undefined;
  readonly requested: number;
  readonly ownReserved: number;
  readonly lines: readonly RequestLine[];
};

/**
 * What the formula gives for the demand's SKU and channel, in sales units; or why there is no figure. `readAt`: Clock.monotonic() before
 * the oldest of the reads that it rests on.
 */
export type IfsAnswer =
  | {
      readonly kind: "target";
      readonly target: number;
      readonly readAt?: number;
      /** Of a line that may be ordered as far as IFS expects enough: what there will be, the first days first; or why nobody knows. */
      readonly coming?: readonly Coming[] | UnknownReason;
    }
  | { readonly kind: "notStocked"; readonly readAt?: number }
  | { readonly kind: "none"; readonly reason: UnknownReason };

/** What the formula gives with what IFS expects by a day ("2026-01-31"). */
export type Coming = { readonly date: string; readonly target: number };

export type UnknownReason =
  | "deadline"
  | "busy"
  | "ifsUnavailable"
  | "breakerOpen"
  | "shopUnavailable"
  | "unmappedSku"
  | "noSupplyChannel"
  | "ifsRefused"
  | "demandUnseen"
  | "holdsUnavailable"
  | "defect";

export type LineDecision = {
  readonly ref: string;
  readonly sku: Sku;
  readonly supplyChannel: string | undefined;
  /** Of all lines of this SKU and channel together, which decide as one. */
  readonly requested: number;
  readonly outcome: "confirm" | "partial" | "refuse" | "unknown";
  readonly source: "shop" | "ifs" | "promise" | "policy";
  /** What can be had, including the buyer's own reservation; null where nobody knows. */
  readonly available: number | null;
  /** Day ("2026-01-31") from which more can be had, where it is known. */
  readonly earliestDate?: string;
  readonly reason:
    | "untracked"
    | "backOrder"
    | "aboveThreshold"
    | "notStocked"
    | "available"
    | "partlyAvailable"
    | "outOfStock"
    | "leftToShop"
    | "promised"
    | UnknownReason;
  /** The policy that decided, where one did. */
  readonly policy: FailPolicy | null;
  /** May the line be ordered? */
  readonly passes: boolean;
  /** The threshold and the rule that gave it; absent where none was looked for. */
  readonly threshold?: ThresholdFound;
  /** Age of the oldest figure that decided, of the shop or of IFS, in whole milliseconds; absent where none did. */
  readonly ageMs?: number;
  /** Of a line that is short: what other supply channels have that its route names. Absent: it names none, or the line is not short. */
  readonly alternatives?: readonly Alternative[];
};

/** What another supply channel has of a SKU. */
export type Alternative = {
  /** Key. */
  readonly supplyChannel: string;
  /** null where nobody knows, or knew in time; `reason` says why. */
  readonly available: number | null;
  /** Day from which more can be had there, where it is known. */
  readonly earliestDate: string | null;
  readonly reason: LineDecision["reason"];
  /** Whose figure it is; null: there is none. */
  readonly source: "shop" | "ifs" | null;
  readonly ageMs: number | null;
};

export type Correction = { readonly sku: Sku; readonly supplyChannel: string };

export type AvailabilityDecision = {
  readonly purpose: AvailabilityRequest["purpose"];
  readonly accepted: boolean;
  readonly lines: readonly LineDecision[];
  /** IFS has less than commercetools shows: the stock flow should look at these SKUs at once. */
  readonly corrections: readonly Correction[];
  /** Of a request that asked to hold: what came of it. Absent: it did not ask. */
  readonly hold?: HoldAnswer;
};

export type HoldAnswer = {
  /** False: not all lines are confirmed (one that a policy lets pass is not), or commercetools did not take the hold; nothing is held. */
  readonly held: boolean;
  /** Until when it is good, milliseconds since the epoch; absent where nothing is held, or nothing had to be. */
  readonly until?: number;
  /**
   * The cart has held for as long as it may (`atp.holds.longestSeconds`). With `held`: it ends at `until`, and asking again does not change
   * that. Without: nothing is held anew yet.
   */
  readonly reason?: "longestReached";
  /** To be left in the cart's custom field. */
  readonly promise?: { readonly token: string; readonly until: number };
};

/** Groups the request; `channelKeyOf` gives the key of a channel that some pool feeds. */
export function toDemands(
  request: AvailabilityRequest,
  channelKeyOf: (line: RequestLine) => string | undefined,
): Demand[] {
  const groups = Map.groupBy(request.lines, (line) => JSON.stringify([line.sku, channelKeyOf(line) ?? null]));
  return [...groups].map(([id, lines]) => {
    const first = lines[0] as RequestLine;
    return {
      id,
      sku: first.sku,
      supplyChannel: channelKeyOf(first),
      requested: lines.reduce((sum, { quantity }) => sum + quantity, 0),
      ownReserved: lines.reduce((sum, { ownReserved }) => sum + ownReserved, 0),
      lines,
    };
  });
}

export type Terms = { readonly threshold: number; readonly failPolicy: FailPolicy };

export type Looked = {
  /** Settled without IFS. */
  readonly settled: ReadonlyMap<string, LineVerdict>;
  readonly toAsk: readonly Demand[];
};

export type LineVerdict = Pick<
  LineDecision,
  | "outcome"
  | "source"
  | "available"
  | "reason"
  | "policy"
  | "passes"
  | "ageMs"
  | "earliestDate"
  | "threshold"
  | "alternatives"
> & {
  /** Clock.monotonic() before the read of the oldest figure that decided. */
  readonly readAt?: number;
};

/** There is too little, by somebody's figures. */
export const isShort = ({ outcome }: Pick<LineVerdict, "outcome">): boolean =>
  outcome === "partial" || outcome === "refuse";

/** With the age of its figures as it is told, at `now` in Clock.monotonic() milliseconds. */
export function withAge({ readAt, ...verdict }: LineVerdict, now: number): LineVerdict {
  return readAt === undefined ? verdict : { ...verdict, ageMs: Math.max(0, Math.round(now - readAt)) };
}

/**
 * The day on which the shop's entry expects goods, where not all of it is there now. Written by the stock flow from the supply that IFS
 * plans, or by a merchant. `now` in milliseconds since the epoch; a day that has passed promises nothing.
 */
export function withExpected(verdict: LineVerdict, stock: ShopStock | undefined, now: number): LineVerdict {
  const isShort = verdict.outcome === "refuse" || verdict.outcome === "partial" || verdict.reason === "backOrder";
  const expected = Date.parse(stock?.expectedDelivery ?? "");
  if (!isShort || !(expected > now)) return verdict;
  return { ...verdict, earliestDate: new Date(expected).toISOString().slice(0, 10) };
}

/**
 * Which demands can be settled from the shop's own figures: SKUs without stock, and those of which at least `threshold` units
 * stay available after this order. A SKU without a readable entry is asked about.
 */
export function lookAtShop(
  demands: readonly Demand[],
  shop: (demand: Demand) => ShopStock | undefined,
  given: {
    readonly untracked: ReadonlySet<string>;
    /** By the configuration; an entry is only asked whether goods are expected, where a class goes by that. */
    readonly mayBackOrder: (demand: Demand) => boolean;
    readonly termsOf: (demand: Demand) => Terms;
    /** Its entry should be lower, and is not because the cut waits for a person: what it shows proves nothing. */
    readonly isHeld: (demand: Demand) => boolean;
  },
): Looked {
  const settled = new Map<string, LineVerdict>();
  const toAsk: Demand[] = [];
  for (const demand of demands) {
    if (given.untracked.has(demand.sku)) {
      settled.set(demand.id, passing("shop", null, "untracked"));
      continue;
    }
    const stock = shop(demand);
    const available = stock && stock.availableQuantity + demand.ownReserved;
    const isBelow = given.isHeld(demand);
    if (!isBelow && available !== undefined && available - demand.requested >= given.termsOf(demand).threshold) {
      settled.set(demand.id, passing("shop", available, "aboveThreshold"));
    } else if (given.mayBackOrder(demand)) settled.set(demand.id, passing("shop", available ?? null, "backOrder"));
    else toAsk.push(demand);
  }
  return { settled, toAsk };
}

const passing = (
  source: LineVerdict["source"],
  available: number | null,
  reason: LineVerdict["reason"],
): LineVerdict => ({ outcome: "confirm", source, available, reason, policy: null, passes: true });

/**
 * The verdict on a demand that IFS was asked about. What other carts hold reserved in the shop comes off the target: it is
 * promised to them. The order in question is not in flight yet, and its own reservation is added back.
 */
export function judgeAnswer(
  demand: Demand,
  stock: ShopStock | undefined,
  answer: IfsAnswer,
  terms: Terms,
): LineVerdict {
  const read = answer.kind !== "none" && answer.readAt !== undefined ? { readAt: answer.readAt } : {};
  if (answer.kind === "notStocked") return { ...passing("ifs", null, "notStocked"), ...read };
  if (answer.kind === "none") return unknown(answer.reason, terms);
  const reserved = stock ? stock.quantityOnStock - stock.availableQuantity : 0;
  const besideOthers = (target: number): number => Math.max(0, target - Math.max(0, reserved - demand.ownReserved));
  const available = besideOthers(answer.target);
  if (available >= demand.requested) return { ...passing("ifs", available, "available"), ...read };
  if (typeof answer.coming === "string") return unknown(answer.coming, terms);
  const coming = (answer.coming ?? []).map(({ date, target }) => ({ date, units: besideOthers(target) }));
  const enough = coming.find(({ units }) => units >= demand.requested);
  if (enough) return { ...passing("ifs", available, "backOrder"), ...read, earliestDate: enough.date };
  const more = coming.find(({ units }) => units > available);
  const partly = available > 0;
  return {
    outcome: partly ? "partial" : "refuse",
    source: "ifs",
    available,
    reason: partly ? "partlyAvailable" : "outOfStock",
    policy: null,
    passes: false,
    ...read,
    ...(more && { earliestDate: more.date }),
  };
}

const unknown = (reason: UnknownReason, { failPolicy }: Terms): LineVerdict => ({
  ...{ outcome: "unknown", source: "policy", available: null },
  ...{ reason, policy: failPolicy, passes: failPolicy !== "closed" },
});

/** The same where commercetools is the record for stock: by its entry alone, whatever IFS has. */
export function judgeByShop(
  demand: Demand,
  stock: ShopStock | undefined,
  { terms, unseen }: { readonly terms: Terms; readonly unseen: UnknownReason | undefined },
): LineVerdict {
  const noEntry = demand.supplyChannel === undefined ? "noSupplyChannel" : "unmappedSku";
  if (!stock) return judgeAnswer(demand, stock, { kind: "none", reason: unseen ?? noEntry }, terms);
  const verdict = judgeAnswer(demand, stock, { kind: "target", target: stock.quantityOnStock }, terms);
  return { ...verdict, source: "shop" };
}

/** An order where commercetools is the record for stock: it compares with its own entries by itself, as the cart's inventory mode says. */
export const leaveToShop = ({ purpose, lines }: AvailabilityRequest): AvailabilityDecision => ({
  purpose,
  accepted: true,
  lines: lines.map(({ ref, sku, quantity }) => ({
    ...{ ref, sku, supplyChannel: undefined, requested: quantity },
    ...passing("shop", null, "leftToShop"),
  })),
  corrections: [],
});

export function toDecision(
  request: AvailabilityRequest,
  demands: readonly Demand[],
  verdicts: ReadonlyMap<string, LineVerdict>,
  corrections: readonly Correction[],
): AvailabilityDecision {
  const byLine = new Map<RequestLine, LineDecision>();
  for (const demand of demands) {
    const verdict = verdicts.get(demand.id);
    if (!verdict) throw new Error(`no verdict on ${demand.sku}`);
    const { sku, supplyChannel, requested } = demand;
    for (const line of demand.lines) byLine.set(line, { ref: line.ref, sku, supplyChannel, requested, ...verdict });
  }
  const lines = request.lines.flatMap((line) => byLine.get(line) ?? []);
  return { purpose: request.purpose, accepted: lines.every(({ passes }) => passes), lines, corrections };
}
