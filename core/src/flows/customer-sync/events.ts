/** A message is only a hint: the party is read again, whatever arrives, however often, in whatever order. */
import type { CustomerSyncDeps } from "./deps.ts";
import { kindOf, type PartyOutcome, syncParty } from "./run.ts";

/** Undefined for resources of other kinds. Throws what `syncParty` throws, so that the message comes again. */
export async function handleCustomerEvent(
  deps: CustomerSyncDeps,
  hint: { readonly resourceTypeId: string; readonly resourceId: string },
  deadlineAt: number,
): Promise<PartyOutcome | undefined> {
  const kind = kindOf(hint.resourceTypeId);
  return kind && syncParty(deps, { kind, id: hint.resourceId }, { mode: "event", deadlineAt });
}
