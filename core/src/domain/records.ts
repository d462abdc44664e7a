/** What the connector keeps about its own work. One small JSON document each; see docs/architecture.md, "State". */
import { z } from "zod";

export const flowNames = [
  "order-export",
  "order-sweep",
  "stock-sync",
  "price-sync",
  "status-sync",
  "customer-sync",
] as const;
export type FlowName = (typeof flowNames)[number];

/** Whose problem it is: a scheduled flow's, or the check's at the checkout, which has no runs. */
export const exceptionFlows = [...flowNames, "atp-check"] as const;

/** The last run of a flow and its last success. One document per flow. */
export const runRecordSchema = z.object({
  flow: z.enum(flowNames),
  runId: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullish(),
  lastSuccessAt: z.iso.datetime().nullish(),
  outcome: z.enum(["running", "succeeded", "failed"]),
  /** Records looked at, written, refused. */
  processed: z.int(),
  changed: z.int(),
  failed: z.int(),
  /** What a person should know of a failed run; plain words. */
  message: z.string().nullish(),
  /**
   * `ctRequests` and `ifsRequests` that it sent (runtime/request-meter.ts), and figures of the flow's own, where it tells some; of a
   * failed run what it had done until then. Absent in rows of earlier versions.
   */
  counts: z.record(z.string(), z.int()).nullish(),
  /** End of the run of this flow that went into the history last (run-history.ts). */
  keptAt: z.iso.datetime().nullish(),
  /** While it runs: the other fields tell of the run before. */
  progress: z.object({ at: z.iso.datetime(), counts: z.record(z.string(), z.int()) }).nullish(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/**
 * An open problem with a cure. The id is derived from flow, record and code (an order's export has one row whatever stops it; the
 * checkout's guard has one of its own), so that the same problem is one row.
 */
export const exceptionRecordSchema = z.object({
  id: z.string(),
  flow: z.enum(exceptionFlows),
  code: z.string(),
  recordType: z.enum(["order", "sku", "price", "flow", "message", "shipment", "customer", "businessUnit"]),
  recordId: z.string(),
  /** What people call the record: the order number, the SKU. */
  recordLabel: z.string(),
  message: z.string(),
  action: z.string(),
  /** The owner class; whose team or address that is, the configuration says when people look at it. */
  owner: z.string(),
  /** The IFS order, where one is known. */
  ifsOrderNo: z.string().optional(),
  /** The same for all records that one cure closes (cause.ts); absent in rows of earlier versions, and where nothing was refused. */
  cause: z.string().optional(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  attempts: z.int(),
});
export type ExceptionRecord = z.infer<typeof exceptionRecordSchema>;

/** An exception that a person decided to leave alone, as it stood then. */
export const ignoredExceptionSchema = z.object({
  exception: exceptionRecordSchema,
  reason: z.string(),
  /** Id of the Merchant Center user, or the name that a command was given. */
  by: z.string(),
  at: z.iso.datetime(),
});
export type IgnoredException = z.infer<typeof ignoredExceptionSchema>;

/** A null is told as absent: commercetools drops null fields of what it stores. */
const journalDetailSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/**
 * One line of the append-only journal. What was sent to IFS is told property by property, without personal texts (ifs/sent.ts).
 * Never personal data but the one value of a customer that lost against
 * the other side's (`customers.changes.lostValues`).
 */
export const journalEntrySchema = z.object({
  at: z.iso.datetime(),
  flow: z.enum(exceptionFlows),
  recordType: exceptionRecordSchema.shape.recordType,
  recordId: z.string(),
  event: z.string(),
  detail: journalDetailSchema,
  /** Phases that one piece of work went through, in their order: one entry for all of them, because each entry is a write. */
  steps: z
    .array(z.object({ at: z.iso.datetime(), step: z.string(), detail: journalDetailSchema.optional() }))
    .optional(),
  /** Version of the configuration that decided. */
  configVersion: z.int().optional(),
  /** Id of the Merchant Center user who asked for it; absent: the connector by itself. */
  by: z.string().optional(),
});
type Journaled = z.infer<typeof journalEntrySchema>;
export type JournalStep = Readonly<NonNullable<Journaled["steps"]>[number]>;
export type JournalEntry = Readonly<Omit<Journaled, "detail" | "steps">> & {
  readonly detail: Readonly<Journaled["detail"]>;
  readonly steps?: readonly JournalStep[];
};

/** A held job lease; only its holder may renew or release it, at the version last written. */
export type Lease = {
  readonly name: string;
  readonly owner: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Grows with every change of hands. */
  readonly fence: number;
};
