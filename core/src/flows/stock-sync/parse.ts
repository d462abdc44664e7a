/** What comes in from outside the flow's own code: its documents of the last run, and who wrote an entry. */
import { z } from "zod";
import { orderIdSchema, orderNoSchema, partNoSchema } from "../../domain/ids.ts";
import { rememberedOrders } from "../taken-off.ts";
import { kindCountsSchema } from "./hold-kinds.ts";

const epochMs = z.int().min(0);

const tallySchema = z.object({ count: z.int().min(0), examples: z.array(z.string()) });

/** How far a full run came that was cut short. */
const fullRunSchema = z.object({
  startedAt: epochMs,
  /** Position of the scan behind the last page that was handled. */
  after: z.string().optional(),
  /** Entries seen by the pages before. */
  entries: z.int().min(0),
  /** What earlier runs of it wrote without a release, of changes that have a bound. */
  written: kindCountsSchema.prefault({}),
  /** What they held, and no list has room for: the next run does not look at it again. */
  unlisted: kindCountsSchema.prefault({}),
  /** What is left of a release that one of them used. */
  released: kindCountsSchema.prefault({}),
  /** Until its end nobody has looked at everything that changed: the first one, or what a list of changes could not tell. */
  catchesUp: z.boolean().default(false),
  /** It looks at changes that were too many: what moved in IFS from then on was announced. Absent: they were not its cause. */
  announcedSince: epochMs.optional(),
  /** It judges by another formula than the full run before. */
  formulaChanged: z.boolean().default(false),
  /** Entries that differ and were not written, with a few of them in words; see direction.ts. */
  differences: tallySchema.optional(),
  /** Entries that may be ordered without stock though nobody decided so; see left-over.ts. */
  backOrders: tallySchema.optional(),
});

const belowZeroSchema = z.object({ partNo: partNoSchema, pool: z.string(), raw: z.string() });
/** `raw`: inventory units. */
export type BelowZero = z.infer<typeof belowZeroSchema>;

/** The document of a site. Lists are capped (see `LIST_CAP`): what is cut off is found by the next full run. */
export const siteStateSchema = z.object({
  fullFinishedAt: epochMs.optional(),
  /** Begin of the last run that looked at everything that had changed. */
  caughtUpAt: epochMs.optional(),
  /** The same of each pool, by its name: one whose supply channel is missing is left out. */
  poolsCaughtUpAt: z.record(z.string(), epochMs).default({}),
  full: fullRunSchema.optional(),
  /** More has changed than runs over the changes look at, some of it perhaps behind a full run that is under way: another one follows. */
  fullDue: z.boolean().default(false),
  /** Live supply channels that are left out because a load has not left them; see loading.ts. */
  loading: z.array(z.string()).default([]),
  /** Of the configuration by which the last full run was begun; see `formulaOf`. */
  formula: z.string().optional(),
  /** Tracked entries counted by the last full run. */
  entries: z.int().min(0).default(0),
  /** Parts with open demand, and parts with orders in flight, at the last run. */
  demandParts: z.array(partNoSchema).default([]),
  inFlightParts: z.array(partNoSchema).default([]),
  /** A few orders that had open demand: their lines are witnesses when none is shown any more. */
  demandOrders: z.array(orderNoSchema).default([]),
  /** To be looked at by the next run in any case: held, postponed, or contested until the end. */
  again: z.array(partNoSchema).default([]),
  /** SKUs without a sales part whose zeros may be written, and were left: the run's time was too short, or somebody else wrote first. */
  endedLeft: z.array(z.string()).default([]),
  /** Lots that expire within days; they change availability without touching a row. */
  expiring: z.array(z.object({ partNo: partNoSchema, date: z.string() })).default([]),
  /** Inventory parts on which several SKUs draw, as far as runs have met them; `many`: more than the list holds. */
  shared: z.array(partNoSchema).default([]),
  sharedMany: z.boolean().default(false),
  /** Figures below zero as they were seen last, and how many there are beside these. */
  belowZero: z.array(belowZeroSchema).default([]),
  moreBelowZero: z.int().min(0).default(0),
  /** Parts that had stock rows: if even they show none, the rows can't be seen. */
  witnesses: z.array(partNoSchema).default([]),
});
export type SiteState = z.infer<typeof siteStateSchema>;
export type FullRunState = NonNullable<SiteState["full"]>;

/** Orders that were in flight at the last run, for all sites. */
export const ordersStateSchema = z.object({
  readAt: epochMs.optional(),
  orderIds: z.array(orderIdSchema).default([]),
  /** Those of them that IFS has, but not all that they are made of now: what an Order Edit added, or what IFS has refused to change. */
  partlyThere: z.array(orderIdSchema).default([]),
  /** Orders in flight that were found deleted, and when. */
  gone: z.array(z.object({ orderId: orderIdSchema, since: epochMs })).default([]),
  /** What orders were made of: an Order Edit that takes units off is seen by it. */
  remembered: rememberedOrders,
});
export type OrdersState = z.infer<typeof ordersStateSchema>;

/** Documents of this kind should stay below 100 KB. */
export const LIST_CAP = 2000;

const writerSchema = z.object({
  user: z.object({ id: z.string() }).optional(),
  externalUserId: z.string().optional(),
  clientId: z.string().optional(),
  /** Of tokens of shoppers, and of buyers of a business unit: none of them may write an entry. */
  customer: z.object({ id: z.string() }).optional(),
  anonymousId: z.string().optional(),
  associate: z.object({ id: z.string() }).optional(),
});

/** Who wrote a resource last, by id: a person where the platform names one. The SDK's type lacks Merchant Center users. */
export function parseWriter(lastModifiedBy: unknown): string | undefined {
  const writer = writerSchema.safeParse(lastModifiedBy).data;
  if (writer?.user) return `user ${writer.user.id}`;
  if (writer?.externalUserId) return `user ${writer.externalUserId}`;
  return writer?.clientId && `client ${writer.clientId}`;
}

/**
 * `person`: in the Merchant Center. `shopper`: under whose token the platform booked what they did. `other`: another API client, on
 * whoever's behalf, or nobody whom the platform names. Where the own client is not known, every client might be it.
 */
export function writerKind(
  lastModifiedBy: unknown,
  ownClientId: string | undefined,
): "own" | "person" | "shopper" | "other" {
  const { user, clientId, customer, anonymousId, associate } = writerSchema.safeParse(lastModifiedBy).data ?? {};
  if (user) return "person";
  if (ownClientId === undefined || clientId === ownClientId) return "own";
  return customer || anonymousId !== undefined || associate ? "shopper" : "other";
}
