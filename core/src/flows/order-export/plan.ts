/** What is to be done with an order, from what it says about itself and, once asked, from what IFS says. Pure. */
import { type Claim, freeAt, type LinkState, mayBeInIfs } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import { exportGate } from "../../domain/export-gate.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { IfsOrderLookup } from "../../domain/ifs-records.ts";
import type { OrderHead } from "./shop-order.ts";

export type PlanInput = {
  readonly order: OrderHead;
  readonly state: LinkState;
  /** Of the order's content as just read. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** An event, and a person, judge a refused order at once; the sweep respects its pause. */
  readonly mode: "event" | "sweep" | "person";
  readonly config: ConnectorConfig;
  readonly configVersion: number;
  readonly activationStamp: string;
  /** Somebody asked for a period before `exportFrom` that the order is of. */
  readonly beforeExportFrom?: boolean;
  /** IFS's answer to `lookFirst`. */
  readonly lookup?: IfsOrderLookup;
};

export type Plan =
  | { readonly kind: "skip"; readonly reason: string }
  /** `at`: milliseconds since the epoch; undefined where only a change of the order helps. */
  | { readonly kind: "waitUntil"; readonly reason: string; readonly at: number | undefined }
  /** Ask IFS for the order, then plan again with the answer. */
  | { readonly kind: "lookFirst" }
  | { readonly kind: "create" }
  /** The order exists in IFS: complete, compare, release and link it. */
  | { readonly kind: "finish"; readonly orderNo: OrderNo }
  /** Linked: is it still what was exported? */
  | { readonly kind: "compare"; readonly orderNo: OrderNo }
  /** Cancelled in commercetools. `find`: it is not known whether it is in IFS. Without either, nothing is there. */
  | { readonly kind: "cancel"; readonly orderNo: OrderNo | undefined; readonly find: boolean }
  | { readonly kind: "hold"; readonly rejection: Rejection; readonly orderNo: string }
  /** Nothing proves what IFS has: ask again later. */
  | { readonly kind: "unproven"; readonly rejection: Rejection }
  | { readonly kind: "reject"; readonly rejection: Rejection }
  /** The claim is not ours to overwrite: only show it. */
  | { readonly kind: "report"; readonly rejection: Rejection };

const skip = (reason: string): Plan => ({ kind: "skip", reason });
const waitUntil = (reason: string, at?: number): Plan => ({ kind: "waitUntil", reason, at });

export function planOrder(input: PlanInput): Plan {
  const { order, state, config } = input;
  // What this connector has claimed once stays in its charge: a doubt is resolved, and a later change is seen.
  const asked = input.beforeExportFrom || state.claim.kind !== "none" || state.orderNo !== undefined;
  if (isBefore(order, config) && !asked) return skip("created before exportFrom");
  if (state.claim.kind === "claim" && state.claim.claim.phase === "ignored") return skip("ignored by a person");
  if (state.claim.kind === "unreadable") return { kind: "report", rejection: unreadableClaim() };
  const claim = state.claim.kind === "claim" ? state.claim.claim : undefined;
  if (state.orderNo !== undefined) return planLinked(input, state.orderNo, claim);
  return claim ? planClaimed(input, claim) : planFresh(input);
}

const isBefore = ({ createdAt }: OrderHead, { orders }: ConnectorConfig): boolean =>
  Date.parse(createdAt) < Date.parse(orders.exportFrom);

function planLinked(input: PlanInput, orderNo: OrderNo, claim: Claim | undefined): Plan {
  const waiting = claim && waitsFor(input, claim);
  if (waiting) return waiting;
  if (input.order.orderState !== "Cancelled") return { kind: "compare", orderNo };
  const done = claim?.phase === "cancelled" && claim.code === "";
  return done ? skip("cancelled on both sides") : { kind: "cancel", orderNo, find: false };
}

function planFresh(input: PlanInput): Plan {
  if (input.order.orderState === "Cancelled") return skip("cancelled before it was exported");
  const gate = gateOf(input);
  if (gate) return gate;
  if (input.lookup) return planLookup(input, input.lookup, undefined);
  // Every order that this installation ever posted carries a claim, so one without a claim was never posted.
  // Of an order before `exportFrom` nobody knows who exported it.
  const first =
    Date.parse(input.order.createdAt) > Date.parse(input.activationStamp) && !isBefore(input.order, input.config);
  return first ? { kind: "create" } : { kind: "lookFirst" };
}

function planClaimed(input: PlanInput, claim: Claim): Plan {
  const waiting = waitsFor(input, claim);
  if (waiting) return waiting;
  const orderNo = claim.orderNo === "" ? undefined : (claim.orderNo as OrderNo);
  if (input.order.orderState === "Cancelled") {
    if (claim.phase === "cancelled") return skip("cancelled before it reached IFS");
    return planCancel(input, claim, orderNo);
  }
  const gate = mayBeInIfs(claim) ? undefined : gateOf(input);
  if (gate) return gate;
  if (orderNo !== undefined) return { kind: "finish", orderNo };
  return input.lookup ? planLookup(input, input.lookup, claim) : { kind: "lookFirst" };
}

/** Cancelled in commercetools; it may be in IFS under a number that nobody wrote down. */
function planCancel({ lookup }: PlanInput, claim: Claim, known: OrderNo | undefined): Plan {
  if (known !== undefined || !mayBeInIfs(claim)) return { kind: "cancel", orderNo: known, find: false };
  if (!lookup) return { kind: "cancel", orderNo: undefined, find: true };
  if (lookup.kind === "unknown") return { kind: "unproven", rejection: notProven(lookup.reason) };
  const live = lookup.kind === "found" ? lookup.orders.filter((order) => order.state !== "Cancelled") : [];
  if (live.length <= 1) return { kind: "cancel", orderNo: live[0]?.orderNo, find: false };
  return { kind: "hold", rejection: duplicates(live.map(({ orderNo }) => orderNo)), orderNo: "" };
}

/** Work of others, late commits and pauses. A changed order or configuration ends the pause of a refused one. */
function waitsFor(input: PlanInput, claim: Claim): Plan | undefined {
  const at = freeAt(claim, input.config.orders.lateCommitWaitSeconds * 1000);
  if (at <= input.now) return undefined;
  if (claim.phase === "unknown") return waitUntil("the outcome of the create is not known yet", at);
  if (claim.phase === "posting" || claim.phase === "claimed" || claim.phase === "created") {
    return waitUntil("another worker has claimed the order", at);
  }
  if (input.mode !== "sweep") return undefined;
  const changed = claim.fingerprint !== input.fingerprint || claim.configVersion !== input.configVersion;
  const linked = claim.phase === "linked" || claim.phase === "cancelled";
  return changed && !linked ? undefined : waitUntil(`refused (${claim.code}), judged again later`, at);
}

/** Undefined: the order may leave. */
function gateOf({ order, config, now }: PlanInput): Plan | undefined {
  const gate = exportGate(order, config.orders, now);
  if (gate?.outOfScope) return skip(gate.reason);
  return gate && waitUntil(gate.reason, gate.at);
}

function planLookup(input: PlanInput, lookup: IfsOrderLookup, claim: Claim | undefined): Plan {
  if (lookup.kind === "unknown") return { kind: "unproven", rejection: notProven(lookup.reason) };
  if (lookup.kind === "absent") return exhausted(input, claim) ?? { kind: "create" };
  const live = lookup.orders.filter((order) => order.state !== "Cancelled");
  const [only] = live;
  if (only && live.length === 1) return { kind: "finish", orderNo: only.orderNo };
  const numbers = (live.length > 0 ? live : lookup.orders).map(({ orderNo }) => orderNo);
  const rejection = live.length > 0 ? duplicates(numbers) : cancelledInIfs(numbers);
  return { kind: "hold", rejection, orderNo: "" };
}

/** Attempts that ended in doubt again and again; after the exception, one more after each pause. */
function exhausted(input: PlanInput, claim: Claim | undefined): Plan | undefined {
  if (!claim || (claim.phase !== "posting" && claim.phase !== "unknown")) return undefined;
  if (claim.code !== "" && claim.code !== "attemptsExhausted") return undefined;
  const { maxAttempts } = input.config.orders;
  if (claim.attempt < maxAttempts) return undefined;
  return { kind: "reject", rejection: attemptsExhausted(claim.attempt, "no answer of IFS could be verified") };
}

export const attemptsExhausted = (attempts: number, reason: string): Rejection => ({
  code: "attemptsExhausted",
  message: `The order could not be exported in ${attempts} attempts: ${reason}.`,
  action: "Look for the cause in the log of these attempts. The export is tried again after a growing pause.",
  owner: "operator",
  field: "attempts",
  value: String(attempts),
});

const unreadableClaim = (): Rejection => ({
  code: "heldForReview",
  message: "The claim on the order (syncInfo of channel ifs-claim) was not written by this version of the connector.",
  action: "Find out who wrote it. Update the connector if it was a newer version of it.",
  owner: "developer",
  field: "syncInfo",
});

const notProven = (reason: string): Rejection => ({
  code: "heldForReview",
  message: `It cannot be proven whether IFS already has this order: ${reason}`,
  action: "Grant the service user the site, and name an order of it under `ifs.sentinelOrders`.",
  owner: "ifsAdministrator",
  field: "ifs.sentinelOrders",
});

const duplicates = (orderNos: readonly string[]): Rejection => ({
  code: "ifsDuplicate",
  message: `IFS has ${orderNos.length} orders with the reference of this order: ${orderNos.join(", ")}.`,
  action: "Cancel all but one of them in IFS; the remaining one is linked by itself.",
  owner: "operator",
  field: "externalRef",
  value: orderNos.join(", "),
});

const cancelledInIfs = (orderNos: readonly string[]): Rejection => ({
  code: "heldForReview",
  message: `IFS has this order only as cancelled: ${orderNos.join(", ")}. It is not created a second time.`,
  action:
    "Cancel the order in commercetools too, or enter it in IFS by hand: the order's id as external reference, and `[ref <line item id>]` in the note of each line.",
  owner: "operator",
  field: "externalRef",
  value: orderNos.join(", "),
  cause: "cancelledInIfs",
});
