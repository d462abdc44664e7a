// Finds core beside this folder (a developer's checkout) or where Connect mounts the repository during a build, and bundles.
// Where there is neither, an existing dist/ is kept: the script container of Connect holds the build's output.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const appDir = dirname(fileURLToPath(import.meta.url));
const mount = process.env.CONNECT_REPOSITORY_MOUNT ?? "/tmp/lib";
const coreDir = [join(appDir, "..", "core"), join(mount, "core")].find((dir) =>
  existsSync(join(dir, "build", "bundle.mjs")),
);

if (coreDir) {
  const { bundle } = await import(pathToFileURL(join(coreDir, "build", "bundle.mjs")).href);
  await bundle({ appDir, coreDir });
} else if (existsSync(join(appDir, "dist", "main.js"))) {
  process.stdout.write("core is not here; keeping the existing dist/\n");
} else {
  process.stderr.write(`core was found neither at ../core nor at ${mount}/core, and there is no dist/ to keep\n`);
  process.exitCode = 1;
}
