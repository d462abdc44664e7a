import type { Connector } from "core/compose/connector.ts";
import { createEventHandler, journalUnreadable } from "core/compose/events.ts";
import { healthOf } from "core/compose/health.ts";
import type { AppDefinition } from "core/compose/start.ts";
import { createServer } from "core/http/server.ts";
import { configSchema } from "./config.ts";

/**
 * `POST /event`: a push of commercetools Connect. The platform sends no documented credential, so the body is a bounded hint:
 * it names a resource that is read again, and chooses nothing that is written.
 */
export function createApp(connector: Connector) {
  const { logger, clock, random } = connector;
  const handle = createEventHandler(connector);
  return createServer({
    logger,
    clock,
    random,
    routes: [
      ...healthOf("/health", connector),
      {
        method: "post",
        path: "/event",
        kind: "event",
        guards: [],
        handle: (call) => handle(call.body),
        onUnreadable: journalUnreadable(connector),
      },
    ],
  });
}

export const eventApp: AppDefinition<typeof configSchema> = {
  name: "event-app",
  schema: configSchema,
  create: createApp,
  lanes: ["orders", "statuses"],
  // The platform waits ten seconds for the answer; a read that takes longer would use up all of them.
  ifsReadMs: (config) => Math.min(config.ifs.readTimeoutMs, 5000),
};
