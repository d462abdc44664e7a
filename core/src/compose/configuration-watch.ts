/**
 * A configuration that cannot be used stops every flow, so people must see it where they look: as an exception in the inbox. The
 * push refuses what it can judge; this is for what it cannot (a document of another release, a damaged one).
 */

import type { Active, Connector } from "./connector.ts";
import { isOutage } from "./remember.ts";

const EXCEPTION_ID = "configuration-unusable";

type WatchDeps = Pick<Connector, "active" | "store" | "logger">;

/** `active`, and the exception opened or closed by what it says. One watch per process. */
export function createConfigurationWatch(deps: WatchDeps): () => Promise<Active> {
  // Unknown at the start: the exception may be another process's.
  let mayBeOpen = true;
  return async () => {
    try {
      const active = await deps.active();
      if (mayBeOpen) await deps.store.exceptions.close(EXCEPTION_ID);
      mayBeOpen = false;
      return active;
    } catch (error) {
      if (isOutage(error)) throw error;
      mayBeOpen = true;
      deps.logger.error({ alert: true, error }, "configuration-unusable");
      await deps.store.exceptions.open({
        id: EXCEPTION_ID,
        flow: "order-sweep",
        code: "configurationUnusable",
        recordType: "flow",
        recordId: "configuration",
        recordLabel: "Active configuration",
        message: `The active configuration cannot be used, so nothing runs: ${error instanceof Error ? error.message : String(error)}`,
        action:
          "Push a correct configuration (npm run config -- push), or activate the version before (npm run config -- activate).",
        owner: "operator",
      });
      throw error;
    }
  };
}
