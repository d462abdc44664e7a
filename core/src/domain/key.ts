import type { Brand } from "./ids.ts";

/** A commercetools key: 2 to 256 characters of A-Z a-z 0-9 _ -. */
export type Key = Brand<string, "Key">;

/**
 * Builds a commercetools key from ERP identifiers, injectively: different lists never give the same key. Letters and digits
 * stand for themselves, `-` separates the parts, everything else becomes `_` plus the hexadecimal UTF-8 bytes between two
 * underscores (`_2e_` for a dot). Replacing odd characters by a single `_` would let "A.1" and "A/1" collide.
 * Throws a RangeError when the key would exceed 256 characters or has no part.
 */
export function toKey(prefix: string, ...parts: readonly string[]): Key {
  if (!/^[a-z]{2,20}$/.test(prefix)) throw new RangeError(`key prefix must be 2 to 20 lower-case letters: "${prefix}"`);
  const key = [prefix, ...parts.map(encodePart)].join("-");
  if (key.length > 256) throw new RangeError(`key of ${key.length} characters exceeds 256: ${key.slice(0, 60)}…`);
  return key as Key;
}

function encodePart(part: string): string {
  let encoded = "";
  for (const character of part) {
    encoded += /^[A-Za-z0-9]$/.test(character) ? character : `_${Buffer.from(character, "utf8").toString("hex")}_`;
  }
  return encoded;
}
