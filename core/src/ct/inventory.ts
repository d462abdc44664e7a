import type { InventoryEntry, InventoryEntryDraft, InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import { RefusedError } from "../domain/failure.ts";
import type { Sku } from "../domain/ids.ts";
import type { CtClient } from "./client.ts";
import { createInventoryLook } from "./inventory-look.ts";
import type { Versioned } from "./orders.ts";
import { byKeys, keyset, PAGE } from "./paging.ts";

/** More channel ids would not fit into a URL beside the SKUs; beyond it the answer is filtered here. */
const CHANNELS_PER_REQUEST = 40;

/**
 * Not last modified by a client. An entry that a person has modified names no client, an old one nobody at all: whether a comparison holds
 * for a field that is missing depends on the platform, so that is said as well.
 */
const BY_OTHERS =
  "(lastModifiedBy(clientId != :but) or lastModifiedBy(clientId is not defined) or lastModifiedBy is not defined)";

/** `graphqlRefused` is told once, where looks have to do without GraphQL. */
export function createInventory(ct: CtClient, graphqlRefused: (refusal: string) => void = () => {}) {
  const { root } = ct;
  /** The platform does not take a predicate on who has modified an entry. */
  let writersRefused = false;
  const read = async (query: ReturnType<typeof keyset>): Promise<InventoryEntry[]> =>
    (await root.inventory().get({ queryArgs: query }).execute()).body.results;
  const entries = {
    /** Entries of these SKUs in these supply channels (ids); of all channels, and of none, when the list is empty. */
    async bySkus(skus: readonly Sku[], channelIds: readonly string[]): Promise<InventoryEntry[]> {
      const asked = channelIds.length > 0 && channelIds.length <= CHANNELS_PER_REQUEST;
      const found = await byKeys(skus, (list, afterId) =>
        asked
          ? read(
              keyset(
                ["sku in :skus", "supplyChannel(id in :channels)"],
                { skus: list, channels: [...channelIds] },
                afterId,
              ),
            )
          : read(keyset(["sku in :skus"], { skus: list }, afterId)),
      );
      if (asked || channelIds.length === 0) return found;
      const wanted = new Set(channelIds);
      return found.filter(({ supplyChannel }) => supplyChannel !== undefined && wanted.has(supplyChannel.id));
    },

    /** One page of a supply channel's entries by ascending id; fewer rows than `limit` (at most 500) means the end. */
    page: (channelId: string, afterId: string | undefined, limit: number): Promise<InventoryEntry[]> =>
      read(keyset(["supplyChannel(id = :channel)"], { channel: channelId }, afterId, limit)),

    /**
     * Entries of these supply channels (ids, at least one) that were modified since then (ISO 8601, UTC), a page at a time. Those that
     * the API client `but` was the last to modify may be missing: where the platform refuses to be asked by the writer, they are there.
     */
    async *modifiedSince(
      channelIds: readonly string[],
      since: string,
      but?: string,
    ): AsyncGenerator<InventoryEntry[], void, void> {
      const asked = channelIds.length <= CHANNELS_PER_REQUEST;
      const where = ["lastModifiedAt >= :since", ...(asked ? ["supplyChannel(id in :channels)"] : [])];
      const variables = { since, ...(asked && { channels: [...channelIds] }) };
      const pageAfter = async (afterId: string | undefined): Promise<InventoryEntry[]> => {
        if (but === undefined || writersRefused) return await read(keyset(where, variables, afterId));
        try {
          return await read(keyset([...where, BY_OTHERS], { ...variables, but }, afterId));
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          // The same question without the writer tells whether that was refused, or something else.
          const rows = await read(keyset(where, variables, afterId));
          writersRefused = true;
          return rows;
        }
      };
      for (let afterId: string | undefined, ended = false; !ended; ) {
        const rows = await pageAfter(afterId);
        yield asked ? rows : rows.filter(({ supplyChannel }) => channelIds.includes(supplyChannel?.id ?? ""));
        [afterId, ended] = [rows.at(-1)?.id, rows.length < PAGE];
      }
    },

    /** RefusedError `DuplicateField`: an entry of this sku and channel exists; read it and change it instead. */
    create: async (draft: InventoryEntryDraft): Promise<InventoryEntry> =>
      (await root.inventory().post({ body: draft }).execute()).body,

    /** At the version read; ConflictError, RefusedError and TransientError as for orders. */
    update: async (ref: Versioned, actions: InventoryEntryUpdateAction[]): Promise<InventoryEntry> =>
      (
        await root
          .inventory()
          .withId({ ID: ref.id })
          .post({ body: { version: ref.version, actions } })
          .execute()
      ).body,
  };
  return { ...entries, ...createInventoryLook(ct, entries, graphqlRefused) };
}
