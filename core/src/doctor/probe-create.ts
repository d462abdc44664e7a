/** Creates the probe's order, asking for most at first and for less after each refusal, so that one order answers most. */
import { AuthenticationError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrderDraft } from "../domain/ifs-records.ts";
import type { BatchPart } from "../ifs/batch.ts";
import { property } from "../ifs/binding.ts";
import { ChangeSetRefusedError } from "../ifs/errors.ts";
import type { Body } from "../ifs/json.ts";
import { childOf, orderBodies } from "../ifs/order-bodies.ts";
import { createOrderDefaults } from "../ifs/order-defaults.ts";
import { attempt, type Failure } from "./attempt.ts";
import { probeCharge } from "./probe-plan.ts";
import { answered, type ProbeSession } from "./probe-session.ts";

/** A charge type that no tenant has: makes the last part of a change set wrong. */
const NO_SUCH_TYPE = "CTPROBENONE";

type Child = { readonly array: string; readonly body: Body };
type Bodies = { readonly header: Body; readonly children: readonly Child[]; readonly wrong: Child };

/** As the order export sends them. `wrong` refers to nothing, and must never be accepted. */
export async function bodiesOf({ client, plan, write }: ProbeSession, draft: IfsOrderDraft): Promise<Bodies> {
  const { binding } = client;
  const readDefaults = createOrderDefaults(client);
  const defaults = await write((signal) => readDefaults(draft, signal));
  const all = { ...draft, charges: [...draft.charges, probeCharge(plan, NO_SUCH_TYPE, "3")] };
  const { header, lines, charges } = orderBodies(binding, all, defaults);
  const asCharge = (body: Body): Child => ({ array: binding.orderCharge.set, body });
  return {
    header,
    children: [
      ...lines.map((body) => ({ array: binding.linesArray, body })),
      ...charges.slice(0, -1).map((body) => asCharge(body)),
    ],
    wrong: asCharge(charges.at(-1) ?? {}),
  };
}

export const post = (contentId: number, path: string, body: Body): BatchPart => ({
  contentId: String(contentId),
  method: "POST",
  path,
  headers: { Prefer: "return=representation" },
  body,
});

/** The number of the order that now exists. Throws what IFS said where no way is left. */
export async function createProbeOrder(session: ProbeSession, draft: IfsOrderDraft, chosen: OrderNo): Promise<OrderNo> {
  const bodies = await bodiesOf(session, draft);
  const { externalRef } = draft.header;
  const first = await tryWrongChangeSet(session, bodies, externalRef);
  if (first.left) return first.left;
  const refusals: string[] = [];
  const orderNo =
    first.form === undefined ? await climbDown(session, { bodies, ref: externalRef, chosen, refusals }) : undefined;
  const made = orderNo ?? (await oneByOne(session, bodies, chosen));
  // Only now: what single requests refuse as well is no matter of change sets.
  session.learn("changeSets", "no", `refused in every form; without an order number of ours: ${refusals[1]}`);
  session.learn("childKeysOptional", "unknown", "no change set was accepted");
  if (first.rolledBack !== undefined) await proveRollBack(session, externalRef, first.rolledBack);
  return made;
}

/** What ends a probe: nothing more can be learned now, and another try would not be the same. */
const endsProbe = (error: Failure): boolean => error instanceof TransientError || error instanceof AuthenticationError;

function refusesForm(error: Failure): boolean {
  if (!(error instanceof ChangeSetRefusedError)) return false;
  if (error.code === "ODP_NOT_IMPLEMENTED" || error.status === 501) return true;
  return error.scope === "batch" && [400, 404, 405, 406, 415].includes(error.status);
}

type WrongOutcome = {
  /** Change sets as such are refused. */
  readonly form?: true;
  /** An order that must not be there. */
  readonly left?: OrderNo;
  /** Nothing can be seen of it; counts once an order with this reference was seen. */
  readonly rolledBack?: string;
};

/** A change set whose last part cannot be right: is what stands before it taken back? */
async function tryWrongChangeSet(session: ProbeSession, bodies: Bodies, ref: string): Promise<WrongOutcome> {
  const answer = await sendChangeSet(session, bodies.header, [...bodies.children, bodies.wrong]);
  if (answer.ok) {
    session.learn("changeSetsAtomic", "unknown", `IFS accepted charge type ${NO_SUCH_TYPE}, which should not exist`);
    return { left: await numberAfter(session, session.numberOf(answer.value[0]), ref) };
  }
  const { error } = answer;
  if (endsProbe(error)) throw error;
  const evidence = answered(session, error);
  if (refusesForm(error)) {
    session.learn("changeSets", "no", evidence);
    session.learn("changeSetsAtomic", "unknown", "change sets are refused");
    session.learn("childKeysOptional", "unknown", "change sets are refused");
    return { form: true };
  }
  const [left] = await session.byRef(ref);
  if (!left && error instanceof UnknownOutcomeError) throw error;
  if (!left) return { rolledBack: evidence };
  session.created.add(left.orderNo);
  const part = `a change set with a wrong part left order ${left.orderNo} behind (${evidence})`;
  session.learn("changeSetsAtomic", "no", part);
  session.learn("changeSets", "no", part);
  return { left: left.orderNo };
}

const proveRollBack = async (session: ProbeSession, ref: string, evidence: string): Promise<void> => {
  const visible = (await session.byRef(ref)).length === 1;
  session.learn(
    "changeSetsAtomic",
    visible ? "yes" : "unknown",
    visible ? `a wrong part took all others back (${evidence})` : "orders cannot be found by their external reference",
  );
};

type Rung = { readonly orderNo: OrderNo | undefined; readonly keys: boolean };

/** Change sets that ask for less and less; undefined when none is accepted. */
async function climbDown(
  session: ProbeSession,
  { bodies, ref, chosen, refusals }: { bodies: Bodies; ref: string; chosen: OrderNo; refusals: string[] },
): Promise<OrderNo | undefined> {
  const rungs: Rung[] = [
    { orderNo: chosen, keys: false },
    { orderNo: undefined, keys: false },
    { orderNo: chosen, keys: true },
  ];
  for (const rung of rungs) {
    const answer = await sendChangeSet(
      session,
      withNumber(session, bodies.header, rung.orderNo),
      childrenOf(session, bodies, rung),
    );
    if (answer.ok) {
      const orderNo = await numberAfter(session, session.numberOf(answer.value[0]), ref);
      learnFromChangeSet(session, { rung, orderNo, refusals });
      return orderNo;
    }
    if (endsProbe(answer.error)) throw answer.error;
    if (answer.error instanceof UnknownOutcomeError) return inDoubt(session, ref, answer.error);
    refusals.push(answered(session, answer.error));
  }
  return undefined;
}

const withNumber = ({ client }: ProbeSession, header: Body, orderNo: OrderNo | undefined): Body =>
  orderNo === undefined ? header : { [property(client.binding.order, "orderNo")]: orderNo, ...header };

const childrenOf = ({ client }: ProbeSession, { children }: Bodies, { orderNo, keys }: Rung): readonly Child[] =>
  keys && orderNo !== undefined
    ? children.map((child) => ({ array: child.array, body: childOf(client.binding, orderNo, child) }))
    : children;

function learnFromChangeSet(
  session: ProbeSession,
  { rung, orderNo, refusals }: { rung: Rung; orderNo: OrderNo; refusals: readonly string[] },
): void {
  const refusal = refusals.at(-1) ?? "";
  if (rung.keys) {
    session.learn("changeSets", "no", `accepted only with the order's number in each row: ${refusal}`);
    session.learn("childKeysOptional", "no", refusal);
  } else {
    session.learn("changeSets", "yes", `order ${orderNo} was created in one change set with $1`);
    session.learn("childKeysOptional", "yes", "its rows did not name their order");
  }
  if (rung.orderNo === undefined) session.learn("orderNoChosen", "no", refusal);
  else learnNumber(session, rung.orderNo, orderNo);
}

const learnNumber = (session: ProbeSession, asked: OrderNo, given: OrderNo): void =>
  session.learn(
    "orderNoChosen",
    asked === given ? "yes" : "no",
    asked === given
      ? `order number ${asked} was accepted`
      : `order number ${asked} was passed over; IFS chose ${given}`,
  );

/** Header, then lines and charges by themselves, with all keys. */
async function oneByOne(session: ProbeSession, bodies: Bodies, chosen: OrderNo): Promise<OrderNo> {
  const orderNo = await createHeader(session, bodies.header, chosen);
  for (const child of bodies.children) await addChild(session, orderNo, child);
  return orderNo;
}

async function createHeader(session: ProbeSession, header: Body, chosen: OrderNo): Promise<OrderNo> {
  const ref = String(header[property(session.client.binding.order, "externalRef")]);
  const create = (orderNo: OrderNo | undefined) =>
    attempt(() => {
      const { binding } = session.client;
      const body = withNumber(session, header, orderNo);
      return session.write((signal) => session.client.create(binding.order, binding.order.set, body, signal));
    });
  const withOurs = await create(chosen);
  if (withOurs.ok) {
    const orderNo = await numberAfter(session, session.numberOf(withOurs.value), ref);
    learnNumber(session, chosen, orderNo);
    return orderNo;
  }
  if (endsProbe(withOurs.error)) throw withOurs.error;
  if (withOurs.error instanceof UnknownOutcomeError) return inDoubt(session, ref, withOurs.error);
  const evidence = answered(session, withOurs.error);
  const without = await create(undefined);
  if (!without.ok) {
    if (without.error instanceof UnknownOutcomeError) return inDoubt(session, ref, without.error);
    throw without.error;
  }
  session.learn("orderNoChosen", "no", evidence);
  return numberAfter(session, session.numberOf(without.value), ref);
}

export function addChild({ client, path, write }: ProbeSession, orderNo: OrderNo, child: Child) {
  const { binding } = client;
  const body = childOf(binding, orderNo, child);
  return write((signal) => client.create(binding.orderLine, `${path(orderNo)}/${child.array}`, body, signal));
}

export const sendChangeSet = (
  session: ProbeSession,
  header: Body,
  children: readonly Child[],
  more: readonly BatchPart[] = [],
) =>
  attempt(() => {
    const { client, write } = session;
    const parts = [
      post(1, client.binding.order.set, header),
      ...children.map(({ array, body }, index) => post(index + 2, `$1/${array}`, body)),
      ...more,
    ];
    return write((signal) => client.changeSet(client.binding.order, parts, signal));
  });

/** Notes the order as ours; one whose number was not told is looked for. */
export async function numberAfter(session: ProbeSession, told: OrderNo | undefined, ref: string): Promise<OrderNo> {
  const orderNo = told ?? (await session.byRef(ref))[0]?.orderNo;
  if (orderNo === undefined) throw new UnknownOutcomeError(`IFS created an order (${ref}) that cannot be found again`);
  session.created.add(orderNo);
  return orderNo;
}

/** The answer got lost: what became of it is looked up, and never sent again. */
async function inDoubt(session: ProbeSession, ref: string, error: UnknownOutcomeError): Promise<OrderNo> {
  const [found] = await session.byRef(ref);
  if (!found) throw error;
  session.created.add(found.orderNo);
  return found.orderNo;
}
