import type { StdioOptions } from "node:child_process";

export function runBounded(
  command: string,
  args: readonly string[],
  options: { cwd: string; longestMs: number; stdio: StdioOptions; env?: NodeJS.ProcessEnv; priority?: number },
): Promise<{ code: number | undefined; output: string }>;
