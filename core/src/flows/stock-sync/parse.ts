/** What comes in from outside the flow's own code: its documents of the last run, and sales parts. */
import { z } from "zod";
import { type UnitFactor, unitFactor } from "../../domain/availability.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import { orderIdSchema, orderNoSchema, type PartNo, partNoSchema } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { RefusedRecord } from "../run-delta.ts";

const epochMs = z.int().min(0);

/** How far a full run came that was cut short. */
const fullRunSchema = z.object({
  startedAt: epochMs,
  /** Position of the scan behind the last page that was handled. */
  after: z.string().optional(),
  /** Entries seen and entries set to zero by the pages before. */
  entries: z.int().min(0),
  zeroed: z.int().min(0),
  /** It judges by another formula than the full run before. */
  formulaChanged: z.boolean().default(false),
});

/** The document of a site. Lists are capped (see `LIST_CAP`): what is cut off is found by the next full run. */
export const siteStateSchema = z.object({
  fullFinishedAt: epochMs.optional(),
  /** Begin of the last run that looked at everything that had changed. */
  caughtUpAt: epochMs.optional(),
  full: fullRunSchema.optional(),
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
  /** Lots that expire within days; they change availability without touching a row. */
  expiring: z.array(z.object({ partNo: partNoSchema, date: z.string() })).default([]),
  /** Parts that had stock rows: if even they show none, the rows can't be seen. */
  witnesses: z.array(partNoSchema).default([]),
});
export type SiteState = z.infer<typeof siteStateSchema>;

/** Orders that were in flight at the last run, for all sites. */
export const ordersStateSchema = z.object({
  readAt: epochMs.optional(),
  orderIds: z.array(orderIdSchema).default([]),
  /** Orders in flight that were found deleted, and when. */
  gone: z.array(z.object({ orderId: orderIdSchema, since: epochMs })).default([]),
});
export type OrdersState = z.infer<typeof ordersStateSchema>;

/** Documents of this kind should stay below 100 KB. */
export const LIST_CAP = 2000;

/** A sales part that can have stock. */
export type StockPart = IfsSalesPart & { readonly partNo: PartNo; readonly factor: UnitFactor };

/** A sales part with an inventory part. A factor that can't count is refused. */
export function parseSalesPart(
  part: IfsSalesPart & { readonly partNo: PartNo },
  config: Pick<ConnectorConfig, "units">,
): Result<StockPart, RefusedRecord> {
  const factor = unitFactor(part, config.units);
  if (factor) return ok({ ...part, factor });
  return err({
    recordType: "sku",
    recordId: `${part.contract}/${part.catalogNo}`,
    recordLabel: part.catalogNo,
    rejection: {
      code: "unmappedUnit",
      message: `Sales part ${part.catalogNo} of site ${part.contract} has the conversion factor ${part.convFactor} (inverted ${part.invertedConvFactor}), so its stock can't be counted in sales units.`,
      action: "Correct the conversion factor of the sales part in IFS.",
      owner: "ifsAdministrator",
      field: "ConvFactor",
      value: part.convFactor,
    },
  });
}

const writerSchema = z.object({
  user: z.object({ id: z.string() }).optional(),
  externalUserId: z.string().optional(),
  clientId: z.string().optional(),
});

/** Who wrote a resource last, by id: a person where the platform names one. The SDK's type lacks Merchant Center users. */
export function parseWriter(lastModifiedBy: unknown): string | undefined {
  const writer = writerSchema.safeParse(lastModifiedBy).data;
  if (writer?.user) return `user ${writer.user.id}`;
  if (writer?.externalUserId) return `user ${writer.externalUserId}`;
  return writer?.clientId && `client ${writer.clientId}`;
}
