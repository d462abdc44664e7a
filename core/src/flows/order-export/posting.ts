/** Requests to IFS inside a claim: how long they may take, and what the claim says when they fail. */
import {
  AuthenticationError,
  OrderExistsError,
  RefusedError,
  type Rejection,
  TransientError,
  UnknownOutcomeError,
} from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { barredBy } from "./barred.ts";
import { postDeadlineMs } from "./claim.ts";
import type { OrderExportDeps } from "./deps.ts";
import type { ExportOutcome } from "./outcome.ts";
import {
  currentClaim,
  type ExportContext,
  journal,
  nextClaim,
  record,
  takenOver,
  timeLeft,
  type Work,
} from "./work.ts";

/** An event has to be acknowledged within ten seconds; the POST gets the largest part of them. */
const EVENT_POST_MS = 8000;
/** Kept of the time for recording how it ended. */
const RECORD_MS = 1000;
/** A request that gets less is not begun. */
const LEAST_POST_MS = 1500;

/** Milliseconds that a request to IFS may take now; undefined when it does not fit into lease and context any more. */
export function postTime(work: Work): number | undefined {
  const { config } = work.deps.settings;
  const longest = work.context.mode === "event" ? EVENT_POST_MS : config.ifs.writeTimeoutMs;
  const monotonic = work.deps.clock.monotonic();
  return postDeadlineMs({
    claimedAt: work.claimedAt ?? monotonic,
    monotonic,
    leaseMs: config.orders.claimSeconds * 1000,
    allowedMs: Math.min(longest, timeLeft(work) - RECORD_MS),
    leastMs: LEAST_POST_MS,
  });
}

/** What the caller gave is used up: no request fits into the rest. */
export const timeIsUp = ({ clock }: Pick<OrderExportDeps, "clock">, context: ExportContext): boolean =>
  context.deadlineAt - clock.monotonic() - RECORD_MS < LEAST_POST_MS;

/** With IFS's own words, for the person who repairs. */
export const ifsRefused = (error: RefusedError): Rejection => ({
  code: "ifsRefused",
  message: `IFS refused the order: ${error.message}`,
  action: "Correct what IFS names, in IFS or in the configuration. The order is tried again by itself.",
  owner: "ifsAdministrator",
  field: error.code,
});

const isOutage = (error: unknown): boolean => error instanceof TransientError || error instanceof AuthenticationError;

export const deferred = (reason: string): ExportOutcome => ({ kind: "deferred", reason });

/** The next worker may start at once. Nothing is in doubt, so it does not count as an attempt. False: another one has started. */
async function giveBack(work: Work, orderNo: string): Promise<boolean> {
  const attempt = work.before?.attempt ?? 0;
  const site = currentClaim(work)?.site ?? "";
  const claim = nextClaim(work, { phase: orderNo === "" ? "claimed" : "created", attempt, site, orderNo });
  return (await record(work, claim)) !== undefined;
}

/** Gives the claim back for want of time. */
export const putOff = async (work: Work, orderNo: string, reason: string): Promise<ExportOutcome> =>
  (await giveBack(work, orderNo)) ? deferred(reason) : takenOver;

/** The outcome is not known: the order says so, and nobody looks before a late commit must have shown. */
async function doubtful(work: Work, orderNo: string, error: UnknownOutcomeError): Promise<ExportOutcome> {
  const { deps } = work;
  const notBefore = deps.clock.now() + deps.settings.config.orders.lateCommitWaitSeconds * 1000;
  const site = currentClaim(work)?.site ?? "";
  const recorded = await record(work, nextClaim(work, { phase: "unknown", notBefore, orderNo, site }));
  if (!recorded) return takenOver;
  deps.logger.warn({ flow: "order-export", orderId: work.at.order.id, error }, "create-outcome-unknown");
  await journal(recorded, "create-outcome-unknown", { notBefore: new Date(notBefore).toISOString() });
  return { kind: "unknown", at: notBefore };
}

export type Answer<T> = { readonly value: T } | { readonly outcome: ExportOutcome };

/**
 * Runs a create. Doubt is recorded as `unknown`, a refusal handed to `refusedAs`; an outage before anything was committed,
 * and what bars all orders, gives the claim back and is thrown. Anything else is a defect: the claim stays, its lease and the late-commit wait pass first.
 */
export async function posted<T>(
  work: Work,
  given: {
    readonly orderNo: string;
    readonly call: () => Promise<T>;
    readonly refusedAs: (rejection: Rejection) => Promise<ExportOutcome>;
    /** IFS's key refused it, because it is there already. */
    readonly existsAs?: (orderNo: OrderNo) => Promise<ExportOutcome>;
  },
): Promise<Answer<T>> {
  try {
    return { value: await given.call() };
  } catch (error) {
    if (error instanceof UnknownOutcomeError) return { outcome: await doubtful(work, given.orderNo, error) };
    if (error instanceof OrderExistsError && given.existsAs) return { outcome: await given.existsAs(error.orderNo) };
    const barred = barredBy(error, "write");
    if (error instanceof RefusedError && error.system === "ifs" && !barred) {
      return { outcome: await given.refusedAs(ifsRefused(error)) };
    }
    if (barred || isOutage(error)) {
      work.deps.logger.warn({ flow: "order-export", orderId: work.at.order.id, error }, "nothing-sent-to-ifs");
      await giveBack(work, given.orderNo);
    }
    throw barred ?? error;
  }
}

/**
 * Runs a call about an order that exists in IFS and that can be repeated after a look at it (read, release, cancel): doubt is
 * only an outage, after which the next worker may go on at once.
 */
export async function repeatable<T>(work: Work, orderNo: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const doubt = error instanceof UnknownOutcomeError;
    const barred = barredBy(error, "write");
    if (!doubt && !barred && !isOutage(error)) throw error;
    await giveBack(work, orderNo);
    if (barred) throw barred;
    throw doubt ? new TransientError(error.message, { cause: error }) : error;
  }
}
