/**
 * Import requests that the platform refuses as a whole, divided until the entries to blame are known: what is wrong with one entry
 * keeps no other one out.
 */
import type { InventoryEntryDraft } from "@commercetools/platform-sdk";
import { RefusedError } from "../../domain/failure.ts";
import type { RefusedRecord } from "../run-delta.ts";

/**
 * Requests of one load beyond those without which it would not be a load. One entry to blame among twenty takes ten; where all of
 * them are refused, dividing on would ask forty times as often as a load asks that ends well.
 */
export const MOST_SPLIT_REQUESTS = 1000;

export type HandOver = (drafts: readonly InventoryEntryDraft[]) => Promise<void>;

/** Hands over drafts, and divides them where they are refused. `refused`: called for those that were not, one or, at the bound, several. */
export type SplitHandOver = (
  drafts: readonly InventoryEntryDraft[],
  refused: (drafts: readonly InventoryEntryDraft[], error: RefusedError) => Promise<void>,
) => Promise<void>;

/** What is no 400 is thrown: nothing in the entries makes it. Repeated after that, it hands over once more, by the same keys. */
export function splitHandOver(handOver: HandOver): SplitHandOver {
  let left = MOST_SPLIT_REQUESTS;
  return async function split(drafts, refused): Promise<void> {
    try {
      await handOver(drafts);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 400) throw error;
      if (drafts.length === 1 || left < 2) return refused(drafts, error);
      left -= 2;
      const half = Math.ceil(drafts.length / 2);
      await split(drafts.slice(0, half), refused);
      await split(drafts.slice(half), refused);
    }
  };
}

/** `refused` are none of the channel: each by its SKU, and in the platform's words. */
export const notHandedOver = (
  refused: readonly Pick<InventoryEntryDraft, "key" | "sku">[],
  error: RefusedError,
): RefusedRecord => {
  const [first] = refused;
  const which = refused.map(({ key, sku }) => `SKU ${sku} (key ${key ?? "none"})`).join(", ");
  const message =
    refused.length === 1
      ? `The Import API refused the inventory entry of ${which}, so that it was not created: ${error.message}`
      : `The Import API refused a request as a whole, so that none of its ${refused.length} inventory entries was created, of ${which}: ${error.message}`;
  return {
    recordType: "flow",
    recordId: `load ${first?.key ?? first?.sku}`,
    recordLabel: refused.length === 1 ? `${first?.sku}` : `${first?.sku} and ${refused.length - 1} more`,
    rejection: {
      code: "invalidInput",
      message,
      action: "Repair what the message names. Then load the channel again.",
      owner: "operator",
    },
  };
};
