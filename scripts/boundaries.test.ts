import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { checkBoundaries } from "./boundaries.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const made: string[] = [];

afterEach(async () => {
  process.chdir(root);
  for (const dir of made.splice(0)) await rm(dir, { recursive: true, force: true });
});

async function projectWith(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "boundaries-"));
  made.push(dir);
  await cp(join(root, "tsconfig.json"), join(dir, "tsconfig.json"));
  await symlink(join(root, "node_modules"), join(dir, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  process.chdir(dir);
  return dir;
}

test("a planted violation of each kind is found, type-only imports included", async () => {
  const dir = await projectWith({
    "core/src/domain/a.ts": 'import type { X } from "../ifs/x.ts";\nexport type A = X;\n',
    "core/src/ifs/x.ts": 'import { c } from "../ct/c.ts";\nexport type X = typeof c;\n',
    "core/src/ct/c.ts": "export const c = 1;\n",
    "core/src/flows/one/run.ts": 'import { two } from "../two/run.ts";\nexport const one = two;\n',
    "core/src/flows/two/run.ts": 'import { m } from "../../../../sandbox/m.ts";\nexport const two = m;\n',
    "sandbox/m.ts": "export const m = 1;\n",
    "core/src/ct/testing/fake.ts": "export const fake = 1;\n",
    "prove/world.ts": 'import { fake } from "../core/src/ct/testing/fake.ts";\nexport const world = fake;\n',
    "sandbox/uses-world.ts": 'import { world } from "../prove/world.ts";\nexport const used = world;\n',
    "core/src/ct/uses-fake.ts": 'import { fake } from "./testing/fake.ts";\nexport const used = fake;\n',
  });
  const report = await checkBoundaries(dir, ["core/src", "sandbox", "prove"]);
  expect(report.modulesRead).toBe(10);
  expect([...report.violations].sort()).toEqual([
    "core-stays-in-core: core/src/flows/two/run.ts -> sandbox/m.ts",
    "domain-is-pure: core/src/domain/a.ts -> core/src/ifs/x.ts",
    "flow-imports-no-other-flow: core/src/flows/one/run.ts -> core/src/flows/two/run.ts",
    "flows-know-domain: core/src/flows/two/run.ts -> sandbox/m.ts",
    "ifs-adapter: core/src/ifs/x.ts -> core/src/ct/c.ts",
    "no-sandbox-in-product: core/src/flows/two/run.ts -> sandbox/m.ts",
    "no-test-help-in-product: core/src/ct/uses-fake.ts -> core/src/ct/testing/fake.ts",
    "nothing-imports-a-world: sandbox/uses-world.ts -> prove/world.ts",
    "sandbox-is-independent: sandbox/uses-world.ts -> prove/world.ts",
    "worlds-are-made-of-the-real-thing: prove/world.ts -> core/src/ct/testing/fake.ts",
  ]);
});

test("modules that keep the boundaries are read and pass", async () => {
  const dir = await projectWith({
    "core/src/domain/a.ts": "export const a = 1;\n",
    "core/src/flows/one/run.ts": 'import { a } from "../../domain/a.ts";\nexport const one = a;\n',
  });
  expect(await checkBoundaries(dir, ["core/src"])).toMatchObject({ modulesRead: 2, violations: [] });
});
