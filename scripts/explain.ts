/**
 * `npm run explain -- order <name> [--json]`: the timeline of one order: what was sent, received and decided, by which configuration
 * and which user. Exit status 1 where no order has this name.
 * `npm run explain -- stock <sku> [--json]`: every term of a SKU's quantity in every supply channel, the IFS rows and the orders
 * behind it, what commercetools shows and what the next run would write. Reads both systems and writes to neither. They are named
 * by the environment as for the applications; without CTP_PROJECT_KEY they are the running sandbox's. Exit status 1 where
 * an entry does not show what it should, or nobody knows.
 */
import { runExplainCommand } from "../core/src/compose/explain-command.ts";
import { explainSku } from "../core/src/compose/stock-look.ts";
import { readTimeline } from "../core/src/compose/timeline.ts";
import { skuSchema } from "../core/src/domain/ids.ts";
import { openReader } from "./project.ts";

try {
  process.exitCode = await runExplainCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    async stock(sku) {
      const project = await openReader();
      try {
        return await explainSku(project, await project.active(), skuSchema.parse(sku));
      } finally {
        await project.close();
      }
    },
    async order(name) {
      const project = await openReader();
      try {
        return await readTimeline(project, name);
      } finally {
        await project.close();
      }
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
