/** ETags at the probe's own order, then its end: each way to cancel that a tenant may have, until one works. */
import { ConflictError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrder } from "../domain/ifs-records.ts";
import { toBody } from "../ifs/json.ts";
import { attempt } from "./attempt.ts";
import { readMetadata } from "./ifs-facts.ts";
import { answered, type ProbeSession } from "./probe-session.ts";

/** As the order export sends it where the tenant's codes name none. */
const REASON = "Cancelled in the shop";

const reasonCode = ({ client }: ProbeSession): string => {
  const { cancelReasons } = client.binding;
  return cancelReasons[REASON] ?? cancelReasons["*"] ?? REASON;
};

/** A change of the order moves its ETag; ETags of whole seconds move with the next one. */
const TRIES = 3;
const A_SECOND_MS = 1100;

/** An ETag that was good before: the order is changed in between. undefined where the order cannot be changed. */
async function staleEtag(session: ProbeSession, orderNo: OrderNo, sleep: (ms: number) => Promise<void>) {
  const { client, path } = session;
  const field = client.binding.order.fields.custRef ?? client.binding.order.fields.noteText;
  if (field === null) return { why: "neither custRef nor noteText is bound, so nothing of the order can be changed" };
  for (let count = 1; count <= TRIES; count += 1) {
    const before = await session.header(orderNo);
    if (!before?.etag) return { why: "the order carries no ETag" };
    const body = toBody({ [field]: `write probe ${count}` });
    const changed = await attempt(() =>
      client.patch(client.binding.order, path(orderNo), { ifMatch: before.etag, body }),
    );
    if (!changed.ok) return { why: `${field} cannot be changed (${answered(session, changed.error)})` };
    if ((await session.header(orderNo))?.etag !== before.etag) return { etag: before.etag };
    await sleep(A_SECOND_MS);
  }
  return { why: "the ETag stayed the same though the order was changed" };
}

/** Tries to cancel with an ETag of yesterday and with none. Where IFS lets it pass, the order is cancelled, as it was to be. */
export async function probeEtags(
  session: ProbeSession,
  orderNo: OrderNo,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const stale = await staleEtag(session, orderNo, sleep);
  if (stale.etag === undefined) session.learn("staleEtagRefused", "unknown", stale.why);
  else await tryCancel(session, "staleEtagRefused", () => cancelAt(session, orderNo, stale.etag));
  await tryCancel(session, "missingEtagRefused", () =>
    session.recorder.withoutIfMatch(() => cancelAt(session, orderNo, "*")),
  );
}

async function tryCancel(
  session: ProbeSession,
  name: "staleEtagRefused" | "missingEtagRefused",
  cancel: () => Promise<void>,
): Promise<void> {
  const answer = await attempt(cancel);
  if (answer.ok) {
    learnBoundWay(session);
    return session.learn(name, "no", `${session.recorder.lastStatus()}: the order was cancelled all the same`);
  }
  const evidence = answered(session, answer.error);
  // Another refusal may stand before the one that was asked for.
  return session.learn(name, answer.error instanceof ConflictError ? "yes" : "unknown", evidence);
}

/** `*`: the recorder takes the header away again, for the question what IFS does without one. */
const cancelAt = async (
  session: ProbeSession,
  orderNo: OrderNo,
  ifMatch: string,
  body = boundBody(session),
): Promise<void> => {
  const { client } = session;
  const action = session.action(orderNo, client.binding.actions.cancel);
  await client.act(client.binding.order, action, { ifMatch, idempotent: ifMatch === "*", body });
};

function learnBoundWay(session: ProbeSession): void {
  const { cancel } = session.client.binding.actions;
  const cancelReason = parameterOf(session.client.binding);
  session.learn("cancel", "yes", `action ${cancel}, reason ${reasonCode(session)}`);
  session.learn("cancelReasonParameter", "yes", `parameter ${cancelReason}`);
}

const boundBody = (session: ProbeSession) => toBody({ [parameterOf(session.client.binding)]: reasonCode(session) });

type Way = {
  readonly words: string;
  readonly run: (order: IfsOrder) => Promise<void>;
  readonly learn: () => void;
};

/** True when the order is cancelled afterwards; the evidence of each way that was tried is noted on the way. */
export async function cancelProbeOrder(session: ProbeSession, orderNo: OrderNo): Promise<boolean> {
  const refusals: string[] = [];
  for (const way of await waysOf(session)) {
    const order = await session.header(orderNo);
    if (order?.state === "Cancelled") return true;
    if (!order) return false;
    const answer = await attempt(() => way.run(order));
    if (answer.ok && (await session.header(orderNo))?.state === "Cancelled") {
      way.learn();
      return true;
    }
    refusals.push(
      `${way.words}: ${answer.ok ? "accepted, and the order is not cancelled" : answered(session, answer.error)}`,
    );
  }
  session.learn("cancel", "no", refusals.join("; "));
  return false;
}

/** Where the configuration says that there is none, the usual name is tried all the same: the probe is to find out. */
const parameterOf = ({ actions }: ProbeSession["client"]["binding"]): string => actions.cancelReason ?? "CancelReason";

async function waysOf(session: ProbeSession): Promise<Way[]> {
  const { client } = session;
  const { actions, order } = client.binding;
  const code = reasonCode(session);
  const evidence = `action ${actions.cancel}, reason ${code}`;
  const cancelWith = (name: string): Way => ({
    words: `parameter ${name}`,
    run: ({ orderNo, etag }) => cancelAt(session, orderNo, etag, toBody({ [name]: code })),
    learn: () => session.learn("cancel", "no", `${evidence}: it takes the reason under the parameter ${name}`),
  });
  const bound: Way = {
    ...cancelWith(parameterOf(client.binding)),
    learn: () => learnBoundWay(session),
  };
  const onOrder: Way = {
    words: "reason on the order",
    async run({ orderNo, etag }) {
      const body = toBody({ [order.fields.cancelReason ?? ""]: code });
      await client.patch(client.binding.order, session.path(orderNo), { ifMatch: etag, body });
      const fresh = await session.header(orderNo);
      await cancelAt(session, orderNo, fresh?.etag ?? etag, {});
    },
    learn() {
      session.learn("cancel", "yes", `${evidence}, which was written on the order before`);
      session.learn("cancelReasonParameter", "no", `without parameter, the reason in ${order.fields.cancelReason}`);
    },
  };
  const without: Way = {
    words: "no reason",
    run: ({ orderNo, etag }) => cancelAt(session, orderNo, etag, {}),
    learn: () => session.learn("cancel", "no", `action ${actions.cancel} works only without a reason`),
  };
  const others = (await parametersOf(session)).filter((name) => name !== parameterOf(client.binding));
  return [bound, ...others.map(cancelWith), ...(order.fields.cancelReason === null ? [] : [onOrder]), without];
}

/** What the metadata calls the action's parameters; none where it cannot be read. */
async function parametersOf({ client }: ProbeSession): Promise<readonly string[]> {
  const { actions, order } = client.binding;
  const fact = (await readMetadata(client, [order])).get(order.projection);
  if (fact?.kind !== "read") return [];
  return fact.edmx.operations.find(({ name }) => name === actions.cancel)?.parameters ?? [];
}
