/** The supply channels that the pools feed: their keys are configuration, their ids minutes old at most. */
import type { AtpDeps } from "./deps.ts";
import type { RequestLine } from "./parse.ts";

const CHANNELS_MS = 5 * 60_000;

export const poolKeys = ({ config }: AtpDeps): string[] => [
  ...new Set(config.stock.pools.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel))),
];

const nameOf = (keys: readonly string[]): string => JSON.stringify(keys);

/** Ids of the pools' channels as far as they are remembered, however old: an id never means another channel. */
export function rememberedChannels(deps: AtpDeps): ReadonlyMap<string, string> {
  const known = deps.context.channels;
  return known?.wanted === nameOf(poolKeys(deps)) ? known.ids : new Map();
}

/** Ids of the pools' channels, minutes old at most. */
export async function poolChannels(deps: AtpDeps): Promise<ReadonlyMap<string, string>> {
  const { context } = deps;
  const wanted = poolKeys(deps);
  const name = nameOf(wanted);
  const known = context.channels;
  if (known?.wanted === name && context.clock.monotonic() - known.readAt < CHANNELS_MS) return known.ids;
  const readAt = context.clock.monotonic();
  const ids = await deps.channelIds(wanted);
  context.channels = { ids, readAt, wanted: name };
  return ids;
}

/** The key of the line's supply channel where a pool feeds it. A line that names none means the only one there is, if so. */
export function channelKeyOf(
  deps: AtpDeps,
  { supplyChannel }: Pick<RequestLine, "supplyChannel">,
  channelIds: ReadonlyMap<string, string>,
): string | undefined {
  const keys = poolKeys(deps);
  if (supplyChannel === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((key) =>
    supplyChannel.by === "key" ? key === supplyChannel.value : channelIds.get(key) === supplyChannel.value,
  );
}
