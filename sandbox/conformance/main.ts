/** `npm run conformance -- --url … --token-url … --client-id …`: is a server the IFS Cloud that the connector expects? */
import { readFile } from "node:fs/promises";
import { runConformance } from "./command.ts";

process.exitCode = await runConformance(process.argv.slice(2), {
  env: process.env,
  fetch,
  now: () => Date.now(),
  print: (line) => process.stdout.write(`${line}\n`),
  readFile: (path) => readFile(path, "utf8"),
});
