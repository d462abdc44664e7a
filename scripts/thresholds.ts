/**
 * `npm run thresholds -- simulate`: replays the shop's orders, or orders by chance with `--generated`, against candidate thresholds and tells
 * oversells against ERP calls. `explain <sku>`: the threshold of a SKU in each channel, and the rule that gave it. `check`: thresholds that
 * are not above what was once sold unseen. `sales`: counts the sales for days of cover now. The systems are named by the environment as for
 * the applications; without CTP_PROJECT_KEY they are the running sandbox's; `--generated` needs none. See docs/thresholds.md.
 */
import { writeFile } from "node:fs/promises";
import type { Active, Connector } from "../core/src/compose/connector.ts";
import { checkThresholds, countSalesNow, explainThreshold, readHistory } from "../core/src/compose/thresholds.ts";
import { runThresholdsCommand } from "../core/src/compose/thresholds-command.ts";
import { streamsOf } from "./chance.ts";
import { openReader } from "./project.ts";
import { plotOf } from "./thresholds-plot.ts";

async function withProject<T>(work: (connector: Connector, active: Active) => Promise<T>): Promise<T> {
  const project = await openReader();
  try {
    return await work(project, await project.active());
  } finally {
    await project.close();
  }
}

try {
  process.exitCode = await runThresholdsCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    streams: streamsOf,
    history: (days) => withProject((connector, active) => readHistory(connector, active, days)),
    explain: (sku) => withProject((connector, active) => explainThreshold(connector, active, sku)),
    check: () => withProject(checkThresholds),
    countSales: () => withProject((connector, active) => countSalesNow(connector, active, Number.POSITIVE_INFINITY)),
    plot: plotOf,
    writeFile: (path, text) => writeFile(path, text),
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
