import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = dirname(fileURLToPath(import.meta.url));

test("the README lists every check, and no other", () => {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const inCode = new Set(sources.flatMap((text) => text.match(/"(?:ifs|ct|config)\.[a-z][a-z-]*[a-z](?=")/g) ?? []));
  const documented = new Set(
    [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| `((?:ifs|ct|config)\.[a-z-]+)`/gm)].map(
      ([, check]) => `"${check}`,
    ),
  );
  expect([...documented].sort()).toEqual([...inCode].sort());
});
