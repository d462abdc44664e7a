import { stringify } from "yaml";
import type { ConnectorConfig } from "../domain/config.ts";
import { diffDocuments, formatDifference } from "./diff.ts";
import { configurationSchemaText } from "./json-schema.ts";
import { formatFinding, parseConfiguration } from "./parse.ts";

/** What the commands need of the world. `store` connects when it is called, so `validate` works without a project. */
export type ConfigToolDeps = {
  readonly readFile: (path: string) => Promise<string>;
  readonly writeFile: (path: string, text: string) => Promise<void>;
  readonly print: (line: string) => void;
  readonly store: () => Promise<ConfigurationVersions>;
};

/** Structurally the `config` part of the store. */
export type ConfigurationVersions = {
  active(): Promise<{ version: number; config: ConnectorConfig } | undefined>;
  version(number: number): Promise<ConnectorConfig | undefined>;
  versions(limit: number): Promise<{ version: number; pushedAt: string; active: boolean }[]>;
  push(config: ConnectorConfig): Promise<number>;
  activate(number: number): Promise<void>;
};

export const usage = `npm run config -- <command>
  validate [file]       check a file; says line, setting and what is expected
  diff [file]           what a push of the file would change
  push [file]           store the file as a new version and make it the active one
  pull [file]           write the active version to a file, or print it
  list                  the newest versions
  activate <version>    make an older version the active one (roll-back)
  schema [file]         write the JSON Schema for editors
The file is configuration.yaml unless given.`;

const DEFAULT_FILE = "configuration.yaml";
const SCHEMA_FILE = "docs/configuration.schema.json";

/** Runs one command; the exit code: 0 done, 1 refused with findings printed, 2 not understood. Outages are thrown. */
export async function runConfigTool(args: readonly string[], deps: ConfigToolDeps): Promise<number> {
  const [command, argument] = args;
  switch (command) {
    case "validate":
      return validate(argument ?? DEFAULT_FILE, deps);
    case "diff":
      return diff(argument ?? DEFAULT_FILE, deps);
    case "push":
      return push(argument ?? DEFAULT_FILE, deps);
    case "pull":
      return pull(argument, deps);
    case "list":
      return list(deps);
    case "activate":
      return activate(argument, deps);
    case "schema":
      await deps.writeFile(argument ?? SCHEMA_FILE, configurationSchemaText());
      deps.print(`${argument ?? SCHEMA_FILE} written`);
      return 0;
    default:
      deps.print(usage);
      return 2;
  }
}

/** The parsed file; undefined after printing why it can't be used. */
async function load(file: string, deps: ConfigToolDeps): Promise<ConnectorConfig | undefined> {
  const parsed = parseConfiguration(await deps.readFile(file));
  if (parsed.ok) return parsed.value;
  for (const finding of parsed.error) deps.print(formatFinding(file, finding));
  deps.print(`${parsed.error.length} ${parsed.error.length === 1 ? "finding" : "findings"}`);
  return undefined;
}

async function validate(file: string, deps: ConfigToolDeps): Promise<number> {
  const config = await load(file, deps);
  if (!config) return 1;
  const counts = [
    `${config.routes.length} routes`,
    `${config.sites.length} sites`,
    `${config.stock.pools.length} stock pools`,
    `${config.prices.lists.length} price lists`,
  ];
  deps.print(`${file} is valid: ${counts.join(", ")}`);
  return 0;
}

async function diff(file: string, deps: ConfigToolDeps): Promise<number> {
  const config = await load(file, deps);
  if (!config) return 1;
  const store = await deps.store();
  const active = await store.active();
  printDifferences(active, config, deps);
  return 0;
}

/** The number of differences; undefined when there is no active version to compare with. */
function printDifferences(
  active: { version: number; config: ConnectorConfig } | undefined,
  config: ConnectorConfig,
  deps: ConfigToolDeps,
): number | undefined {
  if (!active) {
    deps.print("no version is active yet: everything would be new");
    return undefined;
  }
  const found = diffDocuments(active.config, config);
  deps.print(found.length === 0 ? `equal to version ${active.version}` : `against version ${active.version}:`);
  for (const difference of found) deps.print(formatDifference(difference));
  return found.length;
}

async function push(file: string, deps: ConfigToolDeps): Promise<number> {
  const config = await load(file, deps);
  if (!config) return 1;
  const store = await deps.store();
  if (printDifferences(await store.active(), config, deps) === 0) {
    deps.print("nothing to push");
    return 0;
  }
  deps.print(`version ${await store.push(config)} is active`);
  return 0;
}

async function pull(file: string | undefined, deps: ConfigToolDeps): Promise<number> {
  const store = await deps.store();
  const active = await store.active();
  if (!active) {
    deps.print("no version is active yet");
    return 1;
  }
  const text = `# Version ${active.version}\n${configurationText(active.config)}`;
  if (file === undefined) deps.print(text.trimEnd());
  else {
    await deps.writeFile(file, text);
    deps.print(`version ${active.version} written to ${file}`);
  }
  return 0;
}

/** YAML that reads back as the same document: texts that look like numbers are quoted. */
export const configurationText = (config: ConnectorConfig): string => stringify(config, { lineWidth: 110 });

async function list(deps: ConfigToolDeps): Promise<number> {
  const store = await deps.store();
  const versions = await store.versions(50);
  if (versions.length === 0) deps.print("no version was pushed yet");
  for (const { version, pushedAt, active } of versions) {
    deps.print(`${active ? "*" : " "} ${version}  ${pushedAt}`);
  }
  return 0;
}

async function activate(argument: string | undefined, deps: ConfigToolDeps): Promise<number> {
  if (argument === undefined || !/^[1-9]\d{0,5}$/.test(argument)) {
    deps.print("activate needs the number of a version: npm run config -- activate 3");
    return 2;
  }
  const number = Number(argument);
  const store = await deps.store();
  const [wanted, active] = [await store.version(number), await store.active()];
  if (!wanted) {
    deps.print(`there is no version ${number}`);
    return 1;
  }
  printDifferences(active, wanted, deps);
  await store.activate(number);
  deps.print(`version ${number} is active`);
  return 0;
}
