import { type Claim, freeAt } from "../../domain/claims.ts";
import type { OrderId } from "../../domain/ids.ts";
import { positionOf } from "./claim-writer.ts";
import type { OrderExportDeps } from "./deps.ts";
import type { ExportOutcome } from "./outcome.ts";
import { attemptsExhausted } from "./plan.ts";
import { beginWork, type ExportContext, nextClaim, record, refused } from "./work.ts";

/**
 * Counts a defect of ours (an error of no known class) on the order. Undefined: it is to be thrown again. After the configured
 * attempts it becomes an exception, so that one order cannot come back for ever. A claim under which something may have been
 * sent is left alone: its lease, the late-commit wait and the look-up come first.
 */
export async function recordDefect(
  deps: OrderExportDeps,
  orderId: OrderId,
  context: ExportContext,
  error: unknown,
): Promise<ExportOutcome | undefined> {
  deps.logger.error({ flow: "order-export", orderId, error }, "defect");
  const order = await deps.orders.get(orderId);
  if (order === undefined) return undefined;
  const at = positionOf(deps, order);
  if (at.state.orderNo !== undefined || at.state.claim.kind === "unreadable") {
    return undefined;
  }
  const work = beginWork(deps, context, order, at);
  if (work.before && !countable(work.before, deps.clock.now())) return undefined;
  const attempt = (work.before?.attempt ?? 0) + 1;
  if (attempt >= deps.settings.config.orders.maxAttempts) {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return refused(work, attemptsExhausted(attempt, name));
  }
  await record(work, nextClaim(work, { phase: "claimed", attempt }));
  return undefined;
}

/**
 * Counts on the order that even the sweep, which has minutes, found no time for it: a lease or deadline that no export fits into
 * would put it off for ever, with nobody told. After the configured attempts it becomes an exception, whose pause grows.
 */
export async function recordDeferral(
  deps: OrderExportDeps,
  orderId: OrderId,
  context: ExportContext,
  deferral: Extract<ExportOutcome, { kind: "deferred" }>,
): Promise<ExportOutcome> {
  const order = await deps.orders.get(orderId);
  if (order === undefined) return deferral;
  const at = positionOf(deps, order);
  const work = beginWork(deps, context, order, at);
  const { before } = work;
  const busy = before && freeAt(before, deps.settings.config.orders.lateCommitWaitSeconds * 1000) > deps.clock.now();
  if (at.state.orderNo !== undefined || at.state.claim.kind === "unreadable" || busy) return deferral;
  const attempt = (before?.attempt ?? 0) + 1;
  const repeated = before?.code === "attemptsExhausted";
  if (repeated || attempt > deps.settings.config.orders.maxAttempts) {
    const rejection = attemptsExhausted(attempt, `${TOO_SHORT} (${deferral.reason})`);
    return refused(work, rejection, whereItStands(before));
  }
  await record(work, nextClaim(work, { phase: phaseOf(before), attempt }));
  return deferral;
}

const TOO_SHORT = "the time of the sweep did not suffice, or `orders.claimSeconds` is too short for this IFS";

/** What may be in IFS stays in doubt, or where it is known to be. */
function whereItStands(before: Claim | undefined): { phase: "held" | "unknown"; orderNo: string } | undefined {
  if (!before) return undefined;
  if (before.orderNo !== "") return { phase: "held", orderNo: before.orderNo };
  const inDoubt = before.phase === "posting" || before.phase === "unknown" || before.phase === "held";
  return inDoubt ? { phase: "unknown", orderNo: "" } : undefined;
}

const phaseOf = (before: Claim | undefined): Claim["phase"] =>
  !before || before.phase === "rejected" ? "claimed" : before.phase;

const countable = (claim: Claim, now: number): boolean =>
  claim.phase === "rejected" || (claim.phase === "claimed" && claim.expiresAt <= now);
