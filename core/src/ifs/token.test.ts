import { afterEach, expect, test } from "vitest";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import { systemClock } from "../runtime/clock.ts";
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
    new AuthenticationError("ifs", "IFS token endpoint refuses the credential (HTTP 401, invalid_client)"),
  );
});

test.each<[string, Answer]>([
  ["HTML", { text: "<html>" }],
  ["no token", { json: { expires_in: 180 } }],
  ["no lifetime", { json: { access_token: "x" } }],
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
