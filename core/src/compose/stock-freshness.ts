/** How old is what each supply channel shows, and the alarm when it is too old. */
import type { ConnectorConfig } from "../domain/config.ts";
import { readCaughtUpAt } from "../flows/stock-sync/state.ts";
import type { Active, Connector } from "./connector.ts";

export type ChannelFreshness = {
  readonly supplyChannel: string;
  readonly pool: string;
  readonly site: string;
  /** Begin of the last run that looked at everything that had changed, ISO 8601; null: there was none yet. */
  readonly caughtUpAt: string | null;
  readonly ageSeconds: number | null;
  readonly stale: boolean;
};

type FreshnessDeps = Pick<Connector, "clock" | "logger"> & {
  readonly store: {
    readonly cursors: Pick<Connector["store"]["cursors"], "read">;
    readonly exceptions: Pick<Connector["store"]["exceptions"], "open" | "close">;
  };
};

export async function readFreshness(
  { store, clock }: Pick<FreshnessDeps, "store" | "clock">,
  config: ConnectorConfig,
): Promise<ChannelFreshness[]> {
  const sites = [...new Set(config.stock.pools.map(({ site }) => site))];
  const caughtUp = new Map<string, number | undefined>();
  for (const site of sites) caughtUp.set(site, await readCaughtUpAt(store.cursors, site));
  const now = clock.now();
  return config.stock.pools.flatMap(({ name, site, channels }) =>
    channels.map(({ supplyChannel }) => {
      const at = caughtUp.get(site);
      const ageSeconds = at === undefined ? null : Math.max(0, Math.round((now - at) / 1000));
      const stale = ageSeconds !== null && ageSeconds > oldestAllowed(config);
      const caughtUpAt = at === undefined ? null : new Date(at).toISOString();
      return { supplyChannel, pool: name, site, caughtUpAt, ageSeconds, stale };
    }),
  );
}

/** A bound below the schedule's own rhythm would be an alarm without end. */
const oldestAllowed = ({ stock, schedules }: ConnectorConfig): number =>
  Math.max(stock.maxAgeSeconds, 3 * schedules.stockSeconds);

/** Never rejects: no flow of the tick depends on it, and the next tick looks again. */
export async function watchFreshness(deps: FreshnessDeps, { config }: Pick<Active, "config">): Promise<void> {
  try {
    const rows = config.stock.enabled ? await readFreshness(deps, config) : [];
    const bySite = Map.groupBy(rows, ({ site }) => site);
    for (const { site } of config.sites) await judge(deps, site, bySite.get(site) ?? []);
  } catch (error) {
    deps.logger.warn({ error }, "stock-freshness-not-watched");
  }
}

async function judge({ store, logger }: FreshnessDeps, site: string, rows: readonly ChannelFreshness[]): Promise<void> {
  const stale = rows.filter((row) => row.stale);
  const id = `stock-age-${Buffer.from(site).toString("base64url")}`;
  const [oldest] = stale;
  if (!oldest) return store.exceptions.close(id);
  const minutes = Math.round((oldest.ageSeconds ?? 0) / 60);
  logger.error({ alert: true, site, ageSeconds: oldest.ageSeconds }, "stock-too-old");
  await store.exceptions.open({
    id,
    flow: "stock-sync",
    code: "stockAnomaly",
    recordType: "flow",
    recordId: `age ${site}`,
    recordLabel: `stock of site ${site}`,
    message: `The stock of site ${site} was last brought up to date ${minutes} minutes ago (${oldest.caughtUpAt}). Supply channels: ${stale.map(({ supplyChannel }) => supplyChannel).join(", ")}.`,
    action:
      "Look at the last run of the stock flow: its message says what stops it. It goes on by itself once that is cured.",
    owner: "operator",
  });
}
