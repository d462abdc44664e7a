import type { Claim } from "../../domain/claims.ts";
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

const countable = (claim: Claim, now: number): boolean =>
  claim.phase === "rejected" || (claim.phase === "claimed" && claim.expiresAt <= now);
