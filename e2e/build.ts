/** Before the stories, once for all of them: what they run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildApps } from "../scripts/stack.ts";

export const setup = (): Promise<void> =>
  buildApps(dirname(dirname(fileURLToPath(import.meta.url))), (line) => process.stdout.write(`${line}\n`));
