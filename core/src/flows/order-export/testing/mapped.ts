/** Parse, map and penny ledger of an order, as one step. */
import type { Rejection } from "../../../domain/failure.ts";
import type { IfsOrderDraft, IfsSalesPart } from "../../../domain/ifs-records.ts";
import { err, ok, type Result } from "../../../domain/result.ts";
import type { RouteFacts } from "../../../domain/routing.ts";
import { checkBefore } from "../ledger.ts";
import { type MappedOrder, toCustomerOrder } from "../map.ts";
import { chargeTypesOf } from "../map-charges.ts";
import { webshopCustomer } from "../map-header.ts";
import { parseOrder } from "../parse.ts";
import { withPolicy } from "../policy.ts";
import type { ShopOrder } from "../shop-order.ts";
import { configWith, dozen, partOf } from "./config.ts";

export const NOW = Date.parse("2026-11-20T10:05:00Z");
export const parts = [partOf("A-1"), partOf("B-2"), partOf("SERVICE", { partNo: null }), dozen];

export function mapped(
  order: unknown,
  config = configWith(),
  salesParts: readonly IfsSalesPart[] = parts,
): Result<IfsOrderDraft, Rejection> {
  const result = mappedOrder(order, config, salesParts);
  return result.ok ? ok(result.value.draft) : result;
}

/** With what the ledger needs beside the draft, and with what was cut. */
export function mappedOrder(
  order: unknown,
  config = configWith(),
  salesParts: readonly IfsSalesPart[] = parts,
): Result<MappedOrder & { readonly shop: ShopOrder }, Rejection> {
  const parsed = parseOrder(order);
  if (!parsed.ok) return parsed;
  const shop = withPolicy(parsed.value, config);
  const [route] = config.routes;
  if (!route) throw new Error("no route");
  const context = { route, config, salesParts, now: NOW, customer: webshopCustomer(route), facts: factsOf(shop) };
  const mapping = toCustomerOrder(shop, context);
  if (!mapping.ok) return mapping;
  const allowed = chargeTypesOf({ route, config }).rounding !== undefined;
  const before = checkBefore(shop, mapping.value.draft, allowed);
  return before.ok ? ok({ ...mapping.value, shop }) : err(before.error);
}

const factsOf = (shop: ShopOrder): RouteFacts => ({
  channels: shop.lines.map(() => ""),
  currency: shop.currency,
  store: shop.storeKey,
  buyer: "guest",
});

export function draftOf(result: Result<IfsOrderDraft, Rejection>): IfsOrderDraft {
  if (!result.ok) throw new Error(`rejected: ${result.error.code} ${result.error.message}`);
  return result.value;
}

export const refusalOf = (result: Result<unknown, Rejection>) =>
  result.ok ? "accepted" : { code: result.error.code, field: result.error.field, value: result.error.value };
