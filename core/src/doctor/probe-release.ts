/** Releases an order of the probe's own: in the change set that creates it where IFS takes that, else by itself. */
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrderDraft } from "../domain/ifs-records.ts";
import { attempt } from "./attempt.ts";
import { cancelProbeOrder } from "./probe-cancel.ts";
import { addChild, bodiesOf, numberAfter, post, sendChangeSet } from "./probe-create.ts";
import { answered, type ProbeSession } from "./probe-session.ts";

/** The order is cancelled at once, whatever the release came to. */
export async function probeRelease(session: ProbeSession, { draft }: { draft: IfsOrderDraft }): Promise<void> {
  const oneLine = { ...draft, charges: [] };
  const released = await createReleased(session, oneLine);
  const orderNo = released ?? (await createPlanned(session, oneLine));
  if (released === undefined) await releaseAlone(session, orderNo);
  await cancelProbeOrder(session, orderNo);
}

const actionPath = ({ client }: ProbeSession): string =>
  `IfsApp.${client.binding.order.projection}.${client.binding.actions.release}`;

/** undefined: not accepted, and nothing was created. */
async function createReleased(session: ProbeSession, draft: IfsOrderDraft): Promise<OrderNo | undefined> {
  if (session.facts.get("changeSets")?.answer !== "yes") {
    session.learn("releaseInChangeSet", "unknown", "orders are not created in change sets");
    return undefined;
  }
  const { header, children } = await bodiesOf(session, draft);
  const release = post(children.length + 2, `$1/${actionPath(session)}`, {});
  const withTag = { ...release, headers: { "If-Match": "*" } };
  const answer = await sendChangeSet(session, header, children, [withTag]);
  const ref = draft.header.externalRef;
  if (!answer.ok) {
    const evidence = answered(session, answer.error);
    const [found] = await session.byRef(ref);
    session.learn("releaseInChangeSet", "no", evidence);
    if (!found) return undefined;
    session.created.add(found.orderNo);
    return undefined;
  }
  const orderNo = await numberAfter(session, session.numberOf(answer.value[0]), ref);
  const state = (await session.header(orderNo))?.state ?? "not to be seen";
  const worked = state !== "Planned" && state !== "not to be seen";
  session.learn("releaseInChangeSet", worked ? "yes" : "no", `the order then was ${state}`);
  if (!worked) return undefined;
  session.learn("release", "yes", `action ${session.client.binding.actions.release}; the order then was ${state}`);
  return orderNo;
}

async function createPlanned(session: ProbeSession, draft: IfsOrderDraft): Promise<OrderNo> {
  const { client, write } = session;
  const ref = draft.header.externalRef;
  const [there] = await session.byRef(ref);
  if (there?.state === "Planned") return there.orderNo;
  const { header, children } = await bodiesOf(session, draft);
  const { order } = client.binding;
  const row = await write((signal) => client.create(order, order.set, header, signal));
  const orderNo = await numberAfter(session, session.numberOf(row), ref);
  for (const child of children) await addChild(session, orderNo, child);
  return orderNo;
}

async function releaseAlone(session: ProbeSession, orderNo: OrderNo): Promise<void> {
  const { client } = session;
  const { actions, order } = client.binding;
  // As the order export releases: a second release of the same order is refused by IFS and changes nothing.
  const action = session.action(orderNo, actions.release);
  const answer = await attempt(() => client.act(order, action, { ifMatch: "*", idempotent: true, body: {} }));
  if (!answer.ok)
    return session.learn("release", "no", `action ${actions.release}: ${answered(session, answer.error)}`);
  const state = (await session.header(orderNo))?.state ?? "not to be seen";
  const worked = state !== "Planned" && state !== "not to be seen";
  return session.learn("release", worked ? "yes" : "no", `action ${actions.release}; the order then was ${state}`);
}
