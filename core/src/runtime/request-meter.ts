/**
 * Requests that one piece of work sends to either system. Work that goes on beside it, in the same process and by the same clients,
 * counts for itself or for nobody.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/**
 * What leaves for the API of commercetools and for IFS: each repeat is one more, a batch or a GraphQL query with many parts is one.
 * Requests for a token are none, they go to another server. What was shared by several pieces of work (reference data that is
 * remembered) counts for the one that had it read.
 */
export type RequestCounts = { ctRequests: number; ifsRequests: number };

const meters = new AsyncLocalStorage<RequestCounts>();

export const noRequests = (): RequestCounts => ({ ctRequests: 0, ifsRequests: 0 });

/** Runs `work`; what it sends is added to `counts` as it goes. */
export const metered = <T>(counts: RequestCounts, work: () => T): T => meters.run(counts, work);

/**
 * To be called once for each request, when it leaves. Taken where the work itself goes on: behind a queue it may be somebody else's
 * turn that sends the request.
 */
export function requestMeter(system: keyof RequestCounts): () => void {
  const counts = meters.getStore();
  return () => {
    if (counts) counts[system] += 1;
  };
}
