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
});

/** undefined for anything this version of the page does not understand; unknown fields are ignored. */
export function parseOverview(body: unknown): Overview | undefined {
  const parsed = overview.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}
