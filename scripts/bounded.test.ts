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
