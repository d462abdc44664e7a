// Installs what a folder's lockfile asks for, once per lockfile. Plain JavaScript: it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} root of the repository
 * @param {string} folder relative to it
 * @param {(line: string) => void} progress
 */
export async function installFolder(root, folder, progress) {
  const dir = join(root, folder);
  const stamp = join(dir, "node_modules", ".installed-lockfile");
  const lock = createHash("sha256")
    .update(readFileSync(join(dir, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const label = folder === "." ? "the developer tools" : folder;
  progress(`installing the packages of ${label} ...`);
  const started = performance.now();
  await npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], dir);
  writeFileSync(stamp, lock);
  progress(`installed the packages of ${label} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs npm; its output is shown only when it fails, whole. */
export function npm(args, cwd) {
  return new Promise((done, fail) => {
    const child = spawn("npm", args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", fail);
    child.on("close", (code) =>
      code === 0 ? done(output) : fail(new Error(`npm ${args.join(" ")} in ${cwd} ended with ${code}:\n${output}`)),
    );
  });
}
