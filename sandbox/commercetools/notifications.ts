import type { HeldNotification, TypeId, World } from "./definition.ts";
import { compact, type Doc, isDoc, type Resource } from "./json.ts";
import { actingNow } from "./lingering.ts";

export type Subscription = Resource & {
  key?: string;
  destination: Doc;
  messages: { resourceTypeId: string; types?: string[] }[];
  changes: { resourceTypeId: string }[];
  format: Doc;
  status: string;
};

/** Nothing is sent and nothing is kept for later in these. */
const STOPPED = ["ConfigurationErrorDeliveryStopped", "ManuallySuspended"];
export const SUBSCRIPTION_STATUSES = ["Healthy", "ConfigurationError", "TemporaryError", ...STOPPED];

export function topicOf(destination: Doc): string {
  return String(destination.topic ?? destination.topicArn ?? destination.queueUrl ?? destination.uri ?? "");
}

/** The test notification of a new Subscription. Throws when the queue refuses it. */
export function notifyCreation(world: World, subscription: Subscription): void {
  const resource = { typeId: "subscription", id: subscription.id };
  const body = { version: 1, modifiedAt: world.nowIso() };
  send(world, subscription, {
    notificationType: "ResourceCreated",
    projectKey: world.projectKey,
    resource,
    ...compact({ resourceUserProvidedIdentifiers: userIdentifiers({ key: subscription.key }) }),
    ...body,
  });
}

export function notifyMessage(world: World, message: Resource): void {
  const typeId = (message.resource as { typeId: string }).typeId;
  for (const subscription of active(world)) {
    const wanted = subscription.messages.some(
      (entry) =>
        entry.resourceTypeId === typeId && (!entry.types?.length || entry.types.includes(String(message.type))),
    );
    if (wanted) deliverQuietly(world, subscription, messagePayload(world, message));
  }
}

/** Changes of a cart are only announced when it is created. */
export function notifyChange(
  world: World,
  typeId: TypeId,
  notificationType: "ResourceCreated" | "ResourceUpdated" | "ResourceDeleted",
  resource: Resource,
  oldVersion?: number,
): void {
  if (typeId === "cart" && notificationType !== "ResourceCreated") return;
  for (const subscription of active(world)) {
    if (!subscription.changes.some((entry) => entry.resourceTypeId === typeId)) continue;
    const payload = compact({
      notificationType,
      projectKey: world.projectKey,
      resource: { typeId, id: resource.id },
      resourceUserProvidedIdentifiers: userIdentifiers(resource),
      version: resource.version,
      oldVersion,
      modifiedAt: resource.lastModifiedAt,
    });
    deliverQuietly(world, subscription, payload);
  }
}

function active(world: World): Subscription[] {
  const stored = world.collection<Subscription>("subscription");
  const acting = actingNow<Subscription>(world, "subscription", world.settings.subscriptionDelayMs);
  return acting.map((one) => ({ ...one, status: stored.get(one.id)?.status ?? one.status }));
}

function messagePayload(world: World, message: Resource): Doc {
  const payload = { notificationType: "Message", projectKey: world.projectKey, ...message };
  if (Buffer.byteLength(JSON.stringify(payload)) <= world.settings.notificationLimitBytes) return payload;
  const { id, version, sequenceNumber, resource, resourceVersion, createdAt, lastModifiedAt } = message;
  return compact({
    notificationType: "Message",
    projectKey: world.projectKey,
    id,
    version,
    sequenceNumber,
    resource,
    resourceVersion,
    resourceUserProvidedIdentifiers: message.resourceUserProvidedIdentifiers,
    createdAt,
    lastModifiedAt,
    payloadNotIncluded: { reason: "The payload is larger than the limit of the queue.", payloadType: message.type },
  });
}

/**
 * A queue that refuses turns the Subscription's status, it never fails the request that caused the notification. What it
 * did not take is kept and sent once the Subscription is Healthy again, or until the platform gives up.
 */
function deliverQuietly(world: World, subscription: Subscription, payload: Doc): void {
  if (STOPPED.includes(subscription.status)) return;
  if (subscription.status !== "Healthy") {
    hold(world, subscription, payload);
    return;
  }
  try {
    send(world, subscription, payload);
  } catch {
    hold(world, subscription, payload, true);
    setStatus(world, subscription.id, "TemporaryError");
  }
}

function hold(world: World, { id }: Subscription, payload: Doc, refused = false): void {
  const waiting = world.held.get(id) ?? [];
  waiting.push({ payload, since: world.clock.now(), refused });
  world.held.set(id, waiting);
}

/** Sends what waited, in the order in which it happened. */
export function deliverHeld(world: World, subscription: Subscription): void {
  const waiting = world.held.get(subscription.id) ?? [];
  world.held.delete(subscription.id);
  for (const { payload } of waiting) deliverQuietly(world, subscription, payload);
}

/** Sets the status of a stored Subscription: Healthy sends what waited, a stopped one loses it. */
export function setStatus(world: World, id: string, status: string): void {
  const collection = world.collection<Subscription>("subscription");
  const stored = collection.get(id);
  if (!stored || stored.status === status) return;
  const changed = { ...stored, status };
  collection.put(changed);
  if (STOPPED.includes(status)) world.held.delete(id);
  if (status === "Healthy") deliverHeld(world, changed);
}

/** Tries a queue again that refused. Whether it takes what waited decides the status. */
function retryRefused(world: World, id: string, waiting: HeldNotification[]): void {
  const stored = world.collection<Subscription>("subscription").get(id);
  if (!stored || !waiting[0]?.refused) return;
  try {
    for (let first = waiting[0]; first; first = waiting[0]) {
      send(world, stored, first.payload);
      waiting.shift();
    }
  } catch {
    return;
  }
  setStatus(world, id, "Healthy");
}

/**
 * Sends what a queue refused before, and drops what waited for too long; a configuration error that lasts stops delivery
 * altogether.
 */
export function settleHeld(world: World): void {
  const now = world.clock.now();
  for (const [id, waiting] of world.held) {
    retryRefused(world, id, waiting);
    const status = world.collection<Subscription>("subscription").get(id)?.status;
    if (status === "ConfigurationError") {
      const first = waiting[0];
      if (first && first.since + world.settings.configurationErrorRetryMs <= now) {
        setStatus(world, id, "ConfigurationErrorDeliveryStopped");
      }
      continue;
    }
    const left = waiting.filter((one) => one.since + world.settings.temporaryErrorRetryMs > now);
    if (left.length === 0 || status === undefined) world.held.delete(id);
    else world.held.set(id, left);
  }
}

function send(world: World, subscription: Subscription, payload: Doc): void {
  const { id, key, destination, format } = subscription;
  world.deliver({
    subscription: key === undefined ? { id } : { id, key },
    destination,
    topic: topicOf(destination),
    payload: format.type === "CloudEvents" ? cloudEvent(payload) : payload,
  });
}

function cloudEvent(payload: Doc): Doc {
  const resource = isDoc(payload.resource) ? payload.resource : {};
  return compact({
    specversion: "1.0",
    id: String(payload.id ?? `${resource.id}-${payload.version}`),
    type: `com.commercetools.${resource.typeId}.${payload.notificationType === "Message" ? "message" : "change"}.${payload.type ?? payload.notificationType}`,
    source: `/${payload.projectKey}/${resource.typeId}s`,
    subject: String(resource.id),
    time: payload.createdAt ?? payload.modifiedAt,
    sequence: payload.sequenceNumber === undefined ? undefined : String(payload.sequenceNumber),
    sequencetype: payload.sequenceNumber === undefined ? undefined : "Integer",
    data: payload,
  });
}

const IDENTIFIER_FIELDS = ["key", "externalId", "orderNumber", "customerNumber", "sku", "slug"];

export function userIdentifiers(resource: Doc): Doc | undefined {
  const found: Doc = {};
  for (const field of IDENTIFIER_FIELDS) if (resource[field] !== undefined) found[field] = resource[field];
  if (typeof resource.container === "string") {
    return { containerAndKey: { container: resource.container, key: resource.key } };
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
