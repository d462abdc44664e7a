/** Builds the Merchant Center application once, and dresses the build for an address in a second. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { installFolder } from "./setup.ts";

export type BuildMcAppOptions = {
  /** The repository. */
  root: string;
  /** Where the Merchant Center of this run listens; the HTML of the application carries the address. */
  port: number;
  entryPointUriPath: string;
  applicationId?: string;
  progress?: (line: string) => void;
};

const INSTALL_PATIENCE_MS = 600_000;
const BUILD_DEADLINE_MS = 300_000;
const COMPILE_DEADLINE_MS = 60_000;

/** What the bundle is made from; everything else in the folder leaves it as it is. */
const SOURCES = [
  "src",
  "package.json",
  "package-lock.json",
  "custom-application-config.mjs",
  "defaults.env",
  "tsconfig.json",
];

/**
 * Installs the application's packages where they are missing, builds it where its sources changed, and compiles the HTML
 * for this port. `dir` is ready to be served at `http://mc.localhost:{port}`. Everything it writes is in mc-app/dist
 * and mc-app/public, which git ignores. Safe to call from several processes at once.
 */
export async function buildMcApp(options: BuildMcAppOptions): Promise<{ dir: string }> {
  const app = join(options.root, "mc-app");
  const progress = options.progress ?? (() => {});
  const bundle = await withLock(join(app, "dist", "lock"), async () => {
    await installFolder(options.root, "mc-app", progress);
    return bundleIfNeeded(app, progress);
  });
  return { dir: await compileFor(app, bundle, { ...options, progress }) };
}

async function bundleIfNeeded(app: string, progress: (line: string) => void): Promise<string> {
  const bundle = join(app, "dist", `bundle-${await hashOf(app)}`);
  if (await exists(join(bundle, "index.html.template"))) return bundle;
  progress("Merchant Center application: building it (about 15 seconds) ...");
  await run(process.execPath, [mcScripts(app), "--env=defaults.env", "build", "--build-only"], {
    cwd: app,
    deadlineMs: BUILD_DEADLINE_MS,
  });
  await removeOlder(join(app, "dist"), "bundle-");
  // Renamed into place at the end, so that a build that was interrupted never looks like a finished one.
  const half = `${bundle}.half`;
  await rm(half, { recursive: true, force: true });
  await cp(join(app, "public"), half, { recursive: true });
  await rename(half, bundle);
  return bundle;
}

async function compileFor(app: string, bundle: string, options: BuildMcAppOptions): Promise<string> {
  const site = join(app, "dist", `site-${options.port}`);
  const dir = join(site, "public");
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  await cp(bundle, dir, { recursive: true });
  // mc-scripts works on the folder it is started in and finds the application's packages in the folders above.
  for (const file of ["package.json", "custom-application-config.mjs", "defaults.env"]) {
    await cp(join(app, file), join(site, file));
  }
  options.progress?.("Merchant Center application: compiling its page ...");
  await run(process.execPath, [mcScripts(app), "--env=defaults.env", "compile-html"], {
    cwd: site,
    deadlineMs: COMPILE_DEADLINE_MS,
    env: {
      ENTRY_POINT_URI_PATH: options.entryPointUriPath,
      CUSTOM_APPLICATION_ID: options.applicationId ?? "sandbox-application",
      APPLICATION_URL: `http://mc.localhost:${options.port}`,
      MC_API_URL: `http://mc-api.localhost:${options.port}`,
    },
  });
  return dir;
}

function mcScripts(app: string): string {
  return join(app, "node_modules", "@commercetools-frontend", "mc-scripts", "bin", "cli.js");
}

async function hashOf(app: string): Promise<string> {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const file of await filesBelow(join(app, source))) {
      if (file.includes(".test.") || file.includes(join("src", "test"))) continue;
      hash
        .update(relative(app, file))
        .update("\0")
        .update(await readFile(file))
        .update("\0");
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesBelow(path: string): Promise<string[]> {
  const found = await stat(path);
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function removeOlder(folder: string, prefix: string) {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** One builder at a time on this machine. A lock whose owner is gone is taken over. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  const deadline = Date.now() + INSTALL_PATIENCE_MS + BUILD_DEADLINE_MS;
  while (!(await takeLock(lock))) {
    if (Date.now() > deadline) throw new Error(`another build of mc-app holds ${lock} for too long`);
    await new Promise((next) => setTimeout(next, 250));
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
  } catch {
    const owner = Number(await readFile(join(lock, "pid"), "utf8").catch(() => "0"));
    // 0: its owner is between the two steps below, or died there; half a minute tells the two apart.
    const orphaned = owner > 0 ? !isAlive(owner) : await isOlderThan(lock, 30_000);
    if (orphaned) await rmdirWithPid(lock);
    return false;
  }
  await writeFile(join(lock, "pid"), String(process.pid));
  return true;
}

async function rmdirWithPid(lock: string) {
  await rm(join(lock, "pid"), { force: true });
  // Somebody else may have cleared it in the meantime.
  await rmdir(lock).catch(() => {});
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isOlderThan(path: string, ms: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ms;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

type RunOptions = { cwd: string; deadlineMs: number; env?: Record<string, string> };

/** Runs to its end; a failure carries the last lines it wrote. */
function run(command: string, args: string[], options: RunOptions): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: environment(options.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-4_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const timer = setTimeout(() => child.kill("SIGKILL"), options.deadlineMs);
    child.on("error", fail);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) done();
      else fail(new Error(`${command} ${args.join(" ")} in ${options.cwd} ended with ${code ?? "a kill"}:\n${output}`));
    });
  });
}

/** Node's own folder comes first on the path, because npm starts whatever `node` it finds there. */
function environment(own: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ""}`,
    ...own,
  };
  // A test runner's mode would make mc-scripts take another branch.
  delete env.NODE_ENV;
  delete env.MC_APP_ENV;
  return env;
}
