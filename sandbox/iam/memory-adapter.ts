import type { Adapter, AdapterPayload } from "oidc-provider";

/** What the identity server keeps: little, as its tokens are self-contained. Bounded, and gone with the process. */
export function createMemoryAdapter(name: string): Adapter {
  const rows = new Map<string, AdapterPayload>();
  const firstWhere = (test: (row: AdapterPayload) => boolean) => Promise.resolve([...rows.values()].find(test));
  return {
    upsert: async (id, payload) => {
      if (rows.size >= 10_000) rows.clear();
      rows.set(id, { ...payload, kind: payload.kind ?? name });
    },
    find: async (id) => rows.get(id),
    findByUserCode: (userCode) => firstWhere((row) => row.userCode === userCode),
    findByUid: (uid) => firstWhere((row) => row.uid === uid),
    consume: async (id) => {
      const row = rows.get(id);
      if (row) rows.set(id, { ...row, consumed: Math.floor(Date.now() / 1000) });
    },
    destroy: async (id) => {
      rows.delete(id);
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, row] of rows) if (row.grantId === grantId) rows.delete(id);
    },
  };
}
