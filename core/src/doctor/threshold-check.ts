/** What the facts about thresholds mean. Pure. */
import { asksSales } from "../domain/threshold.ts";
import type { Attempt } from "./attempt.ts";
import { counted, type Diagnosis, type Finding } from "./finding.ts";
import type { DoctorConfig } from "./scope.ts";
import type { ThresholdFacts } from "./threshold-facts.ts";

/** One finding tells of so many; `npm run thresholds -- check` lists all. */
const MOST_NAMED = 5;
/** The count runs every hour, and a new day is there each day. */
const OLD_SECONDS = 3 * 86_400;

export function checkThresholds(facts: Attempt<ThresholdFacts>, { atp }: DoctorConfig): Diagnosis {
  // What cannot be read of the project is told by the other checks of it.
  if (!facts.ok) return { findings: [], seen: [] };
  const { sales, looked, low, ignored } = facts.value;
  const findings: Finding[] = [];
  const isOld = sales === null || sales.age > OLD_SECONDS;
  if (asksSales(atp) && isOld) {
    findings.push({
      check: "ct.threshold-sales",
      severity: "warning",
      subject: "sales figures",
      message:
        sales === null
          ? "Thresholds are in days of cover, and nobody has counted sales yet: they are atp.defaultThreshold, or atp.cover.minimumUnits if that is higher."
          : `Thresholds are in days of cover, and the sales behind them end with ${sales.to}.`,
      owner: "operator",
      action:
        "job-app counts them once an hour: look at its log for sales-not-counted. At once: npm run thresholds -- sales.",
    });
  }
  if (sales !== null && low.length > 0) {
    const named = low.slice(0, MOST_NAMED).map(({ sku, supplyChannel, found, most }) => {
      return `${sku} in ${supplyChannel}: ${found.units}, sold ${most}`;
    });
    findings.push({
      check: "ct.threshold-low",
      severity: "warning",
      subject: counted(low.length, "threshold"),
      message: `Not above what was once sold within ${sales.windowSeconds} s, which the check at checkout does not see: ${named.join("; ")}${more(low.length)}. The last pieces may be sold twice.`,
      owner: "merchant",
      action:
        "Raise them above what was sold: npm run thresholds -- check lists all, and simulate tells what a threshold costs.",
    });
  }
  if (ignored.length > 0) {
    const named = ignored
      .slice(0, MOST_NAMED)
      .map(({ sku, place, field, found }) => `${sku}: ${place} ${field} ${found}`);
    findings.push({
      check: "ct.threshold-field",
      severity: "warning",
      subject: counted(ignored.length, "field"),
      message: `No threshold, so passed over: ${named.join("; ")}${more(ignored.length)}.`,
      owner: "merchant",
      action:
        "Enter a whole number of units from 0, or days of cover above 0, in the Merchant Center; or empty the field.",
    });
  }
  const seen =
    sales === null
      ? []
      : [`thresholds of ${counted(looked, "SKU and channel")} that sold from ${sales.from} to ${sales.to}`];
  return { findings, seen };
}

const more = (count: number): string => (count > MOST_NAMED ? ` and ${count - MOST_NAMED} more` : "");
