import { createHealth, healthRoutes } from "../http/health.ts";
import type { Route } from "../http/server.ts";
import type { Connector } from "./connector.ts";

/** Liveness under `path`, readiness (commercetools with its configuration, IFS) under `path`/ready. */
export function healthOf(path: string, connector: Connector): Route[] {
  const { clock, logger } = connector;
  return healthRoutes(
    path,
    createHealth({
      clock,
      logger,
      checks: [
        {
          name: "commercetools",
          check: async () => {
            await connector.active();
          },
        },
        {
          name: "ifs",
          check: async () => {
            const { ifs } = await connector.active();
            await ifs.ping();
          },
        },
      ],
    }),
  );
}
