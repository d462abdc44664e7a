/**
 * `npm run ledger -- --from <date> --to <date> [--json]`: compares the orders of a period in both systems. Progress goes to
 * stderr, findings to stdout, the last line is JSON with the counts; exit status 0 only where nothing is unexplained. The systems
 * are named by the environment as for the applications; without CTP_PROJECT_KEY they are the running sandbox's.
 */

import { ledgerDeps } from "../core/src/compose/ledger.ts";
import { runLedgerCommand } from "../core/src/compose/ledger-command.ts";
import { reconcile } from "../core/src/flows/reconcile/run.ts";
import { openProject } from "./project.ts";

try {
  process.exitCode = await runLedgerCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    progress: (line) => process.stderr.write(`${line}\n`),
    async ledger(period, report, progress) {
      const project = await openProject();
      try {
        return await reconcile(ledgerDeps(project, await project.active()), period, { report, progress });
      } finally {
        await project.close();
      }
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
