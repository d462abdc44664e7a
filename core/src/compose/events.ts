/** What event-app does with a push: decode, read again, export the order or bring the customer's changes to IFS. The answer is given before the push's own deadline. */
import { gatherJournal } from "../ct/journal-gathering.ts";
import { subscribedMessages } from "../ct/resources-subscription.ts";
import { BarredError, BusyError } from "../domain/failure.ts";
import { createCoalesce } from "../flows/customer-sync/coalesce.ts";
import { handleCustomerEvent } from "../flows/customer-sync/events.ts";
import { kindOf, type PartyOutcome } from "../flows/customer-sync/run.ts";
import { handleOrderEvent } from "../flows/order-export/events.ts";
import { decodeEnvelope } from "../http/envelope.ts";
import type { Outcome } from "../http/respond.ts";
import { type Barred, createBarredEvents } from "./barred-events.ts";
import type { Active, Connector } from "./connector.ts";
import { customerSyncDeps } from "./customers.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { createEventRoom, roomOf } from "./event-room.ts";
import { orderEventDeps } from "./orders.ts";
import { createRefusedEvents } from "./refused-events.ts";

/** The platform waits 10 s for the acknowledgement; what is not done by then is left to the sweep. */
const EVENT_MS = 8500;

export function createEventHandler(connector: Connector): (body: unknown) => Promise<Outcome> {
  const { clock, logger, settings } = connector;
  const recorder = createEventRecorder(connector);
  const room = createEventRoom(clock);
  const journal = gatherJournal(connector.store.journal, clock);
  const refusedEvents = createRefusedEvents(connector.store, connector);
  const tellBarred = createBarredEvents(connector);
  const coalesce = createCoalesce<PartyOutcome | undefined>();

  async function orderEvent(
    active: Active,
    resource: { readonly resourceTypeId: string; readonly resourceId: string },
    deadlineAt: number,
  ): Promise<void> {
    const most = roomOf(active.config);
    const refused: string[] = [];
    const barred: Barred[] = [];
    const path = {
      journal,
      enter: () => room.enter(most),
      refused(orderId: string, error: unknown) {
        refused.push(orderId);
        if (error instanceof BarredError) barred.push({ error, orderId });
      },
    };
    try {
      room.look(most);
      const deps = orderEventDeps(connector, active, path);
      await recorder.handled(await handleOrderEvent(deps, resource, { mode: "event", deadlineAt }));
    } catch (error) {
      const { resourceTypeId, resourceId } = resource;
      await refusedEvents.remember(refused.length === 0 && resourceTypeId === "order" ? [resourceId] : refused);
      for (const one of barred) await tellBarred(one);
      // A process that is busy works: what is refused for it is no failure to be told.
      if (!(error instanceof BusyError)) await recorder.failed(error);
      throw error;
    }
  }

  return async (body) => {
    const deadlineAt = clock.monotonic() + EVENT_MS;
    const decoded = decodeEnvelope(body);
    if (!decoded.ok) return { kind: "unreadable", message: decoded.error.message };
    const hint = decoded.value;
    if (hint.kind === "subscriptionTest") return { kind: "done" };
    if (hint.projectKey !== settings.CTP_PROJECT_KEY) {
      logger.warn({ typeId: hint.resource.typeId }, "event-of-another-project");
      return { kind: "done" };
    }
    const { typeId, id } = hint.resource;
    // Stock among them: what the connector itself writes to inventory entries must not come back as work.
    if (!subscribedMessages.some(({ resourceTypeId }) => resourceTypeId === typeId)) {
      logger.warn({ typeId }, "event-not-subscribed");
      return { kind: "done" };
    }
    const active = await connector.active();
    const party = { resourceTypeId: typeId, resourceId: id };
    // No order: neither the orders' line on the overview nor the watch over their events counts it.
    if (kindOf(typeId)) {
      const deps = customerSyncDeps(connector, active);
      await coalesce(`${typeId}/${id}`, () => handleCustomerEvent(deps, party, deadlineAt));
      return { kind: "done" };
    }
    await orderEvent(active, party, deadlineAt);
    return { kind: "done" };
  };
}

/** Anybody may post to a public address; beyond this the log line has to do. */
const JOURNALED_PER_MINUTE = 10;

type UnreadableDeps = Pick<Connector, "clock" | "random" | "logger"> & {
  readonly store: { readonly journal: Pick<Connector["store"]["journal"], "append"> };
};

/** Unreadable bodies are acknowledged, so the journal is where they can be seen: at most ten a minute of each process. */
export function journalUnreadable({
  store,
  clock,
  random,
  logger,
}: UnreadableDeps): (message: string) => Promise<void> {
  let minute = { endsAt: Number.NEGATIVE_INFINITY, left: 0 };
  return async (message) => {
    logger.warn({ message }, "unreadable-event");
    if (clock.monotonic() >= minute.endsAt) {
      minute = { endsAt: clock.monotonic() + 60_000, left: JOURNALED_PER_MINUTE };
    }
    if (minute.left === 0) return;
    minute.left -= 1;
    await store.journal.append({
      at: new Date(clock.now()).toISOString(),
      flow: "order-export",
      recordType: "message",
      recordId: random.uuid(),
      event: "unreadable-event",
      detail: { message },
    });
  };
}
