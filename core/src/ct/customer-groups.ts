import type { CustomerGroup } from "@commercetools/platform-sdk";
import type { CtClient } from "./client.ts";
import { byKeys, keyset } from "./paging.ts";

/** Keys of customer groups -> ids. A key without group is absent. */
export async function customerGroupIdsByKey(ct: CtClient, keys: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, key } of await groupsWhere(ct, "key in :values", keys)) if (key) found.set(key, id);
  return found;
}

/** Ids of customer groups -> keys. A group without key is absent. */
export async function customerGroupKeysById(ct: CtClient, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, key } of await groupsWhere(ct, "id in :values", ids)) if (key) found.set(id, key);
  return found;
}

const groupsWhere = (ct: CtClient, predicate: string, values: readonly string[]): Promise<CustomerGroup[]> =>
  byKeys(values, async (list, afterId) => {
    const queryArgs = keyset([predicate], { values: list }, afterId);
    return (await ct.root.customerGroups().get({ queryArgs }).execute()).body.results;
  });
