import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { runBounded } from "./bounded.mjs";
import { npm } from "./install.mjs";

const dir = mkdtempSync(join(tmpdir(), "bounded-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const shell = (script: string, longestMs: number) =>
  runBounded("sh", ["-c", script], { cwd: dir, longestMs, stdio: ["ignore", "pipe", "pipe"] });

test("a command that ends is told with its code and all that it wrote", async () => {
  expect(await shell("echo one; echo two >&2; exit 3", 10_000)).toEqual({ code: 3, output: "one\ntwo\n" });
});

test("a command that hangs is ended, with what it started", async () => {
  const { code, output } = await shell("sleep 60 & echo $!; wait", 500);
  expect(code).toBeUndefined();
  // The system buries it a moment later.
  await vi.waitFor(() => expect(isAlive(Number(output))).toBe(false), 5000);
});

test("a command has the priority that it is given, and so has its session where sessions have one", async () => {
  const priorities = `import { getPriority } from "node:os"; import { existsSync, readFileSync } from "node:fs";
    const session = "/proc/self/autogroup";
    console.log(getPriority(), existsSync(session) ? readFileSync(session, "utf8").split("nice ")[1].trim() : 10);`;
  // What it starts, when it is asked: the command itself may look before it was told.
  const starts = `import { spawnSync } from "node:child_process"; await new Promise((next) => setTimeout(next, 500));
    console.log(String(spawnSync(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(priorities)}]).stdout));`;
  const args = ["--input-type=module", "-e", starts];
  const { output } = await runBounded(process.execPath, args, {
    ...{ cwd: dir, longestMs: 10_000, stdio: "pipe" as const },
    priority: 10,
  });
  expect(output.trim()).toBe("10 10");
});

test("a command that is not there rejects", async () => {
  await expect(runBounded("no-such-command", [], { cwd: dir, longestMs: 1000, stdio: "ignore" })).rejects.toThrow(
    "ENOENT",
  );
});

/** Counts its tries, hangs in the first ones, and answers then. */
function standInForNpm(hangs: number): string {
  const tries = join(dir, `tries-${hangs}`);
  writeFileSync(tries, "");
  const script = `#!/bin/sh\necho try >> ${tries}\n[ $(wc -l < ${tries}) -gt ${hangs} ] || sleep 60\necho done\n`;
  writeFileSync(join(dir, "npm"), script);
  chmodSync(join(dir, "npm"), 0o755);
  vi.stubEnv("PATH", `${dir}${delimiter}${process.env.PATH ?? ""}`);
  return tries;
}

test("npm is tried again where it hangs", async () => {
  const tries = standInForNpm(1);
  expect(await npm(["ci"], dir, 1000)).toBe("done\n");
  expect(readFileSync(tries, "utf8")).toBe("try\ntry\n");
});

test("npm that hangs each time is told, with the folder", async () => {
  standInForNpm(9);
  await expect(npm(["ci"], dir, 300)).rejects.toThrow(
    `npm ci in ${dir} was ended after 0.3 s without an end of its own, 3 times`,
  );
});
