/**
 * `npm run stock -- release <site> --zeros <most> --by <name>` (`--cuts`, `--raises`): lets held changes of a site through. The next run
 * plans anew and writes them if they are not more. `npm run stock -- sync <sku>...`: these SKUs at once. The systems are named by the environment as for the applications; without CTP_PROJECT_KEY they are
 * the running sandbox's.
 */
import { runStockCommand } from "../core/src/compose/stock-command.ts";
import { releaseOf, syncSkus } from "../core/src/compose/stock-look.ts";
import { openProject, openReader } from "./project.ts";

try {
  process.exitCode = await runStockCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    async sync(skus) {
      const project = await openProject();
      try {
        return await syncSkus(project, await project.active(), skus);
      } finally {
        await project.close();
      }
    },
    async release(release) {
      const project = await openReader();
      try {
        return await releaseOf(project, release);
      } finally {
        await project.close();
      }
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
