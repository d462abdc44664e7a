/**
 * `npm run config -- validate | diff | push | pull | list | activate | schema [file]`: the merchant's configuration from the
 * command line. The project is named by CTP_API_URL, CTP_AUTH_URL, CTP_PROJECT_KEY, CTP_CLIENT_ID and CTP_CLIENT_SECRET;
 * without CTP_PROJECT_KEY it is the running sandbox's.
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConfigurationVersions, runConfigTool } from "../core/src/config-tool/commands.ts";
import { chooseProject } from "../core/src/config-tool/project.ts";
import { createCt } from "../core/src/ct/client.ts";
import { createStore } from "../core/src/ct/store.ts";
import { systemClock } from "../core/src/runtime/clock.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The text of a file; undefined where it does not exist. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function store(): Promise<ConfigurationVersions> {
  const project = chooseProject(process.env, await textOf(join(root, ".sandbox.json")));
  if (!project.ok) throw new Error(project.error);
  const silent = () => {};
  const ct = createCt({ ...project.value, logger: { info: silent, warn: silent, error: silent } });
  return createStore(ct, systemClock).config;
}

async function readText(path: string): Promise<string> {
  const text = await textOf(path);
  if (text === undefined) throw new Error(`there is no file ${path}`);
  return text;
}

try {
  process.exitCode = await runConfigTool(process.argv.slice(2), {
    readFile: readText,
    writeFile: (path, text) => writeFile(path, text),
    print: (line) => process.stdout.write(`${line}\n`),
    store,
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
