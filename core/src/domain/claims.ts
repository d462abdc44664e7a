/**
 * What an order says about its export: the link (IFS order number) on channel `ifs-link` and the claim (who works on it, in
 * which phase) on channel `ifs-claim`, both entries of `Order.syncInfo`. Pure reading and the claim's text form; several flows
 * need to know whether an order is linked, in the making or possibly in IFS already.
 */
import type { OrderNo } from "./ids.ts";

export const LINK_CHANNEL_KEY = "ifs-link";
export const CLAIM_CHANNEL_KEY = "ifs-claim";
/** What became of the order's returns, see return-record.ts. */
export const RETURN_CHANNEL_KEY = "ifs-return";

/** Ids of the channels of this project (installation creates them under the keys above). */
export type ClaimChannels = {
  readonly link: string;
  readonly claim: string;
  /** Absent: installed by a version that knew nothing of returns. */
  readonly returns?: string | undefined;
};

/**
 * - `claimed`: somebody works on the order until `expiresAt` (0: nobody does any more); nothing was sent to IFS.
 * - `posting`: an order, or missing lines of it, are being created; IFS may commit until `expiresAt` plus the late-commit wait.
 * - `unknown`: the create was sent and its outcome is not known; nobody looks before `notBefore`.
 * - `created`: the IFS order `orderNo` exists; comparing, releasing or cancelling it until `expiresAt` (0: free).
 * - `linked`, `cancelled`: done. - `held`: exists in IFS, differs, a person must look. - `rejected`: cannot go on as it is.
 * - `ignored`: a person has taken it out of scope, with a reason that the journal keeps, until another takes that back.
 */
export const claimPhases = [
  "claimed",
  "posting",
  "unknown",
  "created",
  "linked",
  "held",
  "rejected",
  "cancelled",
  "ignored",
] as const;
export type ClaimPhase = (typeof claimPhases)[number];

/** Times in milliseconds since the epoch, 0 for none. Texts are empty where they do not apply. */
export type Claim = {
  readonly phase: ClaimPhase;
  /** Unique for each piece of work, so that a worker recognises its own claim after a lost answer. */
  readonly owner: string;
  /** Pieces of work so far that did not end in an outage before anything was sent. */
  readonly attempt: number;
  readonly expiresAt: number;
  readonly notBefore: number;
  /** Configuration that the last judgement rests on. */
  readonly configVersion: number;
  /** Of the order's content at the last judgement; of a linked order: of what was exported. */
  readonly fingerprint: string;
  /** Of the content that was last sent to IFS in a create; empty when nothing was, or what there is was not sent by us. */
  readonly posted: string;
  /**
   * Digests of what IFS showed when this connector last left the order (rows, then address and references, then, where IFS
   * refused an amendment, the content that it refused); empty where that is not known.
   */
  readonly inIfs: string;
  /** Code of the exception that is open for the order. */
  readonly code: string;
  /** IFS site that was or will be asked. */
  readonly site: string;
  readonly orderNo: string;
};

/** `unreadable`: an entry of our channel that no version of this connector wrote; never the same as "never claimed". */
export type ClaimReading =
  | { readonly kind: "none" }
  | { readonly kind: "claim"; readonly claim: Claim }
  | { readonly kind: "unreadable"; readonly text: string };

export type LinkState = {
  readonly orderNo: OrderNo | undefined;
  /** ISO 8601; when the link was written. */
  readonly linkedAt: string | undefined;
  readonly claim: ClaimReading;
  /** Newest stamp of either channel, 0 without entries. A new entry must be younger, whatever the writer's clock says. */
  readonly newestAt: number;
};

/** The part of an order (or of an SDK `Order`) that is read here. */
export type WithSyncInfo = {
  readonly syncInfo: readonly {
    readonly channel: { readonly id: string };
    readonly externalId?: string | null;
    readonly syncedAt: string;
  }[];
};

/** Version 1 had no `posted`, version 2 no `inIfs`; orders in the shop still carry both, and 2 is written where it says all. */
const FORMAT = "3";
const WITHOUT_IN_IFS = "2";
const WITHOUT_POSTED = "1";
const OWNER = /^[A-Za-z0-9_-]{1,64}$/;
const COUNT = /^(0|[1-9]\d{0,14})$/;
const FINGERPRINT = /^[0-9a-f]{0,64}$/;

/** One line of text: format version, then its fields separated by `;`. Free texts are percent-encoded, which hides `;`. */
export function encodeClaim(claim: Claim): string {
  const text = [
    claim.inIfs === "" ? WITHOUT_IN_IFS : FORMAT,
    claim.phase,
    claim.owner,
    claim.attempt,
    claim.expiresAt,
    claim.notBefore,
    claim.configVersion,
    claim.fingerprint,
    claim.code,
    encodeURIComponent(claim.site),
    encodeURIComponent(claim.orderNo),
    claim.posted,
    ...(claim.inIfs === "" ? [] : [claim.inIfs]),
  ].join(";");
  const read = decodeClaim(text);
  if (!read) throw new RangeError(`not a claim that could be read again: ${text.slice(0, 80)}`);
  return text;
}

/** Undefined for anything that `encodeClaim` does not write. */
export function decodeClaim(text: string): Claim | undefined {
  const [
    format,
    phase,
    owner,
    attempt,
    expiresAt,
    notBefore,
    configVersion,
    fingerprint,
    code,
    site,
    orderNo,
    ...rest
  ] = text.split(";");
  const digests = digestsOf(format, rest);
  const known = claimPhases.find((candidate) => candidate === phase);
  if (!known || orderNo === undefined || digests === undefined) return undefined;
  if (!OWNER.test(owner ?? "") || !FINGERPRINT.test(fingerprint ?? "") || !/^[A-Za-z]{0,40}$/.test(code ?? "")) {
    return undefined;
  }
  const counts = [attempt, expiresAt, notBefore, configVersion];
  if (!counts.every((value) => COUNT.test(value ?? ""))) return undefined;
  const places = [decoded(site ?? ""), decoded(orderNo)];
  if (places.includes(undefined)) return undefined;
  return {
    phase: known,
    owner: owner ?? "",
    attempt: Number(attempt),
    expiresAt: Number(expiresAt),
    notBefore: Number(notBefore),
    configVersion: Number(configVersion),
    fingerprint: fingerprint ?? "",
    ...digests,
    code: code ?? "",
    site: places[0] ?? "",
    orderNo: places[1] ?? "",
  };
}

function digestsOf(
  format: string | undefined,
  [posted, inIfs, ...more]: readonly string[],
): Pick<Claim, "posted" | "inIfs"> | undefined {
  if (format === WITHOUT_POSTED) return posted === undefined ? { posted: "", inIfs: "" } : undefined;
  if (posted === undefined || !FINGERPRINT.test(posted) || more.length > 0) return undefined;
  if (format === WITHOUT_IN_IFS) return inIfs === undefined ? { posted, inIfs: "" } : undefined;
  if (format !== FORMAT || inIfs === undefined || inIfs === "" || !FINGERPRINT.test(inIfs)) return undefined;
  return { posted, inIfs };
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return encodeURIComponent(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

const stampOf = (syncedAt: string): number => {
  const stamp = Date.parse(syncedAt);
  return Number.isNaN(stamp) ? 0 : stamp;
};

/**
 * The newest entry of a channel by `syncedAt`; of equal stamps the one listed last. It is not documented whether the platform
 * replaces an entry of the same channel or appends another: both work.
 */
export function newestEntry(order: WithSyncInfo, channelId: string): WithSyncInfo["syncInfo"][number] | undefined {
  let newest: WithSyncInfo["syncInfo"][number] | undefined;
  for (const entry of order.syncInfo) {
    if (entry.channel.id !== channelId) continue;
    if (!newest || stampOf(entry.syncedAt) >= stampOf(newest.syncedAt)) newest = entry;
  }
  return newest;
}

/** What the order's syncInfo says. An entry of the claim channel without a readable text is `unreadable`, not "none". */
export function readLinkState(order: WithSyncInfo, channels: ClaimChannels): LinkState {
  const link = newestEntry(order, channels.link);
  const claim = newestEntry(order, channels.claim);
  const text = claim?.externalId ?? "";
  const read = decodeClaim(text);
  return {
    orderNo: link?.externalId ? (link.externalId as OrderNo) : undefined,
    linkedAt: link?.externalId ? link.syncedAt : undefined,
    claim: !claim ? { kind: "none" } : read ? { kind: "claim", claim: read } : { kind: "unreadable", text },
    newestAt: Math.max(0, link ? stampOf(link.syncedAt) : 0, claim ? stampOf(claim.syncedAt) : 0),
  };
}

/** When another worker may go on with the order: milliseconds since the epoch. */
export function freeAt(claim: Claim, lateCommitWaitMs: number): number {
  if (claim.phase === "posting") return claim.expiresAt + lateCommitWaitMs;
  if (claim.phase === "claimed" || claim.phase === "created") return claim.expiresAt;
  return claim.notBefore;
}

/** Rejections that were pronounced after something had been sent to IFS. A payment may hold an order before, and be refused after it. */
const CODES_AFTER_SENDING = new Set(["ifsRefused", "attemptsExhausted"]);
const wasSent = ({ code, posted }: Claim): boolean =>
  CODES_AFTER_SENDING.has(code) || (code === "paymentMismatch" && posted !== "");

/** False only where it is certain that this claim never led to an order in IFS. */
export function mayBeInIfs(claim: Claim): boolean {
  if (claim.phase === "claimed") return claim.orderNo !== "" || wasSent(claim);
  if (claim.phase === "rejected") return claim.orderNo !== "" || wasSent(claim);
  return claim.phase !== "cancelled";
}
