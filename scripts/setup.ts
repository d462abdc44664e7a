/** What a fresh clone lacks, and running a command to its end. */
import { spawn } from "node:child_process";
import { installFolder } from "./install.mjs";

export { installFolder };

/** The folders of the three servers; the commands' own packages are there already (with-node24.mjs). */
const folders = ["event-app", "job-app", "service-app"] as const;

/** Progress in whole sentences; the caller decides where they go. */
export type Progress = (line: string) => void;

/** Runs `npm ci` in every folder whose lockfile changed since the last time. */
export async function installDependencies(root: string, progress: Progress): Promise<void> {
  for (const folder of folders) await installFolder(root, folder, progress);
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
