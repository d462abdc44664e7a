import type { Overview } from "core/domain/overview.ts";
import { z } from "zod";

const moment = z.iso.datetime({ offset: true });

const flow = z.object({
  flow: z.enum(["order-export", "order-sweep", "stock-sync", "price-sync", "status-sync", "customer-sync"]),
  direction: z.enum(["toIfs", "toCommercetools"]),
  intervalSeconds: z.number(),
  lastRunAt: moment.nullable(),
  lastSuccessAt: moment.nullable(),
  ageSeconds: z.number().nullable(),
  processed: z.number(),
  changed: z.number(),
  failed: z.number(),
  state: z.enum(["ok", "failing", "silent", "neverRan"]),
  message: z.string().nullable(),
});

const exception = z.object({
  id: z.string(),
  flow: z.string(),
  code: z.string(),
  recordType: z.string(),
  recordId: z.string(),
  recordLabel: z.string(),
  message: z.string(),
  action: z.string(),
  owner: z.string(),
  firstSeenAt: moment,
  lastSeenAt: moment,
  attempts: z.number(),
});

const milliseconds = z.number().nullable();

const checkout = z.object({
  guard: z.enum(["off", "armed", "parked", "missing", "unknown"]),
  holds: z.object({ carts: z.number(), orders: z.number() }).nullable(),
  doors: z.array(
    z.object({
      door: z.enum(["extension", "question", "batch"]),
      answers: z.number(),
      perMinute: z.number(),
      withoutIfs: z.number(),
      refused: z.number(),
      undecided: z.number(),
      policyOpen: z.number(),
      policyClosed: z.number(),
      policyBackOrder: z.number(),
      p50Ms: milliseconds,
      p99Ms: milliseconds,
      oursP99Ms: milliseconds,
      ctP99Ms: milliseconds,
      ifsP99Ms: milliseconds,
    }),
  ),
  extensionCalls: z.object({ refused: z.number(), lastRefusedAt: moment.nullable(), lastRightAt: moment.nullable() }),
  ifsReads: z.number(),
  cached: z.number(),
  coalesced: z.number(),
  breakerOpened: z.number(),
  corrections: z.number(),
  policyReasons: z.array(z.object({ reason: z.string(), lines: z.number() })),
});

// `ZodType<Overview>` makes a change of the service's answer a compile error here.
const overview: z.ZodType<Overview> = z.object({
  projectKey: z.string(),
  generatedAt: moment,
  configurationVersion: z.number().nullable(),
  ordersInFlight: z.number(),
  ordersLinked: z.number(),
  flows: z.array(flow),
  exceptionCount: z.number(),
  exceptions: z.array(exception),
  checkout: checkout.optional(),
});

/** undefined for anything this version of the page does not understand; unknown fields are ignored. */
export function parseOverview(body: unknown): Overview | undefined {
  const parsed = overview.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}
