/** The application's folder, copied alone, installs from its lockfile and builds, as a deployment does it. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const execute = promisify(execFile);
let alone: string;

beforeAll(async () => {
  alone = await mkdtemp(join(tmpdir(), "mc-app-"));
});

afterAll(async () => {
  await rm(alone, { recursive: true, force: true });
});

test("npm ci && npm run build without the folders beside it, with the settings of a deployment", async () => {
  const app = join(alone, "mc-app");
  const left = new Set(["node_modules", "dist", "public"]);
  await cp(join(root, "mc-app"), app, {
    recursive: true,
    filter: (source) => !left.has(source.slice(join(root, "mc-app").length + 1)),
  });
  await npm(app, ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]);
  await npm(app, ["run", "gcp-build"], {
    CUSTOM_APPLICATION_ID: "cm3application",
    ENTRY_POINT_URI_PATH: "erp-desk",
    CLOUD_IDENTIFIER: "aws-eu",
    APPLICATION_URL: "https://app.deployment.example",
  });
  const html = await readFile(join(app, "public", "index.html"), "utf8");
  const settings = /window\.app = (\{.*?\});/.exec(html)?.[1];
  expect(JSON.parse(settings ?? "{}")).toMatchObject({
    applicationIdentifier: "cm3application:erp-desk",
    entryPointUriPath: "erp-desk",
    location: "aws-eu",
    mcApiUrl: "https://mc-api.eu-central-1.aws.commercetools.com",
    frontendHost: "app.deployment.example",
    servedByProxy: true,
  });
  expect(await readdir(alone)).toEqual(["mc-app"]);
}, 300_000);

async function npm(cwd: string, args: string[], settings: Record<string, string> = {}) {
  const env = { ...process.env, ...settings };
  // The test runner's own mode is not what a deployment has.
  delete env.NODE_ENV;
  await execute("npm", args, { cwd, env, timeout: 240_000, maxBuffer: 16 * 1024 * 1024 });
}
