/**
 * Where commercetools is the record for stock (`stock.direction: commercetools`), a run reads and plans as ever, writes no entry, and
 * reports what differs.
 */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import type { StockSyncDeps } from "./deps.ts";
import type { StockAction } from "./plan.ts";
import type { Difference, DifferenceTally, SiteRun } from "./site-run.ts";

const EXAMPLES = 10;
/** In the journal, of one run over one site. */
const JOURNALED = 500;

export const writesEntries = ({ stock }: Pick<ConnectorConfig, "stock">): boolean => stock.direction === "ifs";

export const NOTHING_WRITTEN =
  "No inventory entry was written: commercetools is the record for stock (`stock.direction`). `changed` among the run's counts is the number of entries that differ.";

/**
 * All that the flow writes to inventory passes these two functions. No step should come here in that direction; one that does ends
 * the run.
 */
export function withoutEntryWrites(deps: StockSyncDeps): StockSyncDeps {
  const write = async (): Promise<never> => {
    throw new Error("stock.direction is commercetools: no inventory entry may be written");
  };
  return { ...deps, inventory: { ...deps.inventory, create: write, update: write } };
}

/** `record`: "SKU-1 @ hamburg". */
export const differenceOf = (record: string, cause: string, action: StockAction): Difference => ({
  sku: action.desired.sku,
  supplyChannel: record.slice(`${action.desired.sku} @ `.length),
  commercetools: action.kind === "create" ? null : action.from,
  ifs: action.kind === "create" ? action.draft.quantityOnStock : action.to,
  cause,
});

/** Only what a full run finds: it meets every entry once. */
export function noteDifference({ differences }: SiteRun["seen"], difference: Difference): void {
  const { tally, unjournaled } = differences;
  tally.count += 1;
  if (tally.examples.length < EXAMPLES) tally.examples.push(inWords(difference));
  if (differences.noted < JOURNALED) unjournaled.push(difference);
  differences.noted += 1;
}

const inWords = ({ sku, supplyChannel, commercetools, ifs }: Difference): string =>
  `${sku} @ ${supplyChannel} (commercetools ${commercetools ?? "no entry"}, IFS ${ifs}${commercetools === ifs ? ", other terms" : ""})`;

/** What was noted since the last call. */
export async function journalDifferences({ deps, contract, seen }: SiteRun): Promise<void> {
  for (const { sku, cause, ...detail } of seen.differences.unjournaled.splice(0)) {
    await deps.journal.append({
      at: new Date(deps.clock.now()).toISOString(),
      flow: "stock-sync",
      recordType: "sku",
      recordId: sku,
      event: "stock-differs",
      detail: { site: contract, ...detail, cause: cause.slice(0, 500) },
    });
  }
}

/** At the end of a full run, in either direction: names how many entries differ, or lets the exception close. */
export async function reportDifferences(run: SiteRun): Promise<RunSummary> {
  const { site, tracker, seen } = run;
  await journalDifferences(run);
  const { tally } = seen.differences;
  const record = differing(site.site, tally);
  tracker.seen(record.recordId);
  if (tally.count > 0) await tracker.record(record);
  return { processed: 0, changed: 0, failed: 0 };
}

const differing = (site: string, { count, examples }: DifferenceTally): RefusedRecord => ({
  recordType: "flow",
  recordId: `differences ${site}`,
  recordLabel: `stock of site ${site}`,
  rejection: {
    code: "stockDiffers",
    message: `${count} inventory entries of site ${site} show another stock than IFS. Nothing was written, because commercetools is the record for stock (\`stock.direction\`). Among them: ${examples.join("; ")}.`,
    action:
      "Compare the stock of these parts in both systems and correct the one that is wrong. `npm run dry-run -- stock` lists all of them with their causes. The next full run looks again.",
    owner: "operator",
    field: "stock.direction",
    value: "commercetools",
  },
});
