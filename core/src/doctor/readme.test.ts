import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = dirname(fileURLToPath(import.meta.url));
const endToEnd = join(folder, "..", "..", "..", "e2e", "served");
const readme = readFileSync(join(folder, "README.md"), "utf8");
/** Check -> test file of e2e/served that breaks what it checks. */
const documented = new Map(
  [...readme.matchAll(/^\| `((?:ifs|ct|config)\.[a-z-]+)` \| .* \| `([a-z-]+)` \|$/gm)].map(([, check, file]) => [
    String(check),
    String(file),
  ]),
);

test("the README lists every check, and no other", () => {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const inCode = new Set(
    sources.flatMap((text) => text.match(/(?<=")(?:ifs|ct|config)\.[a-z][a-z-]*[a-z](?=")/g) ?? []),
  );
  expect([...documented.keys()].sort()).toEqual([...inCode].sort());
});

test.each([...documented])("%s is found by a test of %s", (check, file) => {
  const text = readFileSync(join(endToEnd, `${file}.test.ts`), "utf8");
  // By its name: alone, or in front of what it is about.
  expect(text).toMatch(new RegExp(`["\` ]${check.replace(".", "\\.")}["\` ]`));
});
