/** What an order says about goods that come back: `returnInfo`, and the lines that it refers to. Pure. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Rejection } from "../../../domain/failure.ts";
import { ok, type Result } from "../../../domain/result.ts";
import { refuse } from "../../refuse.ts";
import type { Group, GroupedItem, Wanted } from "../../return-groups.ts";
import { customFields } from "../custom-fields.ts";
import type { CustomFields } from "../shop-order.ts";

export type ShopReturnItem = GroupedItem & {
  readonly comment: string | undefined;
  readonly custom: CustomFields;
  /** ISO 8601; undefined where the platform does not tell. */
  readonly createdAt: string | undefined;
};

export type ShopReturn = { readonly items: readonly ShopReturnItem[]; readonly trackingId: string | undefined };

export type OrderReturns = {
  readonly returns: readonly ShopReturn[];
  /** Line id -> what people call the line. */
  readonly lines: ReadonlyMap<string, string>;
};

const text = z.string().min(1);
const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

const itemSchema = z
  .object({
    id: text,
    key: optional(text),
    quantity: z.int().min(1, "a quantity is at least 1"),
    lineItemId: optional(text),
    customLineItemId: optional(text),
    shipmentState: text,
    comment: optional(z.string()),
    custom: optional(z.object({ fields: z.record(text, z.unknown()).default({}) })),
    createdAt: optional(z.iso.datetime()),
  })
  .refine(({ lineItemId, customLineItemId }) => lineItemId !== undefined || customLineItemId !== undefined, {
    message: "neither lineItemId nor customLineItemId",
  });

const returnInfoSchema = z
  .array(z.object({ items: z.array(itemSchema).max(500), returnTrackingId: optional(text) }))
  .max(500)
  .nullish();

const orderSchema = z.object({
  returnInfo: returnInfoSchema,
  locale: optional(text),
  lineItems: z.array(z.object({ id: text, variant: optional(z.object({ sku: optional(text) })) })).default([]),
  customLineItems: z.array(z.object({ id: text, slug: optional(text) })).default([]),
});

/** Most orders have none, and are not read any further. */
export const hasReturns = (order: unknown): boolean => {
  const parsed = z.object({ returnInfo: z.array(z.unknown()).nullish() }).safeParse(order);
  return !parsed.success || (parsed.data.returnInfo ?? []).length > 0;
};

export function parseReturns(order: unknown): Result<OrderReturns, Rejection> {
  const parsed = orderSchema.safeParse(order);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.map(String).join(".") || "returnInfo";
    return refuse("invalidInput", "developer", {
      message: `The returns of the order cannot be read: ${path}: ${issue?.message ?? "unknown structure"}.`,
      action: "Correct the return in commercetools, or report the field: the connector does not know this form of it.",
      field: path,
    });
  }
  const { returnInfo, lineItems, customLineItems, locale } = parsed.data;
  return ok({
    returns: (returnInfo ?? []).map(({ items, returnTrackingId }) => ({
      trackingId: returnTrackingId,
      items: items.map(({ id, key, lineItemId, customLineItemId, custom, ...item }) => ({
        ...item,
        ref: key ?? id,
        lineId: lineItemId ?? customLineItemId ?? "",
        custom: customFields(custom, locale),
      })),
    })),
    lines: new Map([
      ...lineItems.map(({ id, variant }): [string, string] => [id, variant?.sku ?? id]),
      ...customLineItems.map(({ id, slug }): [string, string] => [id, slug ?? id]),
    ]),
  });
}

export type WantedItem = Wanted<ShopReturnItem>;
export type ReturnGroup = Group<ShopReturnItem>;

/** Of all that a judgement of the returns rests on: 16 hexadecimal digits. */
export const judgedDigest = ({ returns }: OrderReturns): string =>
  createHash("sha256")
    .update(JSON.stringify(returns, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)))
    .digest("hex")
    .slice(0, 16);
