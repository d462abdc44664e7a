import type { Channel } from "@commercetools/platform-sdk";
import type { CtClient } from "./client.ts";
import { byKeys, keyset } from "./paging.ts";

/** Keys of channels -> ids. A key without channel is simply absent: the caller decides whether that is a finding. */
export const idsByKey = async (ct: CtClient, keys: readonly string[]): Promise<Map<string, string>> =>
  new Map((await channelsWhere(ct, "key in :values", keys)).map(({ key, id }) => [key, id]));

/** Ids of channels -> keys, for conditions that name a channel by key. */
export const keysById = async (ct: CtClient, ids: readonly string[]): Promise<Map<string, string>> =>
  new Map((await channelsWhere(ct, "id in :values", ids)).map(({ key, id }) => [id, key]));

const channelsWhere = (ct: CtClient, predicate: string, values: readonly string[]): Promise<Channel[]> =>
  byKeys(values, async (list, afterId) => {
    const queryArgs = keyset([predicate], { values: list }, afterId);
    return (await ct.root.channels().get({ queryArgs }).execute()).body.results;
  });
