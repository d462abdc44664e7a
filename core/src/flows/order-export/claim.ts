/** Writing of link and claim: which entries, with which stamp, and how long the lease behind them lasts. Pure. */
import type { OrderUpdateSyncInfoAction } from "@commercetools/platform-sdk";
import { type Claim, type ClaimChannels, encodeClaim } from "../../domain/claims.ts";

/** Reserved for what happens between the last look at the clock and the first byte of the POST. */
export const FENCE_MARGIN_MS = 2000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** 1, 2, 4 … 60 minutes: when a refused order is judged again although nothing about it changed. */
export const pauseMs = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(Math.max(attempt - 1, 0), 20));

/** A claim that says nothing but its owner; the phases fill in what they need. */
export const emptyClaim = (owner: string): Claim => ({
  phase: "claimed",
  owner,
  attempt: 0,
  expiresAt: 0,
  notBefore: 0,
  configVersion: 0,
  fingerprint: "",
  posted: "",
  inIfs: "",
  code: "",
  site: "",
  orderNo: "",
});

/** What is written with a claim, in the same request. */
export type Entries = {
  readonly link?: string | undefined;
  /** The record of the order's returns, as text. */
  readonly returns?: string | undefined;
};

/**
 * The entries of one update request: the claim, and with it the link once there is one. All carry a stamp that is younger
 * than every entry before, because "the newest counts" must not depend on two machines having the same time.
 */
export function syncInfoActions(
  channels: ClaimChannels,
  entry: Entries & { readonly claim: Claim; readonly newestAt: number; readonly now: number },
): OrderUpdateSyncInfoAction[] {
  const syncedAt = new Date(Math.max(entry.now, entry.newestAt + 1)).toISOString();
  const action = (id: string, externalId: string): OrderUpdateSyncInfoAction => ({
    action: "updateSyncInfo",
    channel: { typeId: "channel", id },
    externalId,
    syncedAt,
  });
  return [
    ...(entry.link === undefined ? [] : [action(channels.link, entry.link)]),
    ...(entry.returns === undefined || channels.returns === undefined ? [] : [action(channels.returns, entry.returns)]),
    action(channels.claim, encodeClaim(entry.claim)),
  ];
}

/**
 * The time that a POST may take so that it ends inside the lease: what is left of the lease after the time since the claim was
 * begun and a margin, and no more than the caller has. A lease is no fence, its holder may have slept; so this is computed by
 * a clock that never jumps, in the statement before the POST. Undefined: it does not fit any more.
 */
export function postDeadlineMs(given: {
  readonly claimedAt: number;
  readonly monotonic: number;
  readonly leaseMs: number;
  readonly allowedMs: number;
  readonly leastMs: number;
}): number | undefined {
  const left = given.leaseMs - (given.monotonic - given.claimedAt) - FENCE_MARGIN_MS;
  const deadline = Math.floor(Math.min(left, given.allowedMs));
  return deadline >= given.leastMs ? deadline : undefined;
}
