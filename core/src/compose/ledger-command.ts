/** `npm run ledger`: what is printed, where, and the exit status. */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Finding, LedgerCounts } from "../flows/reconcile/finding.ts";
import type { LedgerRun, Period } from "../flows/reconcile/run.ts";

export const LEDGER_USAGE = "npm run ledger -- --from <date> --to <date> [--json]";

/** A day (its beginning in UTC) or an instant, as ISO 8601 in UTC. */
const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], "a day such as 2026-11-01, or an instant with its offset")
  .transform((text) => new Date(text).toISOString());
export const periodSchema = z
  .object({ from: instant, to: instant })
  .refine(({ from, to }) => from < to, { message: "`to` has to be later than `from`", path: ["to"] });

export type LedgerCommandDeps = {
  readonly print: (line: string) => void;
  /** To people who wait; never mixed with the result. */
  readonly progress: (line: string) => void;
  readonly ledger: (
    period: Period,
    report: (finding: Finding) => void,
    progress: (counts: LedgerCounts) => void,
  ) => Promise<LedgerRun>;
};

/** 0: both systems agree, or every difference is explained. 1: they do not, or nothing proves it. 2: wrong arguments. */
export async function runLedgerCommand(args: readonly string[], deps: LedgerCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.progress(`${given}\n${LEDGER_USAGE}`);
    return 2;
  }
  const { period, json } = given;
  const report = (finding: Finding): void => deps.print(json ? JSON.stringify({ finding }) : inWords(finding));
  const { counts } = await deps.ledger(period, report, ({ orders, ifsOrders, unexplained }) =>
    deps.progress(`${orders} orders and ${ifsOrders} IFS orders compared, ${unexplained} unexplained`),
  );
  if (!json) deps.print(summary(counts));
  deps.print(JSON.stringify({ ...period, ...counts }));
  return counts.unexplained === 0 && counts.explained.notProven === 0 ? 0 : 1;
}

function readArgs(args: readonly string[]): { period: Period; json: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { from: { type: "string" }, to: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const period = periodSchema.safeParse(values);
    return period.success ? { period: period.data, json: values.json } : z.prettifyError(period.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const inWords = ({ kind, label, ageSeconds, detail, reason }: Finding): string => {
  const age = ageSeconds === null ? "" : `, ${Math.round(ageSeconds / 60)} minutes old`;
  return `${kind} ${label}${age}: ${detail} (${reason ? `${reason.kind}: ${reason.text}` : "unexplained"})`;
};

const summary = ({ orders, linkedOnce, cancelled, ignored, unexplained, explained }: LedgerCounts): string => {
  const known = Object.values(explained).reduce((sum, count) => sum + count, 0);
  return `${orders} orders: ${linkedOnce} in IFS once and equal, ${cancelled} cancelled, ${ignored} ignored; ${known} findings explained, ${unexplained} unexplained`;
};
