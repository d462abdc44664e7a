/** `npm run doctor -- [--config <file>] [--json] [--grants] [--write-probe ...]`: what keeps the connector from working, and who can repair it. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatFinding, parseConfiguration } from "../core/src/config-tool/parse.ts";
import { chooseProject } from "../core/src/config-tool/project.ts";
import { createCt } from "../core/src/ct/client.ts";
import { createStore } from "../core/src/ct/store.ts";
import { runDoctorCommand } from "../core/src/doctor/command.ts";
import { chooseIfs } from "../core/src/doctor/connections.ts";
import { reportOf } from "../core/src/doctor/finding.ts";
import { runDoctor } from "../core/src/doctor/run.ts";
import { runWriteProbe } from "../core/src/doctor/write-probe.ts";
import type { ConnectorConfig } from "../core/src/domain/config.ts";
import { systemClock } from "../core/src/runtime/clock.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };

async function announcement(): Promise<string | undefined> {
  try {
    return await readFile(join(root, ".sandbox.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function project() {
  const chosen = chooseProject(process.env, await announcement());
  if (!chosen.ok) throw new Error(chosen.error);
  return chosen.value;
}

async function readConfig(path: string): Promise<ConnectorConfig> {
  const parsed = parseConfiguration(await readFile(path, "utf8"));
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.error.map((finding) => formatFinding(path, finding)).join("\n"));
}

try {
  process.exitCode = await runDoctorCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    readConfig,
    async activeConfig() {
      const ct = createCt({ ...(await project()), logger });
      const active = await createStore(ct, systemClock).config.active();
      if (!active)
        throw new Error("no configuration was pushed yet; name a file: npm run doctor -- --grants --config <file>");
      return { name: `version ${active.version}`, value: active.config };
    },
    diagnose: async (config) =>
      runDoctor({
        commercetools: await project(),
        ifs: chooseIfs(process.env, await announcement()),
        ...(config ? { config } : {}),
        clock: systemClock,
        logger,
      }),
    async probe(config, { plan, store }) {
      const ifs = chooseIfs(process.env, await announcement());
      if (!ifs) throw new Error("set IFS_BASE_URL, IFS_TOKEN_URL, IFS_CLIENT_ID and IFS_CLIENT_SECRET");
      const { projectKey, ...access } = await project();
      const documents = createStore(createCt({ projectKey, ...access, logger }), systemClock).capabilities;
      const { document, ...found } = await runWriteProbe({
        connection: ifs,
        config: config.value,
        plan,
        clock: systemClock,
        logger,
        earlier: await documents.read(),
      });
      if (document && store) await documents.write(document);
      const kept = document && store ? "kept for the connector" : "not kept";
      const about = {
        at: new Date().toISOString(),
        projectKey,
        configuration: config.name,
        owners: config.value.owners,
      };
      return reportOf(about, { ...found, seen: [...found.seen, `what was found is ${kept}`] });
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
