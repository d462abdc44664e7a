/**
 * A create that ended after its claim had gone to another worker, which may have created the order too. What this connector has
 * made once too often it takes back, while nobody in IFS has touched it; everything else is for a person.
 */
import type { Claim } from "../../domain/claims.ts";
import { ConflictError, RefusedError, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrder, IfsOrderLookup } from "../../domain/ifs-records.ts";
import { pauseMs } from "./claim.ts";
import { type Position, readPosition, takeClaim } from "./claim-writer.ts";
import { DUPLICATE, severalInIfs } from "./doubles.ts";
import { goneMeanwhile } from "./gone.ts";
import type { ExportOutcome } from "./outcome.ts";
import { journal, note, openException, takenOver, type Work } from "./work.ts";

export const SECOND_REASON = "Created twice by the web shop connector";
/** The lease is over, so each request has a time of its own. */
const REQUEST_MS = 8000;
const ASK_EVERY_MS = 2000;
const MAX_WRITES = 4;

type Created = { readonly site: string /** Undefined: not known. */; readonly orderNo: OrderNo | undefined };

/** `takenOver` where the other worker has, or will find, all that is in IFS. */
export async function createdInVain(work: Work, created: Created): Promise<ExportOutcome> {
  const at = await settledPosition(work);
  if (!at) return goneMeanwhile(work, created.orderNo);
  if (at.state.claim.kind !== "claim" || looksFirst(at, at.state.claim.claim)) return takenOver;
  const kept = at.state.orderNo ?? at.state.claim.claim.orderNo;
  if (kept === created.orderNo) return takenOver;
  const lookup = await lookUp(work, created.site);
  const known = created.orderNo === undefined ? [] : [{ orderNo: created.orderNo, state: "not visible" }];
  if (lookup.kind === "unknown") return known.length === 0 ? takenOver : marked(work, created.site, known);
  const live = lookup.kind === "found" ? lookup.orders.filter(({ state }) => state !== "Cancelled") : [];
  const others = live.filter(({ orderNo }) => orderNo !== kept);
  if (others.length === 0) return takenOver;
  const ours = others.find(({ orderNo }) => orderNo === created.orderNo);
  // Only where the order that is kept is seen beside it, or none is wanted any more.
  const superfluous = others.length < live.length || at.order.orderState === "Cancelled";
  if (ours?.state !== "Planned" || !superfluous || !(await takenBack(work, ours, kept))) {
    return marked(work, created.site, others);
  }
  const more = others.filter((one) => one !== ours);
  return more.length === 0 ? takenOver : marked(work, created.site, more);
}

/** The order once the other worker's own create is over: until then nobody can tell how many there are. */
async function settledPosition({ deps, at }: Work): Promise<Position | undefined> {
  const { clock, settings } = deps;
  const endsAt = clock.monotonic() + settings.config.orders.claimSeconds * 1000;
  for (;;) {
    const now = await readPosition(deps, at.order.id);
    if (!now || !isCreating(now, clock.now()) || clock.monotonic() >= endsAt) return now;
    await clock.sleep(ASK_EVERY_MS);
  }
}

const isCreating = ({ state }: Position, now: number): boolean =>
  state.claim.kind === "claim" &&
  (state.claim.claim.phase === "posting" || state.claim.claim.phase === "claimed") &&
  state.claim.claim.orderNo === "" &&
  state.claim.claim.expiresAt > now;

/** Whoever works on the order next asks IFS for all orders of its reference, and finds ours. */
const looksFirst = ({ state }: Position, { orderNo, phase }: Claim): boolean =>
  state.orderNo === undefined && orderNo === "" && phase !== "cancelled";

async function lookUp(work: Work, site: string): Promise<IfsOrderLookup> {
  try {
    return await work.deps.ifsOrders.findByExternalRef(work.at.order.id, site as Contract, REQUEST_MS);
  } catch (error) {
    if (isPassing(error)) return { kind: "unknown", reason: "IFS did not answer" };
    throw error;
  }
}

const isPassing = (error: unknown): boolean => error instanceof TransientError || error instanceof UnknownOutcomeError;

/** False: IFS would not, or it is not known whether it did. */
async function takenBack(work: Work, { orderNo }: IfsOrder, kept: string): Promise<boolean> {
  try {
    await work.deps.ifsOrders.cancel(orderNo, SECOND_REASON, REQUEST_MS);
  } catch (error) {
    if (isPassing(error) || error instanceof RefusedError || error instanceof ConflictError) return false;
    throw error;
  }
  note(work, "cancelled", { orderNo });
  await journal(work, "second-order-cancelled", { orderNo, kept });
  return true;
}

/** The claim says so, so that the exception stays until IFS has shown that there is one order; whoever works on it goes on. */
async function marked(
  work: Work,
  site: string,
  others: readonly { readonly orderNo: OrderNo; readonly state: string }[],
): Promise<ExportOutcome> {
  const { deps } = work;
  for (let writes = 1; ; writes += 1) {
    const at = await readPosition(deps, work.at.order.id);
    if (at?.state.claim.kind !== "claim") return takenOver;
    const found = at.state.claim.claim;
    const rejection = severalInIfs(at.state.orderNo ?? found.orderNo, others);
    const common = { owner: work.owner, code: DUPLICATE, attempt: 1, notBefore: deps.clock.now() + pauseMs(1), site };
    // Without a link the next worker has to look for itself.
    const claim: Claim =
      at.state.orderNo === undefined
        ? { ...found, ...common, phase: "unknown", orderNo: "", expiresAt: 0 }
        : { ...found, ...common, phase: "linked", expiresAt: 0 };
    try {
      const now = { ...work, at: await takeClaim(deps, at, claim) };
      await openException(now, rejection);
      await journal(now, "second-order-found", { orderNo: others.map(({ orderNo }) => orderNo).join(", ") });
      return { kind: "held", rejection, orderNo: at.state.orderNo ?? "" };
    } catch (error) {
      if (!(error instanceof ConflictError) || writes >= MAX_WRITES) throw error;
    }
  }
}
