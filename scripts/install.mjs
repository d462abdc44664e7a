// Installs what a folder's lockfile asks for, once per lockfile. Plain JavaScript: it runs before anything is installed.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runBounded } from "./bounded.mjs";

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

/** How long one try of npm may take, in milliseconds: a registry that stops in the middle of an answer must not stop us for good. */
const LONGEST_TRY = 240_000;
const TRIES = 3;
const PATIENCE = ["--fetch-timeout=60000", "--fetch-retries=3"];

/** Runs npm, again where a try hangs or fails; its output is shown only when the last try fails, whole. */
export async function npm(args, cwd, longestTry = LONGEST_TRY) {
  for (let attempt = 1; ; attempt += 1) {
    const options = { cwd, longestMs: longestTry, stdio: ["ignore", "pipe", "pipe"] };
    const { code, output } = await runBounded("npm", [...args, ...PATIENCE], options);
    if (code === 0) return output;
    const how =
      code === undefined ? `was ended after ${longestTry / 1000} s without an end of its own` : `ended with ${code}`;
    const told = `npm ${args.join(" ")} in ${cwd} ${how}`;
    if (attempt === TRIES) throw new Error(`${told}, ${TRIES} times:\n${output}`);
    process.stdout.write(`${told}; trying again\n`);
  }
}
