import { TransientError } from "../domain/failure.ts";
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
            const { missing } = await ifs.ping();
            if (missing.length > 0) {
              throw new TransientError(`IFS does not show site ${missing.join(", ")}: not granted, or misspelled`);
            }
          },
        },
      ],
    }),
  );
}
