import { createHash } from "node:crypto";
import { type Key, toKey } from "../../domain/key.ts";

/** Of an entry that the connector creates. A SKU or channel too long to be spelled out in a key is one by its hash. */
export function entryKey(sku: string, supplyChannel: string): Key {
  try {
    return toKey("inv", sku, supplyChannel);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return toKey(
      "invhash",
      createHash("sha256")
        .update(JSON.stringify([sku, supplyChannel]))
        .digest("hex"),
    );
  }
}
