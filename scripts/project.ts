/** Both systems as a command sees them: named by the environment, else those of the running sandbox. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Connector, createConnector } from "../core/src/compose/connector.ts";
import { traceless } from "../core/src/compose/dry-run.ts";
import { type ServerSettings, serverSettings } from "../core/src/compose/settings.ts";
import { chooseProject } from "../core/src/config-tool/project.ts";
import { chooseIfs } from "../core/src/doctor/connections.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function announcement(): Promise<string | undefined> {
  try {
    return await readFile(join(root, ".sandbox.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

type Opened = Connector & { close(): Promise<void> };

/** A connector with its part of the shared budget; `close` gives it back. Throws what is missing. */
export async function openProject(): Promise<Opened> {
  return opened(createConnector({ app: "command", settings: await settings(), lanes: ["orders", "reports"] }));
}

/** A connector for commands that write nothing, and so take no part of the shared budget. */
export async function openReader(): Promise<Opened> {
  const budget = traceless({ info: () => {}, warn: () => {}, error: () => {} });
  return opened(createConnector({ app: "command", settings: await settings(), lanes: ["orders", "reports"], budget }));
}

function opened(connector: Connector): Opened {
  connector.budget.start();
  return { ...connector, close: () => connector.budget.stop() };
}

async function settings(): Promise<ServerSettings> {
  const announced = await announcement();
  const project = chooseProject(process.env, announced);
  if (!project.ok) throw new Error(project.error);
  const ifs = chooseIfs(process.env, announced);
  if (!ifs) throw new Error("which IFS Cloud? Set IFS_BASE_URL, IFS_TOKEN_URL, IFS_CLIENT_ID and IFS_CLIENT_SECRET");
  const { apiUrl, authUrl, projectKey, clientId, clientSecret } = project.value;
  return serverSettings.parse({
    CTP_API_URL: apiUrl,
    CTP_AUTH_URL: authUrl,
    CTP_PROJECT_KEY: projectKey,
    CTP_CLIENT_ID: clientId,
    CTP_CLIENT_SECRET: clientSecret,
    IFS_BASE_URL: ifs.baseUrl,
    IFS_TOKEN_URL: ifs.tokenUrl,
    IFS_CLIENT_ID: ifs.clientId,
    IFS_CLIENT_SECRET: ifs.clientSecret,
    LOG_LEVEL: "error",
  });
}
