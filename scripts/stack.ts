/** Everything that a story needs, as real processes on 127.0.0.1: the sandbox, and the three servers from their bundles. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { buildMcApp } from "./mc-app.ts";
import { freePort, type Running, start } from "./processes.ts";
import { installFolder, type Progress, run } from "./setup.ts";

export const ENTRY_POINT = "ifs-cloud";
export const PROJECT_KEY = "sandbox-shop";
const SANDBOX_SECRET = "sandbox-secret";

export const appNames = ["event-app", "job-app", "service-app"] as const;
export type AppName = (typeof appNames)[number];

export type Ports = { ifs: number; commercetools: number; merchantCenter: number } & Record<AppName, number>;

export const preferredPorts: Ports = {
  ifs: 4010,
  commercetools: 4020,
  merchantCenter: 4030,
  "event-app": 4101,
  "job-app": 4102,
  "service-app": 4103,
};

export type Stack = {
  /** The repository. */
  readonly root: string;
  readonly ports: Ports;
  readonly urls: {
    readonly ifs: string;
    readonly commercetools: string;
    /** The page in a browser, and where the gateway answers programs; undefined without Merchant Center. */
    readonly merchantCenter: { page: string; gateway: string } | undefined;
    readonly event: string;
    readonly job: string;
    readonly service: string;
  };
  /** What Connect would hand to an application and its scripts. */
  readonly env: (app: AppName) => NodeJS.ProcessEnv;
  app(name: AppName): Running;
  /** SIGKILL, as a crash. */
  kill(name: AppName): Promise<void>;
  startApp(name: AppName): Promise<Running>;
  /** Runs an application's own script (`post-deploy`, `pre-undeploy`) from its bundle; its output. */
  script(
    name: AppName,
    script: "post-deploy" | "pre-undeploy",
    args?: string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<string>;
  stop(): Promise<void>;
};

export type StackOptions = {
  root: string;
  ports?: Partial<Ports>;
  /** Where logs go; one file per process. */
  logDir: string;
  progress: Progress;
  merchantCenter: boolean;
  /** The jar of Google's Pub/Sub emulator, to push instead of the sandbox's own deliverer. */
  pubsubJar?: string | undefined;
  /** The program that is the two platforms; sandbox/main.ts when absent. It reads the same SANDBOX_ settings, and `sandboxEnv`. */
  platforms?: string;
  sandboxEnv?: NodeJS.ProcessEnv;
  /** How long the platforms may take until they are filled. */
  seededWithinMs?: number;
  /** The applications to build; all when absent. */
  apps?: readonly AppName[];
  /** The applications are built already: two stacks that run beside each other must not write the same bundles. */
  built?: boolean;
  /** Writes `.sandbox.json`, so that `npm run sandbox`, `config` and `doctor` find this stack. */
  announce: boolean;
};

/** The bundles of the applications, with the packages that they need; of all when `names` is absent. */
export async function buildApps(root: string, progress: Progress, names: readonly AppName[] = appNames): Promise<void> {
  for (const name of names) await installFolder(root, name, progress);
  progress("building the applications ...");
  await Promise.all(names.map((name) => run(process.execPath, ["build.mjs"], join(root, name))));
}

/** Builds the bundles, starts the sandbox and tells it where events go. The applications are started by `startApp`. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { root, progress } = options;
  const ports = await choosePorts(options.ports ?? {});
  if (!options.built) await buildApps(root, progress, options.apps);
  const mcAppDir = options.merchantCenter
    ? (await buildMcApp({ root, port: ports.merchantCenter, entryPointUriPath: ENTRY_POINT, progress })).dir
    : "";

  const urls = {
    ifs: `http://127.0.0.1:${ports.ifs}`,
    commercetools: `http://127.0.0.1:${ports.commercetools}`,
    merchantCenter: options.merchantCenter
      ? {
          page: `http://mc.localhost:${ports.merchantCenter}/${PROJECT_KEY}/${ENTRY_POINT}`,
          gateway: `http://127.0.0.1:${ports.merchantCenter}`,
        }
      : undefined,
    event: `http://127.0.0.1:${ports["event-app"]}/event`,
    job: `http://127.0.0.1:${ports["job-app"]}/job`,
    service: `http://127.0.0.1:${ports["service-app"]}/service`,
  };
  const env = (app: AppName) => environment(app, ports, urls);
  const answers = (url: string) => async () => (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;

  const sandbox = await start({
    name: "sandbox",
    command: process.execPath,
    args: [options.platforms ?? join(root, "sandbox", "main.ts")],
    cwd: root,
    env: {
      PATH: process.env.PATH,
      SANDBOX_IFS_PORT: String(ports.ifs),
      SANDBOX_COMMERCETOOLS_PORT: String(ports.commercetools),
      SANDBOX_MERCHANT_CENTER_PORT: String(ports.merchantCenter),
      SANDBOX_MC_APP_DIR: mcAppDir,
      SANDBOX_ENTRY_POINT: ENTRY_POINT,
      SANDBOX_EVENT_URL: urls.event,
      ...(options.pubsubJar ? { SANDBOX_PUBSUB_JAR: options.pubsubJar } : {}),
      SANDBOX_CONNECTOR_SCOPES: declaredScopes(root).join(" "),
      ...options.sandboxEnv,
    },
    logFile: join(options.logDir, "sandbox.log"),
    ready: async () =>
      (await answers(`${urls.ifs}/sandbox/health`)()) &&
      (await answers(`${urls.commercetools}/sandbox/health`)()) &&
      (!options.merchantCenter || (await answers(`http://127.0.0.1:${ports.merchantCenter}/sandbox/health`)())),
    timeoutMs: options.seededWithinMs ?? 60_000,
  });

  const announcement = join(root, ".sandbox.json");
  if (options.announce) writeFileSync(announcement, `${JSON.stringify(announced(urls), null, 2)}\n`);

  const apps = new Map<AppName, Running>();
  const health: Record<AppName, string> = {
    "event-app": `http://127.0.0.1:${ports["event-app"]}/health`,
    "job-app": `http://127.0.0.1:${ports["job-app"]}/health`,
    "service-app": `${urls.service}/health`,
  };
  const appOf = (name: AppName): Running => {
    const running = apps.get(name);
    if (!running) throw new Error(`${name} is not running`);
    return running;
  };
  return {
    root,
    ports,
    urls,
    env,
    app: appOf,
    async kill(name) {
      await appOf(name).kill();
      apps.delete(name);
    },
    async startApp(name) {
      const running = await start({
        name,
        command: process.execPath,
        args: startArgs(join(root, name)),
        cwd: join(root, name),
        env: env(name),
        logFile: join(options.logDir, `${name}.log`),
        ready: answers(health[name]),
        timeoutMs: 15_000,
      });
      apps.set(name, running);
      return running;
    },
    script: (name, script, args = [], extra = {}) =>
      run(process.execPath, [`dist/${script}.js`, ...args], join(root, name), { ...env(name), ...extra }),
    async stop() {
      await Promise.all([...apps.values()].map((running) => running.stop()));
      await sandbox.stop();
      if (options.announce) rmSync(announcement, { force: true });
    },
  };
}

/** What Connect runs: the application's own `npm start`, whose flags bound its memory. */
function startArgs(appDir: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(appDir, "package.json"), "utf8")) as { scripts: { start: string } };
  const [node, ...args] = scripts.start.split(" ");
  if (node !== "node") throw new Error(`"start" of ${appDir} is not "node ...": ${scripts.start}`);
  return args;
}

/** The scopes that Connect would give to the connector's API client: the story shows that they are enough. */
function declaredScopes(root: string): string[] {
  const file = parse(readFileSync(join(root, "connect.yaml"), "utf8")) as {
    inheritAs: { apiClient: { scopes: string[] } };
  };
  return file.inheritAs.apiClient.scopes;
}

/** Any that are free: what is measured or tested beside something else must not meet it. */
export const anyPorts: Ports = {
  ...{ ifs: 0, commercetools: 0, merchantCenter: 0 },
  ...{ "event-app": 0, "job-app": 0, "service-app": 0 },
};

async function choosePorts(wanted: Partial<Ports>): Promise<Ports> {
  const taken = new Set<number>();
  const chosen: Partial<Ports> = {};
  for (const name of Object.keys(preferredPorts) as (keyof Ports)[]) {
    const port = await freePort(wanted[name] ?? preferredPorts[name], taken);
    taken.add(port);
    chosen[name] = port;
  }
  return chosen as Ports;
}

/** What `npm run sandbox`, `npm run config` and `npm run doctor` need to reach this stack. */
function announced(urls: Stack["urls"]) {
  return {
    ifs: urls.ifs,
    ifsClient: {
      tokenUrl: `${urls.ifs}/auth/realms/sandbox/protocol/openid-connect/token`,
      clientId: "ctconnector",
      clientSecret: SANDBOX_SECRET,
    },
    commercetools: {
      apiUrl: urls.commercetools,
      authUrl: urls.commercetools,
      projectKey: PROJECT_KEY,
      clientId: "connector",
      clientSecret: SANDBOX_SECRET,
    },
    merchantCenter: urls.merchantCenter?.page ?? null,
    service: urls.service,
  };
}

function environment(app: AppName, ports: Ports, urls: Stack["urls"]): NodeJS.ProcessEnv {
  const shared = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: String(ports[app]),
    CTP_API_URL: urls.commercetools,
    CTP_AUTH_URL: urls.commercetools,
    CTP_PROJECT_KEY: PROJECT_KEY,
    CTP_CLIENT_ID: "connector",
    CTP_CLIENT_SECRET: SANDBOX_SECRET,
    IFS_BASE_URL: urls.ifs,
    IFS_TOKEN_URL: `${urls.ifs}/auth/realms/sandbox/protocol/openid-connect/token`,
    IFS_CLIENT_ID: "ctconnector",
    IFS_CLIENT_SECRET: SANDBOX_SECRET,
    LOG_LEVEL: "info",
  };
  switch (app) {
    case "event-app":
      return {
        ...shared,
        CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub",
        CONNECT_GCP_PROJECT_ID: "sandbox",
        CONNECT_GCP_TOPIC_NAME: "connector-events",
      };
    case "job-app":
      return shared;
    case "service-app":
      return {
        ...shared,
        CONNECT_SERVICE_URL: urls.service,
        CLOUD_IDENTIFIER: urls.merchantCenter?.gateway ?? "gcp-eu",
        ENTRY_POINT_URI_PATH: ENTRY_POINT,
        CTP_SESSION_URL: urls.commercetools,
        ATP_EXTENSION_SECRET: "sandbox-extension-secret",
        ATP_STOREFRONT_KEYS: "sandbox-storefront-key-0123456789",
        IFS_EVENT_SECRET: "sandbox-ifs-event-secret",
      };
  }
}
