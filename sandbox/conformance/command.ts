import { parseArgs } from "node:util";
import { parseSettings } from "../ifs/settings.ts";
import { ifsProfile } from "../profiles.ts";
import type { Result } from "./check.ts";
import { cleanUp } from "./drafts.ts";
import type { Tenant } from "./names.ts";
import { type Controls, controlsOf, createProbe, type Probe } from "./probe.ts";
import { tenantOfProfile } from "./profile-tenant.ts";
import { allChecks, runCheck } from "./run.ts";

export type CommandDeps = {
  env: Record<string, string | undefined>;
  fetch: typeof fetch;
  now: () => number;
  print: (line: string) => void;
  readFile: (path: string) => Promise<string>;
};

const SECRET = "IFS_CLIENT_SECRET";

export const help = `Is this server an IFS Cloud as the connector expects it?

  npm run conformance -- --url https://<host> --token-url https://<host>/auth/realms/<realm>/protocol/openid-connect/token
                         --client-id <id> [options]          (the client's secret in ${SECRET})

What to look at (found by reading where nothing is named):
  --site <Contract>         --company <Company>       --part <PartNo>          --order <OrderNo>
  --time-zone <IANA zone>   zone of the site          --discount-charge <type> charge type of discounts

What is known of the tenant (its names, and its readings of what no public source settles):
  --tenant <file.json>      a JSON object in the words of sandbox/ifs/settings.ts
  --profile <name>          one of the sandbox's kinds of tenant

What may be done:
  --write                   run the checks that make orders, too; --company names where. They are cancelled at the end
  --sandbox                 the server is this project's sandbox: run the checks that need its controls
  --only <text>             only checks whose id begins with this
  --list                    name the checks and do nothing
  --json                    one JSON document instead of lines

Exit status: 0 nothing differs, 1 something differs, 2 not understood, 3 no token.`;

const options = {
  url: { type: "string" },
  "token-url": { type: "string" },
  "client-id": { type: "string" },
  site: { type: "string" },
  company: { type: "string" },
  part: { type: "string" },
  order: { type: "string" },
  "time-zone": { type: "string" },
  "discount-charge": { type: "string" },
  tenant: { type: "string" },
  profile: { type: "string" },
  only: { type: "string" },
  write: { type: "boolean", default: false },
  sandbox: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

/** Gives the exit status. */
export async function runConformance(args: string[], deps: CommandDeps): Promise<number> {
  let given: Given;
  let probe: Probe;
  try {
    given = parseArgs({ args, options }).values;
    if (given.help) return say(deps, help, 0);
    if (given.list) return list(given, deps);
    probe = await probeOf(given, deps);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return say(deps, `${text}\nnpm run conformance -- --help says what can be given.`, 2);
  }
  const refusal = await withoutToken(probe);
  if (refusal !== undefined) return say(deps, refusal, 3);
  const results: Result[] = [];
  for (const check of chosen(given)) {
    const result = await runCheck(check, probe);
    results.push(result);
    if (!given.json) deps.print(line(result));
  }
  const left = await cleanUp(probe);
  report(results, left, given.json, deps);
  return results.some(({ verdict }) => verdict === "fail") ? 1 : 0;
}

function say(deps: CommandDeps, text: string, status: number): number {
  deps.print(text);
  return status;
}

function chosen(given: Given) {
  return allChecks.filter(
    ({ id, kind }) => id.startsWith(given.only ?? "") && (kind === "read-only" || given.write || given.list),
  );
}

function list(given: Given, deps: CommandDeps): number {
  for (const { id, kind, confidence, needs, title } of chosen(given)) {
    deps.print(`${id}  [${[kind, confidence, ...(needs ? [needs] : [])].join(", ")}]  ${title}`);
  }
  return 0;
}

function required(given: Given, name: "url" | "token-url" | "client-id"): string {
  const value = given[name];
  if (!value) throw new Error(`--${name} is missing.`);
  return value;
}

async function probeOf(given: Given, deps: CommandDeps): Promise<Probe> {
  const url = new URL(required(given, "url")).origin;
  const clientSecret = deps.env[SECRET];
  const target = {
    url,
    tokenUrl: required(given, "token-url"),
    clientId: required(given, "client-id"),
    clientSecret: clientSecret ?? "",
    fetch: deps.fetch,
    now: deps.now,
  };
  if (!clientSecret) throw new Error(`the client's secret is missing: set ${SECRET}.`);
  if (given.write && given.company === undefined) {
    throw new Error("--write makes orders: name the company they may be made in with --company.");
  }
  const subject = {
    ...(given.site === undefined ? {} : { site: given.site }),
    ...(given.company === undefined ? {} : { company: given.company }),
    ...(given.part === undefined ? {} : { part: given.part }),
    ...(given.order === undefined ? {} : { orderNo: given.order }),
    ...(given["discount-charge"] === undefined ? {} : { discountChargeType: given["discount-charge"] }),
  };
  const tenant = await tenantOf(given, deps);
  const probe = createProbe({ target, tenant, subject });
  if (!given.sandbox) return probe;
  const sandbox: Controls = controlsOf(probe.raw);
  return createProbe({ target, tenant, subject, sandbox });
}

async function tenantOf(given: Given, deps: CommandDeps): Promise<Tenant> {
  const ofProfile = given.profile === undefined ? {} : tenantOfProfile(ifsProfile(given.profile));
  const ofFile = given.tenant === undefined ? {} : parseSettings(JSON.parse(await deps.readFile(given.tenant)));
  const tenant: Tenant = { ...ofProfile, ...ofFile };
  const zone = given["time-zone"];
  if (zone === undefined) return tenant;
  if (given.site === undefined) throw new Error("--time-zone is the zone of the site that --site names.");
  if (!Intl.supportedValuesOf("timeZone").includes(zone)) throw new Error(`"${zone}" is no time zone.`);
  return { ...tenant, siteTimeZones: { ...tenant.siteTimeZones, [given.site]: zone } };
}

async function withoutToken(probe: Probe): Promise<string | undefined> {
  const { tokenUrl, clientId } = probe.target;
  try {
    const answer = await probe.token();
    if (answer.status === 200 && typeof answer.json.access_token === "string") return undefined;
    return `${tokenUrl} gave ${clientId} no token: status ${answer.status}. Check client id, secret and token URL.`;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return `${tokenUrl} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

function line({ verdict, id, confidence, title, seen }: Result): string {
  return `${verdict.padEnd(14)} ${id}: ${title} (${confidence})\n${" ".repeat(15)}${seen}`;
}

function report(results: Result[], left: string[], asJson: boolean, deps: CommandDeps) {
  const count = (verdict: Result["verdict"]) => results.filter((result) => result.verdict === verdict).length;
  const summary = { pass: count("pass"), fail: count("fail"), notApplicable: count("not applicable") };
  if (asJson) {
    deps.print(JSON.stringify({ summary, results, ordersLeft: left }, null, 2));
    return;
  }
  deps.print(`${summary.pass} pass, ${summary.fail} fail, ${summary.notApplicable} not applicable`);
  if (left.length > 0) deps.print(`Orders that could not be cancelled, cancel them by hand: ${left.join(", ")}`);
}
