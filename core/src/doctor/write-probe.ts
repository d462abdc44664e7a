/**
 * The write probe: settles what only a write can show, with one Planned order that is cancelled again. See README.md, "Write
 * probe". Nothing is written in IFS but that order, and with `release` a second one.
 */
import {
  type CapabilitiesDocument,
  type CapabilityFact,
  type CapabilityName,
  capabilityNames,
  isSameTenant,
} from "../domain/capabilities.ts";
import { RefusedError } from "../domain/failure.ts";
import { type OrderNo, orderNoSchema } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";
import { createIfsClient, type IfsConnection } from "../ifs/client.ts";
import { createParts } from "../ifs/parts.ts";
import type { Clock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import type { Logger } from "../runtime/logger.ts";
import { attempt, type Failure } from "./attempt.ts";
import { checkCapabilities } from "./capability-check.ts";
import { counted, type Diagnosis, type Finding, joined, said } from "./finding.ts";
import { cancelProbeOrder, probeEtags } from "./probe-cancel.ts";
import { createProbeOrder } from "./probe-create.ts";
import { createProbeFetch } from "./probe-fetch.ts";
import { type ProbePlan, probeBegan, probeDraft, probeOrderNo, probeRef } from "./probe-plan.ts";
import { probeRelease } from "./probe-release.ts";
import { probeCharges, probeLines } from "./probe-rows.ts";
import { createSession, type ProbeSession } from "./probe-session.ts";
import type { DoctorConfig } from "./scope.ts";

export type WriteProbeDeps = {
  readonly connection: IfsConnection;
  readonly config: DoctorConfig;
  readonly plan: ProbePlan;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: HttpFetch;
  /** What an earlier probe found: what this one is not asked to try is taken from it. */
  readonly earlier?: CapabilitiesDocument | undefined;
};

export type WriteProbeResult = Diagnosis & {
  /** undefined: the probe did not come to its end, and an older one stays in force. */
  readonly document: CapabilitiesDocument | undefined;
};

/** Rejects only on a defect. Whatever happens, what was created is cancelled, or named as left. */
export async function runWriteProbe(deps: WriteProbeDeps): Promise<WriteProbeResult> {
  const { config, plan, clock } = deps;
  const recorder = createProbeFetch(deps.fetch ?? http);
  // The probe finds out for itself what an earlier one found out.
  const client = createIfsClient({ ...deps, fetch: recorder.fetch });
  const session = createSession(client, recorder, plan);
  const probedAt = new Date(clock.now()).toISOString();
  const ref = probeRef(clock.now());

  const before = await attempt(() => clearLeftovers(session, clock.now()));
  if (!before.ok) return { ...failed(session, before.error), document: undefined };
  if (before.value.atWork.length > 0) {
    return { findings: [anotherAtWork(before.value.atWork)], seen: [], document: undefined };
  }
  const { asked, left } = await thenCancelled(session, async () => {
    const part = await partOf(session);
    const draft = probeDraft(plan, { ref, now: clock.now(), part });
    const orderNo = await createProbeOrder(session, draft, orderNoSchema.parse(probeOrderNo(clock.now())));
    const rows = { orderNo, draft, part };
    await probeLines(session, rows);
    await probeCharges(session, rows);
    await probeEtags(session, orderNo, clock.sleep);
    await cancelProbeOrder(session, orderNo);
    if (plan.release)
      await probeRelease(session, { draft: { ...draft, header: { ...draft.header, externalRef: `${ref}-r` } } });
  });
  if (!plan.release) learnOfRelease(session, deps);
  const document: CapabilitiesDocument = {
    schemaVersion: 1,
    ifsBaseUrl: deps.connection.baseUrl,
    probedAt,
    company: plan.company,
    site: plan.site,
    discountChargeType: plan.discountType ?? null,
    facts: factsOf(session),
  };
  return {
    ...joined(
      { findings: [], seen: before.value.seen },
      {
        findings: left.map(leftover),
        seen: [`IFS orders of this probe: ${[...session.created].join(", ") || "none"}`],
      },
      asked.ok ? checkCapabilities(document, config) : failed(session, asked.error),
    ),
    document: asked.ok ? document : undefined,
  };
}

const factsOf = ({ facts }: ProbeSession): Record<CapabilityName, CapabilityFact> => {
  const notReached: CapabilityFact = { answer: "unknown", evidence: "the probe did not come so far" };
  return Object.fromEntries(capabilityNames.map((name) => [name, facts.get(name) ?? notReached])) as Record<
    CapabilityName,
    CapabilityFact
  >;
};

const LAST_STATES = ["Cancelled", "Delivered", "Invoiced"];

/** What a probe takes at most; an open order that is younger may be of one that is at work. */
const AT_WORK_MS = 5 * 60_000;

type AtWork = { readonly orderNo: OrderNo; readonly until: number };

/** Orders of a probe that died are cancelled like its own; what that teaches counts too. Those of one at work are left alone. */
async function clearLeftovers(
  session: ProbeSession,
  now: number,
): Promise<{ readonly seen: string[]; readonly atWork: readonly AtWork[] }> {
  const open = (await session.leftovers()).filter(({ state }) => !LAST_STATES.includes(state));
  const atWork = open.flatMap(({ orderNo, externalRef }) => {
    const until = (probeBegan(externalRef) ?? 0) + AT_WORK_MS;
    return until > now ? [{ orderNo, until }] : [];
  });
  if (atWork.length > 0) return { seen: [], atWork };
  for (const { orderNo } of open) session.created.add(orderNo);
  for (const { orderNo } of open) {
    if (await cancelProbeOrder(session, orderNo)) session.created.delete(orderNo);
  }
  const numbers = open.map(({ orderNo }) => orderNo).join(", ");
  return {
    seen: open.length === 0 ? [] : [`${counted(open.length, "order")} left by an earlier probe: ${numbers}`],
    atWork,
  };
}

function anotherAtWork(atWork: readonly AtWork[]): Finding {
  const until = new Date(Math.max(...atWork.map((one) => one.until))).toISOString().slice(0, 19);
  return {
    check: "ifs.write-probe",
    severity: "error",
    subject: `IFS order ${atWork.map(({ orderNo }) => orderNo).join(", ")}`,
    message: "Another write probe began less than five minutes ago, and its order is still open. Nothing was written.",
    owner: "operator",
    action: `Probe again after ${until}Z. Where that probe was stopped, its order is cancelled then.`,
  };
}

/** A defect is thrown on, but not before the orders are cancelled. */
async function thenCancelled(session: ProbeSession, work: () => Promise<void>) {
  try {
    const asked = await attempt(work);
    return { asked, left: await cancelAll(session) };
  } catch (error) {
    await cancelAll(session);
    throw error;
  }
}

/** A probe that releases nothing does not forget what an earlier one found out about this tenant. */
function learnOfRelease(session: ProbeSession, { earlier, connection, plan }: WriteProbeDeps): void {
  const counts = earlier && isSameTenant(earlier.ifsBaseUrl, connection.baseUrl) && earlier.company === plan.company;
  for (const name of ["release", "releaseInChangeSet"] as const) {
    const fact = counts ? earlier.facts[name] : undefined;
    if (fact && fact.answer !== "unknown") session.learn(name, fact.answer, fact.evidence);
    else session.learn(name, "unknown", "not tried: --probe-release was not given");
  }
}

/** The orders that could not be cancelled. */
async function cancelAll(session: ProbeSession): Promise<OrderNo[]> {
  const left: OrderNo[] = [];
  for (const orderNo of session.created) {
    const answer = await attempt(() => cancelProbeOrder(session, orderNo));
    if (!answer.ok || !answer.value) left.push(orderNo);
  }
  return left;
}

const SOME_PARTS = 100;

async function partOf({ client, plan }: ProbeSession): Promise<IfsSalesPart> {
  const parts = createParts(client);
  const found =
    plan.part === undefined
      ? (await parts.pageSalesParts(plan.site, undefined, SOME_PARTS)).filter(({ active }) => active)
      : await parts.salesParts(plan.site, [plan.part]);
  // A part without stock takes nothing from anybody while the order is there.
  const part = found.find(({ partNo }) => partNo === null) ?? found[0];
  if (part) return part;
  const what = plan.part === undefined ? "no active sales part" : `no sales part ${plan.part}`;
  throw new RefusedError("ifs", "notFound", 404, `site ${plan.site} shows ${what}; name one with --part`);
}

function failed(session: ProbeSession, error: Failure): Diagnosis {
  const finding: Finding = {
    check: "ifs.write-probe",
    severity: "error",
    subject: `company ${session.plan.company}, site ${session.plan.site}`,
    message: said(`The write probe could not go on: ${error.message}`),
    owner: "operator",
    action: "Correct what IFS says, with the options of the command or in the configuration, and probe again.",
  };
  return { findings: [finding], seen: [] };
}

const leftover = (orderNo: OrderNo): Finding => ({
  check: "ifs.probe-order",
  severity: "error",
  subject: `IFS order ${orderNo}`,
  message: `Order ${orderNo} of the write probe could not be cancelled.`,
  owner: "ifsAdministrator",
  action: `Cancel order ${orderNo} in IFS by hand; nobody waits for it. The next probe tries it too.`,
});
