/** What the export would make of an order's returns now, by the same look and the same plan, without a single write. */
import type { ReturnMode } from "../../../domain/after-export-config.ts";
import type { Rejection } from "../../../domain/failure.ts";
import type { OrderNo } from "../../../domain/ids.ts";
import type { IfsReturnDraft } from "../../../domain/ifs-returns.ts";
import { type RecordedReturn, returnReference } from "../../../domain/return-record.ts";
import { groupsOf } from "../../return-groups.ts";
import { routeFor } from "../judge.ts";
import { postTime } from "../posting.ts";
import type { Work } from "../work.ts";
import { dueOf, exchangesOf, FOREIGN, planOf, policyOf, recordOf, type Seen, seenInIfs } from "./look.ts";
import { hasReturns, type OrderReturns, parseReturns, type ReturnGroup } from "./parse-returns.ts";
import type { ReturnStep, ReturnsPlan } from "./plan-returns.ts";
import { channelMissing, unreadableRecord } from "./return-refusals.ts";
import { draftOf } from "./steps.ts";

export type DryReturn = {
  /** Of the RMA in IFS. */
  readonly reference: string;
  /** Pieces and articles, in words. */
  readonly what: string;
  /** What the next look would do, in words. */
  readonly next: string;
  /** The RMA that would be created. */
  readonly draft?: IfsReturnDraft;
};

export type DryReturns = {
  readonly policy: ReturnMode;
  /** The setting that says so. */
  readonly setting: string;
  readonly returns: readonly DryReturn[];
  readonly refusals: readonly Rejection[];
};

/** Undefined: the order has no returns. Throws what the reads throw. */
export async function dryReturns(work: Work): Promise<DryReturns | undefined> {
  const { config } = work.deps.settings;
  if (!hasReturns(work.order) && !hadReturns(work)) return undefined;
  const route = await routeFor(work.deps, work.order);
  const { mode: policy, setting } = policyOf(config, route.ok ? route.value : undefined);
  const parsed = parseReturns(work.order);
  if (!parsed.ok) return { policy, setting, returns: [], refusals: policy === "off" ? [] : [parsed.error] };
  const groups = groupsOf(parsed.value.returns, config.orders.afterExport.returns.trigger);
  const asked = groups.filter(({ items }) => items.length > 0);
  const all = (next: string): DryReturns => ({
    policy,
    setting,
    returns: asked.map((group) => ({ ...aboutOf(work, parsed.value, group), next })),
    refusals: [],
  });
  const { orderNo } = work.at.state;
  // An order that fits no route any more is judged by its site, which the IFS order tells.
  if (policy === "off" && (route.ok || orderNo === undefined)) return all("nothing: it stays in commercetools");
  if (orderNo === undefined) return all("waits: the order is not in IFS yet");
  return { policy, setting, ...(await looked(work, orderNo, { order: parsed.value, groups })) };
}

/** Its RMAs stand for returns that are not in the list any more. */
const hadReturns = (work: Work): boolean => work.at.state.orderNo !== undefined && dueOf(work).kind !== "nothing";

type Given = { readonly order: OrderReturns; readonly groups: readonly ReturnGroup[] };
type Looked = Partial<Pick<DryReturns, "policy" | "setting">> & Pick<DryReturns, "returns" | "refusals">;

async function looked(work: Work, orderNo: OrderNo, given: Given): Promise<Looked> {
  const due = dueOf(work);
  const refused = (rejection: Rejection): Looked => ({ returns: [], refusals: [rejection] });
  switch (due.kind) {
    case FOREIGN:
      return refused(unreadableRecord());
    case "refuse":
      return refused(due.rejection);
    case "nothing":
    case "cured":
    case "waits":
      return { returns: recordOf(work).returns.flatMap((one) => settled(work, given, one)), refusals: [] };
    case "look":
  }
  if (work.deps.settings.channels.returns === undefined) return refused(channelMissing());
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) throw new RangeError("a dry run has all the time it needs");
  const returning = { orderNo, due, known: recordOf(work) };
  const seen = await seenInIfs(work, returning, deadlineMs);
  if ("rejection" in seen) return refused(seen.rejection);
  const { mode: policy, setting } = seen.place;
  if (policy === "off") return { policy, setting, returns: [], refusals: [] };
  return { policy, setting, ...(await planned(work, given, { seen, plan: planOf(work, returning, seen) })) };
}

type Planned = { readonly seen: Extract<Seen, { readonly document: unknown }>; readonly plan: ReturnsPlan };

async function planned(work: Work, given: Given, { seen, plan }: Planned): Promise<Looked> {
  const returns = plan.settled.flatMap((one) => settled(work, given, one));
  for (const step of plan.steps) returns.push(await dryStep(work, given, { seen, step }));
  return { returns, refusals: plan.refusals };
}

async function dryStep(
  work: Work,
  { order }: Given,
  { seen, step }: Pick<Planned, "seen"> & { readonly step: ReturnStep },
): Promise<DryReturn> {
  const about = aboutOf(work, order, step.group);
  const { document, place } = seen;
  const released = place.mode === "createAndRelease" ? " and releases it" : "";
  if (step.kind === "link")
    return { ...about, next: `links RMA ${step.rma.rmaNo}, which is in IFS already${released}` };
  if (step.kind === "complete") {
    return { ...about, next: `adds ${step.lines.length} lines to RMA ${step.rma.rmaNo}${released}` };
  }
  const exchanges = exchangesOf(work);
  const draft = await draftOf(work, { document, approver: place.approver, exchanges }, step);
  return { ...about, next: `creates an RMA${released}`, draft };
}

function settled(work: Work, { order, groups }: Given, { ref, rmaNo }: RecordedReturn): DryReturn[] {
  const group = groups.find((one) => one.ref === ref);
  const about = group ? aboutOf(work, order, group) : { reference: returnReference(work.at.order.id, ref), what: "" };
  return [{ ...about, next: `nothing: it is RMA ${rmaNo}` }];
}

const aboutOf = ({ at }: Work, { lines }: OrderReturns, { ref, items }: ReturnGroup) => ({
  reference: returnReference(at.order.id, ref),
  what: items.map(({ wanted, lineId }) => `${wanted} of ${lines.get(lineId) ?? lineId}`).join(", "),
});
