/** From the environment to a listening server, for all three applications. */
import type { Express } from "express";
import type { z } from "zod";
import { listen } from "../http/server.ts";
import { failStart, readEnv } from "../runtime/env.ts";
import { type Connector, createConnector } from "./connector.ts";
import type { ServerSettings } from "./settings.ts";

/**
 * Reads the settings (a wrong one ends the process and names its key), builds the application and listens. In a container every
 * interface is meant; the sandbox and tests bind loopback by HOST.
 */
export async function startApp<S extends z.ZodObject>(
  app: string,
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
  create: (connector: Connector, settings: z.infer<S>) => Express,
  limits: { ctTimeoutMs?: number; ctReadRetries?: number } = {},
): Promise<void> {
  const settings = readEnv(schema, env);
  if (!settings.ok) failStart(settings.error);
  const shared = settings.value as unknown as ServerSettings;
  const connector = createConnector({ app, settings: shared, ...limits });
  await listen(create(connector, settings.value), { port: shared.PORT, host: shared.HOST, logger: connector.logger });
}
