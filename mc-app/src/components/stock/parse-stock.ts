/** The answers of the service about stock: of each, what the page shows. Unknown fields are ignored. */
import { z } from "zod";

const moment = z.iso.datetime({ offset: true });
/** Inventory units as decimal text. */
const units = z.string();

const sum = z.object({
  parts: z.array(z.object({ site: z.string(), pool: z.string(), units: z.number() })),
  sold: z.number(),
  owed: z.number(),
  buffer: z.number(),
  target: z.number(),
  unread: z.array(z.string()),
});

const channel = z.object({
  supplyChannel: z.string(),
  pool: z.string(),
  onHand: units,
  // Absent where the rules leave it out, or there is none.
  inTransit: units.optional(),
  reserved: units,
  excluded: z.record(z.string(), units),
  demand: units,
  inFlight: units,
  raw: units,
  factor: z.object({ factor: units, inverted: units }),
  units: z.number(),
  shared: z.object({ units: z.number(), sharers: z.number(), components: z.number().optional() }).optional(),
  ended: z.string().optional(),
  share: z.number(),
  buffer: z.number(),
  bufferClass: z.string().optional(),
  target: z.number(),
  sum: sum.optional(),
  entry: z
    .object({
      quantityOnStock: z.number(),
      availableQuantity: z.number(),
      lastModifiedAt: moment,
      lastModifiedBy: z.string().nullable(),
    })
    .nullable(),
  next: z.object({ to: z.number(), cause: z.string() }).nullable(),
});
export type Channel = z.infer<typeof channel>;

const row = z.object({
  partNo: z.string(),
  locationNo: z.string(),
  warehouse: z.string().nullable(),
  locationType: z.string().nullable(),
  qtyOnhand: units,
  qtyReserved: units,
  pools: z.record(z.string(), z.string()),
});
export type StockRow = z.infer<typeof row>;

const demand = z.object({
  partNo: z.string(),
  orderNo: z.string(),
  lineNo: z.string(),
  relNo: z.string(),
  lineItemNo: z.union([z.string(), z.number()]),
  state: z.string(),
  open: units,
});
export type DemandLine = z.infer<typeof demand>;

const inFlight = z.object({
  orderId: z.string(),
  orderNumber: z.string().nullable(),
  ifsOrderNo: z.string().nullable(),
  /** "" of an order that is not known any more. */
  createdAt: z.union([moment, z.literal("")]),
  sku: z.string(),
  supplyChannel: z.string().nullable(),
  quantity: units,
});
export type InFlightLine = z.infer<typeof inFlight>;

const site = z.object({
  site: z.string(),
  catalogNo: z.string(),
  partNo: z.string().nullable(),
  channels: z.array(channel),
  components: z.array(z.object({ partNo: z.string(), quantity: units })),
  rows: z.array(row),
  demand: z.array(demand),
  inFlight: z.array(inFlight),
});
export type Site = z.infer<typeof site>;

const explanation = z.object({
  sku: z.string(),
  at: moment,
  tracked: z.boolean(),
  problems: z.array(z.string()),
  sites: z.array(site),
});
export type Explanation = z.infer<typeof explanation>;

const freshness = z.object({
  channels: z.array(
    z.object({
      supplyChannel: z.string(),
      pool: z.string(),
      site: z.string(),
      caughtUpAt: moment.nullable(),
      ageSeconds: z.number().nullable(),
      waitingSince: moment.nullable(),
      stale: z.boolean(),
    }),
  ),
});
export type Freshness = z.infer<typeof freshness>;
export type ChannelAge = Freshness["channels"][number];

const kind = z.enum(["zeros", "cuts", "raises", "ended"]);

const hold = z.object({
  kind,
  changes: z.number(),
  entries: z.number(),
  message: z.string(),
  plan: z.array(
    z.object({ sku: z.string(), supplyChannel: z.string(), from: z.number(), to: z.number(), cause: z.string() }),
  ),
  skus: z.array(z.string()),
  more: z.boolean(),
  skuCount: z.number().optional(),
  already: z.number(),
  unlistedSince: z.number().optional(),
});
export type Hold = z.infer<typeof hold>;
export type PlannedChange = Hold["plan"][number];

/** Given, and not used by a run so far. */
const waitingRelease = z.object({ kind, most: z.number(), by: z.string(), at: moment, until: moment });
export type WaitingRelease = z.infer<typeof waitingRelease>;

const held = z.object({
  sites: z.array(
    z.object({
      site: z.string(),
      at: moment.nullable(),
      holds: z.array(hold),
      // A service of an earlier version tells of none.
      releases: z.array(waitingRelease).default([]),
    }),
  ),
});
export type Held = z.infer<typeof held>;

const corrections = z.object({
  since: moment,
  corrections: z.array(
    z.object({
      at: moment,
      sku: z.string(),
      site: z.string(),
      pool: z.string().nullable(),
      supplyChannel: z.string().nullable(),
      from: z.number(),
      to: z.number(),
      reason: z.string(),
      cause: z.string().nullable(),
      lastModifiedBy: z.string().nullable(),
    }),
  ),
  // A service of an earlier version does not tell.
  total: z.number().optional(),
  unlisted: z.array(z.object({ at: moment, site: z.string(), count: z.number() })),
  unlistedRuns: z.number().optional(),
});
export type Corrections = z.infer<typeof corrections>;
export type Correction = Corrections["corrections"][number];

const synchronised = z.object({
  processed: z.number(),
  changed: z.number(),
  failed: z.number(),
  // A service of an earlier version counts them among what failed.
  waiting: z.number().default(0),
  elsewhere: z.number().default(0),
  message: z.string().optional(),
});
export type Synchronised = z.infer<typeof synchronised>;

const released = z.object({ site: z.string(), until: moment });
export type Released = z.infer<typeof released>;

const parserOf =
  <T>(schema: z.ZodType<T>) =>
  (body: unknown): T | undefined =>
    schema.safeParse(body).data;

export const parseExplanation = parserOf(explanation);
export const parseFreshness = parserOf(freshness);
export const parseHeld = parserOf(held);
export const parseCorrections = parserOf(corrections);
export const parseSynchronised = parserOf(synchronised);
export const parseReleased = parserOf(released);
