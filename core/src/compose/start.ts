/** From the environment to a listening server, for all three applications. */
import type { Express } from "express";
import type { z } from "zod";
import { listen } from "../http/server.ts";
import type { Lane } from "../ifs/budget/lanes.ts";
import { failStart, readEnv } from "../runtime/env.ts";
import { type Connector, type ConnectorOptions, createConnector, type Surroundings } from "./connector.ts";
import type { serverSettings } from "./settings.ts";

type AppLimits = Omit<ConnectorOptions, "app" | "settings" | "lanes" | keyof Surroundings>;

/** An application: its settings, what it is created from, and its limits. */
export type AppDefinition<S extends typeof serverSettings> = AppLimits & {
  readonly name: string;
  readonly schema: S;
  /** As in `ConnectorOptions`, or as the settings say: lanes that nobody uses should take no share of the budget. */
  readonly lanes: readonly Lane[] | ((settings: z.infer<S>) => readonly Lane[]);
  readonly create: (connector: Connector, settings: z.infer<S>) => Express;
  /** What the first request would wait for; begun a second after the process listens. */
  readonly warmUp?: () => Promise<unknown>;
};

/** The application's parts. `around` replaces what it takes from its machine: clock, chance, network, log. */
export function assemble<S extends typeof serverSettings>(
  app: AppDefinition<S>,
  settings: z.infer<S>,
  around: Partial<Surroundings> = {},
): { connector: Connector; server: Express } {
  const { name, schema: _schema, create, warmUp: _warmUp, lanes, ...limits } = app;
  const served = typeof lanes === "function" ? lanes(settings) : lanes;
  const connector = createConnector({ app: name, settings, lanes: served, ...limits, ...around });
  return { connector, server: create(connector, settings) };
}

/**
 * Reads the settings (a wrong one ends the process and names its key), builds the application and listens. In a container every
 * interface is meant; the sandbox and tests bind loopback by HOST.
 */
export async function startApp<S extends typeof serverSettings>(
  app: AppDefinition<S>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const read = readEnv(app.schema, env);
  if (!read.ok) failStart(read.error);
  const settings = read.value;
  const { connector, server } = assemble(app, settings);
  const { logger, budget, clock, life } = connector;
  budget.start();
  await listen(server, {
    port: settings.PORT,
    host: settings.HOST,
    logger,
    // Until then requests need their places: a checkout without one would wait for its deadline.
    afterClose: () => life.end().finally(() => budget.stop()),
  });
  // A process that could not warm up serves all the same, and the first request meets the cause.
  const warmed = (error: unknown) => logger.warn({ error }, "not-warmed-up");
  life.start().catch(warmed);
  clock.after(WARM_UP_AFTER_MS, () => {
    app.warmUp?.().catch(warmed);
  });
}

/** Reading modules keeps a process from answering; the platform's first question after its health comes before that. */
const WARM_UP_AFTER_MS = 1000;
