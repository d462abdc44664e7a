/** A person takes an order out of scope, and back. The claim says so, because everything that works on the order reads it. */
import { type Claim, freeAt } from "../../domain/claims.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { emptyClaim } from "./claim.ts";
import { readPosition, takeClaim } from "./claim-writer.ts";
import type { OrderExportDeps } from "./deps.ts";

/** Phase before and after; undefined: the order does not exist any more. ConflictError: somebody wrote first, ask again. */
export type Moved = { readonly before: string; readonly after: string } | undefined;

/** Rejection where somebody works on the order right now, or its claim was not written by us. */
export async function ignoreOrder(deps: OrderExportDeps, orderId: OrderId): Promise<Result<Moved, Rejection>> {
  const at = await readPosition(deps, orderId);
  if (!at) return ok(undefined);
  const { claim } = at.state;
  if (claim.kind === "unreadable") return err(notOurs);
  const before = claim.kind === "claim" ? claim.claim : undefined;
  if (before && isBusy(deps, before)) return err(busy);
  if (before?.phase === "ignored") return ok({ before: before.phase, after: before.phase });
  const owner = deps.newOwner();
  await takeClaim(deps, at, { ...(before ?? emptyClaim(owner)), owner, phase: "ignored", expiresAt: 0, notBefore: 0 });
  return ok({ before: before?.phase ?? "none", after: "ignored" });
}

/**
 * Back in scope. Whether something of the order is in IFS is not known any more, so it is looked up before anything is created;
 * a linked order is compared again.
 */
export async function unignoreOrder(deps: OrderExportDeps, orderId: OrderId): Promise<Moved> {
  const at = await readPosition(deps, orderId);
  if (!at) return undefined;
  const { claim, orderNo } = at.state;
  const before = claim.kind === "claim" ? claim.claim : undefined;
  if (before?.phase !== "ignored") return { before: before?.phase ?? "none", after: before?.phase ?? "none" };
  const phase = orderNo === undefined ? "unknown" : "linked";
  await takeClaim(deps, at, { ...before, owner: deps.newOwner(), phase, attempt: 0, notBefore: 0 });
  return { before: "ignored", after: phase };
}

/** A create under way is not ignored: its outcome has to be known first. */
function isBusy({ settings, clock }: OrderExportDeps, claim: Claim): boolean {
  const working = claim.phase === "posting" || claim.phase === "claimed" || claim.phase === "created";
  const inDoubt = claim.phase === "unknown" && claim.code === "";
  return (working || inDoubt) && freeAt(claim, settings.config.orders.lateCommitWaitSeconds * 1000) > clock.now();
}

const busy: Rejection = {
  code: "heldForReview",
  message: "The order is being worked on, or the outcome of its create is waited for.",
  action: "Wait until its exception shows a new date, then ignore it.",
  owner: "operator",
};

const notOurs: Rejection = {
  code: "heldForReview",
  message: "The claim on the order was not written by this version of the connector and is not overwritten.",
  action: "Find out who wrote it. Update the connector if it was a newer version of it.",
  owner: "developer",
};
