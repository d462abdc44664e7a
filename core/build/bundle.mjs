// Bundles one app into a dist/ that runs in an empty folder. Called by each app's build.mjs; plain JavaScript, because it runs
// inside the build container of Connect, where only the app's own dependencies are installed.

import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** @param {{ appDir: string, coreDir: string }} options absolute paths of the app and of core */
export async function bundle({ appDir, coreDir }) {
  const fromApp = createRequire(join(appDir, "package.json"));
  const esbuild = (await import(pathToFileURL(fromApp.resolve("esbuild")).href)).default;
  const outdir = join(appDir, "dist");
  await rm(outdir, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: appDir,
    entryPoints: ["src/main.ts", "src/post-deploy.ts", "src/pre-undeploy.ts"],
    outdir,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // What is imported only when it is needed lies in files of its own beside main.js.
    splitting: true,
    chunkNames: "parts/[name]-[hash]",
    sourcemap: "linked",
    // Half of a cold start is reading the bundle. Names stay: they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcesContent: false,
    legalComments: "none",
    logLevel: "warning",
    // Some dependencies are CommonJS and call require for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [coreAndDependencies(appDir, coreDir), withoutLocales, withoutEncodings],
  });
}

/** zod's messages in all languages but English: a seventh of the bundle, read at every cold start and used by nobody. */
const withoutLocales = {
  name: "without-locales",
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export {};" }));
  },
};

/** Tables of Asian encodings, a fifth of service-app: bodies are JSON, and body-parser refuses any charset of them but utf-*. */
const withoutEncodings = {
  name: "without-encodings",
  setup(build) {
    build.onLoad({ filter: /[\\/]iconv-lite[\\/]encodings[\\/]dbcs-data\.js$/ }, () => ({
      contents: "module.exports = {};",
    }));
  },
};

/**
 * `core/…` is read from coreDir, and whatever core imports is taken from the app's own node_modules: the same bytes come out
 * whether core lies beside the app with its own node_modules or is mounted elsewhere without any.
 */
function coreAndDependencies(appDir, coreDir) {
  const ours = Symbol("resolved by this plugin");
  return {
    name: "core-and-dependencies",
    setup(build) {
      build.onResolve({ filter: /^core\// }, (args) => ({
        path: join(coreDir, "src", args.path.slice("core/".length)),
      }));
      build.onResolve({ filter: /^[^./]/ }, (args) => {
        if (args.pluginData === ours || args.path.startsWith("core/") || !args.importer.startsWith(coreDir))
          return undefined;
        return build.resolve(args.path, { kind: args.kind, resolveDir: appDir, pluginData: ours });
      });
    },
  };
}
