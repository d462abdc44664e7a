import { describe, expect, test } from "vitest";
import type { Claim, ClaimReading } from "../../domain/claims.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { IfsOrder, IfsOrderLookup } from "../../domain/ifs-records.ts";
import { emptyClaim } from "./claim.ts";
import { parseOrderHead } from "./parse.ts";
import { type Plan, type PlanInput, planOrder } from "./plan.ts";
import { configWith } from "./testing/config.ts";
import { netOrder } from "./testing/orders.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const FOUND = (...states: IfsOrder["state"][]): IfsOrderLookup => ({
  kind: "found",
  orders: states.map((state, index) => ({ orderNo: `P${index}`, state }) as IfsOrder),
});

type Case = {
  readonly order?: object;
  readonly orderNo?: string;
  readonly claim?: Partial<Claim>;
  readonly reading?: ClaimReading;
  readonly lookup?: IfsOrderLookup;
  readonly input?: Partial<PlanInput>;
};

function planFor({ order, orderNo, claim, reading, lookup, input }: Case): Plan {
  const head = parseOrderHead(netOrder(order));
  if (!head.ok) throw new Error(head.error.message);
  return planOrder({
    order: head.value,
    state: {
      orderNo: orderNo as OrderNo | undefined,
      linkedAt: undefined,
      claim: reading ?? (claim ? { kind: "claim", claim: { ...emptyClaim("other"), ...claim } } : { kind: "none" }),
      newestAt: 0,
    },
    fingerprint: "aa",
    now: NOW,
    mode: "event",
    config: configWith(),
    configVersion: 1,
    activationStamp: "2026-11-01T00:00:00Z",
    lookup,
    ...input,
  });
}

/** Kind, and what tells two plans of a kind apart. */
const brief = (plan: Plan): string =>
  [
    plan.kind,
    "at" in plan && plan.at !== undefined ? `+${(plan.at - NOW) / 1000}s` : "",
    "orderNo" in plan && plan.orderNo ? plan.orderNo : "",
    "find" in plan && plan.find ? "find" : "",
    "rejection" in plan ? plan.rejection.code : "",
  ]
    .filter((part) => part !== "")
    .join(" ");

const later = NOW + 60_000;
const sweep = { mode: "sweep" as const };
const cancelled = { orderState: "Cancelled" };

const table: [string, Case, string][] = [
  ["new, never claimed", {}, "create"],
  ["older than the installation", { input: { activationStamp: "2026-11-21T00:00:00Z" } }, "lookFirst"],
  [
    "created in the very moment of the installation",
    { input: { activationStamp: "2026-11-20T10:00:00Z" } },
    "lookFirst",
  ],
  ["before exportFrom", { order: { createdAt: "2025-01-01T00:00:00Z" } }, "skip"],
  ["cancelled, never claimed", { order: cancelled }, "skip"],
  ["state not exported", { order: { orderState: "Complete" } }, "waitUntil"],
  ["no payment state is a state of its own", { order: { paymentState: undefined } }, "create"],
  ["unreadable claim", { reading: { kind: "unreadable", text: "x" } }, "report heldForReview"],

  ["claimed by another", { claim: { phase: "claimed", expiresAt: later } }, "waitUntil +60s"],
  ["claim given back", { claim: { phase: "claimed" } }, "lookFirst"],
  ["posting, lease running", { claim: { phase: "posting", expiresAt: later } }, "waitUntil +660s"],
  [
    "posting, lease over, late commit possible",
    { claim: { phase: "posting", expiresAt: NOW - 599_000 } },
    "waitUntil +1s",
  ],
  ["posting, lease and wait over", { claim: { phase: "posting", expiresAt: NOW - 600_000 } }, "lookFirst"],
  ["unknown, too early", { claim: { phase: "unknown", notBefore: later } }, "waitUntil +60s"],
  ["unknown, time to look", { claim: { phase: "unknown", notBefore: NOW } }, "lookFirst"],
  ["created by another", { claim: { phase: "created", orderNo: "P1", expiresAt: later } }, "waitUntil +60s"],
  ["created, free", { claim: { phase: "created", orderNo: "P1" } }, "finish P1"],
  ["completing broke off", { claim: { phase: "posting", orderNo: "P1", expiresAt: NOW - 600_000 } }, "finish P1"],
  [
    "in doubt, the rule does not hold any more",
    { order: { orderState: "Complete" }, claim: { phase: "unknown" } },
    "lookFirst",
  ],
  [
    "given back, the rule does not hold any more",
    { order: { orderState: "Complete" }, claim: { phase: "claimed" } },
    "waitUntil",
  ],

  [
    "rejected, event",
    { claim: { phase: "rejected", notBefore: later, fingerprint: "aa", configVersion: 1 } },
    "lookFirst",
  ],
  [
    "rejected, sweep, pause running",
    { input: sweep, claim: { phase: "rejected", notBefore: later, fingerprint: "aa", configVersion: 1 } },
    "waitUntil +60s",
  ],
  [
    "rejected, sweep, order changed",
    { input: sweep, claim: { phase: "rejected", notBefore: later, fingerprint: "bb", configVersion: 1 } },
    "lookFirst",
  ],
  [
    "rejected, sweep, configuration changed",
    { input: sweep, claim: { phase: "rejected", notBefore: later, fingerprint: "aa", configVersion: 0 } },
    "lookFirst",
  ],
  [
    "rejected, sweep, pause over",
    { input: sweep, claim: { phase: "rejected", notBefore: NOW, fingerprint: "aa", configVersion: 1 } },
    "lookFirst",
  ],
  ["held, pause over", { input: sweep, claim: { phase: "held", orderNo: "P1", notBefore: NOW } }, "finish P1"],

  ["looked up: absent", { claim: { phase: "unknown", attempt: 4 }, lookup: { kind: "absent" } }, "create"],
  [
    "looked up: absent, attempts used up",
    { claim: { phase: "unknown", attempt: 5 }, lookup: { kind: "absent" } },
    "reject attemptsExhausted",
  ],
  [
    "looked up: absent, after that exception",
    { claim: { phase: "rejected", attempt: 6, code: "attemptsExhausted" }, lookup: { kind: "absent" } },
    "create",
  ],
  [
    "looked up: nothing proven",
    { claim: { phase: "unknown" }, lookup: { kind: "unknown", reason: "r" } },
    "unproven heldForReview",
  ],
  ["looked up: found", { claim: { phase: "unknown" }, lookup: FOUND("Planned") }, "finish P0"],
  [
    "looked up: found, one cancelled",
    { claim: { phase: "unknown" }, lookup: FOUND("Cancelled", "Released") },
    "finish P1",
  ],
  [
    "looked up: an unknown state counts as alive",
    { claim: { phase: "unknown" }, lookup: FOUND("unknown:Odd") },
    "finish P0",
  ],
  ["looked up: two", { claim: { phase: "unknown" }, lookup: FOUND("Planned", "Released") }, "hold ifsDuplicate"],
  ["looked up: only cancelled", { claim: { phase: "unknown" }, lookup: FOUND("Cancelled") }, "hold heldForReview"],
  [
    "looked up without a claim: absent",
    { input: { activationStamp: "2026-11-21T00:00:00Z" }, lookup: { kind: "absent" } },
    "create",
  ],
  [
    "looked up without a claim: found",
    { input: { activationStamp: "2026-11-21T00:00:00Z" }, lookup: FOUND("Released") },
    "finish P0",
  ],

  ["linked", { orderNo: "P1", claim: { phase: "linked" } }, "compare P1"],
  ["linked by hand", { orderNo: "P1" }, "compare P1"],
  ["linked, cancelled in the shop", { order: cancelled, orderNo: "P1", claim: { phase: "linked" } }, "cancel P1"],
  [
    "linked, being cancelled by another",
    { order: cancelled, orderNo: "P1", claim: { phase: "created", expiresAt: later } },
    "waitUntil +60s",
  ],
  ["linked, cancelled on both sides", { order: cancelled, orderNo: "P1", claim: { phase: "cancelled" } }, "skip"],
  [
    "linked, cancellation refused, sweep, pause running",
    { input: sweep, order: cancelled, orderNo: "P1", claim: { phase: "linked", notBefore: later } },
    "waitUntil +60s",
  ],

  ["cancelled, refused before", { order: cancelled, claim: { phase: "rejected", code: "unmappedSku" } }, "cancel"],
  ["cancelled, refused by IFS", { order: cancelled, claim: { phase: "rejected", code: "ifsRefused" } }, "cancel find"],
  [
    "cancelled, in doubt, too early",
    { order: cancelled, claim: { phase: "unknown", notBefore: later } },
    "waitUntil +60s",
  ],
  ["cancelled, in doubt", { order: cancelled, claim: { phase: "unknown" } }, "cancel find"],
  [
    "cancelled, in doubt, absent",
    { order: cancelled, claim: { phase: "unknown" }, lookup: { kind: "absent" } },
    "cancel",
  ],
  [
    "cancelled, in doubt, found",
    { order: cancelled, claim: { phase: "unknown" }, lookup: FOUND("Planned") },
    "cancel P0",
  ],
  [
    "cancelled, in doubt, two",
    { order: cancelled, claim: { phase: "unknown" }, lookup: FOUND("Planned", "Planned") },
    "hold ifsDuplicate",
  ],
  [
    "cancelled, in doubt, nothing proven",
    { order: cancelled, claim: { phase: "unknown" }, lookup: { kind: "unknown", reason: "r" } },
    "unproven heldForReview",
  ],
  ["cancelled, created", { order: cancelled, claim: { phase: "created", orderNo: "P1" } }, "cancel P1"],
  ["cancelled before it reached IFS", { order: cancelled, claim: { phase: "cancelled" } }, "skip"],
];

describe("plan", () => {
  test.each(table)("%s", (_, given, expected) => {
    expect(brief(planFor(given))).toBe(expected);
  });
});
