import { parseArgs } from "node:util";
import type { ConnectorConfig } from "../domain/config.ts";
import { resolveBinding } from "../ifs/binding.ts";
import type { Report } from "./finding.ts";
import { formatGrants, grantsOf } from "./grants.ts";
import { exitStatus, formatReport } from "./report.ts";

export type NamedConfig = { readonly name: string; readonly value: ConnectorConfig };

/** What the command needs of the world. */
export type DoctorCommandDeps = {
  readonly print: (line: string) => void;
  /** A configuration file; throws an Error whose text tells what is wrong with it. */
  readonly readConfig: (path: string) => Promise<ConnectorConfig>;
  /** The active configuration of the project; throws where there is none. */
  readonly activeConfig: () => Promise<NamedConfig>;
  readonly diagnose: (config: NamedConfig | undefined) => Promise<Report>;
};

export const usage = `npm run doctor -- [options]
  --config <file>   look with this configuration instead of the active one
  --json            the report as JSON
  --grants          print what an IFS administrator must grant and create, and ask neither system of it
  --help            this text
It reads and writes nothing. Exit status: 0 nothing stops a flow, 1 something does, 2 not understood.
Both systems are named by CTP_API_URL, CTP_AUTH_URL, CTP_PROJECT_KEY, CTP_CLIENT_ID, CTP_CLIENT_SECRET, IFS_BASE_URL,
IFS_TOKEN_URL, IFS_CLIENT_ID and IFS_CLIENT_SECRET; without CTP_PROJECT_KEY they are the running sandbox's.`;

/** Runs the command; the exit status. */
export async function runDoctorCommand(args: readonly string[], deps: DoctorCommandDeps): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    deps.print(`${options}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    deps.print(usage);
    return 0;
  }
  const given = options.config === undefined ? undefined : await named(options.config, deps);
  if (options.grants) return printGrants(given ?? (await deps.activeConfig()), options.json === true, deps);
  const report = await deps.diagnose(given);
  deps.print(options.json ? JSON.stringify(report, null, 2) : formatReport(report));
  return exitStatus(report);
}

const named = async (path: string, deps: DoctorCommandDeps): Promise<NamedConfig> => ({
  name: path,
  value: await deps.readConfig(path),
});

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: "string" },
        json: { type: "boolean" },
        grants: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

function printGrants({ name, value }: NamedConfig, json: boolean, { print }: DoctorCommandDeps): number {
  const binding = resolveBinding(value.ifs.binding);
  if (!binding.ok) {
    for (const { path, message } of binding.error) print(`${name}: ifs.binding.${path}: ${message}`);
    return 1;
  }
  const grants = grantsOf(binding.value, value);
  print(json ? JSON.stringify(grants, null, 2) : formatGrants(grants));
  return 0;
}
