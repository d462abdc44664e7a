/** Desired prices of one part against those of the shop. Pure. */
import type { StandalonePrice, StandalonePriceDraft, StandalonePriceUpdateAction } from "@commercetools/platform-sdk";
import type { Change } from "../../domain/change.ts";
import type { Rejection } from "../../domain/failure.ts";
import { formatMoney, money } from "../../domain/money.ts";
import { currencyDigits } from "./currency.ts";
import type { DesiredPart, DesiredPrice, PriceList } from "./map.ts";
import { covers, type Interval, overlap } from "./validity.ts";

export type PriceWrite =
  | {
      readonly kind: "update";
      readonly id: string;
      readonly version: number;
      readonly actions: StandalonePriceUpdateAction[];
    }
  | { readonly kind: "create"; readonly draft: StandalonePriceDraft };

/** Written one after the other: what must make room comes first. */
export type PartWrites = { readonly part: DesiredPart; readonly writes: readonly PriceWrite[] };

export type PartPlan = { readonly change: Change<PartWrites> | undefined; readonly rejection: Rejection | undefined };

type Known = Interval & { readonly price: StandalonePrice };
type Match = { readonly desired: DesiredPrice; readonly known: Known | undefined };

export type PlanOptions = { readonly now: number; readonly maxChangePercent: number };

/** All or nothing per part: a held price holds its neighbours too, or there would be days without price. */
export function planPart(part: DesiredPart, prices: readonly StandalonePrice[], options: PlanOptions): PartPlan {
  const inScope = prices.filter((price) => sameScope(price, part)).map(toKnown);
  const ours = inScope.filter(({ price }) => price.key?.startsWith(part.keyPrefix));
  const matches = matchAll(part.prices, ours, options.now);
  const used = new Set(matches.map(({ known }) => known));
  const unclaimed = ours.filter((known) => !used.has(known));
  const problem =
    foreignProblem(part, inScope, ours) ??
    leftoverProblem(part, unclaimed, options.now) ??
    outlier(part, matches, ours, options.maxChangePercent);
  if (problem) return { change: undefined, rejection: problem };
  const writes = [
    ...unclaimed.filter((known) => covers(known, options.now)).map((known) => expire(known, options.now)),
    ...ordered(matches.flatMap(({ desired, known }) => (known ? update(desired, known, options.now) : []))),
    ...matches.filter(({ known }) => known === undefined).map(({ desired }) => create(part, desired)),
  ];
  if (writes.length === 0) return { change: undefined, rejection: undefined };
  return {
    change: { record: labelOf(part), cause: causeOf(part, writes), apply: { part, writes } },
    rejection: undefined,
  };
}

const labelOf = (part: Pick<DesiredPart, "sku" | "list">): string => `${part.sku} @ ${part.list.priceListNo}`;

const sameScope = (price: StandalonePrice, { sku, list }: DesiredPart): boolean =>
  price.sku === sku &&
  price.value.currencyCode === list.currency &&
  price.country === list.country &&
  price.customerGroup?.id === list.customerGroupId &&
  price.channel?.id === list.channelId;

const instant = (value: string | undefined): number | undefined =>
  value === undefined ? undefined : Date.parse(value);

const toKnown = (price: StandalonePrice): Known => ({
  price,
  from: instant(price.validFrom),
  until: instant(price.validUntil),
});

/**
 * By key; but what counts now goes on in the price that counts now, even if IFS has since dropped the line that it came
 * from: the past is not rewritten, and two prices of one scope may never overlap.
 */
function matchAll(desired: readonly DesiredPrice[], ours: readonly Known[], now: number): Match[] {
  const keys = new Set(desired.map(({ key }) => key));
  return desired.map((price) => {
    const byKey = ours.find((known) => known.price.key === price.key);
    if (!covers(price, now) || (byKey && covers(byKey, now))) return { desired: price, known: byKey };
    const running = ours.find((known) => covers(known, now) && !keys.has(known.price.key ?? ""));
    return { desired: price, known: running ?? byKey };
  });
}

const bounded = ({ from, until }: Interval): boolean => from !== undefined || until !== undefined;

/** commercetools takes a price without validity as the fallback: it never collides with one that has a validity. */
const collide = (a: Interval, b: Interval): boolean => bounded(a) === bounded(b) && overlap(a, b);

function foreignProblem(part: DesiredPart, inScope: readonly Known[], ours: readonly Known[]): Rejection | undefined {
  const foreign = inScope.find(
    (known) => !ours.includes(known) && part.prices.some((desired) => collide(known, desired)),
  );
  if (!foreign) return undefined;
  return {
    code: "heldForReview",
    message: `SKU ${part.sku}: commercetools has a price of another origin (${foreign.price.key ?? foreign.price.id}) where price list ${part.list.priceListNo} has one as well. It was left as it is.`,
    action: "Delete the other price if IFS shall decide, or take the price list out of the configuration.",
    owner: "merchant",
    field: "key",
    value: foreign.price.key ?? foreign.price.id,
  };
}

/** A price of ours that begins later and that IFS no longer has: only its deletion makes it disappear. */
function leftoverProblem(part: DesiredPart, unclaimed: readonly Known[], now: number): Rejection | undefined {
  const leftover = unclaimed.find(({ from }) => from !== undefined && from > now);
  if (!leftover) return undefined;
  return {
    code: "heldForReview",
    message: `SKU ${part.sku}: the price that begins on ${leftover.price.validFrom} (${leftover.price.key}) is no longer in price list ${part.list.priceListNo}. No price of this part was written.`,
    action: "Delete that price in commercetools; the next run writes the rest.",
    owner: "merchant",
    field: "validFrom",
    value: leftover.price.validFrom,
  };
}

function outlier(
  part: DesiredPart,
  matches: readonly Match[],
  ours: readonly Known[],
  maxChangePercent: number,
): Rejection | undefined {
  if (maxChangePercent === 0) return undefined;
  for (const { desired, known } of matches) {
    const before = (known ?? predecessor(desired, ours))?.price;
    if (!before) continue;
    const pairs: [number, number][] = [[before.value.centAmount, desired.centAmount]];
    for (const tier of desired.tiers) {
      const old = before.tiers?.find(({ minimumQuantity }) => minimumQuantity === tier.minimumQuantity);
      if (old) pairs.push([old.value.centAmount, tier.centAmount]);
    }
    const jump = pairs.find(([from, to]) => movesBeyond(from, to, maxChangePercent));
    if (jump) return outlierRejection(part, jump, maxChangePercent);
  }
  return undefined;
}

/** The price of ours that counts just before another one begins. */
const predecessor = ({ from }: DesiredPrice, ours: readonly Known[]): Known | undefined =>
  from === undefined ? undefined : ours.find((known) => covers(known, from - 1));

/** In whole hundredths of percent, so that no float decides. */
const movesBeyond = (from: number, to: number, percent: number): boolean => {
  const moved = BigInt(Math.abs(to - from)) * 10_000n;
  return moved > BigInt(Math.round(percent * 100)) * BigInt(from);
};

function outlierRejection({ sku, list }: DesiredPart, [from, to]: [number, number], percent: number): Rejection {
  const show = (cents: number) => formatMoney(money(list.currency, cents, currencyDigits(list.currency)));
  return {
    code: "heldForReview",
    message: `SKU ${sku}: price list ${list.priceListNo} moves the price from ${show(from)} to ${show(to)}, more than ${percent} percent. No price of this part was written.`,
    action:
      "Correct the price in IFS, or, if it is right, raise prices.maxChangePercent of the configuration until it is through.",
    owner: "merchant",
    field: "value",
    value: show(to),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const expire = ({ price }: Known, now: number): PriceWrite => ({
  kind: "update",
  id: price.id,
  version: price.version,
  actions: [{ action: "setValidFromAndUntil", validFrom: price.validFrom, validUntil: iso(now) }],
});

type Update = Extract<PriceWrite, { kind: "update" }> & { readonly shrinks: boolean };

function update(desired: DesiredPrice, known: Known, now: number): Update[] {
  const { price } = known;
  const validity = validityOf(desired, known, now);
  const actions = [...valueActions(price, desired), ...(sameValidity(validity, known) ? [] : [setValidity(validity)])];
  if (actions.length === 0) return [];
  const shrinks =
    (validity.until ?? Infinity) < (known.until ?? Infinity) ||
    (validity.from ?? -Infinity) > (known.from ?? -Infinity);
  return [{ kind: "update", id: price.id, version: price.version, actions, shrinks }];
}

/** Where both began already, the day on which they did no longer matters. */
const validityOf = (desired: DesiredPrice, known: Known, now: number): Interval => ({
  from: covers(known, now) && covers(desired, now) ? known.from : desired.from,
  until: desired.until,
});

const sameValidity = (a: Interval, b: Interval): boolean => a.from === b.from && a.until === b.until;

const setValidity = ({ from, until }: Interval): StandalonePriceUpdateAction => ({
  action: "setValidFromAndUntil",
  ...(from === undefined ? {} : { validFrom: iso(from) }),
  ...(until === undefined ? {} : { validUntil: iso(until) }),
});

function valueActions(price: StandalonePrice, desired: DesiredPrice): StandalonePriceUpdateAction[] {
  const { currencyCode } = price.value;
  const actions: StandalonePriceUpdateAction[] = [];
  if (price.value.type !== "centPrecision" || price.value.centAmount !== desired.centAmount) {
    actions.push({ action: "changeValue", value: { currencyCode, centAmount: desired.centAmount } });
  }
  if (!sameTiers(price, desired)) {
    actions.push({
      action: "setPriceTiers",
      tiers: desired.tiers.map(({ minimumQuantity, centAmount }) => ({
        minimumQuantity,
        value: { currencyCode, centAmount },
      })),
    });
  }
  return actions;
}

function sameTiers(price: StandalonePrice, desired: DesiredPrice): boolean {
  const known = [...(price.tiers ?? [])].sort((a, b) => a.minimumQuantity - b.minimumQuantity);
  return (
    known.length === desired.tiers.length &&
    desired.tiers.every(
      ({ minimumQuantity, centAmount }, index) =>
        known[index]?.minimumQuantity === minimumQuantity &&
        known[index]?.value.type === "centPrecision" &&
        known[index]?.value.centAmount === centAmount,
    )
  );
}

/** Shorter validities first, so that the longer ones find room. */
const ordered = (updates: readonly Update[]): PriceWrite[] =>
  [...updates]
    .sort((a, b) => Number(b.shrinks) - Number(a.shrinks))
    .map(({ kind, id, version, actions }) => ({ kind, id, version, actions }));

function create({ list, sku }: DesiredPart, desired: DesiredPrice): PriceWrite {
  const value = (centAmount: number) => ({ currencyCode: list.currency, centAmount });
  return {
    kind: "create",
    draft: {
      key: desired.key,
      sku,
      value: value(desired.centAmount),
      ...scopeOf(list),
      ...(desired.from === undefined ? {} : { validFrom: iso(desired.from) }),
      ...(desired.until === undefined ? {} : { validUntil: iso(desired.until) }),
      ...(desired.tiers.length === 0
        ? {}
        : {
            tiers: desired.tiers.map((tier) => ({
              minimumQuantity: tier.minimumQuantity,
              value: value(tier.centAmount),
            })),
          }),
    },
  };
}

const scopeOf = (list: PriceList): Pick<StandalonePriceDraft, "country" | "customerGroup" | "channel"> => ({
  ...(list.country === undefined ? {} : { country: list.country }),
  ...(list.customerGroupId === undefined
    ? {}
    : { customerGroup: { typeId: "customer-group", id: list.customerGroupId } }),
  ...(list.channelId === undefined ? {} : { channel: { typeId: "channel", id: list.channelId } }),
});

function causeOf({ list }: DesiredPart, writes: readonly PriceWrite[]): string {
  const created = writes.filter(({ kind }) => kind === "create").length;
  return `price list ${list.priceListNo}: ${created} new, ${writes.length - created} changed`;
}
