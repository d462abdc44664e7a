import type { Action, Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidField, invalidInput, refuse, requiredField } from "./errors.ts";
import { doc, docs, key, requireDoc, requireOneOf, requireText, text, texts } from "./input.ts";
import { type Doc, setOrRemove } from "./json.ts";
import { deliverHeld, notifyCreation, type Subscription } from "./notifications.ts";

const MAX_SUBSCRIPTIONS = 50;
const REQUIRED_BY_DESTINATION: Record<string, string[]> = {
  GoogleCloudPubSub: ["projectId", "topic"],
  SNS: ["topicArn"],
  SQS: ["queueUrl", "region"],
  EventBridge: ["region", "accountId"],
  EventGrid: ["uri", "accessKey"],
  AzureServiceBus: ["connectionString"],
  ConfluentCloud: ["bootstrapServer", "topic"],
};

/** Resources that produce Messages. Carts do not. */
const MESSAGE_SOURCES = [
  ...["approval-flow", "approval-rule", "associate-role", "business-unit", "category", "customer"],
  ...["customer-email-token", "customer-group", "customer-password-token", "inventory-entry", "order", "payment"],
  ...["product", "product-selection", "product-tailoring", "quote", "quote-request", "review", "shopping-list"],
  ...["staged-quote", "standalone-price", "store", "variant"],
];
/** Resources whose changes can be subscribed to. */
const CHANGE_SOURCES = [
  ...MESSAGE_SOURCES,
  ...["attribute-group", "cart", "cart-discount", "channel", "discount-code", "discount-group", "extension"],
  ...["key-value-document", "order-edit", "product-discount", "product-type", "recurrence-policy"],
  ...["recurring-order", "shipping-method", "state", "subscription", "tax-category", "type", "zone"],
];

function readDestination(source: Doc): Doc {
  const destination = requireDoc(source, "destination");
  const type = requireText(destination, "type");
  const required = REQUIRED_BY_DESTINATION[type];
  if (!required) throw invalidField("destination.type", type, Object.keys(REQUIRED_BY_DESTINATION));
  for (const field of required) requireText(destination, field);
  return destination;
}

function readMessages(source: Doc): Subscription["messages"] {
  return (docs(source, "messages") ?? []).map((one) => ({
    resourceTypeId: requireOneOf(one, "resourceTypeId", MESSAGE_SOURCES),
    types: texts(one, "types") ?? [],
  }));
}

function readChanges(source: Doc): Subscription["changes"] {
  return (docs(source, "changes") ?? []).map((one) => ({
    resourceTypeId: requireOneOf(one, "resourceTypeId", CHANGE_SOURCES),
  }));
}

const setMessages: Action<Subscription> = ({ resource }, action) => {
  resource.messages = readMessages(action);
};

const setChanges: Action<Subscription> = ({ resource }, action) => {
  resource.changes = readChanges(action);
};

/** Where messages and changes go. Creating one sends a test notification and fails if the queue refuses it. */
export const subscriptionDefinition: Definition<Subscription> = {
  typeId: "subscription",
  path: "subscriptions",
  scopes: scopes("subscriptions"),
  fields: [...BASE_FIELDS, "key", "destination", "messages", "changes", "events", "format", "status"],
  uniques: [KEY_UNIQUE],
  actsAfterMs: (settings) => settings.subscriptionDelayMs,
  create({ world }, draft) {
    if (world.collection("subscription").size() >= MAX_SUBSCRIPTIONS) {
      throw refuse("MaxResourceLimitExceeded", `At most ${MAX_SUBSCRIPTIONS} Subscriptions are allowed.`, {
        exceededResource: "subscription",
      });
    }
    const messages = readMessages(draft);
    const changes = readChanges(draft);
    const events = docs(draft, "events") ?? [];
    if (messages.length + changes.length + events.length === 0) throw requiredField("messages");
    const format = doc(draft, "format") ?? { type: "Platform" };
    if (format.type !== "Platform" && text(format, "cloudEventsVersion") !== "1.0") {
      throw invalidField("format", format);
    }
    return {
      key: key(draft),
      destination: readDestination(draft),
      messages,
      changes,
      events,
      format,
      status: "Healthy",
    };
  },
  beforeCommit({ world, resource, before }) {
    const moved = before && JSON.stringify(before.destination) !== JSON.stringify(resource.destination);
    if (before && !moved) return;
    try {
      notifyCreation(world, resource);
    } catch (error) {
      throw invalidInput(`A test message could not be delivered to the destination: ${(error as Error).message}`);
    }
  },
  actions: {
    setMessages,
    setChanges,
    setEvents: ({ resource }, action) => setOrRemove(resource, "events", docs(action, "events") ?? []),
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    changeDestination: (change, action) => {
      const { resource, world } = change;
      resource.destination = readDestination(action);
      // Only the platform's support can end a suspension.
      if (resource.status === "ManuallySuspended") return;
      resource.status = "Healthy";
      change.onCommit(() => deliverHeld(world, resource));
    },
  },
};
