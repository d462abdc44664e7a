/**
 * Order lines of supply channels that several sites feed. A line is in flight as far as no figure of any of these sites contains it: the
 * order is exported to one of them, and until it is seen there, it may be any. Pure.
 */
import { ZERO } from "./decimal.ts";
import type { PartNo, Sku } from "./ids.ts";
import type { InFlightLine } from "./in-flight.ts";
import { jointPoolsOf } from "./joint-pools.ts";
import { piecesIn, type SoldPieces } from "./joint-stock.ts";
import type { Draw } from "./shared-pool.ts";
import type { StockConfig } from "./stock-config.ts";

/** Lines as the figures of one site show them. */
export type SiteLines = {
  readonly lines: readonly InFlightLine[];
  /** What one piece takes at the site. */
  readonly drawsOf: (sku: Sku) => readonly Draw[];
};

export type JointLine = {
  readonly sku: Sku;
  /** Id; undefined: the line names none. */
  readonly supplyChannelId: string | undefined;
  readonly pieces: number;
};

export type Channels = {
  readonly stock: Pick<StockConfig, "pools">;
  /** Supply channel key -> id, of all pools. */
  readonly channelIds: ReadonlyMap<string, string>;
};

/**
 * `sold`: lines of channels of joint pools, and those without a channel, with the pieces that are in flight. `adjusted`: the lines of
 * each site; what another site contains is in flight at none of them.
 */
export function soldTogether<T extends SiteLines>(
  channels: Channels,
  sites: readonly T[],
): { readonly sold: readonly JointLine[]; readonly adjusted: readonly T[] } {
  const alone = aloneIn(channels);
  const isJoint = ({ supplyChannelId: id }: InFlightLine): boolean => id === undefined || !alone.has(id);
  const left = new Map<string, JointLine>();
  for (const { lines, drawsOf } of sites) {
    for (const [name, parts] of Map.groupBy(lines.filter(isJoint), nameOf)) {
      const [line] = parts;
      if (!line) continue;
      // A kit is as far in flight as that of its components which is most.
      const pieces = Math.max(...parts.map(({ quantity, partNo }) => inPieces(quantity, partNo, drawsOf(line.sku))));
      const { sku, supplyChannelId } = line;
      left.set(name, { sku, supplyChannelId, pieces: Math.min(pieces, left.get(name)?.pieces ?? pieces) });
    }
  }
  const isContained = (line: InFlightLine): boolean =>
    line.supplyChannelId !== undefined && isJoint(line) && left.get(nameOf(line))?.pieces === 0;
  const adjusted = sites.map((site) => ({
    ...site,
    lines: site.lines.map((line) => (isContained(line) ? { ...line, quantity: ZERO } : line)),
  }));
  return { sold: [...left.values()].filter(({ pieces }) => pieces > 0), adjusted };
}

/** Of one SKU. */
export function soldPiecesOf(
  lines: readonly JointLine[],
  sku: Sku,
  { channelIds }: Pick<Channels, "channelIds">,
): SoldPieces {
  const keys = new Map([...channelIds].map(([key, id]) => [id, key]));
  const of = new Map<string, number>();
  let anywhere = 0;
  for (const line of lines) {
    if (line.sku !== sku) continue;
    const key = line.supplyChannelId === undefined ? undefined : keys.get(line.supplyChannelId);
    if (key === undefined) anywhere += line.pieces;
    else of.set(key, (of.get(key) ?? 0) + line.pieces);
  }
  return { of, anywhere };
}

const nameOf = ({ orderId, lineId }: InFlightLine): string => JSON.stringify([orderId, lineId]);

function inPieces(quantity: InFlightLine["quantity"], partNo: PartNo, draws: readonly Draw[]): number {
  const factor = draws.find((draw) => draw.partNo === partNo)?.factor;
  return factor ? piecesIn(quantity, factor) : 0;
}

/** Ids of the channels of pools that have their channels to themselves. */
const aloneIn = ({ stock, channelIds }: Channels): ReadonlySet<string | undefined> =>
  new Set(
    stock.pools
      .filter((pool) => !jointPoolsOf(stock, pool))
      .flatMap(({ channels }) => channels.map(({ supplyChannel }) => channelIds.get(supplyChannel))),
  );
