import { accessChecks } from "./access-checks.ts";
import { actionChecks } from "./action-checks.ts";
import { batchChecks } from "./batch-checks.ts";
import type { Check, Result, Verdict } from "./check.ts";
import { faultChecks } from "./fault-checks.ts";
import { filterChecks } from "./filter-checks.ts";
import { flowChecks } from "./flow-checks.ts";
import { orderChecks } from "./order-checks.ts";
import { Deviation, NotApplicable, NotGranted } from "./outcome.ts";
import { pageChecks } from "./page-checks.ts";
import { preconditionChecks } from "./precondition-checks.ts";
import type { Probe } from "./probe.ts";
import { rowChecks } from "./row-checks.ts";
import { supplyChecks } from "./supply-checks.ts";

export const allChecks: readonly Check[] = [
  ...accessChecks,
  ...rowChecks,
  ...filterChecks,
  ...pageChecks,
  ...preconditionChecks,
  ...batchChecks,
  ...actionChecks,
  ...orderChecks,
  ...supplyChecks,
  ...flowChecks,
  ...faultChecks,
];

export async function runCheck(check: Check, probe: Probe): Promise<Result> {
  const { id, title, confidence, kind } = check;
  const result = (verdict: Verdict, seen: string): Result => ({ id, title, confidence, kind, verdict, seen });
  try {
    if (check.needs === "sandbox") probe.controls();
    return result("pass", await check.run(probe));
  } catch (error) {
    if (error instanceof NotGranted) return result(...judgeForbidden(error, probe));
    if (error instanceof NotApplicable) return result("not applicable", error.message);
    if (error instanceof Deviation) return result("fail", error.message);
    return result("fail", error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

/** 403 is the right answer of a projection that is known not to be granted. */
function judgeForbidden(error: NotGranted, probe: Probe): [Verdict, string] {
  const granted = probe.tenant.grants?.projections;
  if (granted === undefined) return ["not applicable", error.message];
  const wrong = granted === "all" || granted.includes(error.projection);
  return wrong ? ["fail", error.message] : ["pass", `${error.message}, as the tenant's description says`];
}
