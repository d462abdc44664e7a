/**
 * Do orders reach event-app? The sweep exports them without, so nothing is lost while somebody repairs it; but the platform drops
 * what it cannot deliver for days, and a shop should know within minutes.
 */
import { absentAsUndefined } from "../ct/client.ts";
import { createOrders } from "../ct/orders.ts";
import { subscriptionKey } from "../ct/resources-subscription.ts";
import type { Active, Connector } from "./connector.ts";

const STOPPED_ID = "order-subscription-stopped";
const SILENT_ID = "order-events-silent";
/** The lease is left to run out: it is what keeps all replicas to one look in this time. */
const EVERY_MS = 15 * 60_000;
/** While something is wrong: whoever repaired it wants to see so with the next tick. */
const AGAIN_MS = 10_000;
/** An order that nobody announced for so long. */
const SILENT_MS = 15 * 60_000;

type WatchDeps = Pick<Connector, "ct" | "clock" | "logger" | "random"> & {
  readonly store: {
    readonly leases: Pick<Connector["store"]["leases"], "turn" | "renew">;
    readonly runs: Pick<Connector["store"]["runs"], "all">;
    readonly exceptions: Pick<Connector["store"]["exceptions"], "open" | "close">;
  };
};

/** Never rejects: the flows of the tick do not depend on it, and the next look comes soon. */
export async function watchOrderEvents(deps: WatchDeps, active: Pick<Active, "activationStamp">): Promise<void> {
  const { store, random, logger } = deps;
  try {
    const lease = await store.leases.turn("order-watch", random.uuid(), EVERY_MS);
    if (!lease) return;
    const sound = [await watchSubscription(deps), await watchSilence(deps, active)];
    if (sound.includes(false)) await store.leases.renew(lease, AGAIN_MS);
  } catch (error) {
    logger.warn({ error }, "order-events-not-watched");
  }
}

/** False: events may not arrive. */
export async function watchSubscription({ ct, store, logger }: WatchDeps): Promise<boolean> {
  const keyed = ct.root.subscriptions().withKey({ key: subscriptionKey });
  const subscription = await absentAsUndefined(keyed.get().execute());
  const status = subscription?.status ?? "missing";
  if (status === "Healthy") {
    await store.exceptions.close(STOPPED_ID);
    return true;
  }
  logger.error({ alert: true, status }, "subscription-not-healthy");
  await store.exceptions.open({
    id: STOPPED_ID,
    flow: "order-export",
    code: "subscriptionStopped",
    recordType: "flow",
    recordId: subscriptionKey,
    recordLabel: "Subscription of order events",
    message:
      status === "missing"
        ? `The Subscription ${subscriptionKey} does not exist: no event tells of orders. The sweep exports them, later.`
        : `The Subscription ${subscriptionKey} is ${status}: events about orders may not arrive. The sweep exports them, later.`,
    action:
      status === "ManuallySuspended"
        ? "Ask commercetools' support why it was suspended; only they can lift it."
        : "Deploy event-app again: its post-deploy script creates or repairs the Subscription. If that does not help, look at the queue's permissions.",
    owner: "operator",
  });
  return false;
}

/** The newest order that is old enough to have been announced, against the last event of any kind. False: too old. */
export async function watchSilence(
  { ct, store, clock, logger }: WatchDeps,
  { activationStamp }: Pick<Active, "activationStamp">,
): Promise<boolean> {
  const before = new Date(clock.now() - SILENT_MS).toISOString();
  const newest = await createOrders(ct).newestBefore(before);
  const lastEventAt = (await store.runs.all()).find(({ flow }) => flow === "order-export")?.startedAt;
  const announced =
    newest === undefined ||
    Date.parse(newest.createdAt) <= Date.parse(activationStamp) ||
    (lastEventAt !== undefined && Date.parse(lastEventAt) >= Date.parse(newest.createdAt));
  if (announced) {
    await store.exceptions.close(SILENT_ID);
    return true;
  }
  logger.error({ alert: true, lastEventAt, orderCreatedAt: newest.createdAt }, "order-events-silent");
  await store.exceptions.open({
    id: SILENT_ID,
    flow: "order-export",
    code: "eventsMissing",
    recordType: "flow",
    recordId: "order-events",
    recordLabel: "Events about orders",
    message: `Order ${newest.orderNumber ?? newest.id} was created at ${newest.createdAt}, and the last event that event-app handled is ${lastEventAt === undefined ? "none at all" : `of ${lastEventAt}`}.`,
    action:
      "Check that event-app runs and answers, and that the queue of Subscription ifs-connector-orders delivers to it. Nothing is lost, the sweep exports; this closes with the next event.",
    owner: "operator",
  });
  return false;
}
