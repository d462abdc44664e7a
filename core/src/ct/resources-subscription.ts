import type {
  Destination,
  MessageSubscription,
  Subscription,
  SubscriptionUpdateAction,
} from "@commercetools/platform-sdk";
import { absentAsUndefined, type CtClient } from "./client.ts";
import { type Installed, settled } from "./installed.ts";
import { businessUnitMessages, customerMessages, orderMessages, paymentMessages } from "./subscribed-messages.ts";

export const subscriptionKey = "ifs-connector-orders";

export const subscribedMessages: readonly MessageSubscription[] = [
  { resourceTypeId: "order", types: Object.keys(orderMessages) },
  { resourceTypeId: "payment", types: Object.keys(paymentMessages) },
  { resourceTypeId: "customer", types: Object.keys(customerMessages) },
  { resourceTypeId: "business-unit", types: Object.keys(businessUnitMessages) },
];

/** What Connect tells event-app's post-deploy script. */
export type SubscriptionEnvironment =
  | {
      readonly CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub";
      readonly CONNECT_GCP_PROJECT_ID: string;
      readonly CONNECT_GCP_TOPIC_NAME: string;
    }
  | { readonly CONNECT_SUBSCRIPTION_DESTINATION: "SNS"; readonly CONNECT_AWS_TOPIC_ARN: string };

export function destinationOf(env: SubscriptionEnvironment): Destination {
  return env.CONNECT_SUBSCRIPTION_DESTINATION === "GoogleCloudPubSub"
    ? { type: "GoogleCloudPubSub", projectId: env.CONNECT_GCP_PROJECT_ID, topic: env.CONNECT_GCP_TOPIC_NAME }
    : { type: "SNS", topicArn: env.CONNECT_AWS_TOPIC_ARN, authenticationMode: "IAM" };
}

/** Creates the Subscription or changes it in place: deleting and creating it anew would lose what happens in between. */
export const ensureSubscription = (ct: CtClient, env: SubscriptionEnvironment): Promise<Installed> =>
  settled(async () => {
    const resource = `subscription ${subscriptionKey}`;
    const destination = destinationOf(env);
    const keyed = ct.root.subscriptions().withKey({ key: subscriptionKey });
    const known = await absentAsUndefined(keyed.get().execute());
    if (!known) {
      const body = { key: subscriptionKey, destination, messages: [...subscribedMessages], changes: [] };
      await ct.root.subscriptions().post({ body }).execute();
      return { resource, done: "created", detail: describe(destination) };
    }
    const actions = differences(known, destination);
    if (actions.length === 0) {
      return { resource, done: "unchanged", detail: `${describe(destination)}, status ${known.status}` };
    }
    await keyed.post({ body: { version: known.version, actions } }).execute();
    return {
      resource,
      done: "updated",
      detail: `${actions.map(({ action }) => action).join(", ")}; was ${known.status}`,
    };
  });

function differences(known: Subscription, destination: Destination): SubscriptionUpdateAction[] {
  const actions: SubscriptionUpdateAction[] = [];
  if (describe(known.destination) !== describe(destination)) actions.push({ action: "changeDestination", destination });
  if (comparable(known.messages) !== comparable(subscribedMessages)) {
    actions.push({ action: "setMessages", messages: [...subscribedMessages] });
  }
  // Change notifications would repeat every message without saying what happened.
  if ((known.changes ?? []).length > 0) actions.push({ action: "setChanges", changes: [] });
  return actions;
}

/** "GoogleCloudPubSub project/topic": every part that we set, so that equal texts mean equal destinations. */
function describe(destination: Destination): string {
  if (destination.type === "GoogleCloudPubSub") {
    return `${destination.type} ${destination.projectId}/${destination.topic}`;
  }
  if (destination.type === "SNS")
    return `${destination.type} ${destination.topicArn} ${destination.authenticationMode ?? ""}`;
  return destination.type;
}

/** Order of resources and types means nothing; an absent list means all types, which differs from every list. */
const comparable = (messages: readonly MessageSubscription[]): string =>
  JSON.stringify(
    messages
      .map(({ resourceTypeId, types }) => [resourceTypeId, types ? [...types].sort() : "all"] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
