import { createConfigurationWatch } from "core/compose/configuration-watch.ts";
import type { Connector } from "core/compose/connector.ts";
import { watchCredential } from "core/compose/credential-watch.ts";
import { watchExtensionCalls } from "core/compose/extension-calls-watch.ts";
import { watchExtension } from "core/compose/extension-watch.ts";
import { scheduledFlows } from "core/compose/flows.ts";
import { healthOf } from "core/compose/health.ts";
import { hintsBeforeRuns } from "core/compose/hint-flows.ts";
import { watchOrderEvents } from "core/compose/order-watch.ts";
import { retainRecords } from "core/compose/retention.ts";
import type { AppDefinition } from "core/compose/start.ts";
import { watchFreshness } from "core/compose/stock-freshness.ts";
import { countSalesHourly } from "core/compose/thresholds.ts";
import { report, tick } from "core/compose/tick.ts";
import { createServer } from "core/http/server.ts";
import { configSchema } from "./config.ts";

/** `POST /job`: one tick of the scheduler. The body is not read; what is due is known to the store, and runs under leases. */
export function createApp(connector: Connector) {
  const { logger, clock, random, store } = connector;
  const activeConfiguration = createConfigurationWatch(connector);
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
          const active = await activeConfiguration();
          const deps = { clock, random, logger, ...store };
          const flows = async () => {
            await hintsBeforeRuns(connector, active);
            return tick(deps, scheduledFlows(connector, active));
          };
          // The guard of the checkout does not wait for the flows: while it is dead, every order fails.
          const [outcomes] = await Promise.all([
            flows(),
            watchExtension(connector, active),
            watchExtensionCalls(connector, active),
            watchOrderEvents(connector, active),
            retainRecords({ clock, random, logger, ...store }),
            countSalesHourly(connector, active),
          ]);
          await watchFreshness(connector, active);
          await watchCredential(connector, active.ifs.pause(), outcomes);
          return report(outcomes);
        },
      },
    ],
  });
}

export const jobApp: AppDefinition<typeof configSchema> = {
  name: "job-app",
  schema: configSchema,
  create: createApp,
  lanes: ["orders", "statuses", "stock", "prices"],
};
