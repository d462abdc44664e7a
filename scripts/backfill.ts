/**
 * `npm run backfill -- --from <date> --to <date> [--wait] [--json]`: asks job-app's sweep to go through the orders of a period;
 * `--status` shows how far it is. The systems are named by the environment as for the applications; without CTP_PROJECT_KEY they
 * are the running sandbox's.
 */
import { runBackfillCommand } from "../core/src/compose/backfill-command.ts";
import { createOrders } from "../core/src/ct/orders.ts";
import { openReader } from "./project.ts";

try {
  const project = await openReader();
  try {
    const { config } = await project.active();
    process.exitCode = await runBackfillCommand(process.argv.slice(2), {
      print: (line) => process.stdout.write(`${line}\n`),
      complain: (line) => process.stderr.write(`${line}\n`),
      cursors: project.store.cursors,
      exportFrom: config.orders.exportFrom,
      count: (from, to) => createOrders(project.ct).count(["createdAt >= :from", "createdAt < :to"], { from, to }),
      newId: project.random.uuid,
      clock: project.clock,
    });
  } finally {
    await project.close();
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
