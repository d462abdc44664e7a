/** The timeline of one order: what both systems say of it and what the connector did, in the order of time. Pure. */
import type { OrderMessage } from "../ct/messages.ts";
import type { LinkState } from "../domain/claims.ts";
import type { IfsOrderDocument } from "../domain/ifs-records.ts";
import type { ExceptionRecord, IgnoredException, JournalEntry } from "../domain/records.ts";
import { SENT } from "../flows/order-export/sent-steps.ts";

export type TimelineEntry = {
  /** ISO 8601 in UTC; null: a fact of now, which has no moment of its own. */
  readonly at: string | null;
  readonly system: "commercetools" | "connector" | "ifs";
  readonly event: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
  /** Merchant Center user who asked for it. */
  readonly by?: string;
  readonly configVersion?: number;
};

export type TimelineFacts = {
  readonly order: {
    readonly createdAt: string;
    readonly orderState: string;
    readonly paymentState?: string | undefined;
    readonly origin?: string | undefined;
  };
  readonly link: LinkState;
  /** Undefined: may not be read. */
  readonly messages: readonly OrderMessage[] | undefined;
  readonly journal: readonly JournalEntry[];
  readonly ifs: readonly IfsOrderDocument[];
  readonly exceptions: readonly ExceptionRecord[];
  readonly ignored: IgnoredException | undefined;
};

/** Dated entries by time, then what is true now. Steps of one piece of work come before the entry that tells of its end. */
export function timelineOf(facts: TimelineFacts): TimelineEntry[] {
  const dated = [
    ...ofShop(facts),
    ...facts.journal.flatMap(ofJournal),
    ...facts.exceptions.map(ofException),
    ...(facts.ignored ? [ofIgnored(facts.ignored)] : []),
  ];
  dated.sort((a, b) => Date.parse(a.at ?? "") - Date.parse(b.at ?? ""));
  return [...dated, ...ofNow(facts)];
}

function ofShop({ order, link, messages }: TimelineFacts): TimelineEntry[] {
  const linked = link.linkedAt === undefined ? [] : [{ at: link.linkedAt, orderNo: link.orderNo ?? null }];
  return [
    { at: order.createdAt, system: "commercetools", event: "order created", detail: { origin: order.origin ?? null } },
    ...(messages ?? []).map(
      ({ at, type, sequenceNumber }): TimelineEntry => ({
        at,
        system: "commercetools",
        event: type,
        detail: { sequenceNumber },
      }),
    ),
    ...linked.map(
      ({ at, orderNo }): TimelineEntry => ({ at, system: "commercetools", event: "link written", detail: { orderNo } }),
    ),
  ];
}

function ofJournal({ at, event, detail, steps, by, configVersion }: JournalEntry): TimelineEntry[] {
  const who = { ...(by !== undefined && { by }), ...(configVersion !== undefined && { configVersion }) };
  return [
    ...(steps ?? []).map(
      (step): TimelineEntry => ({
        at: step.at,
        system: "connector",
        event: step.step,
        detail: step.detail ?? {},
        ...who,
      }),
    ),
    // One that only carries steps tells nothing more than they do.
    ...(event === SENT ? [] : [{ at, system: "connector", event, detail, ...who } satisfies TimelineEntry]),
  ];
}

const ofException = ({ firstSeenAt, code, message, action, attempts }: ExceptionRecord): TimelineEntry => ({
  at: firstSeenAt,
  system: "connector",
  event: "exception opened, still open",
  detail: { code, message, action, attempts },
});

const ofIgnored = ({ at, by, reason, exception }: IgnoredException): TimelineEntry => ({
  at,
  system: "connector",
  event: "ignored until taken back",
  detail: { code: exception.code, reason },
  by,
});

function ofNow({ order, link, ifs, messages }: TimelineFacts): TimelineEntry[] {
  const claim = link.claim.kind === "claim" ? link.claim.claim : undefined;
  const note: TimelineEntry = {
    at: null,
    system: "commercetools",
    event: "messages cannot be read",
    detail: { scope: "view_messages" },
  };
  return [
    {
      at: null,
      system: "commercetools",
      event: "order now",
      detail: {
        orderState: order.orderState,
        paymentState: order.paymentState ?? null,
        linkedTo: link.orderNo ?? null,
      },
    },
    ...(claim === undefined
      ? []
      : [
          {
            at: null,
            system: "connector",
            event: "claim now",
            detail: { phase: claim.phase, attempt: claim.attempt, code: claim.code || null, site: claim.site || null },
            configVersion: claim.configVersion,
          } satisfies TimelineEntry,
        ]),
    ...ifs.map(
      ({ order: { orderNo, state, contract, blockedReason, cancelReason }, lines }): TimelineEntry => ({
        at: null,
        system: "ifs",
        event: "IFS order now",
        detail: { orderNo, state, site: contract, blockedReason, cancelReason, lines: lines.length },
      }),
    ),
    ...(messages === undefined ? [note] : []),
  ];
}
