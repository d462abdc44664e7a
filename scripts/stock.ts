/**
 * `npm run stock -- release <site> --zeros <most> --by <name>` (`--cuts`, `--raises`): lets held changes of a site through. The next run
 * plans anew and writes them if they are not more. `npm run stock -- sync <sku>...`: these SKUs at once.
 * `npm run stock -- load <supply channel>`: creates the entries of a channel that is not live yet, through the Import API
 * (CTP_IMPORT_URL, where it is not that of CTP_API_URL's region). The systems are named by the environment as for the applications;
 * without CTP_PROJECT_KEY they are the running sandbox's.
 */
import { runStockCommand } from "../core/src/compose/stock-command.ts";
import { importUrlOf, loadStock, releaseOf, syncSkus } from "../core/src/compose/stock-look.ts";
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
    async load(channel, progress) {
      // It reads a whole site of IFS: under the shared budget.
      const project = await openProject();
      try {
        const importUrl = process.env.CTP_IMPORT_URL ?? importUrlOf(project.settings.CTP_API_URL);
        return await loadStock(project, await project.active(), { channel, importUrl, progress });
      } finally {
        await project.close();
      }
    },
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
