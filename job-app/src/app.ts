import { createConfigurationWatch } from "core/compose/configuration-watch.ts";
import type { Active, Connector } from "core/compose/connector.ts";
import { CREDENTIAL_REFUSED, watchCredential } from "core/compose/credential-watch.ts";
import { EXTENSION_REFUSED } from "core/compose/extension-calls-watch.ts";
import { CHECKOUT_GUARD_OFF, watchAsInstalled } from "core/compose/extension-watch.ts";
import { createExtensionWatches } from "core/compose/extension-watches.ts";
import { scheduledFlows } from "core/compose/flows.ts";
import { healthOf } from "core/compose/health.ts";
import { hintsBeforeRuns } from "core/compose/hint-flows.ts";
import { watchOrderEvents } from "core/compose/order-watch.ts";
import { retainRecords } from "core/compose/retention.ts";
import { shownExceptions } from "core/compose/shown-exceptions.ts";
import type { AppDefinition } from "core/compose/start.ts";
import { createFreshnessWatch, stockAgeId } from "core/compose/stock-freshness.ts";
import { countSalesHourly } from "core/compose/thresholds.ts";
import { report, tick } from "core/compose/tick.ts";
import { createServer } from "core/http/server.ts";
import { configSchema } from "./config.ts";

/** `POST /job`: one tick of the scheduler. The body is not read; what is due is known to the store, and runs under leases. */
export function createApp(connector: Connector) {
  const { logger, clock, random, store } = connector;
  const activeConfiguration = createConfigurationWatch(connector);
  const watchFreshness = createFreshnessWatch(connector);
  const watchExtensions = createExtensionWatches(connector);
  return createServer({
    logger,
    clock,
    random,
    routes: [
      ...healthOf("/health", connector),
      {
        method: "post",
        path: "/job",
        kind: "job",
        guards: [],
        handle: async () => {
          const active = await activeConfiguration().catch(async (error: unknown) => {
            // A dead service fails every order, also while there is no configuration that could say so.
            await watchAsInstalled(connector).catch((other: unknown) => {
              logger.warn({ error: other }, "extension-not-watched");
            });
            throw error;
          });
          const deps = { clock, random, logger, ...store };
          const watching = {
            ...connector,
            store: { ...store, exceptions: shownExceptions(store.exceptions, watched(active)) },
          };
          const flows = async () => {
            await hintsBeforeRuns(connector, active);
            return tick(deps, scheduledFlows(connector, active));
          };
          // The guard of the checkout does not wait for the flows: while it is dead, every order fails.
          const [outcomes] = await Promise.all([
            flows(),
            watchExtensions(watching, active),
            watchOrderEvents(connector, active),
            retainRecords({ clock, random, logger, ...store }),
            countSalesHourly(connector, active),
          ]);
          await watchFreshness(watching, active);
          await watchCredential(watching, active.ifs.pause(), outcomes);
          return report(outcomes);
        },
      },
    ],
  });
}

/** Exceptions that the watches of each tick open and close. */
const watched = ({ config }: Pick<Active, "config">): string[] => [
  ...[CHECKOUT_GUARD_OFF, EXTENSION_REFUSED, CREDENTIAL_REFUSED],
  ...config.sites.map(({ site }) => stockAgeId(site)),
];

export const jobApp: AppDefinition<typeof configSchema> = {
  name: "job-app",
  schema: configSchema,
  create: createApp,
  lanes: ["orders", "statuses", "stock", "prices"],
};
