// Runs a command that may take so long and no longer. Plain JavaScript: it runs before anything is installed.
import { spawn } from "node:child_process";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * In a process group of its own, so that its end is the end of all that it started. A signal that ends us ends the group first.
 * Rejects where the command cannot be started.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, longestMs: number, stdio: import("node:child_process").StdioOptions, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number | undefined, output: string }>} `code` is undefined where it was ended; what it wrote to pipes
 */
export function runBounded(command, args, { cwd, longestMs, stdio, env }) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio, env, detached: true });
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
