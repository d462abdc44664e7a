/** Parse, map and penny ledger of an order, as one step. */
import type { Rejection } from "../../../domain/failure.ts";
import type { IfsOrderDraft, IfsSalesPart } from "../../../domain/ifs-records.ts";
import { err, type Result } from "../../../domain/result.ts";
import { checkBefore } from "../ledger.ts";
import { toCustomerOrder } from "../map.ts";
import { parseOrder } from "../parse.ts";
import { configWith, dozen, partOf } from "./config.ts";

export const NOW = Date.parse("2026-11-20T10:05:00Z");
export const parts = [partOf("A-1"), partOf("B-2"), partOf("SERVICE", { partNo: null }), dozen];

export function mapped(
  order: unknown,
  config = configWith(),
  salesParts: readonly IfsSalesPart[] = parts,
): Result<IfsOrderDraft, Rejection> {
  const shop = parseOrder(order);
  if (!shop.ok) return shop;
  const [route] = config.routes;
  if (!route) throw new Error("no route");
  const draft = toCustomerOrder(shop.value, route, config, salesParts, NOW);
  if (!draft.ok) return draft;
  const before = checkBefore(shop.value, draft.value, config.charges.rounding !== undefined);
  return before.ok ? draft : err(before.error);
}

export function draftOf(result: Result<IfsOrderDraft, Rejection>): IfsOrderDraft {
  if (!result.ok) throw new Error(`rejected: ${result.error.code} ${result.error.message}`);
  return result.value;
}

export const refusalOf = (result: Result<unknown, Rejection>) =>
  result.ok ? "accepted" : { code: result.error.code, field: result.error.field, value: result.error.value };
