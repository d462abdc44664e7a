import { parseArgs } from "node:util";
import type { ConnectorConfig } from "../domain/config.ts";
import { resolveBinding } from "../ifs/binding.ts";
import type { Report } from "./finding.ts";
import { formatGrants, grantsOf } from "./grants.ts";
import { describePlan, type ProbePlan, planProbe } from "./probe-plan.ts";
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
  /** Writes in IFS as planned; the report of it. `store`: keep what was found. */
  readonly probe: (config: NamedConfig, options: { plan: ProbePlan; store: boolean }) => Promise<Report>;
};

export const usage = `npm run doctor -- [options]
  --config <file>   look with this configuration instead of the active one
  --json            the report as JSON
  --grants          print what an IFS administrator must grant and create, and ask neither system of it
  --help            this text
Without --write-probe it reads and writes nothing.
  --write-probe --company <company>
                    settle what only a write can show, with one Planned order that is cancelled again; prints what it will do
    --yes           do it; without it nothing is sent
    --site, --customer, --address, --part, --currency, --order-type, --coordinator <code>
                    instead of what the routes of the company say
    --probe-release also release an order of the probe's own, and cancel it at once
    --no-store      print what was found and do not keep it for the connector
Exit status: 0 nothing stops a flow, 1 something does, 2 not understood.
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
  const misplaced = options["write-probe"] ? undefined : firstProbeOption(options);
  if (misplaced !== undefined) {
    deps.print(`--${misplaced} belongs to --write-probe\n\n${usage}`);
    return 2;
  }
  const given = options.config === undefined ? undefined : await named(options.config, deps);
  if (options.grants) return printGrants(given ?? (await deps.activeConfig()), options.json === true, deps);
  if (options["write-probe"]) return probe(given ?? (await deps.activeConfig()), options, deps);
  return printReport(await deps.diagnose(given), options, deps);
}

function printReport(report: Report, { json }: { json?: boolean | undefined }, { print }: DoctorCommandDeps): number {
  print(json ? JSON.stringify(report, null, 2) : formatReport(report));
  return exitStatus(report);
}

const probeOptions = {
  company: { type: "string" },
  site: { type: "string" },
  customer: { type: "string" },
  address: { type: "string" },
  part: { type: "string" },
  currency: { type: "string" },
  "order-type": { type: "string" },
  coordinator: { type: "string" },
  "probe-release": { type: "boolean" },
  "no-store": { type: "boolean" },
  yes: { type: "boolean" },
} as const;

type Options = Exclude<ReturnType<typeof readOptions>, string>;

const firstProbeOption = (options: Options): string | undefined =>
  Object.keys(probeOptions).find((name) => options[name as keyof typeof probeOptions] !== undefined);

/** Nothing is sent before the company is named and the operator said yes to what is printed. */
async function probe(config: NamedConfig, options: Options, deps: DoctorCommandDeps): Promise<number> {
  const { company, yes } = options;
  if (company === undefined) {
    deps.print(
      "The write probe creates a Planned customer order in IFS, asks its questions with it, and cancels it again. Name the company in which it may do so: --write-probe --company <company>. Nothing was sent.",
    );
    return 2;
  }
  const plan = planProbe(
    { ...options, company, orderType: options["order-type"], release: options["probe-release"] === true },
    config.value,
  );
  if (!plan.ok) {
    deps.print(`${plan.error}. Nothing was sent.`);
    return 2;
  }
  if (!yes) {
    deps.print([...describePlan(plan.value), "Nothing was sent. Say --yes to do it."].join("\n"));
    return 2;
  }
  const report = await deps.probe(config, { plan: plan.value, store: options["no-store"] !== true });
  return printReport(report, options, deps);
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
        "write-probe": { type: "boolean" },
        ...probeOptions,
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
