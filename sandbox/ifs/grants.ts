import type { Caller } from "./projections/definition.ts";

/** What an administrator granted to a client: rows of other companies and sites do not exist for it. */
export type Grant = Caller;

export type Grants = {
  get(clientId: string): Grant | undefined;
  list(): Grant[];
  /** Replaces what is named; the rest stays. Undefined when there is no such client. */
  change(clientId: string, changes: Partial<Omit<Grant, "clientId">>): Grant | undefined;
  /** From now on the client's tokens are refused. */
  remove(clientId: string): void;
};

export function createGrants(initial: readonly Grant[]): Grants {
  const grants = new Map(
    initial.map(({ clientId, companies, sites, projections }) => [
      clientId,
      { clientId, companies, sites, projections } satisfies Grant as Grant,
    ]),
  );
  return {
    get: (clientId) => grants.get(clientId),
    list: () => [...grants.values()],
    change(clientId, changes) {
      const present = grants.get(clientId);
      if (!present) return undefined;
      const changed = { ...present, ...changes, clientId };
      grants.set(clientId, changed);
      return changed;
    },
    remove(clientId) {
      grants.delete(clientId);
    },
  };
}
