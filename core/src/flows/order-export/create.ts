import { RefusedError } from "../../domain/failure.ts";
import type { IfsOrderDocument } from "../../domain/ifs-records.ts";
import { barredBy, noteCreate, passOrThrow } from "./barred.ts";
import { prepareCustomer } from "./customer.ts";
import { goneMeanwhile, isGone } from "./gone.ts";
import type { Judged } from "./judge.ts";
import { createdInVain } from "./late-create.ts";
import { paymentTargets } from "./map-fields.ts";
import type { ExportOutcome } from "./outcome.ts";
import { refusedPayment } from "./payments.ts";
import { deferred, posted, postTime, putOff } from "./posting.ts";
import { finish, settle } from "./settle.ts";
import { journal, lease, note, refused, takenOver, type Work } from "./work.ts";

/** Larger orders are exported by the sweep, which has minutes. */
export const EVENT_MAX_ROWS = 100;

/** Claims, creates, and goes on with IFS's answer. Nobody posted before, or IFS has proven that nothing is there. */
export async function create(work: Work, judged: Judged): Promise<ExportOutcome> {
  const rows = judged.draft.lines.length + judged.draft.charges.length;
  if (work.context.mode === "event" && rows > EVENT_MAX_ROWS) {
    return deferred(`${rows} rows are more than an event exports; the sweep does`);
  }
  if (postTime(work) === undefined) return deferred("no time left; the sweep goes on");
  passOrThrow(work.deps, "ifsOrders");
  // Before the claim: what is refused here costs nothing but the reading of the order.
  const leave = work.context.mode === "event" ? work.deps.enter() : () => undefined;
  try {
    return await claimAndPost(work, judged, rows);
  } finally {
    leave();
  }
}

async function claimAndPost(work: Work, judged: Judged, rows: number): Promise<ExportOutcome> {
  const ready = await prepared(work, judged);
  if (ready) return ready;
  const sent = { site: judged.route.site, posted: judged.fingerprint };
  const claimed = await lease(work, { phase: "posting", orderNo: "", ...sent });
  const deadlineMs = postTime(claimed);
  if (deadlineMs === undefined) {
    return putOff(claimed, "", "the claim took too long; the sweep goes on");
  }
  const answer = await posted(claimed, {
    orderNo: "",
    call: () => createdOrBarred(claimed, judged, deadlineMs),
    refusedAs: (rejection) => refused(claimed, refusedPayment(rejection, paymentTargets(judged.route))),
    existsAs: (orderNo) => {
      note(claimed, "exists", { orderNo });
      return finish(claimed, judged, orderNo);
    },
  });
  const { site } = judged.route;
  if ("outcome" in answer) return unlessInVain(claimed, { site, orderNo: undefined }, answer.outcome);
  const { orderNo } = answer.value.order;
  note(claimed, "created", { orderNo, rows, site, route: judged.route.name });
  try {
    return await unlessInVain(claimed, { site, orderNo }, await settle(claimed, judged, answer.value));
  } catch (error) {
    if (isGone(error)) return goneMeanwhile(claimed, orderNo);
    throw error;
  }
}

async function createdOrBarred({ deps, at }: Work, { draft }: Judged, deadlineMs: number): Promise<IfsOrderDocument> {
  const which = { created: "ifsOrders", orderId: at.order.id } as const;
  try {
    const document = await deps.ifsOrders.create(draft, deadlineMs);
    noteCreate(deps, which, undefined);
    return document;
  } catch (error) {
    const barred = barredBy(error, "write");
    // A business rule that refuses an order shows that others may pass.
    if (barred || error instanceof RefusedError) noteCreate(deps, which, barred);
    throw error;
  }
}

/** Whoever slept longer than its claim may have created what another worker has created too. */
const unlessInVain = async (
  work: Work,
  created: Parameters<typeof createdInVain>[1],
  outcome: ExportOutcome,
): Promise<ExportOutcome> => (outcome === takenOver ? createdInVain(work, created) : outcome);

/**
 * The customer comes before the claim: its keys keep it from existing twice whoever else is at it, and the claim's time is the
 * order's. Undefined: it is there. Throws where IFS or commercetools is down, with nothing recorded.
 */
async function prepared(work: Work, { customer }: Judged): Promise<ExportOutcome | undefined> {
  if (customer.kind === "webshop") return undefined;
  const done = await prepareCustomer(work.deps, customer, () => postTime(work) ?? LAST_MS);
  if (!done.ok) return refused(work, done.error);
  const { created, linked, addresses } = done.value;
  if (!created && !linked && addresses === 0) return undefined;
  const event = created ? "customer-created" : linked ? "customer-linked" : "customer-address-added";
  await journal(work, event, { customerNo: customer.customer.customerNo, addresses });
  return undefined;
}

/** Of a request that was begun when time ran out: it ends in doubt, which the next attempt looks up. */
const LAST_MS = 500;
