/** Entries of channels that pools of several sites feed: their targets, and how far they may be raised. Pure. */
import type { Availability } from "../../domain/availability.ts";
import { poolAvailable, toInventoryUnits, toSalesUnits } from "../../domain/availability.ts";
import { add, type DecimalString, isNegative, multiply, ZERO } from "../../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { inFlightOf } from "../../domain/in-flight.ts";
import { soldPiecesOf } from "../../domain/joint-lines.ts";
import type { JointPools } from "../../domain/joint-pools.ts";
import {
  explainJoint,
  type JointAvailability,
  type JointSku,
  jointAvailabilityOf,
  type PoolPart,
} from "../../domain/joint-stock.ts";
import type { EntryTerms } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { type Allotments, createAllotments, type Room, roomOfOne } from "./allotments.ts";
import { type Current, entryAt, missedAt, type Shown, shownBy } from "./current.ts";
import { resolveTerms } from "./entry-terms.ts";
import type { Desired, JointDesired } from "./map.ts";
import { targetsOf } from "./targets.ts";

/** What an entry should show, and how far it may surely be raised. */
export type PlannedSlot = {
  readonly supplyChannel: string;
  readonly target: number;
  /** Without what the figures may have missed. */
  readonly most: number;
  readonly isPlanned: boolean;
  readonly terms: EntryTerms;
  readonly derivation: () => string;
};

/** What is planned of a SKU at once: its channels in one pool, or in all that feed channels together. */
export type PlannedPool = {
  readonly slots: readonly PlannedSlot[];
  readonly room: Room;
  /** Figures below zero. */
  readonly negative: readonly Availability[];
};

const NO_ROOM: Room = { free: () => 0, take: () => {} };

export const shownInAll = (
  sku: Sku,
  slots: readonly { readonly supplyChannel: string }[],
  current: Pick<Current, "entries" | "others" | "channelIds">,
): number =>
  slots.reduce(
    (sum, { supplyChannel }) => sum + shownBy(entryAt(current, sku, current.channelIds.get(supplyChannel) ?? "")),
    0,
  );

/** Of one page. */
export function createJointPlans(planned: readonly Desired[], current: Current) {
  const plain = createView(planned, current, () => []);
  const sure =
    current.missed.length === 0 ? plain : createView(planned, current, (contract) => missedAt(current, contract));
  const books = new Map<JointPools, Book>();
  const done = new Set<JointDesired>();
  const unalike: Desired[] = [];

  function roomFor(desired: Desired, joint: JointDesired): Room {
    if (sure.rivalsOf(desired.sku, joint).length === 0) return roomOfOne(sure.unshown(desired.sku, joint));
    if (!isAlike(joint.parts)) {
      unalike.push(desired);
      return NO_ROOM;
    }
    const book = books.get(joint.pools) ?? openBook(sure, joint.pools);
    books.set(joint.pools, book);
    return book.room(desired);
  }

  return {
    /** Undefined: it has been planned by another pool of the page, or not all of its sites could be read. */
    of(desired: Desired, joint: JointDesired): PlannedPool | undefined {
      if (done.has(joint) || joint.unread.length > 0) return undefined;
      done.add(joint);
      const targets = plain.targets(desired.sku, joint);
      const most = new Map(sure.targets(desired.sku, joint).map((one) => [one.supplyChannel, one.target]));
      const slots = targets.map(
        (target): PlannedSlot => ({
          ...{ supplyChannel: target.supplyChannel, target: target.target, most: most.get(target.supplyChannel) ?? 0 },
          ...{ isPlanned: true, terms: termsOf(joint, target.supplyChannel), derivation: () => explainJoint(target) },
        }),
      );
      const negative = plain.skuOf(desired.sku, joint).parts.flatMap(({ rows }) => rows.slice(0, 1));
      const room = roomFor(desired, joint);
      // Those of other sites are told by their own runs.
      const isOwn = ({ contract }: Availability): boolean => contract === desired.figure.contract;
      return { slots, room, negative: negative.filter((row) => isOwn(row) && isNegative(row.raw)) };
    },
    unalike: (): readonly Desired[] => unalike,
  };
}

/** For people who ask why. */
export const jointTargetsOf = (desired: Desired, joint: JointDesired, current: Current): JointAvailability[] =>
  createView([desired], current, () => []).targets(desired.sku, joint);

/** Of each term the first pool that has it. What is expected has no place here: the configuration does not allow it. */
function termsOf({ parts, pools }: JointDesired, key: string): EntryTerms {
  const ordered = pools.pools.flatMap((pool) => parts.filter((part) => part.pool === pool));
  const terms = ordered.flatMap(({ channels }) => channels.filter(({ supplyChannel }) => supplyChannel === key));
  return resolveTerms(Object.assign({}, ...terms.toReversed().map((channel) => channel.terms)), undefined);
}

type Missed = (contract: Contract) => Shown["inFlight"];
type View = ReturnType<typeof createView>;
type Members = Pick<JointDesired, "pools" | "parts">;

/** The page's SKUs in their pools, by figures that have nothing in flight but what they may have missed. */
function createView(planned: readonly Desired[], current: Current, missed: Missed) {
  const sites = new Map<Contract, { readonly shown: Shown; readonly allotments: Allotments }>();
  const skus = new Map<JointPools, Map<Sku, JointSku>>();
  const members = membersOf(planned);
  const drawers = drawersIn(members);

  function siteOf(contract: Contract) {
    const known = sites.get(contract);
    if (known) return known;
    const shown = { ...current, inFlight: missed(contract) };
    const made = { shown, allotments: createAllotments(shown) };
    sites.set(contract, made);
    return made;
  }
  function partOf(desired: Desired): PoolPart {
    const { shown, allotments } = siteOf(desired.figure.contract);
    const { pool, channels, part } = desired;
    const left = [desired.figure, ...desired.more].map((figure) => {
      return [
        figure.partNo,
        poolAvailable(
          figure,
          inFlightOf(shown.inFlight, figure.partNo, () => true),
        ),
      ] as const;
    });
    return { pool, channels, draws: part.draws, left: new Map(left), rows: targetsOf(desired, shown, allotments) };
  }
  const makeSku = (sku: Sku, pools: JointPools, parts: readonly Desired[]): JointSku => {
    const ordered = pools.pools.flatMap((pool) => parts.filter((part) => part.pool === pool));
    return { sku, parts: ordered.map(partOf), sold: soldPiecesOf(current.sold ?? [], sku, current) };
  };
  function skuOf(sku: Sku, { pools, parts }: Members): JointSku {
    const ofPools = skus.get(pools) ?? new Map<Sku, JointSku>();
    skus.set(pools, ofPools);
    const known = ofPools.get(sku) ?? makeSku(sku, pools, parts);
    ofPools.set(sku, known);
    return known;
  }
  /** Other SKUs that draw on a part of this one in one of its pools. */
  function rivalsOf(sku: Sku, { pools, parts }: Members): JointSku[] {
    const drawing = parts.flatMap(({ pool, part }) => part.draws.flatMap(({ partNo }) => drawers.of(pool, partNo)));
    const bySku = members.get(pools) ?? new Map<Sku, Desired[]>();
    const rivals = [...new Set(drawing)].filter((other) => other !== sku);
    return rivals.map((other) => skuOf(other, { pools, parts: bySku.get(other) ?? [] }));
  }
  const targets = (sku: Sku, of: Members): JointAvailability[] =>
    jointAvailabilityOf(skuOf(sku, of), rivalsOf(sku, of));
  return {
    skuOf,
    rivalsOf,
    membersOf: (pools: JointPools): ReadonlyMap<Sku, readonly Desired[]> => members.get(pools) ?? new Map(),
    targets,
    /** Sales units that its entries may show and do not; negative where they show more. */
    unshown(sku: Sku, of: Members): number {
      const keys = of.pools.channels.map((supplyChannel) => ({ supplyChannel }));
      return targets(sku, of).reduce((sum, { target }) => sum + target, 0) - shownInAll(sku, keys, current);
    },
  };
}

/** SKUs by what they draw on. */
function drawersIn(members: ReadonlyMap<JointPools, ReadonlyMap<Sku, readonly Desired[]>>) {
  const byPool = new Map<Pool, Map<PartNo, Sku[]>>();
  for (const { sku, pool, part } of [...members.values()].flatMap((bySku) => [...bySku.values()].flat())) {
    const byPart = byPool.get(pool) ?? new Map<PartNo, Sku[]>();
    byPool.set(pool, byPart);
    for (const { partNo } of part.draws) byPart.set(partNo, [...(byPart.get(partNo) ?? []), sku]);
  }
  return { of: (pool: Pool, partNo: PartNo): readonly Sku[] => byPool.get(pool)?.get(partNo) ?? [] };
}

/** Everybody who draws on parts of the page's SKUs, at whatever site, by group of pools and SKU. */
function membersOf(planned: readonly Desired[]): Map<JointPools, Map<Sku, Desired[]>> {
  const members = new Map<JointPools, Map<Sku, Desired[]>>();
  const add = (desired: Desired): void => {
    if (!desired.joint) return;
    const { pools } = desired.joint;
    const bySku = members.get(pools) ?? new Map<Sku, Desired[]>();
    members.set(pools, bySku);
    const list = bySku.get(desired.sku) ?? [];
    bySku.set(desired.sku, list);
    if (!list.some(({ pool }) => pool === desired.pool)) list.push(desired);
  };
  const groups = new Set<NonNullable<Desired["group"]>>();
  for (const joint of new Set(planned.flatMap((one) => one.joint ?? []))) {
    for (const part of joint.parts) {
      add(part);
      if (part.group) groups.add(part.group);
    }
  }
  for (const group of groups) for (const member of group.members) add(member);
  return members;
}

/** Is the SKU made of the same at all sites? */
function isAlike([first, ...others]: readonly Desired[]): boolean {
  const draws = first?.part.draws ?? [];
  return others.every(
    ({ part }) =>
      part.draws.length === draws.length &&
      part.draws.every(({ partNo, factor }) => {
        const own = draws.find((draw) => draw.partNo === partNo)?.factor;
        return own !== undefined && multiply(own.factor, factor.inverted) === multiply(factor.factor, own.inverted);
      }),
  );
}

type Book = { readonly room: (desired: Desired) => Room };

/**
 * What of each inventory part is meant for entries that do not show it, at all sites together: nobody can tell of a unit that an entry
 * shows at which of them it lies. Where some show more than they should, the others wait until they have come down.
 */
function openBook(view: View, pools: JointPools): Book {
  const free = new Map<PartNo, DecimalString>();
  const put = (partNo: PartNo, units: DecimalString) => free.set(partNo, add(free.get(partNo) ?? ZERO, units));
  for (const [sku, parts] of view.membersOf(pools)) {
    const unshown = view.unshown(sku, { pools, parts });
    for (const { partNo, factor } of drawsOf(parts)) put(partNo, toInventoryUnits(unshown, factor));
  }
  return {
    room: ({ part }) => ({
      free: () => Math.min(...part.draws.map(({ partNo, factor }) => toSalesUnits(free.get(partNo) ?? ZERO, factor))),
      take(units) {
        for (const { partNo, factor } of part.draws) put(partNo, toInventoryUnits(-units, factor));
      },
    }),
  };
}

/** Of each part the draw of the first site that has it. */
const drawsOf = (parts: readonly Desired[]) => [
  ...new Map(parts.flatMap(({ part }) => part.draws).map((draw) => [draw.partNo, draw])).values(),
];
