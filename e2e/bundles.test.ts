/**
 * Each server app, its folder copied alone, builds against a mounted repository as Connect builds it, and its bundle runs from
 * an empty directory.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../scripts/processes.ts";
import { run } from "../scripts/setup.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = mkdtempSync(join(tmpdir(), "bundles-"));
const children = new Set<ChildProcess>();
const HEALTHY_WITHIN_MS = 1000;

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});

/** Settings that are well-formed and lead nowhere: a bundle must start without its two systems. */
const settings = {
  CTP_API_URL: "http://127.0.0.1:9",
  CTP_AUTH_URL: "http://127.0.0.1:9",
  CTP_PROJECT_KEY: "nowhere",
  CTP_CLIENT_ID: "id",
  CTP_CLIENT_SECRET: "not-a-secret",
  CTP_SESSION_URL: "http://127.0.0.1:9",
  IFS_BASE_URL: "http://127.0.0.1:9",
  IFS_TOKEN_URL: "http://127.0.0.1:9/token",
  IFS_CLIENT_ID: "id",
  IFS_CLIENT_SECRET: "not-a-secret",
  CLOUD_IDENTIFIER: "gcp-eu",
  ENTRY_POINT_URI_PATH: "ifs-cloud",
  ATP_EXTENSION_SECRET: "0123456789abcdef0123456789abcdef",
  LOG_LEVEL: "info",
  HOST: "127.0.0.1",
};

const apps = [
  { name: "event-app", health: "/health" },
  { name: "job-app", health: "/health" },
  { name: "service-app", health: "/service/health" },
];

const aloneOf = (name: string): string => join(work, name);

/** Side by side: an installation waits for the registry and the disk most of its time. Nothing else runs when a start is timed. */
beforeAll(async () => {
  const mount = mountedRepository();
  await Promise.all(
    apps.map(async ({ name }) => {
      const alone = aloneOf(name);
      cpSync(join(root, name), alone, { recursive: true, filter: without(join(root, name)) });
      await run("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], alone);
      await run("npm", ["run", "gcp-build"], alone, { ...process.env, CONNECT_REPOSITORY_MOUNT: mount });
    }),
  );
});

const without = (dir: string) => (path: string) => !path.slice(dir.length).match(/(^|\/)(node_modules|dist)(\/|$)/);

function mountedRepository(): string {
  const mount = join(work, "lib");
  const core = join(root, "core");
  cpSync(core, join(mount, "core"), { recursive: true, filter: without(core) });
  return mount;
}

async function healthy(url: string, deadline: number): Promise<number | undefined> {
  while (performance.now() < deadline) {
    const status = await fetch(url, { signal: AbortSignal.timeout(500) })
      .then((r) => r.status)
      .catch(() => undefined);
    if (status === 200) return performance.now();
    await new Promise((next) => setTimeout(next, 10));
  }
  return undefined;
}

test.each(apps)(
  "$name builds alone, runs from an empty folder and is healthy within a second",
  async ({ name, health }) => {
    const empty = join(work, `${name}-empty`);
    mkdirSync(empty);
    cpSync(join(aloneOf(name), "dist"), empty, { recursive: true });
    expect(
      readdirSync(empty)
        .filter((file) => file.endsWith(".js"))
        .sort(),
    ).toEqual(["main.js", "post-deploy.js", "pre-undeploy.js"]);

    // A first start fills the file cache of a cold machine. The fastest tells what a start costs; slower ones tell what else the machine does.
    const times: number[] = [];
    for (let attempt = 0; attempt < 8 && !times.some((time) => time < HEALTHY_WITHIN_MS); attempt++) {
      const port = await freePort(0);
      const started = performance.now();
      const child = spawn(process.execPath, ["main.js"], {
        cwd: empty,
        env: { ...settings, PORT: String(port) },
        stdio: "ignore",
      });
      children.add(child);
      const ready = await healthy(`http://127.0.0.1:${port}${health}`, started + 5000);
      const ended = new Promise((done) => child.once("close", done));
      child.kill("SIGTERM");
      await ended;
      children.delete(child);
      expect(ready, `${name} never became healthy`).toBeDefined();
      times.push((ready ?? 0) - started);
    }
    process.stdout.write(`${name}: healthy after ${times.map((t) => Math.round(t)).join(", ")} ms\n`);
    expect(Math.min(...times)).toBeLessThan(HEALTHY_WITHIN_MS);
  },
);

/** As commercetools asks the Extension: over a connection that is kept. Why there is no whole answer, where there is none. */
function askExtension(port: number, agent: Agent): Promise<string> {
  const body = JSON.stringify({
    action: "Create",
    resource: { typeId: "order", id: "o", obj: { lineItems: [{ id: "l", quantity: 1, variant: { sku: "A" } }] } },
  });
  const headers = { "content-type": "application/json", authorization: settings.ATP_EXTENSION_SECRET };
  return new Promise((done) => {
    const sent = request({ port, host: "127.0.0.1", path: "/service/extension", method: "POST", agent, headers });
    sent.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("error", ({ message }) => done(message));
      response.on("end", () => done(response.complete && text === '{"actions":[]}' ? `${response.statusCode}` : text));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    sent.end(body);
  });
}

test("service-app, told to end under load, cuts no request: what is sent is answered, and new connections are refused", async () => {
  const port = await freePort(0);
  const child = spawn(process.execPath, ["main.js"], {
    cwd: join(work, "service-app-empty"),
    env: { ...settings, PORT: String(port), LOG_LEVEL: "error" },
    stdio: "ignore",
  });
  children.add(child);
  expect(await healthy(`http://127.0.0.1:${port}/service/health`, performance.now() + 10_000)).toBeDefined();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const answers: string[] = [];
  const one = async (nth: number) => {
    for (;;) {
      const answer = await askExtension(port, agent);
      answers.push(answer);
      if (answer !== "200") return;
      // So that some connections are idle at any moment, as those of commercetools are.
      await new Promise((next) => setTimeout(next, nth * 3));
    }
  };
  const loops = Promise.all(Array.from({ length: 16 }, (_, nth) => one(nth)));
  while (answers.length < 200) await new Promise((next) => setTimeout(next, 20));
  const before = answers.length;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await ended;
  await loops;
  agent.destroy();
  children.delete(child);
  expect(code).toBe(0);
  expect(answers.slice(before).filter((answer) => answer === "200").length).toBeGreaterThan(0);
  expect([...new Set(answers)].toSorted()).toEqual(["200", "ECONNREFUSED"]);
});

test.each(apps)(
  "$name does not start with a wrong setting, and names the key and what it expects",
  async ({ name }) => {
    const empty = join(work, `${name}-empty`);
    const { IFS_BASE_URL: _missing, ...rest } = settings;
    const child = spawn(process.execPath, ["main.js"], { cwd: empty, env: { ...rest, LOG_LEVEL: "loud", PORT: "0" } });
    let output = "";
    child.stderr.on("data", (chunk) => {
      output += String(chunk);
    });
    const code = await new Promise((done) => child.once("close", done));
    expect(code).toBe(1);
    expect(output).toContain("IFS_BASE_URL: is required; expected: address of IFS Cloud without path");
    expect(output).toContain("LOG_LEVEL");
    expect(output).toContain("debug, info, warn or error");
  },
);

test("a build without core and without a dist says what is missing", async () => {
  const lonely = join(work, "lonely");
  cpSync(join(root, "job-app", "build.mjs"), join(lonely, "build.mjs"));
  const build = run(process.execPath, ["build.mjs"], lonely, {
    ...process.env,
    CONNECT_REPOSITORY_MOUNT: join(work, "nothing"),
  });
  await expect(build).rejects.toThrow(/core was found neither at \.\.\/core nor at .*nothing\/core/);
});
