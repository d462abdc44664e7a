/** Time and chance reach the product as dependencies, so that a whole run can be repeated to the millisecond. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["core/src", "event-app/src", "job-app/src", "service-app/src"];

const hidden: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bperformance\.now\b/,
  /\bMath\.random\b/,
  /\brandomUUID\b/,
  /\brandomBytes\b/,
  /\b(?:setTimeout|setInterval|setImmediate)\(/,
  /\bAbortSignal\.timeout\b/,
];

/** Where the machine itself is asked, and why. */
const permitted: Readonly<Record<string, string>> = {
  "core/src/runtime/clock.ts": "the machine's clock",
  "core/src/runtime/random.ts": "the machine's chance",
  "core/src/http/server.ts": "a process that ends closes its sockets by real time",
};

type Use = { readonly file: string; readonly line: string };

const withoutComment = (line: string): string => line.replace(/^\s*(?:\/\/|\/?\*).*$/, "").replace(/\s\/\/ .*$/, "");

function uses(): { read: number; found: Use[] } {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.includes("testing/"))
      .map((name) => `${folder}/${name}`),
  );
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .map(withoutComment)
      .filter((line) => hidden.some((pattern) => pattern.test(line)))
      .map((line) => ({ file, line: line.trim() })),
  );
  return { read: files.length, found };
}

test("nothing of the product asks the machine for time or chance behind its callers' backs", () => {
  const { read, found } = uses();
  expect(read).toBeGreaterThan(150);
  expect(found.filter(({ file }) => permitted[file] === undefined)).toEqual([]);
});

test("the server's own timers are those of its shutdown", () => {
  const { found } = uses();
  expect(found.filter(({ file }) => file === "core/src/http/server.ts").map(({ line }) => line)).toEqual([
    "const cut = setTimeout(() => server.closeAllConnections(), graceMs);",
    "const lingersUntil = performance.now() + lingerMs;",
    "const sweep = setInterval(() => {",
    "if (performance.now() >= lingersUntil) server.closeIdleConnections();",
  ]);
});
