import {
  createPushDeliverer,
  type PushCounters,
  type PushDeliverer,
  type PushDelivererOptions,
  type Undelivered,
} from "./push-deliverer.ts";

export type PushHubOptions = Omit<PushDelivererOptions, "endpointUrl" | "topic"> & {
  /** Endpoint by topic (Pub/Sub topic or SNS topic ARN). Messages of other topics wait for their endpoint. */
  endpoints?: Record<string, string>;
};

export type TopicState = { endpoint?: string; counters: PushCounters; undelivered: Undelivered[] };

export type PushHub = {
  /** Takes a notification of a Subscription into the queue of its topic. */
  deliver(notification: { topic: string; payload: unknown; subscription: { id: string; key?: string } }): void;
  topic(name: string): PushDeliverer;
  state(): Record<string, TopicState>;
  setEndpoint(body: Record<string, unknown>): { topic: string; url?: string };
  configure(body: Record<string, unknown>): Record<string, unknown>;
  redeliver(body: Record<string, unknown>): { redelivered: boolean };
  /** Resolves when no topic has anything left to deliver. */
  idle(): Promise<void>;
  close(): void;
};

const CONFIGURABLE = [
  "ackDeadlineMs",
  "minBackoffMs",
  "maxBackoffMs",
  "maxAttempts",
  "concurrency",
  "envelope",
  "shuffle",
  "duplicate",
];

/** One push deliverer for each topic. */
export function createPushHub({ endpoints = {}, ...options }: PushHubOptions): PushHub {
  const topics = new Map<string, PushDeliverer>();
  const settings: Record<string, unknown> = {};

  const topic = (name: string): PushDeliverer => {
    const known = topics.get(name);
    if (known) return known;
    const url = endpoints[name];
    const made = createPushDeliverer({
      ...options,
      ...settings,
      topic: name,
      ...(url === undefined ? {} : { endpointUrl: url }),
    });
    topics.set(name, made);
    return made;
  };
  for (const name of Object.keys(endpoints)) topic(name);

  return {
    deliver({ topic: name, payload, subscription }) {
      if (name === "") throw new Error("the destination names no topic");
      topic(name).publish(payload, { subscription: subscription.key ?? subscription.id });
    },
    topic,
    state: () =>
      Object.fromEntries(
        [...topics].map(([name, one]): [string, TopicState] => {
          const endpoint = one.endpoint();
          const state = { counters: one.counters(), undelivered: one.undelivered() };
          return [name, endpoint === undefined ? state : { endpoint, ...state }];
        }),
      ),
    setEndpoint(body) {
      const name = String(body.topic ?? "");
      const url = typeof body.url === "string" ? body.url : undefined;
      topic(name).setEndpoint(url);
      return url === undefined ? { topic: name } : { topic: name, url };
    },
    configure(body) {
      for (const name of CONFIGURABLE) if (name in body) settings[name] = body[name];
      for (const one of topics.values()) one.configure(settings);
      return { ...settings };
    },
    redeliver: (body) => ({ redelivered: topic(String(body.topic ?? "")).redeliver(String(body.messageId ?? "")) }),
    idle: async () => {
      await Promise.all([...topics.values()].map((one) => one.idle()));
    },
    close() {
      for (const one of topics.values()) one.close();
    },
  };
}
