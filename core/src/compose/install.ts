/** What the three deployment scripts share: the settings, the check of the IFS credentials, and the printed report. */

import type { z } from "zod";
import type { CtClient } from "../ct/client.ts";
import type { Installed, Removed } from "../ct/installed.ts";
import { createStore } from "../ct/store.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import { ifsChangesSchema } from "../domain/ifs-changes.ts";
import { systemClock } from "../runtime/clock.ts";
import { describeFindings, readEnv } from "../runtime/env.ts";
import { createLogger } from "../runtime/logger.ts";
import { type ConnectionSettings, connectCommercetools, connectIfs, type Surroundings } from "./connector.ts";
import type { ServerSettings } from "./settings.ts";

/** Without a configuration only the credential itself can be checked: no site is asked for. */
const nothingConfigured: Pick<ConnectorConfig, "ifs" | "sites"> = {
  sites: [],
  ifs: {
    changeSets: "auto",
    pageSize: 500,
    readTimeoutMs: 20_000,
    writeTimeoutMs: 20_000,
    concurrency: 2,
    budget: { requestsPerMinute: 600, concurrency: 8 },
    sentinelOrders: {},
    sentinelReturns: {},
    changes: ifsChangesSchema.parse({}),
    journalFields: [],
    binding: {},
  },
};

/** A deployment script's own; its log goes quiet below warnings, the report is what people read. */
export const scriptSurroundings = (): Surroundings => ({
  clock: systemClock,
  logger: createLogger({ app: "deployment", level: "warn" }),
});

/** Signs in to IFS and reads the configured sites; the sentence is printed by the script. Throws where a person must act. */
export const createIfsCheck =
  (ct: CtClient, settings: ServerSettings, surroundings: Surroundings) => async (): Promise<string> => {
    const active = await createStore(ct, surroundings.clock).config.active();
    const config = active?.config ?? nothingConfigured;
    const { visible, missing } = await connectIfs(settings, config, surroundings).ping();
    if (!active) return "IFS accepts the credentials; sites are checked once a configuration is pushed";
    if (missing.length > 0) {
      throw new Error(
        `IFS does not show site ${missing.join(", ")} to the service user: grant the site and its company in IFS, or correct the configuration`,
      );
    }
    return `IFS accepts the credentials and shows site ${visible.join(", ")}`;
  };

/** Runs a deployment script to its end: prints what was done, or what is wrong, and sets the exit code. */
export async function runScript<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
  work: (settings: z.infer<S>) => Promise<readonly (Installed | Removed)[]>,
): Promise<number> {
  const settings = readEnv(schema, env);
  if (!settings.ok) {
    process.stderr.write(`${describeFindings(settings.error)}\n`);
    return 1;
  }
  try {
    for (const line of await work(settings.value)) process.stdout.write(`${describe(line)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

const describe = (line: Installed | Removed): string =>
  `${line.done.padEnd(9)} ${line.resource}: ${"detail" in line ? line.detail : line.why}`;

/** The commercetools client of a deployment script. */
export const scriptClient = (settings: ConnectionSettings, surroundings = scriptSurroundings()): CtClient =>
  connectCommercetools(settings, surroundings);
