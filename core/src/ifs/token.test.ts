import { afterEach, describe, expect, test } from "vitest";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import { systemClock } from "../runtime/clock.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { type Answer, startTenant, type Tenant } from "./testing/tenant.ts";
import { createTokenSource } from "./token.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function source(answer?: (count: number) => Answer, clock = { ...systemClock }) {
  tenant = await startTenant(() => ({ status: 500 }), answer);
  const settings = { tokenUrl: `${tenant.origin}/token`, clientId: "connector", clientSecret: "sandbox-secret" };
  return createTokenSource(settings, fetch, clock);
}

test("many callers, one token request", async () => {
  const tokens = await source((count) => ({ json: { access_token: `t${count}`, expires_in: 180 }, delayMs: 20 }));
  const got = await Promise.all(Array.from({ length: 20 }, () => tokens.get()));
  expect({ got: new Set(got), asked: tenant?.tokens() }).toEqual({ got: new Set(["t1"]), asked: 1 });
});

test.each([
  [180, 150_000],
  ["60", 48_000],
])("a token of %s seconds is renewed after %i ms", async (expires_in, renewal) => {
  let now = 0;
  const clock = { ...systemClock, monotonic: () => now };
  const tokens = await source((count) => ({ json: { access_token: `t${count}`, expires_in } }), clock);
  const first = await tokens.get();
  now = renewal - 1;
  const second = await tokens.get();
  now = renewal;
  const third = await tokens.get();
  expect([first, second, third]).toEqual(["t1", "t1", "t2"]);
});

test("a refused token is replaced once, however many callers saw it refused", async () => {
  const tokens = await source();
  const old = await tokens.get();
  tokens.reject(old);
  const next = await tokens.get();
  tokens.reject(old);
  expect([old, next, await tokens.get()]).toEqual(["token-1", "token-2", "token-2"]);
});

test("a failed request is not remembered", async () => {
  const tokens = await source((count) =>
    count === 1 ? { status: 503 } : { json: { access_token: `t${count}`, expires_in: 180 } },
  );
  await expect(tokens.get()).rejects.toThrow(new TransientError("IFS token endpoint answers HTTP 503"));
  expect(await tokens.get()).toBe("t2");
});

test("a refused credential names the code and never the secret", async () => {
  const tokens = await source(() => ({
    status: 401,
    json: { error: "invalid_client", error_description: "sandbox-secret" },
  }));
  await expect(tokens.get()).rejects.toEqual(
    expect.objectContaining({
      name: "AuthenticationError",
      message: expect.stringMatching(/^IFS token endpoint refuses the credential \(HTTP 401, invalid_client\), since /),
    }),
  );
});

test.each<[string, Answer]>([
  ["HTML", { text: "<html>" }],
  ["no token", { json: { expires_in: 180 } }],
  ["no lifetime", { json: { access_token: "x" } }],
  ["a lifetime of nothing", { json: { access_token: "x", expires_in: 0 } }],
  ["a negative lifetime", { json: { access_token: "x", expires_in: -1 } }],
  ["a lifetime that is no number", { json: { access_token: "x", expires_in: "NaN" } }],
  ["a lifetime that is a truth", { json: { access_token: "x", expires_in: true } }],
  ["a token that no header can carry", { json: { access_token: "x\r\ny", expires_in: 180 } }],
  ["an empty token", { json: { access_token: "", expires_in: 180 } }],
])("an unusable answer is an outage: %s", async (_name, answer) => {
  const tokens = await source(() => answer);
  await expect(tokens.get()).rejects.toEqual(
    new TransientError("IFS token endpoint answers 200 without a usable token"),
  );
});

test("an unreachable endpoint is an outage", async () => {
  const settings = { tokenUrl: "http://127.0.0.1:1/token", clientId: "a", clientSecret: "b" };
  await expect(createTokenSource(settings, fetch, systemClock).get()).rejects.toBeInstanceOf(TransientError);
});

describe("a refused credential", () => {
  /** The token endpoint in memory, under a clock of its own. */
  function endpoint() {
    const time = virtualTime(Date.parse("2026-03-01T12:00:00Z"));
    const state = { asked: 0, secret: "new" };
    const fetcher: typeof fetch = async (_url, init) => {
      state.asked += 1;
      const given = new URLSearchParams(String(init?.body)).get("client_secret");
      return given === state.secret
        ? Response.json({ access_token: `t${state.asked}`, expires_in: 180 })
        : Response.json({ error: "invalid_client" }, { status: 401 });
    };
    const connect = (clientSecret: string) =>
      createTokenSource({ tokenUrl: "http://iam/token", clientId: "connector", clientSecret }, fetcher, time.clock);
    return { time, state, connect };
  }
  const outcome = (got: Promise<string>) =>
    got.then(
      (token) => token,
      (error) => error.pausedUntil,
    );

  test("is not tried again for 30 s, then 1, 2, 4 and 5 minutes, however many ask", async () => {
    const { time, state, connect } = endpoint();
    const tokens = connect("old");
    const tried: number[] = [];
    for (let second = 0; second < 1500; second += 5) {
      const before = state.asked;
      await Promise.all([outcome(tokens.get()), outcome(tokens.get())]);
      if (state.asked > before) tried.push(second);
      expect(state.asked - before).toBeLessThanOrEqual(1);
      await time.run(5000);
    }
    expect(tried).toEqual([0, 30, 90, 210, 450, 750, 1050, 1350]);
  });

  test("says why, since when and until when", async () => {
    const { time, connect } = endpoint();
    const tokens = connect("old");
    await outcome(tokens.get());
    await time.run(30_000);
    await expect(tokens.get()).rejects.toEqual(
      new AuthenticationError(
        "ifs",
        "IFS token endpoint refuses the credential (HTTP 401, invalid_client), since 2026-03-01T12:00:00Z; nothing is asked of IFS before 2026-03-01T12:01:30Z, then the credential is tried again",
        { pausedUntil: "2026-03-01T12:01:30.000Z" },
      ),
    );
    expect(tokens.pause()).toEqual({
      since: Date.parse("2026-03-01T12:00:00Z"),
      until: Date.parse("2026-03-01T12:01:30Z"),
      reason: "IFS token endpoint refuses the credential (HTTP 401, invalid_client)",
    });
  });

  test("works again by itself once it is accepted, and the next pause begins short", async () => {
    const { time, state, connect } = endpoint();
    const tokens = connect("old");
    await outcome(tokens.get());
    await time.run(30_000);
    await outcome(tokens.get());
    state.secret = "old";
    expect(await outcome(tokens.get())).toBe("2026-03-01T12:01:30.000Z");
    await time.run(60_000);
    const token = await tokens.get();
    expect([token, tokens.pause()]).toEqual(["t3", undefined]);
    tokens.accept(token);
    state.secret = "new";
    await time.run(150_000);
    expect(await outcome(tokens.get())).toBe("2026-03-01T12:04:30.000Z");
  });

  test("another credential is tried at once", async () => {
    const { connect } = endpoint();
    await outcome(connect("old").get());
    expect(await outcome(connect("new").get())).toBe("t2");
  });

  test("a token that IFS refuses though it is new pauses too, longer each time, once for all requests in the air", async () => {
    const { time, state, connect } = endpoint();
    const tokens = connect("new");
    const pauses: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const token = await tokens.get();
      const refusals = [tokens.refuse(token, "Invalid JWT"), tokens.refuse(token, "Invalid JWT")];
      expect(refusals[0]).toEqual(refusals[1]);
      pauses.push(refusals[0]?.pausedUntil ?? "");
      expect(await outcome(tokens.get())).toBe(refusals[0]?.pausedUntil);
      await time.run(Date.parse(refusals[0]?.pausedUntil ?? "") - time.clock.now());
    }
    expect([state.asked, pauses]).toEqual([
      3,
      ["2026-03-01T12:00:30.000Z", "2026-03-01T12:01:30.000Z", "2026-03-01T12:03:30.000Z"],
    ]);
  });

  test("the refusal of a token that was replaced meanwhile pauses nothing", async () => {
    const { connect } = endpoint();
    const tokens = connect("new");
    const old = await tokens.get();
    tokens.reject(old);
    const next = await tokens.get();
    expect(tokens.refuse(old, "Invalid JWT").pausedUntil).toBeUndefined();
    expect(await tokens.get()).toBe(next);
  });

  test("an endpoint that answers slowly is an outage, no refusal", async () => {
    const time = virtualTime();
    const slow: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const settings = { tokenUrl: "http://iam/token", clientId: "connector", clientSecret: "x" };
    const tokens = createTokenSource(settings, slow, time.clock);
    const failed = tokens.get().catch((error) => error);
    await time.run(9_999);
    expect(time.pending()).toBe(1);
    await time.run(1);
    expect(await failed).toEqual(new TransientError("IFS token endpoint does not answer"));
    expect(tokens.pause()).toBeUndefined();
  });
});
