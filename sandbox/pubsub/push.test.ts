import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { seededRandom, systemClock } from "../kernel/types.ts";
import { createEmulatorHub, findEmulatorJar, startEmulator } from "./emulator.ts";
import { createPushDeliverer, type PushDelivererOptions } from "./push-deliverer.ts";

type Seen = { body: Record<string, unknown>; headers: Record<string, unknown> };
const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** An event application that answers by a script: a status, or `hang` for no answer at all. */
async function endpoint(script: (number | "hang" | "reset")[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ body: JSON.parse(Buffer.concat(chunks).toString("utf8")), headers: request.headers });
      const answer = script[Math.min(seen.length, script.length) - 1] ?? 204;
      if (answer === "reset") request.socket.resetAndDestroy();
      else if (answer !== "hang") response.writeHead(answer).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function deliverer(options: Partial<PushDelivererOptions>) {
  const made = createPushDeliverer({ clock: systemClock, minBackoffMs: 5, maxBackoffMs: 20, ...options });
  open.push(made.close);
  return made;
}

function decoded(seen: Seen): unknown {
  const message = seen.body.message as { data: string };
  return JSON.parse(Buffer.from(message.data, "base64").toString("utf8"));
}

describe("push delivery", () => {
  it("posts Google's envelope and stops at an acknowledgement", async () => {
    const app = await endpoint([204]);
    const push = deliverer({ endpointUrl: app.url, topic: "orders" });
    push.publish({ hello: "world" }, { subscription: "s" });
    await push.idle();
    expect(app.seen.map((one) => Object.keys(one.body).sort())).toEqual([["message", "subscription"]]);
    expect(app.seen.map(decoded)).toEqual([{ hello: "world" }]);
    expect(app.seen[0]?.body.message).toMatchObject({ attributes: { subscription: "s" } });
    expect(push.undelivered()).toEqual([]);
  });

  it.each([200, 201, 202, 204])("takes %i as acknowledged", async (status) => {
    const app = await endpoint([status]);
    const push = deliverer({ endpointUrl: app.url });
    push.publish({ status });
    await push.idle();
    expect(push.counters()).toMatchObject({ attempts: 1, acknowledged: 1, refused: 0 });
  });

  it("drops a message after the last allowed attempt, where there is one", async () => {
    const app = await endpoint([503]);
    const push = deliverer({ endpointUrl: app.url, maxAttempts: 3 });
    push.publish({ n: 1 });
    await push.idle();
    expect(app.seen.length).toBe(3);
    expect(push.counters()).toMatchObject({ attempts: 3, refused: 3, acknowledged: 0, expired: 0, givenUp: 1 });
    expect(push.undelivered()).toEqual([]);
  });

  it("delivers again after 503, 400, a redirect, a reset and a missed deadline", async () => {
    const app = await endpoint([503, 400, 301, "reset", "hang", 204]);
    const push = deliverer({ endpointUrl: app.url, ackDeadlineMs: 60 });
    const id = push.publish({ n: 1 });
    await push.idle();
    expect(app.seen.map(decoded)).toEqual(Array.from({ length: 6 }, () => ({ n: 1 })));
    expect(new Set(app.seen.map((one) => (one.body.message as { messageId: string }).messageId))).toEqual(
      new Set([id]),
    );
    expect(push.counters()).toEqual({
      published: 1,
      attempts: 6,
      acknowledged: 1,
      refused: 3,
      deadlineExceeded: 1,
      connectionFailed: 1,
      duplicated: 0,
      expired: 0,
      givenUp: 0,
    });
  });

  it("backs off exponentially up to the maximum", async () => {
    const pauses: number[] = [];
    const push = deliverer({
      endpointUrl: "http://event-app.test/",
      minBackoffMs: 100,
      maxBackoffMs: 1000,
      ackDeadlineMs: 999_999,
      fetch: async () => new Response(null, { status: pauses.length < 6 ? 500 : 204 }),
      wait: async (ms) => {
        if (ms === 999_999) await new Promise(() => undefined);
        pauses.push(ms);
      },
    });
    push.publish({});
    await push.idle();
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("gives up on a message after the retention time", async () => {
    let now = 0;
    const push = deliverer({
      clock: { now: () => now },
      endpointUrl: "http://event-app.test/",
      fetch: async () => {
        now += 3 * 86_400_000;
        return new Response(null, { status: 500 });
      },
    });
    push.publish({});
    await push.idle();
    expect(push.counters()).toMatchObject({ attempts: 3, refused: 3, expired: 1, acknowledged: 0 });
  });

  it("holds messages until there is an endpoint, and lists them", async () => {
    const push = deliverer({ clock: { now: () => 0 } });
    push.publish({ n: 1 });
    expect(push.undelivered()).toEqual([
      { messageId: "1", publishTime: "1970-01-01T00:00:00.000Z", attempts: 0, payload: { n: 1 } },
    ]);
    const app = await endpoint([204]);
    push.setEndpoint(app.url);
    await push.idle();
    expect(app.seen.map(decoded)).toEqual([{ n: 1 }]);
  });

  it("can deliver twice and out of order, and again by hand", async () => {
    const app = await endpoint([204]);
    const push = deliverer({ random: seededRandom(7), shuffle: true, concurrency: 1 });
    for (let n = 0; n < 20; n += 1) push.publish({ n });
    push.setEndpoint(app.url);
    await push.idle();
    const order = app.seen.map((one) => (decoded(one) as { n: number }).n);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    push.configure({ duplicate: 1 });
    expect(push.redeliver("1")).toBe(true);
    push.publish({ n: 20 });
    await push.idle();
    expect(push.redeliver("unknown")).toBe(false);
    // Twice, not for ever: one again by hand and once more by chance, the new one twice.
    expect(app.seen.length).toBe(24);
    expect(push.counters().duplicated).toBe(3);
  });

  it("speaks SNS and bare as well", async () => {
    const app = await endpoint([204]);
    const push = deliverer({ endpointUrl: app.url, topic: "arn:aws:sns:eu:1:topic", envelope: "sns" });
    push.publish({ n: 1 });
    await push.idle();
    push.configure({ envelope: "bare" });
    push.publish({ n: 2 });
    await push.idle();
    expect(app.seen[0]?.body).toMatchObject({
      Type: "Notification",
      TopicArn: "arn:aws:sns:eu:1:topic",
      Message: '{"n":1}',
    });
    expect(app.seen[1]?.body).toEqual({ n: 2 });
  });
});

const jar = await findEmulatorJar();
if (jar) describeComparison(jar);
else process.stdout.write("The Pub/Sub emulator is not installed here: the deliverer is not compared with it.\n");

function describeComparison(jar: string): void {
  it("Google's emulator hands one message over in the same form as the deliverer", { timeout: 40_000 }, async () => {
    const emulator = await startEmulator(jar);
    try {
      const theirs = await endpoint([503, 204]);
      const hub = createEmulatorHub({ emulator });
      await hub.setEndpoint("orders", theirs.url);
      hub.deliver({ topic: "orders", payload: { n: 1 }, subscription: { id: "x", key: "s" } });
      await hub.flushed();
      expect(hub.state()).toEqual({ published: 1, failures: [] });
      await until(() => theirs.seen.length === 2);
      await hub.close();

      const ours = await endpoint([503, 204]);
      const push = deliverer({ endpointUrl: ours.url, topic: "orders" });
      push.publish({ n: 1 }, { subscription: "s" });
      await push.idle();
      expect(ours.seen.map(decoded)).toEqual(theirs.seen.map(decoded));
      const form = ({ body }: Seen) => [Object.keys(body).sort(), Object.keys(body.message as object).sort()];
      expect(ours.seen.map(form)).toEqual(theirs.seen.map(form));
    } finally {
      await emulator.close();
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come to pass within 15 s");
    await new Promise((next) => setTimeout(next, 20));
  }
}
