/** From the environment to a listening server, for all three applications. */
import type { Express } from "express";
import type { z } from "zod";
import { listen } from "../http/server.ts";
import { failStart, readEnv } from "../runtime/env.ts";
import { type Connector, type ConnectorOptions, createConnector } from "./connector.ts";
import type { serverSettings } from "./settings.ts";

/**
 * Reads the settings (a wrong one ends the process and names its key), builds the application and listens. In a container every
 * interface is meant; the sandbox and tests bind loopback by HOST.
 */
export async function startApp<S extends typeof serverSettings>(app: AppDefinition<S>): Promise<void> {
  const { name, schema, env, create, ...limits } = app;
  const read = readEnv(schema, env);
  if (!read.ok) failStart(read.error);
  const settings = read.value;
  const connector = createConnector({ app: name, settings, ...limits });
  const { logger, budget } = connector;
  budget.start();
  await listen(create(connector, settings), {
    port: settings.PORT,
    host: settings.HOST,
    logger,
    onShutdown: () => budget.stop(),
  });
}

export type AppDefinition<S extends typeof serverSettings> = Omit<
  ConnectorOptions,
  "app" | "settings" | "clock" | "random" | "fetch" | "logTarget"
> & {
  readonly name: string;
  readonly schema: S;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly create: (connector: Connector, settings: z.infer<S>) => Express;
};
