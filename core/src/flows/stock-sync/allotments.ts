/** What of shared parts falls to each SKU, and what of them no entry shows yet. Pure. */
import { type Allotment, allotmentOf, type Division, divide, type PartLine } from "../../domain/allotment.ts";
import { poolAvailable, toInventoryUnits, toSalesUnits } from "../../domain/availability.ts";
import { type DecimalString, subtract, ZERO } from "../../domain/decimal.ts";
import type { PartNo } from "../../domain/ids.ts";
import { drawsOn, inFlightOf } from "../../domain/in-flight.ts";
import type { Draw } from "../../domain/shared-pool.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { entryAt, type Shown, shownBy } from "./current.ts";
import type { Desired, Group, Member } from "./map.ts";

/** Sales units by which entries of the SKU may still be raised. */
export type Room = { readonly free: () => number; readonly take: (units: number) => void };

export function roomOfOne(units: number): Room {
  let free = units;
  return {
    free: () => free,
    take: (taken) => {
      free -= taken;
    },
  };
}

export type Allotments = {
  readonly of: (desired: Desired, group: Group) => Allotment | undefined;
  /** Inventory units of a part after all that was sold; negative when more was sold than is there. */
  readonly left: (desired: Desired, group: Group, partNo: PartNo) => DecimalString | undefined;
  /** One for all SKUs of a plan: what one takes the others cannot. */
  readonly room: (desired: Desired, group: Group) => Room;
};

export function createAllotments(current: Shown): Allotments {
  const books = new Map<Group, Map<Pool, PoolBook>>();
  function bookOf({ pool }: Desired, group: Group): PoolBook {
    const ofGroup = books.get(group) ?? new Map<Pool, PoolBook>();
    books.set(group, ofGroup);
    const book = ofGroup.get(pool) ?? openBook(group, pool, current);
    ofGroup.set(pool, book);
    return book;
  }
  return {
    of: (desired, group) =>
      allotmentOf({ sku: desired.sku, draws: desired.part.draws }, bookOf(desired, group).division),
    left(desired, group, partNo) {
      const line = bookOf(desired, group).division.lines.get(partNo);
      return line && poolAvailable(line.figure, line.inFlight);
    },
    room: (desired, group) => roomIn(desired, bookOf(desired, group)),
  };
}

type PoolBook = {
  readonly division: Division;
  /** Inventory units that no entry shows; less than nothing where entries show too much. */
  readonly free: Map<PartNo, DecimalString>;
};

function openBook({ members }: Group, pool: Pool, current: Shown): PoolBook {
  const ofPool = members.filter((member) => member.pool === pool);
  const sharers = ofPool
    .filter((member) => member.part.ended === undefined && isSold(member, current))
    .map(({ sku, weight, part }) => ({ sku, weight, draws: part.draws }));
  const counts = drawsOn(pool, current.channelIds);
  const lines = new Map<PartNo, PartLine>();
  for (const figure of ofPool.flatMap((member) => [member.figure, ...member.more])) {
    const { partNo } = figure;
    if (!lines.has(partNo)) lines.set(partNo, { figure, inFlight: inFlightOf(current.inFlight, partNo, counts) });
  }
  const free = new Map([...lines].map(([partNo, line]) => [partNo, poolAvailable(line.figure, line.inFlight)]));
  for (const member of ofPool) {
    for (const { supplyChannel } of member.channels) {
      const entry = entryAt(current, member.sku, current.channelIds.get(supplyChannel) ?? "");
      takeFrom(free, member.part.draws, shownBy(entry));
    }
  }
  return { division: divide(sharers, lines), free };
}

function takeFrom(free: Map<PartNo, DecimalString>, draws: readonly Draw[], units: number): void {
  if (units === 0) return;
  for (const { partNo, factor } of draws) {
    free.set(partNo, subtract(free.get(partNo) ?? ZERO, toInventoryUnits(units, factor)));
  }
}

/** A SKU that no product has takes nothing from the others; one with an entry can be bought, whatever the catalogue says. */
const isSold = ({ sku, channels }: Member, current: Shown): boolean =>
  current.inShop.has(sku) ||
  channels.some(
    ({ supplyChannel }) => entryAt(current, sku, current.channelIds.get(supplyChannel) ?? "") !== undefined,
  );

const roomIn = ({ part }: Desired, { free }: PoolBook): Room => ({
  free: () => Math.min(...part.draws.map(({ partNo, factor }) => toSalesUnits(free.get(partNo) ?? ZERO, factor))),
  take: (units) => takeFrom(free, part.draws, units),
});
