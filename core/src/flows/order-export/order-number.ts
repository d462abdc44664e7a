/**
 * Numbers of our own for IFS orders: always the same ones for the same commercetools order, so that IFS's own key refuses a second
 * one, whoever sends it and however late. Pure.
 */
import { createHash } from "node:crypto";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { OrderNo } from "../../domain/ids.ts";

/** Digits and capitals that nobody takes for each other; legal in every IFS key. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** A number that a foreign order has is followed by the next; three in a row are no chance any more. */
const CANDIDATES = 3;

/** Empty where the merchant lets IFS choose. Each has exactly `length` characters, `prefix` first. */
export function orderNosOf(orderId: string, pattern: ConnectorConfig["orders"]["ifsOrderNo"]): OrderNo[] {
  if (!pattern) return [];
  const { prefix, length } = pattern;
  return Array.from({ length: CANDIDATES }, (_, nth) => {
    const bytes = createHash("sha256").update(`${orderId}/${nth}`).digest();
    // 32 bytes give 32 independent signs: each byte modulo 32 is even over the alphabet.
    const signs = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]);
    return `${prefix}${signs.slice(0, length - prefix.length).join("")}` as OrderNo;
  });
}
