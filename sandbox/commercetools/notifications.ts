import type { TypeId, World } from "./definition.ts";
import { compact, type Doc, isDoc, type Resource } from "./json.ts";

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
  const collection = world.collection<Subscription>("subscription");
  if (collection.size() === 0) return [];
  const actsBefore = new Date(world.clock.now() - world.settings.subscriptionDelayMs).toISOString();
  return [...collection.values()].filter((one) => one.createdAt <= actsBefore);
}

function messagePayload(world: World, message: Resource): Doc {
  const payload = { notificationType: "Message", projectKey: world.projectKey, ...message };
  if (JSON.stringify(payload).length <= world.settings.notificationLimitBytes) return payload;
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

/** A queue that refuses turns the Subscription's status, it never fails the request that caused the notification. */
function deliverQuietly(world: World, subscription: Subscription, payload: Doc): void {
  if (STOPPED.includes(subscription.status)) return;
  try {
    send(world, subscription, payload);
    setStatus(world, subscription, "Healthy");
  } catch {
    setStatus(world, subscription, "TemporaryError");
  }
}

export function setStatus(world: World, subscription: Subscription, status: string): void {
  if (subscription.status === status) return;
  world.collection<Subscription>("subscription").put({ ...subscription, status });
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
