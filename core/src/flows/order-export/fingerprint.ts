import { createHash } from "node:crypto";
import { type IfsAddress, type IfsOrderDocument, orderedLines } from "../../domain/ifs-records.ts";
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

/** Custom fields also hold what others, and this connector's status flow, write after the export; a product type is a matter of mappings. */
const NOT_EXPORTED = new Set([...VOLATILE, "custom", "productType"]);

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

/** Of any value; 16 hexadecimal digits. */
export const digestOf = (value: unknown): string => digest(JSON.stringify(canonical(value)) ?? "");

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

/**
 * Whose order it is, and which store's: what may choose another customer or site in IFS, and stands in nothing that is amended. 8
 * hexadecimal digits.
 */
export const buyerDigest = ({ customerId, businessUnitKey, storeKey }: BuyerOf): string =>
  digest(JSON.stringify([customerId ?? null, businessUnitKey ?? null, storeKey ?? null])).slice(0, 8);
type BuyerOf = Pick<ShopOrder, "customerId" | "businessUnitKey" | "storeKey">;

/** What an amendment must find as it was: rows with their amounts; not what IFS itself moves, such as states. */
function rowsOf({ lines, charges }: IfsOrderDocument) {
  return {
    lines: orderedLines(lines).map(
      ({ lineNo, relNo, lineItemNo, lineRef, catalogNo, buyQtyDue, grossAmountCurr, netAmountCurr, state }) => [
        ...[lineNo, relNo, lineItemNo, lineRef, catalogNo, buyQtyDue, grossAmountCurr, netAmountCurr],
        state === "Cancelled",
      ],
    ),
    charges: charges.map(({ sequenceNo, chargeType, chargedQty, grossAmountCurr, netAmountCurr }) => [
      ...[sequenceNo, chargeType, chargedQty, grossAmountCurr, netAmountCurr],
    ]),
  };
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** What of an order's head an amendment may change and must find as it was. */
export type HeadInIfs = {
  readonly shipTo: Readonly<{ [K in keyof IfsAddress]?: string | undefined }> | undefined;
  readonly customerPoNo?: string | null;
  readonly custRef?: string | null;
};

/** 32 hexadecimal digits, of rows and of head: how the connector left the IFS order. Whoever changes it there changes them. */
export function ifsFingerprint(document: IfsOrderDocument, { shipTo, customerPoNo, custRef }: HeadInIfs): string {
  const { lines, charges } = rowsOf(document);
  const address = Object.entries(shipTo ?? {}).filter(([, text]) => text !== "");
  const head = [sorted(address), customerPoNo ?? "", custRef ?? ""];
  return digest(JSON.stringify([sorted(lines), sorted(charges)])) + digest(JSON.stringify(head));
}
