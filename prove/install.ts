/** Puts the connector into a world as a merchant does: the three post-deploy scripts, then the configuration. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { connectCommercetools, type Surroundings } from "../core/src/compose/connector.ts";
import { runConfigTool } from "../core/src/config-tool/commands.ts";
import type { Installed, Removed } from "../core/src/ct/installed.ts";
import { createStore } from "../core/src/ct/store.ts";
import { uninstallJobs, uninstallOrders } from "../core/src/ct/uninstall.ts";
import { connectorConfigSchema } from "../core/src/domain/config.ts";
import { readEnv } from "../core/src/runtime/env.ts";
import { configSchema as eventSchema } from "../event-app/src/config.ts";
import { install as installEventApp } from "../event-app/src/install.ts";
import { configSchema as jobSchema } from "../job-app/src/config.ts";
import { install as installJobApp } from "../job-app/src/install.ts";
import { installSchema, install as installServiceApp } from "../service-app/src/install.ts";
import { type AppName, appNames, environmentOf } from "./addresses.ts";
import { loggerOf, randomOf } from "./processes.ts";
import type { World } from "./world.ts";

export type Document = Readonly<Record<string, unknown>>;

/** Who runs a script or a command on a machine of its own. */
export function surroundingsOf(
  { ground }: Pick<World, "ground">,
  name: string,
): Surroundings & { fetch: typeof fetch } {
  return {
    clock: ground.time.clock,
    random: randomOf(ground.random),
    fetch: ground.network.fetchOf({ name }),
    logger: loggerOf(ground, name),
  };
}

/** One application's post-deploy script; what it printed about each resource. */
export const deploy = (world: World, app: AppName): Promise<Installed[]> => world.drive(deployment(world, app));

/** The same where time passes anyway. */
export async function deployment(world: World, app: AppName): Promise<Installed[]> {
  const env = environmentOf(app);
  const surroundings = surroundingsOf(world, `deployment of ${app}`);
  switch (app) {
    case "event-app":
      return installEventApp(settingsOf(eventSchema, env), env, surroundings);
    case "job-app":
      return installJobApp(settingsOf(jobSchema, env), surroundings);
    case "service-app":
      return installServiceApp(settingsOf(installSchema, env), surroundings);
  }
}

/** The pre-undeploy scripts of the two applications that export orders. */
export async function undeployment(world: World, app: "event-app" | "job-app"): Promise<Removed[]> {
  const { clock, random, fetch, logger } = surroundingsOf(world, `removal of ${app}`);
  const ct = connectCommercetools(settingsOf(jobSchema, environmentOf("job-app")), { clock, random, fetch, logger });
  return app === "event-app" ? uninstallOrders(ct, { purge: false }) : uninstallJobs(ct, { purge: false });
}

function settingsOf<S extends Parameters<typeof readEnv>[0]>(schema: S, env: Readonly<Record<string, string>>) {
  const settings = readEnv(schema, env);
  if (!settings.ok) throw new Error(`the environment is wrong: ${JSON.stringify(settings.error)}`);
  return settings.value;
}

const file = fileURLToPath(new URL("../sandbox/connector-config.yaml", import.meta.url));
const sandboxConfiguration = parse(readFileSync(file, "utf8")) as Document;

/** The sandbox's configuration with the tenant's part and what a story wants in it, later ones over earlier ones. */
export function configurationOf(world: Pick<World, "tenant">, ...changes: readonly Document[]): Document {
  return [world.tenant.configuration, ...changes].reduce(merged, sandboxConfiguration);
}

/** Objects are merged, everything else is replaced. */
function merged(base: Document, over: Document): Document {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const known = result[key];
    result[key] = isDocument(known) && isDocument(value) ? merged(known, value) : value;
  }
  return result;
}

const isDocument = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `npm run config -- push`; throws with its words where it refuses. */
export async function pushConfiguration(world: World, document: Document): Promise<void> {
  const { clock, random, fetch, logger } = surroundingsOf(world, "config");
  const lines: string[] = [];
  const code = await world.drive(
    runConfigTool(["push", "configuration.json"], {
      readFile: async () => JSON.stringify(document),
      writeFile: async () => undefined,
      print: (line) => void lines.push(line),
      store: async () => {
        const settings = settingsOf(jobSchema, environmentOf("job-app"));
        return createStore(connectCommercetools(settings, { clock, random, fetch, logger }), clock, random).config;
      },
    }),
  );
  if (code !== 0) throw new Error(`the configuration was refused:\n${lines.join("\n")}`);
}

/** What a script or a command of the connector reads of its environment. */
export const jobSettings = () => settingsOf(jobSchema, environmentOf("job-app"));

/** The same configuration without the command in front of it. */
export async function storeConfiguration(world: World, document: Document): Promise<void> {
  const { clock, random, fetch, logger } = surroundingsOf(world, "config");
  const ct = connectCommercetools(settingsOf(jobSchema, environmentOf("job-app")), { clock, random, fetch, logger });
  await world.drive(createStore(ct, clock, random).config.push(connectorConfigSchema.parse(document)));
}

/** Installs everything, pushes the configuration and starts one process of each application. */
export async function installConnector(world: World, ...changes: readonly Document[]): Promise<void> {
  for (const app of appNames) await deploy(world, app);
  await pushConfiguration(world, configurationOf(world, ...changes));
  for (const app of appNames) world.start(app);
}
