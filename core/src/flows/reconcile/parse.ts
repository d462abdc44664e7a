/** A commercetools order, reduced to what the ledger compares. */
import { z } from "zod";
import { type Claim, type ClaimChannels, readLinkState } from "../../domain/claims.ts";
import { type GateFacts, gateFacts } from "../../domain/export-gate.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { type Money, money } from "../../domain/money.ts";

const cents = z
  .object({ currencyCode: z.string(), centAmount: z.int(), fractionDigits: z.int().min(0).max(4) })
  .transform((value): Money => money(value.currencyCode, value.centAmount, value.fractionDigits));

const lineSchema = z.object({
  id: z.string(),
  quantity: z.int(),
  variant: z.object({ sku: z.string().nullish() }).nullish(),
});

const orderSchema = z.object({
  id: z.string(),
  orderNumber: z.string().nullish(),
  createdAt: z.iso.datetime(),
  lastModifiedAt: z.iso.datetime(),
  orderState: z.string(),
  paymentState: z.string().nullish(),
  totalPrice: cents,
  taxedPrice: z.object({ totalGross: cents }).nullish(),
  lineItems: z.array(lineSchema),
  syncInfo: z
    .array(z.object({ channel: z.object({ id: z.string() }), externalId: z.string().nullish(), syncedAt: z.string() }))
    .default([]),
});

export type ShopFacts = {
  readonly id: string;
  /** What people call it. */
  readonly label: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly orderState: string;
  /** `none` for an order without payment state. */
  readonly paymentState: string;
  /** For the export rule. */
  readonly facts: GateFacts | undefined;
  /** The link. */
  readonly orderNo: OrderNo | undefined;
  readonly claim: Claim | undefined;
  /** The connector has linked or claimed it once, even if the claim cannot be read. */
  readonly touched: boolean;
  /** What the shopper pays, tax included. */
  readonly total: Money;
  readonly lines: readonly { readonly id: string; readonly label: string; readonly quantity: number }[];
};

/** Throws a ZodError for an answer that is no order: without total or lines nothing can be compared. */
export function parseShopFacts(order: unknown, channels: ClaimChannels): ShopFacts {
  const raw = orderSchema.parse(order);
  const { orderNo, claim } = readLinkState(raw, channels);
  return {
    id: raw.id,
    label: raw.orderNumber ?? raw.id,
    createdAt: raw.createdAt,
    lastModifiedAt: raw.lastModifiedAt,
    orderState: raw.orderState,
    paymentState: raw.paymentState ?? "none",
    orderNo,
    claim: claim.kind === "claim" ? claim.claim : undefined,
    touched: orderNo !== undefined || claim.kind !== "none",
    total: raw.taxedPrice?.totalGross ?? raw.totalPrice,
    facts: gateFacts(order),
    lines: raw.lineItems.map(({ id, quantity, variant }) => ({ id, quantity, label: variant?.sku ?? id })),
  };
}
