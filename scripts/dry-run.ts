/**
 * `npm run dry-run -- orders --last <N> [--json]`: the youngest orders as the export would send them, or why it would refuse them.
 * `npm run dry-run -- stock [--json]`: every entry that a full run would create or change, from what to what, and why.
 * Reads both systems and writes to neither. They are named by the environment as for the applications; without CTP_PROJECT_KEY
 * they are the running sandbox's. Exit status 1 where an order is refused; the last line is JSON with the counts.
 */
import { dryRunOrders } from "../core/src/compose/dry-run.ts";
import { runDryRunCommand } from "../core/src/compose/dry-run-command.ts";
import { previewAllStock } from "../core/src/compose/stock-look.ts";
import { openReader } from "./project.ts";

try {
  process.exitCode = await runDryRunCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    async orders(last, report) {
      const project = await openReader();
      try {
        await dryRunOrders(project, await project.active(), { last, report });
      } finally {
        await project.close();
      }
    },
    async stock(report) {
      const project = await openReader();
      try {
        return await previewAllStock(project, await project.active(), report);
      } finally {
        await project.close();
      }
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
