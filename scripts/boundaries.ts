/**
 * The import boundaries of docs/architecture.md, checked on every test run. Prints how many modules were read and fails at a
 * suspiciously small number: a checker that reads nothing finds nothing.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

const apps = "^(event-app|job-app|service-app)/src";

const only = (name: string, from: string, allowed: string, comment: string): IForbiddenRuleType => ({
  name,
  comment,
  severity: "error",
  from: { path: from, pathNot: "\\.test\\.ts$" },
  to: { path: "^((core|event-app|job-app|service-app|mc-app)/src|sandbox|e2e|scripts|prove|bench)/", pathNot: allowed },
});

const never = (name: string, from: string, to: string, comment: string): IForbiddenRuleType => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: to },
});

export const rules: IForbiddenRuleType[] = [
  only("domain-is-pure", "^core/src/domain/", "^core/src/domain/", "domain imports domain only"),
  {
    name: "domain-dependencies",
    comment: "domain uses zod and decimal.js and nothing else from outside",
    severity: "error",
    from: { path: "^core/src/domain/", pathNot: "\\.test\\.ts$" },
    to: { dependencyTypes: ["npm", "npm-dev", "core"], pathNot: "node_modules/(zod|decimal\\.js)/" },
  },
  only(
    "flows-know-domain",
    "^core/src/flows/",
    "^core/src/(domain/|flows/|runtime/(logger|clock|limit|pace|call-times|remembered)\\.ts)",
    "flows see the domain and take their I/O as Deps",
  ),
  {
    name: "flow-imports-no-other-flow",
    comment: "flows share code through domain and the files beside them",
    severity: "error",
    from: { path: "^core/src/flows/([^/]+)/" },
    to: { path: "^core/src/flows/[^/]+/", pathNot: "^core/src/flows/$1/" },
  },
  only(
    "ifs-adapter",
    "^core/src/ifs/",
    "^core/src/(ifs|domain|runtime)/",
    "the IFS adapter knows nothing of commercetools",
  ),
  only(
    "ct-adapter",
    "^core/src/ct/",
    "^core/src/(ct|domain|runtime)/",
    "the commercetools adapter knows nothing of IFS",
  ),
  only("http-glue", "^core/src/http/", "^core/src/(http|domain|runtime)/", "server glue knows no flow and no adapter"),
  only(
    "runtime-base",
    "^core/src/runtime/",
    "^core/src/(runtime|domain)/",
    "runtime stands below everything but domain",
  ),
  never(
    "composition-is-for-apps",
    "^core/src/(domain|flows|ifs|ct|http|runtime)/",
    "^core/src/compose/",
    "only apps join adapters and flows",
  ),
  only(
    "doctor-looks-through-adapters",
    "^core/src/doctor/",
    "^core/src/(doctor|domain|ifs|ct|runtime)/",
    "the doctor sees the systems through the adapters and knows no flow",
  ),
  never(
    "doctor-is-for-composition",
    "^(core/src/(domain|flows|ifs|ct|http|runtime|config-tool)/|(event-app|job-app|service-app)/src/)",
    "^core/src/doctor/",
    "only composition and commands start the doctor",
  ),
  only("core-stays-in-core", "^core/src/", "^core/src/", "core imports core only"),
  {
    name: "no-test-help-in-product",
    comment: "builders and stand-ins never reach a bundle",
    severity: "error",
    from: { path: `${apps}|^core/src`, pathNot: "\\.test\\.ts$|/testing/" },
    to: { path: "^core/src/.*/?testing/" },
  },
  {
    name: "worlds-are-made-of-the-real-thing",
    comment: "a world is core, the applications and the sandbox; of core's own test help it takes the virtual time",
    severity: "error",
    from: { path: "^prove/" },
    to: {
      path: "^((core|event-app|job-app|service-app|mc-app)/src|sandbox|e2e|scripts|bench)/",
      pathNot:
        "^(core/src/(?!.*(testing/|\\.test\\.ts$))|core/src/runtime/testing/|(event-app|job-app|service-app)/src/|sandbox/)",
    },
  },
  {
    name: "nothing-imports-a-world",
    comment: "worlds prove; nothing depends on them",
    severity: "error",
    from: { pathNot: "^prove/" },
    to: { path: "^prove/" },
  },
  never("no-sandbox-in-product", `${apps}|^core/src`, "^sandbox/", "the sandbox is never deployed"),
  only("sandbox-is-independent", "^sandbox/", "^sandbox/", "the platform models share no line with core"),
  only("apps-use-core", apps, `^core/src/|${apps}`, "apps use core"),
  never("apps-are-separate", "^event-app/src", "^(job-app|service-app)/", "an app is built alone"),
  never("apps-are-separate-job", "^job-app/src", "^(event-app|service-app)/", "an app is built alone"),
  never("apps-are-separate-service", "^service-app/src", "^(event-app|job-app)/", "an app is built alone"),
  {
    name: "mc-app-imports-types-only",
    comment: "the browser bundle holds no line of core",
    severity: "error",
    from: { path: "^mc-app/src" },
    to: { path: "^core/src", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "no-cycles",
    comment: "modules form a tree of dependencies",
    severity: "error",
    from: {},
    to: { circular: true },
  },
];

export type BoundaryReport = { modulesRead: number; modules: string[]; violations: string[] };

/** Reads every module below `root`; paths in the report are relative to it. */
export async function checkBoundaries(root: string, folders: string[]): Promise<BoundaryReport> {
  const options: ICruiseOptions = {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: rules },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|public|build)/|\\.d\\.ts$" },
    tsConfig: { fileName: resolve(root, "tsconfig.json") },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mjs", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  };
  const { output } = await cruise(folders, options);
  const result = output as ICruiseResult;
  const own = result.modules.filter((module) => !module.source.includes("node_modules") && !module.coreModule);
  return {
    modulesRead: own.length,
    modules: own.map((module) => module.source),
    violations: result.summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`),
  };
}

/** Far below what is there, far above what a checker sees that has lost a folder. */
const fewestModules: Record<string, number> = {
  "core/src": 150,
  "event-app/src": 4,
  "job-app/src": 4,
  "service-app/src": 4,
  "mc-app/src": 10,
  sandbox: 100,
  scripts: 5,
  e2e: 3,
  prove: 10,
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  process.chdir(root);
  const folders = Object.keys(fewestModules);
  const { modulesRead, modules, violations } = await checkBoundaries(root, folders);
  process.stdout.write(`import boundaries: ${modulesRead} modules read, ${violations.length} violations\n`);
  for (const violation of violations) process.stdout.write(`  ${violation}\n`);
  const unseen = folders.filter(
    (folder) => modules.filter((path) => path.startsWith(`${folder}/`)).length < (fewestModules[folder] ?? 1),
  );
  for (const folder of unseen) {
    process.stdout.write(
      `  fewer than ${fewestModules[folder]} modules of ${folder}: the checker did not see the folder\n`,
    );
  }
  process.exitCode = violations.length > 0 || unseen.length > 0 ? 1 : 0;
}
