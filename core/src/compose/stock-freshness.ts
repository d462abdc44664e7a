/** How old is what each supply channel shows, and the alarm when it is too old. */
import { z } from "zod";
import type { ConnectorConfig } from "../domain/config.ts";
import { feeds } from "../domain/joint-pools.ts";
import { toKey } from "../domain/key.ts";
import { type Cursor, openCursor } from "../flows/cursor.ts";
import { readCaughtUpAt } from "../flows/stock-sync/state.ts";
import { mapLimited } from "../runtime/limit.ts";
import type { Active, Connector } from "./connector.ts";

export type ChannelFreshness = {
  readonly supplyChannel: string;
  readonly pool: string;
  readonly site: string;
  /** Begin of the last run that looked at everything that had changed, ISO 8601; null: there was none yet. */
  readonly caughtUpAt: string | null;
  readonly ageSeconds: number | null;
  /** Since when the first such run is waited for, ISO 8601; null: it was there, or nobody has looked yet. */
  readonly waitingSince: string | null;
  readonly stale: boolean;
};

type FreshnessDeps = Pick<Connector, "clock" | "logger"> & {
  readonly store: {
    readonly cursors: Connector["store"]["cursors"];
    readonly exceptions: Pick<Connector["store"]["exceptions"], "open" | "close">;
  };
};

/** Pools that no run has brought up to date, and since when (milliseconds since the epoch) somebody has looked for one. */
const waitingSchema = z.record(z.string(), z.int().min(0));
const WAITING = toKey("stock", "waiting");
/** Sites. Each tick ends with this look, and with twenty of them, one after the other, it would end seconds later. */
const AT_A_TIME = 5;
const nameOf = ({ site, pool }: Pick<ChannelFreshness, "site" | "pool">): string => JSON.stringify([site, pool]);

type Reading = { readonly store: Pick<FreshnessDeps["store"], "cursors"> } & Pick<FreshnessDeps, "clock">;

export const readFreshness = async (deps: Reading, config: ConnectorConfig): Promise<ChannelFreshness[]> =>
  (await lookAtAges(deps, config)).rows;

type Waiting = Cursor<z.infer<typeof waitingSchema>>;

async function lookAtAges(
  { store, clock }: Reading,
  config: ConnectorConfig,
): Promise<{ readonly rows: ChannelFreshness[]; readonly waiting: Waiting }> {
  const sites = [...new Set(config.stock.pools.map(({ site }) => site))];
  const [read, waiting] = await Promise.all([
    mapLimited(sites, AT_A_TIME, async (site) => [site, await readCaughtUpAt(store.cursors, site)] as const),
    openCursor(store.cursors, WAITING, waitingSchema),
  ]);
  const rows = rowsOf(config, { caughtUp: new Map(read), waiting: waiting.value() ?? {}, now: clock.now() });
  return { rows, waiting };
}

type Ages = {
  readonly caughtUp: ReadonlyMap<string, (pool: string) => number | undefined>;
  readonly waiting: Readonly<Record<string, number>>;
  readonly now: number;
};

function rowsOf(config: ConnectorConfig, { caughtUp, waiting, now }: Ages): ChannelFreshness[] {
  /** What a sum shows is as old as the oldest of its parts. */
  const oldestOf = (supplyChannel: string): number | undefined => {
    const ages = config.stock.pools
      .filter((one) => feeds(one, supplyChannel))
      .map(({ name, site }) => caughtUp.get(site)?.(name));
    const known = ages.filter((at) => at !== undefined);
    return known.length < ages.length ? undefined : Math.min(...known);
  };
  return config.stock.pools.flatMap(({ name: pool, site, channels }) =>
    channels.map(({ supplyChannel }) => {
      const at = oldestOf(supplyChannel);
      const since = at === undefined ? waiting[nameOf({ site, pool })] : undefined;
      const ageSeconds = at === undefined ? null : secondsSince(at, now);
      const stale = (ageSeconds ?? (since === undefined ? 0 : secondsSince(since, now))) > oldestAllowed(config);
      const times = { caughtUpAt: inWords(at), ageSeconds, waitingSince: inWords(since) };
      return { supplyChannel, pool, site, ...times, stale };
    }),
  );
}

const secondsSince = (at: number, now: number): number => Math.max(0, Math.round((now - at) / 1000));
const inWords = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** A bound below the schedule's own rhythm would be an alarm without end. */
const oldestAllowed = ({ stock, schedules }: ConnectorConfig): number =>
  Math.max(stock.maxAgeSeconds, 3 * schedules.stockSeconds);

/** Of the exception that tells of a site whose stock is too old. */
export const stockAgeId = (site: string): string => `stock-age-${Buffer.from(site).toString("base64url")}`;

/** Ages are counted in minutes: however often the scheduler comes, a look every half minute tells soon enough. */
const LOOK_MS = 30_000;

/** One watch per process. */
export function createFreshnessWatch({ clock }: Pick<Connector, "clock">): typeof watchFreshness {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (deps, active) => {
    if (clock.monotonic() - lookedAt < LOOK_MS) return;
    lookedAt = clock.monotonic();
    await watchFreshness(deps, active);
  };
}

/** Never rejects: no flow of the tick depends on it, and the next tick looks again. */
export async function watchFreshness(deps: FreshnessDeps, { config }: Pick<Active, "config">): Promise<void> {
  try {
    // Where stock is off nothing is too old, and nothing is waited for.
    const { rows, waiting } = await lookAtAges(deps, config.stock.enabled ? config : withoutPools(config));
    await noteWaiting(deps, rows, waiting);
    const bySite = Map.groupBy(rows, ({ site }) => site);
    await mapLimited(config.sites, AT_A_TIME, ({ site }) => judge(deps, site, bySite.get(site) ?? []));
  } catch (error) {
    deps.logger.warn({ error }, "stock-freshness-not-watched");
  }
}

const withoutPools = (config: ConnectorConfig): ConnectorConfig => ({
  ...config,
  stock: { ...config.stock, pools: [] },
});

/** A pool that has no age yet is waited for from the first look on. */
async function noteWaiting(
  { clock }: Pick<FreshnessDeps, "clock">,
  rows: readonly ChannelFreshness[],
  cursor: Waiting,
): Promise<void> {
  const known = cursor.value() ?? {};
  const names = [...new Set(rows.filter(({ caughtUpAt }) => caughtUpAt === null).map(nameOf))];
  const isSame = names.length === Object.keys(known).length && names.every((name) => name in known);
  if (!isSame) await cursor.move(Object.fromEntries(names.map((name) => [name, known[name] ?? clock.now()])));
}

async function judge({ store, logger, clock }: FreshnessDeps, site: string, rows: readonly ChannelFreshness[]) {
  const stale = rows.filter((row) => row.stale);
  const id = stockAgeId(site);
  const [oldest] = stale.toSorted((a, b) => sinceOf(a) - sinceOf(b));
  if (!oldest) return store.exceptions.close(id);
  const ageSeconds = secondsSince(sinceOf(oldest), clock.now());
  const minutes = Math.round(ageSeconds / 60);
  logger.error({ alert: true, site, ageSeconds }, "stock-too-old");
  const told = oldest.caughtUpAt
    ? `was last brought up to date ${minutes} minutes ago (${oldest.caughtUpAt})`
    : `was never brought up to date, and a run that does so has been waited for for ${minutes} minutes`;
  await store.exceptions.open({
    id,
    flow: "stock-sync",
    code: "stockAnomaly",
    recordType: "flow",
    recordId: `age ${site}`,
    recordLabel: `stock of site ${site}`,
    message: `The stock of site ${site} ${told}. Supply channels: ${stale.map(({ supplyChannel }) => supplyChannel).join(", ")}.`,
    action:
      "Look at the last run of the stock flow: its message says what stops it, its progress how far a first run has come. It goes on by itself once that is cured.",
    owner: "operator",
  });
}

const sinceOf = ({ caughtUpAt, waitingSince }: ChannelFreshness): number =>
  Date.parse(caughtUpAt ?? waitingSince ?? "");
