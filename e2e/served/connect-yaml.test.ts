import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConnectSpecification } from "@commercetools-connect/specification";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { declaredKeys as eventKeys } from "../../event-app/src/config.ts";
import { declaredKeys as jobKeys } from "../../job-app/src/config.ts";
import { declaredKeys as serviceKeys } from "../../service-app/src/config.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

type Setting = { key: string; required?: boolean; default?: string };
type Configuration = { standardConfiguration?: Setting[]; securedConfiguration?: Setting[] };
type App = { name: string; applicationType: string; endpoint?: string; configuration?: Configuration };
type ConnectFile = { deployAs: App[]; inheritAs: { apiClient: { scopes: string[] }; configuration: Configuration } };

const file = parse(readFileSync(join(root, "connect.yaml"), "utf8")) as ConnectFile;
const keysOf = (configuration: Configuration | undefined): string[] =>
  [...(configuration?.standardConfiguration ?? []), ...(configuration?.securedConfiguration ?? [])].map((s) => s.key);
const globalKeys = keysOf(file.inheritAs.configuration);
const app = (name: string): App => {
  const found = file.deployAs.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no app ${name} in connect.yaml`);
  return found;
};

/** Names that the platform injects: read by the code, never declared. */
const injected =
  /^(PORT|HOST|APPLICATION_URL|CTP_(API_URL|AUTH_URL|PROJECT_KEY|CLIENT_ID|CLIENT_SECRET|SCOPE)|CONNECT_[A-Z_]+)$/;

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.(ts|tsx|mjs)$/.test(entry.name) && !entry.name.includes(".test.") ? [path] : [];
  });
}

test("the official specification accepts connect.yaml and finds the four apps", async () => {
  const spec = await ConnectSpecification.load(root);
  expect(spec.getApplications().map((a) => [a.getName(), String(a.type)])).toEqual([
    ["event-app", "event"],
    ["job-app", "job"],
    ["service-app", "service"],
    ["mc-app", "merchant-center-custom-application"],
  ]);
});

test.each([
  ["event-app", eventKeys],
  ["job-app", jobKeys],
  ["service-app", serviceKeys],
])("%s declares every key that its schema reads, and no other", (name, keys) => {
  expect([...globalKeys, ...keysOf(app(name).configuration)].sort()).toEqual([...keys].sort());
});

test("secrets are secured, and nothing else is", () => {
  const secured = [file.inheritAs.configuration, ...file.deployAs.map((a) => a.configuration)].flatMap((c) =>
    (c?.securedConfiguration ?? []).map((s) => s.key),
  );
  expect(secured.sort()).toEqual([
    "ATP_EXTENSION_SECRET",
    "ATP_PROMISE_SECRET",
    "ATP_STOREFRONT_KEYS",
    "IFS_CLIENT_SECRET",
    "IFS_EVENT_SECRET",
  ]);
  for (const key of secured) expect(key).toMatch(/(SECRET|_KEYS)$/);
});

test("each app folder has what Connect builds from", () => {
  for (const { name } of file.deployAs) {
    const dir = join(root, name);
    for (const needed of ["package.json", "package-lock.json", "src"])
      expect(existsSync(join(dir, needed)), `${name}/${needed}`).toBe(true);
    const { scripts, engines } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
      engines: { node: string };
    };
    for (const script of ["start", "build", "gcp-build", "test"])
      expect(scripts[script], `${name}: ${script}`).toBeTruthy();
    expect(engines.node, name).toBe("24.x");
  }
});

test("each script that connect.yaml runs exists in its app", () => {
  for (const deployed of file.deployAs as (App & { scripts?: Record<string, string> })[]) {
    const { scripts } = JSON.parse(readFileSync(join(root, deployed.name, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const command of Object.values(deployed.scripts ?? {})) {
      for (const [, script] of command.matchAll(/npm run ([a-z:-]+)/g)) {
        expect(scripts[script ?? ""], `${deployed.name}: ${script}`).toBeTruthy();
      }
    }
  }
});

test("process.env is read in the apps' entry files only, and only by name where a name is fixed", () => {
  const product = ["core/src", "event-app/src", "job-app/src", "service-app/src"].flatMap((dir) =>
    sourceFiles(join(root, dir)),
  );
  expect(product.length).toBeGreaterThan(20);
  const readers = product
    .filter((path) => /process\.env/.test(readFileSync(path, "utf8")))
    .map((path) => path.slice(root.length + 1));
  for (const reader of readers)
    expect(reader).toMatch(/^(event|job|service)-app\/src\/(main|post-deploy|pre-undeploy)\.ts$/);
});

test("mc-app reads only keys that are declared for it or injected", () => {
  const declared = [...globalKeys, ...keysOf(app("mc-app").configuration)];
  const config = readFileSync(join(root, "mc-app", "custom-application-config.mjs"), "utf8");
  const names = [...config.matchAll(/\$\{env:([A-Z_]+)\}|process\.env\.([A-Z_]+)/g)];
  const read = new Set(names.map(([, placeholder, direct]) => placeholder ?? direct ?? ""));
  expect(read.size).toBeGreaterThan(4);
  // The project that a developer's server opens, and the gateway of a run against the sandbox: no deployment has them.
  const ofDevelopers = ["CTP_INITIAL_PROJECT_KEY", "MC_API_URL"];
  const unexplained = [...read].filter(
    (key) => !declared.includes(key) && !injected.test(key) && !ofDevelopers.includes(key),
  );
  expect(unexplained).toEqual([]);
  const own = keysOf(app("mc-app").configuration);
  expect(own.filter((key) => !read.has(key))).toEqual([]);
});

test("the schedule is a cron line of five fields", () => {
  const job = app("job-app") as App & { properties: { schedule: string } };
  expect(job.properties.schedule.split(/\s+/)).toHaveLength(5);
});
