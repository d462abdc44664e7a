/**
 * What a supply channel may sell that pools of several sites feed. Pure; stock flow and checkout use it and nothing else.
 *
 *   part   = the channel's part of a pool, by IFS's figures alone, minus the pool's own buffer         for each pool
 *   rest   = sum of the parts - what the channel has sold and IFS does not contain - what is owed
 *   target = rest - the buffer on the sum, never below 0                                               sales units
 *
 * What was sold comes off the sum, once: until IFS contains an order, nobody knows which of the sites delivers it. What a pool has
 * less than nothing of is owed by each channel that it feeds, in full: the orders behind it wait for goods, and those of another site
 * may have to stand in. The same goes for what another channel of the same pools, or another SKU of the same parts, has sold beyond
 * its own part. So a shortage may be counted twice, and is never left out.
 */
import {
  type Availability,
  bufferOf,
  explain as explainPart,
  MOST_UNITS,
  toInventoryUnits,
  type UnitFactor,
} from "./availability.ts";
import { type DecimalString, divide, floorToInteger, isNegative, multiply, subtract, ZERO } from "./decimal.ts";
import type { PartNo, Sku } from "./ids.ts";
import type { Draw } from "./shared-pool.ts";
import type { BufferOnSum, SkuChannel } from "./stock-class.ts";
import type { Pool } from "./stock-config.ts";

/** What one pool has of a SKU. */
export type PoolPart = {
  readonly pool: Pool;
  readonly channels: readonly SkuChannel[];
  /** For each channel of the pool, with nothing in flight. */
  readonly rows: readonly Availability[];
  readonly draws: readonly Draw[];
  /** Inventory units of each of its parts; negative where more was sold than is there. */
  readonly left: ReadonlyMap<PartNo, DecimalString>;
};

/** Pieces that no figure of any of the sites contains. */
export type SoldPieces = {
  /** By key of the supply channel. */
  readonly of: ReadonlyMap<string, number>;
  /** Of lines that name no channel of any pool: they count in each. */
  readonly anywhere: number;
};

export type JointSku = { readonly sku: Sku; readonly parts: readonly PoolPart[]; readonly sold: SoldPieces };

export type JointAvailability = {
  readonly supplyChannel: string;
  /** What each pool gives, in the configuration's order. */
  readonly rows: readonly Availability[];
  readonly sold: number;
  readonly owed: number;
  /** Before the buffer; negative where more was sold than is there. */
  readonly raw: number;
  /** Of a class that names no sites. */
  readonly buffer: number;
  readonly bufferClass: string | undefined;
  readonly target: number;
};

/** Of each channel that has a part in the SKU. `others`: SKUs that draw on the same parts. */
export function jointAvailabilityOf(asked: JointSku, others: readonly JointSku[] = []): JointAvailability[] {
  const keys = [...new Set(asked.parts.flatMap(({ rows }) => rows.map(({ supplyChannel }) => supplyChannel)))];
  return keys.map((key) => {
    const feeding = partsOf(asked, key);
    const rows = feeding.flatMap((part) => rowOf(part, key) ?? []);
    const sold = (asked.sold.of.get(key) ?? 0) + asked.sold.anywhere;
    const owed = owedIn(asked, key, others);
    const raw = sumOf(rows.map(({ target }) => target)) - sold - owed;
    const rest = Math.min(MOST_UNITS, Math.max(0, raw));
    const held = onSumOf(feeding, key);
    const buffer = held ? bufferOf(rest, held) : 0;
    const target = Math.max(0, rest - buffer);
    return { supplyChannel: key, rows, sold, owed, raw, buffer, bufferClass: held?.name, target };
  });
}

function owedIn(asked: JointSku, key: string, others: readonly JointSku[]): number {
  const feeding = partsOf(asked, key);
  const short = sumOf(feeding.map(shortIn));
  const elsewhere = channelsBeside(asked, key).map((other) => oversold(asked, other));
  const byOthers = others
    .filter(({ sku }) => sku !== asked.sku)
    .map((other) => sumOf(channelsOfSku(other).map((one) => claimOn(feeding, other, one))));
  return short + sumOf(elsewhere) + sumOf(byOthers);
}

/** Pieces of the SKU that the pool lacks, by the part of which it lacks most. */
const shortIn = ({ draws, left }: PoolPart): number =>
  Math.max(
    0,
    ...draws.map(({ partNo, factor }) => {
      const units = left.get(partNo) ?? ZERO;
      return isNegative(units) ? piecesIn(subtract(ZERO, units), factor) : 0;
    }),
  );

/** Pieces that were sold from a channel beyond its own part. */
function oversold(of: JointSku, key: string): number {
  const feeding = partsOf(of, key);
  const own = sumOf(feeding.map((part) => rowOf(part, key)?.share ?? 0));
  return Math.max(0, (of.sold.of.get(key) ?? 0) - own);
}

/** What another SKU sold too much from a channel, in pieces of the asked one, by the part that they share in one of its pools. */
function claimOn(feeding: readonly PoolPart[], other: JointSku, key: string): number {
  const over = oversold(other, key);
  if (over === 0) return 0;
  return Math.max(
    0,
    ...partsOf(other, key).flatMap((theirs) => {
      const own = feeding.find(({ pool }) => pool === theirs.pool);
      return (own?.draws ?? []).flatMap(({ partNo, factor }) => {
        const draw = theirs.draws.find((one) => one.partNo === partNo);
        return draw ? [piecesIn(toInventoryUnits(over, draw.factor), factor)] : [];
      });
    }),
  );
}

/** Other channels that draw on one of the pools of this one. */
function channelsBeside(of: JointSku, key: string): string[] {
  const beside = partsOf(of, key).flatMap(({ rows }) => rows.map(({ supplyChannel }) => supplyChannel));
  return [...new Set(beside)].filter((one) => one !== key);
}

const channelsOfSku = ({ parts }: JointSku): string[] => [
  ...new Set(parts.flatMap(({ rows }) => rows.map(({ supplyChannel }) => supplyChannel))),
];

const rowOf = ({ rows }: PoolPart, key: string): Availability | undefined =>
  rows.find(({ supplyChannel }) => supplyChannel === key);

const partsOf = ({ parts }: JointSku, key: string): PoolPart[] => parts.filter((part) => rowOf(part, key));

const onSumOf = (feeding: readonly PoolPart[], key: string): BufferOnSum | undefined =>
  feeding.flatMap(({ channels }) => channels.find(({ supplyChannel }) => supplyChannel === key)?.onSum ?? [])[0];

/** Rounded up: a shortage of half a piece is one of a piece. */
export const piecesIn = (units: DecimalString, { factor, inverted }: UnitFactor): number =>
  -floorToInteger(divide(multiply(subtract(ZERO, units), inverted), factor));

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** "S1/main: on hand 5: 5; S2/main: on hand 7: 7; together 12; sold 2: 10", for people. */
export function explainJoint(availability: JointAvailability): string {
  const { rows, sold, owed, raw, buffer, bufferClass, target } = availability;
  const steps = rows.map((row) => `${row.contract}/${row.pool}: ${explainPart(row)}`);
  const minus: [string, number][] = [
    ["sold and not in IFS", sold],
    ["owed", owed],
  ];
  const terms = [`together ${sumOf(rows.map((row) => row.target))}`];
  for (const [name, value] of minus) if (value !== 0) terms.push(`${name} ${value}`);
  steps.push(terms.length > 1 ? `${terms.join(", ")}: ${raw}` : terms.join());
  if (buffer > 0) steps.push(`buffer of ${bufferClass} ${buffer}: ${target}`);
  return steps.join("; ");
}
