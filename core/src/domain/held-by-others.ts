/** What a reader has to count of the holds of a shard: sums, so that a part that hundreds of carts hold costs no more than any other. */
import { add, type DecimalString, subtract } from "./decimal.ts";
import { isLive, rememberedUntil, type StockHold } from "./stock-hold.ts";

export type HoldReader = {
  /** Whose own holds are in nobody's way; undefined: nobody's. */
  readonly owner: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ids of the orders that the reader counts already, and of their carts. */
  readonly counted: ReadonlySet<string>;
};

/** Inventory units of a part that are held for a channel (key). */
export type HeldUnits = Pick<StockHold, "site" | "partNo" | "channel" | "units">;

export type HeldByOthers = {
  /** Each part and channel once. */
  readonly units: readonly HeldUnits[];
  /** Those whose carts have reserved the same pieces in commercetools, and are not ordered. */
  readonly reserving: readonly StockHold[];
  /** Each by itself. */
  readonly holds: () => readonly StockHold[];
};

export const nothingHeld: HeldByOthers = { units: [], reserving: [], holds: () => [] };

/** `holds` is never changed: what is asked of the same list again is remembered with it. */
export function heldByOthers(holds: readonly StockHold[], reader: HoldReader): HeldByOthers {
  const all = sumsOf(holds, reader);
  const { owner, now } = reader;
  const own = owner === undefined ? [] : holdsOf(holds, owner, now).filter((hold) => counts(hold, reader));
  return {
    units: without(all.units, own),
    reserving: own.length === 0 ? all.reserving : all.reserving.filter((hold) => hold.owner !== owner),
    holds: () => holds.filter((hold) => hold.owner !== owner && counts(hold, reader)),
  };
}

/** Of several shards; a part lies in one of them. */
export function heldTogether(shards: readonly HeldByOthers[]): HeldByOthers {
  const [only = nothingHeld, ...more] = shards;
  if (more.length === 0) return only;
  return {
    units: shards.flatMap(({ units }) => units),
    reserving: shards.flatMap(({ reserving }) => reserving),
    holds: () => shards.flatMap((shard) => shard.holds()),
  };
}

/**
 * Whose holds a list has, handed on from list to list: going through hundreds of holds for each wish is what costs. Only the last list
 * has it; an older one that somebody still looks at is gone through.
 */
type Index = {
  readonly byOwner: Map<string, readonly StockHold[]>;
  /** No hold is forgotten before it: milliseconds since the epoch. */
  soonest: number;
};

const indexes = new WeakMap<readonly StockHold[], Index>();

function indexOf(holds: readonly StockHold[]): Index {
  const index = indexes.get(holds) ?? {
    byOwner: new Map<string, readonly StockHold[]>(Map.groupBy(holds, ({ owner }) => owner)),
    soonest: soonestForgotten(holds, Number.POSITIVE_INFINITY),
  };
  indexes.set(holds, index);
  return index;
}

/** Of one owner, without those that have expired. */
export function holdsOf(holds: readonly StockHold[], owner: string, now: number): readonly StockHold[] {
  const own = allOf(holds, owner);
  return own.length === 0 ? own : own.filter((hold) => isLive(hold, now));
}

/** Of one owner, with those that have expired and tell since when it has held. */
export function rememberedOf(holds: readonly StockHold[], owner: string, now: number): readonly StockHold[] {
  const own = allOf(holds, owner);
  return own.length === 0 ? own : own.filter((hold) => rememberedUntil(hold) > now);
}

function allOf(holds: readonly StockHold[], owner: string): readonly StockHold[] {
  const index = indexes.get(holds);
  return index ? (index.byOwner.get(owner) ?? []) : holds.filter((hold) => hold.owner === owner);
}

/** Those that need not be remembered any more. The list is about to be changed. */
export function forgotten(holds: readonly StockHold[], now: number): readonly StockHold[] {
  const index = indexOf(holds);
  if (now < index.soonest) return [];
  const gone = holds.filter((hold) => rememberedUntil(hold) <= now);
  if (gone.length === 0) index.soonest = soonestForgotten(holds, Number.POSITIVE_INFINITY);
  return gone;
}

function handOn(index: Index, { gone, come }: Change): Index {
  const { byOwner } = index;
  const without = new Set(gone);
  for (const owner of new Set(gone.map((hold) => hold.owner))) {
    const left = (byOwner.get(owner) ?? []).filter((hold) => !without.has(hold));
    if (left.length > 0) byOwner.set(owner, left);
    else byOwner.delete(owner);
  }
  for (const hold of come) byOwner.set(hold.owner, [...(byOwner.get(hold.owner) ?? []), hold]);
  index.soonest = soonestForgotten(come, index.soonest);
  return index;
}

type Change = { readonly gone: readonly StockHold[]; readonly come: readonly StockHold[] };

/** The list without some of its holds, and with others at its end; what is known of it is handed on. */
export function changed(holds: readonly StockHold[], { gone, come }: Change): readonly StockHold[] {
  const left = gone.length === 0 ? holds : withoutAll(holds, new Set(gone));
  const after = [...left, ...come];
  const index = indexes.get(holds);
  indexes.delete(holds);
  if (index) indexes.set(after, handOn(index, { gone, come }));
  const sums = known.get(holds);
  if (!sums) return after;
  const { counted, from } = sums;
  // As of when the sums were made: what has expired since is found out when they are asked for.
  const counting = (some: readonly StockHold[]) => some.filter((hold) => counts(hold, { now: from, counted }));
  const added = counting(come);
  known.set(after, {
    ...{ counted, from, until: soonestOf(added, sums.until) },
    units: together(without(sums.units, counting(gone)), unitsOf(added)),
    reserving: [...withoutAll(sums.reserving, new Set(gone)), ...added.filter(isReserving)],
  });
  return after;
}

const withoutAll = (holds: readonly StockHold[], gone: ReadonlySet<StockHold>): readonly StockHold[] =>
  holds.length === 0 || gone.size === 0 ? holds : holds.filter((hold) => !gone.has(hold));

type Sums = Pick<HeldByOthers, "units" | "reserving">;
type KnownSums = Sums & {
  readonly counted: ReadonlySet<string>;
  /** When they were made, and before when no hold among them expires: milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
};

const known = new WeakMap<readonly StockHold[], KnownSums>();

/** Of all owners. */
function sumsOf(holds: readonly StockHold[], reader: HoldReader): Sums {
  const before = known.get(holds);
  const sums =
    before && before.counted === reader.counted && reader.now >= before.from
      ? laterSums(holds, before, reader)
      : firstSums(holds, reader);
  if (sums !== before) known.set(holds, sums);
  return sums;
}

function firstSums(holds: readonly StockHold[], reader: HoldReader): KnownSums {
  const live = holds.filter((hold) => counts(hold, reader));
  return {
    ...{ counted: reader.counted, from: reader.now, until: soonestOf(live, Number.POSITIVE_INFINITY) },
    ...{ units: unitsOf(live), reserving: live.filter(isReserving) },
  };
}

/** Without what has expired since they were made. */
function laterSums(holds: readonly StockHold[], before: KnownSums, { now, counted }: HoldReader): KnownSums {
  if (now < before.until) return before;
  const gone = holds.filter((hold) => hold.until <= now && hold.until > before.from);
  return {
    ...{
      counted,
      from: now,
      until: soonestOf(
        holds.filter((hold) => isLive(hold, now)),
        Number.POSITIVE_INFINITY,
      ),
    },
    units: without(
      before.units,
      gone.filter((hold) => counts(hold, { now: before.from, counted })),
    ),
    reserving: before.reserving.filter((hold) => isLive(hold, now)),
  };
}

const soonestOf = (holds: readonly StockHold[], most: number): number =>
  holds.reduce((soonest, { until }) => Math.min(soonest, until), most);

const soonestForgotten = (holds: readonly StockHold[], most: number): number =>
  holds.reduce((soonest, hold) => Math.min(soonest, rememberedUntil(hold)), most);

const isReserving = ({ reserves, order }: StockHold): boolean => reserves === true && order === undefined;

const counts = (hold: StockHold, { now, counted }: Pick<HoldReader, "now" | "counted">): boolean =>
  isLive(hold, now) && !counted.has(hold.owner) && !(hold.order !== undefined && counted.has(hold.order));

type Slot = Omit<HeldUnits, "units">;

const isSame = (one: Slot, other: Slot): boolean =>
  one.partNo === other.partNo && one.channel === other.channel && one.site === other.site;

function unitsOf(holds: readonly StockHold[]): HeldUnits[] {
  const slots: (Slot & { readonly each: DecimalString[] })[] = [];
  let last: (typeof slots)[number] | undefined;
  for (const { site, partNo, channel, units } of holds) {
    const slot = { site, partNo, channel };
    // The holds of one part lie side by side nearly always.
    last = last && isSame(last, slot) ? last : slots.find((each) => isSame(each, slot));
    if (!last) {
      last = { ...slot, each: [] };
      slots.push(last);
    }
    last.each.push(units);
  }
  return slots.map(({ each, ...slot }) => ({ ...slot, units: add(...each) }));
}

/** A part that nobody holds any more stays, with nothing held. */
function without(all: readonly HeldUnits[], gone: readonly StockHold[]): readonly HeldUnits[] {
  if (gone.length === 0) return all;
  const taken = unitsOf(gone);
  return all.map((held) => {
    const units = taken.find((each) => isSame(each, held))?.units;
    return units === undefined ? held : { ...held, units: subtract(held.units, units) };
  });
}

function together(all: readonly HeldUnits[], more: readonly HeldUnits[]): readonly HeldUnits[] {
  if (more.length === 0) return all;
  const summed = all.map((held) => {
    const units = more.find((each) => isSame(each, held))?.units;
    return units === undefined ? held : { ...held, units: add(held.units, units) };
  });
  return [...summed, ...more.filter((each) => !all.some((held) => isSame(held, each)))];
}
