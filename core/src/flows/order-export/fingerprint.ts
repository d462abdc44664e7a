import { createHash } from "node:crypto";
import type { ShopOrder } from "./shop-order.ts";

/** Changes with every write, also ours; or depends on how the order was asked for (`obj`). */
const VOLATILE = new Set([
  "version",
  "versionModifiedAt",
  "lastModifiedAt",
  "lastModifiedBy",
  "lastMessageSequenceNumber",
  "syncInfo",
  "obj",
]);

/** Custom fields also hold what others, and this connector's status flow, write after the export. */
const NOT_EXPORTED = new Set([...VOLATILE, "custom"]);

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** JSON with sorted keys, without what says nothing about the content. */
function canonical(value: unknown, without: ReadonlySet<string> = VOLATILE): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((one) => canonical(one, without));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, one]) => !without.has(key) && one !== undefined && one !== null);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, canonical(one, without)]));
}

/** Of the whole order, readable or not: a rejected order is judged again as soon as it changes. 16 hexadecimal digits. */
export const contentFingerprint = (order: unknown): string => digest(JSON.stringify(canonical(order)) ?? "");

/** Of what was exported: states, payments and deliveries may change afterwards without being a change of the order. */
export function exportFingerprint(order: ShopOrder): string {
  const { purchaseOrderNumber, currency, lines, customLines, shippings, discountOnTotal, total, taxed } = order;
  const { shippingAddress, billingAddress, itemAddresses } = order;
  const exported = {
    purchaseOrderNumber,
    currency,
    lines,
    customLines,
    shippings: shippings.map((shipping) => ({ ...shipping, methodKey: undefined })),
    discountOnTotal,
    total,
    taxed,
    shippingAddress,
    billingAddress,
    itemAddresses,
  };
  return digest(JSON.stringify(canonical(exported, NOT_EXPORTED)));
}
