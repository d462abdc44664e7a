/** Installs what a fresh clone lacks: each folder's own lockfile, once per lockfile. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folders = [".", "core", "event-app", "job-app", "service-app"] as const;

/** Progress in whole sentences; the caller decides where they go. */
export type Progress = (line: string) => void;

/** Runs `npm ci` in every folder whose lockfile changed since the last time. */
export async function installDependencies(root: string, progress: Progress): Promise<void> {
  for (const folder of folders) await installFolder(root, folder, progress);
}

export async function installFolder(root: string, folder: string, progress: Progress): Promise<void> {
  const dir = join(root, folder);
  const stamp = join(dir, "node_modules", ".installed-lockfile");
  const lock = createHash("sha256")
    .update(readFileSync(join(dir, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const label = folder === "." ? "developer tools" : folder;
  progress(`installing the packages of ${label} ...`);
  const started = performance.now();
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], dir);
  writeFileSync(stamp, lock);
  progress(`installed the packages of ${label} in ${seconds(performance.now() - started)}`);
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Runs a command to its end; its output is shown only when it fails, whole. */
export function run(
  command: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0) done(output);
      else fail(new Error(`${command} ${args.join(" ")} in ${cwd} ended with ${code}:\n${output}`));
    });
  });
}
