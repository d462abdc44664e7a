import type { Wait } from "../kernel/faults.ts";
import type { Clock, Random } from "../kernel/types.ts";
import { type Envelope, type EnvelopeKind, wrap } from "./envelope.ts";

/** Connect's documented list: everything else is a refusal and is delivered again. */
export const ACKNOWLEDGING = [102, 200, 201, 202, 204];

export type PushDelivererOptions = {
  clock: Clock;
  /** Where messages are posted; they wait while there is none. */
  endpointUrl?: string;
  topic?: string;
  ackDeadlineMs?: number;
  minBackoffMs?: number;
  maxBackoffMs?: number;
  /** Attempts after which a message is dropped, as a `retryPolicy` may say; without limit when absent or 0. */
  maxAttempts?: number;
  /** How long an unacknowledged message is kept: 7 days. */
  retentionMs?: number;
  /** Posts at the same time. */
  concurrency?: number;
  envelope?: EnvelopeKind;
  /** Picks the next message at random instead of in order. Needs `random`. */
  shuffle?: boolean;
  /** Share of messages that are delivered twice although acknowledged, 0 to 1. Needs `random`. */
  duplicate?: number;
  random?: Random;
  fetch?: typeof fetch;
  /** How time passes between attempts; a proof passes its own. */
  wait?: Wait;
};

export type PushCounters = {
  published: number;
  attempts: number;
  acknowledged: number;
  refused: number;
  deadlineExceeded: number;
  connectionFailed: number;
  duplicated: number;
  expired: number;
  /** Dropped after the last allowed attempt. */
  givenUp: number;
};

export type Undelivered = {
  messageId: string;
  publishTime: string;
  attempts: number;
  lastOutcome?: string;
  payload: unknown;
};

export type PushDeliverer = {
  publish(payload: unknown, attributes?: Record<string, string>): string;
  setEndpoint(url: string | undefined): void;
  /** Changes delivery behaviour while running. */
  configure(
    change: Partial<
      Pick<
        PushDelivererOptions,
        | "ackDeadlineMs"
        | "minBackoffMs"
        | "maxAttempts"
        | "maxBackoffMs"
        | "concurrency"
        | "envelope"
        | "shuffle"
        | "duplicate"
      >
    >,
  ): void;
  counters(): PushCounters;
  undelivered(): Undelivered[];
  endpoint(): string | undefined;
  /** Resolves when nothing is waiting or under way any more. */
  idle(): Promise<void>;
  /** Posts a message again that was acknowledged before; false when it is not known (the last 1,000 are). */
  redeliver(messageId: string): boolean;
  /** Stops delivering; posts under way are abandoned. */
  close(): void;
};

type Entry = Envelope & { attempts: number; publishedAt: number; lastOutcome?: string; deliveredTwice?: boolean };

const REMEMBERED = 1_000;

/** Real time, without keeping a process alive that has nothing else to do. */
const patientWait: Wait = (ms) => new Promise((done) => setTimeout(done, ms).unref());

/**
 * Stands in for Connect's push delivery to an event application: at least once, no order, again with exponential back-off
 * until it is acknowledged or too old.
 */
export function createPushDeliverer(given: PushDelivererOptions): PushDeliverer {
  const options = {
    ackDeadlineMs: 10_000,
    minBackoffMs: 1_000,
    maxBackoffMs: 60_000,
    retentionMs: 7 * 86_400_000,
    concurrency: 20,
    envelope: "pubsub" as EnvelopeKind,
    topic: "topic",
    ...given,
  };
  const wait = options.wait ?? patientWait;
  const waiting: Entry[] = [];
  const held = new Map<string, Entry>();
  const done = new Map<string, Entry>();
  const idlers: (() => void)[] = [];
  const counters: PushCounters = {
    published: 0,
    attempts: 0,
    acknowledged: 0,
    refused: 0,
    deadlineExceeded: 0,
    connectionFailed: 0,
    duplicated: 0,
    expired: 0,
    givenUp: 0,
  };
  let endpoint = options.endpointUrl;
  let busy = 0;
  let nextId = 1;
  let closed = false;
  const underWay = new Set<AbortController>();

  const pump = () => {
    while (!closed && endpoint !== undefined && busy < options.concurrency && waiting.length > 0) {
      const [entry] = waiting.splice(pick(), 1);
      if (entry) void attempt(entry, endpoint);
    }
    if (held.size === 0 && busy === 0) for (const tell of idlers.splice(0)) tell();
  };

  const pick = () => (options.shuffle && options.random ? Math.floor(options.random() * waiting.length) : 0);

  const attempt = async (entry: Entry, url: string) => {
    busy += 1;
    entry.attempts += 1;
    counters.attempts += 1;
    const outcome = await post(entry, url);
    busy -= 1;
    if (closed) return;
    entry.lastOutcome = outcome;
    if (outcome === "acknowledged") settle(entry);
    else retryLater(entry);
    pump();
  };

  const post = async (entry: Entry, url: string): Promise<string> => {
    const abort = new AbortController();
    underWay.add(abort);
    const { headers, body } = wrap(entry, options.envelope, options.topic);
    const send = options.fetch ?? fetch;
    const answered = send(url, { method: "POST", headers, body, signal: abort.signal, redirect: "manual" }).then(
      (response) => {
        void response.body?.cancel();
        return ACKNOWLEDGING.includes(response.status) ? "acknowledged" : `status ${response.status}`;
      },
      () => "connection failed",
    );
    const outcome = await Promise.race([answered, wait(options.ackDeadlineMs).then(() => "deadline exceeded")]);
    underWay.delete(abort);
    if (outcome === "deadline exceeded") abort.abort();
    return outcome;
  };

  const settle = (entry: Entry) => {
    held.delete(entry.messageId);
    counters.acknowledged += 1;
    done.set(entry.messageId, entry);
    for (const old of done.keys()) {
      if (done.size <= REMEMBERED) break;
      done.delete(old);
    }
    if (entry.deliveredTwice || !options.duplicate || !options.random) return;
    entry.deliveredTwice = options.random() < options.duplicate;
    if (entry.deliveredTwice) enqueueAgain(entry);
  };

  const enqueueAgain = (entry: Entry) => {
    counters.duplicated += 1;
    done.delete(entry.messageId);
    held.set(entry.messageId, entry);
    waiting.push(entry);
  };

  const retryLater = (entry: Entry) => {
    count(entry.lastOutcome ?? "");
    if (options.clock.now() - entry.publishedAt >= options.retentionMs) {
      held.delete(entry.messageId);
      counters.expired += 1;
      return;
    }
    if (options.maxAttempts && entry.attempts >= options.maxAttempts) {
      held.delete(entry.messageId);
      counters.givenUp += 1;
      return;
    }
    const pause = Math.min(options.maxBackoffMs, options.minBackoffMs * 2 ** (entry.attempts - 1));
    void wait(pause).then(() => {
      if (closed) return;
      waiting.push(entry);
      pump();
    });
  };

  const count = (outcome: string) => {
    if (outcome === "deadline exceeded") counters.deadlineExceeded += 1;
    else if (outcome === "connection failed") counters.connectionFailed += 1;
    else counters.refused += 1;
  };

  return {
    publish(payload, attributes = {}) {
      const now = options.clock.now();
      const messageId = String(nextId++);
      const publishTime = new Date(now).toISOString();
      const entry: Entry = { messageId, publishTime, payload, attributes, attempts: 0, publishedAt: now };
      counters.published += 1;
      held.set(messageId, entry);
      waiting.push(entry);
      // Never within the publisher's own turn: the platform answers its caller without waiting for subscribers.
      queueMicrotask(pump);
      return messageId;
    },
    setEndpoint(url) {
      endpoint = url;
      pump();
    },
    configure(change) {
      Object.assign(options, change);
      pump();
    },
    counters: () => ({ ...counters }),
    undelivered: () =>
      [...held.values()].map(({ messageId, publishTime, attempts, lastOutcome, payload }) => ({
        messageId,
        publishTime,
        attempts,
        ...(lastOutcome === undefined ? {} : { lastOutcome }),
        payload,
      })),
    endpoint: () => endpoint,
    idle: () =>
      new Promise((tell) => {
        idlers.push(tell);
        queueMicrotask(pump);
      }),
    redeliver(messageId) {
      const entry = done.get(messageId);
      if (!entry) return false;
      enqueueAgain(entry);
      pump();
      return true;
    },
    close() {
      closed = true;
      for (const abort of underWay) abort.abort();
      for (const tell of idlers.splice(0)) tell();
    },
  };
}
