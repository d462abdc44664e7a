// Runs a command that may take so long and no longer. Plain JavaScript: it runs before anything is installed.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A Linux that shares its processors among sessions first compares processes of one session only: the session has a priority too. */
function lower(pid, priority) {
  setPriority(pid, priority);
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(priority), { flag: "r+" });
  } catch {
    // Another system, or one that lets nobody write there: then the command only takes more of the machine than it was meant to.
  }
}

/**
 * In a process group of its own, so that its end is the end of all that it started. A signal that ends us ends the group first.
 * Rejects where the command cannot be started.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, longestMs: number, stdio: import("node:child_process").StdioOptions, env?: NodeJS.ProcessEnv, priority?: number }} options
 *   `priority` as the system counts it: 19 is the least, and what the command starts has it too
 * @returns {Promise<{ code: number | undefined, output: string }>} `code` is undefined where it was ended; what it wrote to pipes
 */
export function runBounded(command, args, { cwd, longestMs, stdio, env, priority }) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio, env, detached: true });
    if (priority !== undefined && child.pid !== undefined) lower(child.pid, priority);
    let output = "";
    let late = false;
    const keep = (chunk) => {
      output += chunk.toString("utf8");
    };
    const endGroup = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    };
    const interrupt = (signal) => {
      endGroup(signal);
      process.kill(process.pid, signal);
    };
    const timer = setTimeout(() => {
      late = true;
      endGroup("SIGKILL");
    }, longestMs);
    const release = () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, interrupt);
    };
    for (const signal of signals) process.once(signal, interrupt);
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.on("error", (error) => {
      release();
      fail(error);
    });
    child.on("close", (code) => {
      release();
      done({ code: late ? undefined : (code ?? 1), output });
    });
  });
}
