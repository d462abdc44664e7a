import type { IncomingMessage } from "node:http";
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../runtime/clock.ts";
import { type CheckoutAuthOptions, checkoutAuth } from "./checkout-auth.ts";
import { currentRequest } from "./context.ts";
import { TooManyRequestsError } from "./respond.ts";
import type { Route } from "./server.ts";
import { recordingLogger, serveRaw, serveRoutes } from "./testing/serve.ts";

/** What the stand-in of commercetools answers; reset before each test. */
const platform = {
  token: 200,
  session: 200,
  introspect: 200,
  stalls: false,
  hold: undefined as Promise<void> | undefined,
};
let asked: string[] = [];

const sessions: Record<string, object> = {
  "session-good": { id: "session-good", state: "ACTIVE", activeCart: { cartRef: { id: "cart-1" } } },
  "session-expired": { id: "session-expired", state: "EXPIRED", activeCart: { cartRef: { id: "cart-1" } } },
  "session-without-cart": { id: "session-without-cart", state: "ACTIVE" },
};
const tokens: Record<string, object> = {
  "token-good": { active: true, scope: "view_products:shop manage_my_orders:shop", client_id: "client-1" },
  "token-server": { active: true, scope: "manage_orders:shop view_products:shop", client_id: "client-2" },
  "token-nobodys": { active: true, scope: "view_products:shop" },
  "token-customer": {
    active: true,
    scope: "manage_my_orders:shop:store-1 customer_id:c-1",
    client_id: "client-1",
  },
  "token-other-project": { active: true, scope: "view_products:other", client_id: "client-1" },
  "token-mixed": { active: true, scope: "view_products:shop view_products:other", client_id: "client-1" },
  "token-ids-only": { active: true, scope: "customer_id:shop", client_id: "client-1" },
  "token-no-scope": { active: true, client_id: "client-1" },
  "token-inactive": { active: false },
};

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

const base = await serveRaw(async (request, response) => {
  const body = await textOf(request);
  const url = request.url ?? "";
  asked.push(`${request.method} ${url}`);
  const answer = (status: number, value: object) => {
    response.statusCode = status;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  if (platform.stalls) return;
  await platform.hold;
  if (url === "/oauth/token") answer(platform.token, { access_token: "sandbox-token", expires_in: 3600, scope: "x" });
  else if (url === "/oauth/introspect") {
    answer(platform.introspect, tokens[new URLSearchParams(body).get("token") ?? ""] ?? { active: false });
  } else {
    const session = sessions[url.split("/").at(-1) ?? ""];
    if (platform.session !== 200) answer(platform.session, {});
    else if (session) answer(200, session);
    else answer(404, {});
  }
});

beforeEach(() => {
  Object.assign(platform, { token: 200, session: 200, introspect: 200, stalls: false, hold: undefined });
  asked = [];
});

const KEYS = ["old-key-of-a-page-0123456789abcdef", "new-key-of-a-page-0123456789abcdef"];

type Options = Partial<Omit<CheckoutAuthOptions, "scopes">> & { address?: string; ask?: string[] };

async function start(options: Options = {}) {
  const { address = base, ask = [], ...rest } = options;
  const guard = checkoutAuth({
    projectKey: "shop",
    authUrl: address,
    apiUrl: address,
    sessionUrl: address,
    clientId: "sandbox-client",
    clientSecret: "sandbox-secret",
    storefrontKeys: KEYS,
    scopes: async () => ({ ask, hold: ["manage_orders"] }),
    logger: recordingLogger().logger,
    ...rest,
  });
  const route: Route = {
    method: "get",
    path: "/atp",
    kind: "service",
    guards: [guard],
    handle: async () => ({ kind: "done", body: { caller: currentRequest()?.caller } }),
  };
  return serveRoutes([route]);
}

async function call(url: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/atp`, { headers });
  const body = (await response.json()) as { caller?: unknown; error?: { code: string } };
  return { status: response.status, answer: body.caller ?? body.error?.code };
}
const session = (id: string) => ({ "x-session-id": id });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const refused = { status: 401, answer: "unauthorized" };
const outage = { status: 503, answer: "unavailable" };

/** The beginning of the SHA-256 of "session-good". */
const SESSION_TRACE = "cb0d3b832eb668c8";

/** And of the second key. */
const NEW_KEY_TRACE = "57f38393430ee835";

describe("checkout callers", () => {
  test.each<[string, Record<string, string>, unknown]>([
    ["an active session", session("session-good"), { kind: "checkoutSession", id: SESSION_TRACE, cartId: "cart-1" }],
    ["a token of this project", bearer("token-good"), { kind: "oauth", clientId: "client-1", mayHold: false }],
    ["a token of a server", bearer("token-server"), { kind: "oauth", clientId: "client-2", mayHold: true }],
    ["a storefront key", { "x-storefront-key": KEYS[1] ?? "" }, { kind: "storefrontKey", id: NEW_KEY_TRACE }],
    [
      "a customer's token",
      bearer("token-customer"),
      { kind: "oauth", clientId: "client-1", customerId: "c-1", mayHold: false },
    ],
  ])("%s: let in", async (_name, headers, caller) => {
    const { url } = await start();
    expect(await call(url, headers)).toEqual({ status: 200, answer: caller });
  });

  test.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["a session that does not exist", session("session-unknown")],
    ["an expired session", session("session-expired")],
    ["a session without cart", session("session-without-cart")],
    ["an unknown token", bearer("token-unknown")],
    ["an inactive token", bearer("token-inactive")],
    ["a token of another project", bearer("token-other-project")],
    ["a token of this and another project", bearer("token-mixed")],
    ["a token that names no project", bearer("token-ids-only")],
    ["a token without scope", bearer("token-no-scope")],
    ["a token that names no client", bearer("token-nobodys")],
  ])("%s: 401", async (_name, headers) => {
    const { url } = await start();
    expect(await call(url, headers)).toEqual(refused);
  });

  test.each<[string, Record<string, string>]>([
    ["an id that leaves its place in the address", session("../../oauth/token")],
    ["an id with a query", session("session-good?x=1")],
    ["an empty id", session("")],
    ["an id without end", session("a".repeat(201))],
    ["basic credentials", { authorization: "Basic c2FuZGJveDpzYW5kYm94" }],
    ["a wrong key", { "x-storefront-key": "NEW-key-of-a-page-0123456789abcdef" }],
    ["an empty key", { "x-storefront-key": "" }],
    ["all keys at once", { "x-storefront-key": KEYS.join(",") }],
    ["a broken session beside a right key", { ...session("?"), "x-storefront-key": KEYS[0] ?? "" }],
    ["two tokens", { authorization: "Bearer token-good token-good" }],
  ])("%s: 401 without asking commercetools", async (_name, headers) => {
    const { url } = await start();
    expect(await call(url, headers)).toEqual(refused);
    expect(asked).toEqual([]);
  });

  test.each<[string, Partial<typeof platform>, Record<string, string>]>([
    ["the session service fails", { session: 500 }, session("session-good")],
    ["the session service throttles", { session: 429 }, session("session-good")],
    ["no access token is to be had", { token: 503 }, session("session-good")],
    ["our client may not see sessions", { session: 403 }, session("session-good")],
    ["our client is refused", { token: 401 }, session("session-good")],
    ["introspection fails", { introspect: 500 }, bearer("token-good")],
    ["our client may not introspect", { introspect: 401 }, bearer("token-good")],
    ["introspection lacks a scope", { introspect: 403 }, bearer("token-good")],
  ])("%s: an outage of ours, not a refusal of the caller", async (_name, state, headers) => {
    Object.assign(platform, state);
    const { url } = await start();
    expect(await call(url, headers)).toEqual(outage);
  });

  test("nobody answers at the address: an outage", async () => {
    const { url } = await start({ address: "http://127.0.0.1:9" });
    expect(await call(url, session("session-good"))).toEqual(outage);
    expect(await call(url, bearer("token-good"))).toEqual(outage);
  });

  test("a stalled platform is given up after the deadline", async () => {
    platform.stalls = true;
    const { url } = await start({ timeoutMs: 100 });
    const startedAt = performance.now();
    expect(await call(url, session("session-good"))).toEqual(outage);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test("verifications that outlive their deadline still count: no heap of them while commercetools stalls", async () => {
    let open: () => void = () => {};
    platform.hold = new Promise((resolve) => {
      open = resolve;
    });
    const { url } = await start({ timeoutMs: 50, maxInFlight: 2 });
    for (let turn = 0; turn < 4; turn += 1) expect(await call(url, bearer("token-good"))).toEqual(outage);
    expect(asked).toEqual(["POST /oauth/introspect", "POST /oauth/introspect"]);
    platform.hold = undefined;
    open();
    for (let turn = 0; turn < 50; turn += 1) {
      if ((await call(url, bearer("token-good"))).status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("the places were not freed");
  });

  test("callers at the same time keep their own identity", async () => {
    const { url } = await start();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        call(url, index % 2 === 0 ? session("session-good") : bearer("token-customer")),
      ),
    );
    expect(answers.map(({ answer }) => (answer as { kind: string }).kind)).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "checkoutSession" : "oauth")),
    );
  });
});

describe("scopes", () => {
  test.each<[string, string[], string, number]>([
    ["none is asked for", [], "token-customer", 200],
    ["the token has it", ["view_products"], "token-good", 200],
    ["one of several", ["manage_orders", "view_products"], "token-good", 200],
    ["of a store", ["manage_my_orders"], "token-customer", 200],
    ["another one", ["manage_orders"], "token-good", 403],
    ["only the beginning of it", ["view"], "token-good", 403],
    ["an id that is written like one", ["customer_id"], "token-ids-only", 401],
  ])("%s", async (_name, ask, token, status) => {
    const { url } = await start({ ask });
    expect((await call(url, bearer(token))).status).toBe(status);
  });

  test("are those of now, also for a token that was verified before they changed", async () => {
    const ask: string[] = [];
    const { url } = await start({ ask });
    expect((await call(url, bearer("token-good"))).status).toBe(200);
    ask.push("manage_orders");
    expect((await call(url, bearer("token-good"))).status).toBe(403);
    expect(asked).toEqual(["POST /oauth/introspect"]);
  });
});

describe("a verified caller", () => {
  test.each([
    ["session", session("session-good")],
    ["token", bearer("token-good")],
  ])(
    "%s: is not asked about again for 30 seconds, even while commercetools is away, and then is",
    async (_name, headers) => {
      const time = { now: 0 };
      const clock = { ...systemClock, monotonic: () => time.now };
      const { url } = await start({ clock });
      expect((await call(url, headers)).status).toBe(200);
      const once = asked.length;
      Object.assign(platform, { session: 503, introspect: 503, token: 503 });
      time.now = 29_999;
      expect((await call(url, headers)).status).toBe(200);
      expect(asked).toHaveLength(once);
      time.now = 30_000;
      expect(await call(url, headers)).toEqual(outage);
    },
  );

  test("a refusal is kept for five seconds, and lets nobody else in or out", async () => {
    const time = { now: 0 };
    const { url } = await start({ clock: { ...systemClock, monotonic: () => time.now } });
    expect(await call(url, bearer("token-later"))).toEqual(refused);
    tokens["token-later"] = tokens["token-good"] ?? {};
    time.now = 4999;
    expect(await call(url, bearer("token-later"))).toEqual(refused);
    expect((await call(url, bearer("token-good"))).status).toBe(200);
    expect(asked).toHaveLength(2);
    time.now = 5000;
    expect((await call(url, bearer("token-later"))).status).toBe(200);
    delete tokens["token-later"];
  });

  test("an outage is not kept", async () => {
    platform.introspect = 503;
    const { url } = await start();
    expect(await call(url, bearer("token-good"))).toEqual(outage);
    platform.introspect = 200;
    expect((await call(url, bearer("token-good"))).status).toBe(200);
  });

  test("many requests of a moment are one question", async () => {
    const { url } = await start();
    const answers = await Promise.all(Array.from({ length: 30 }, () => call(url, bearer("token-good"))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(asked).toEqual(["POST /oauth/introspect"]);
  });

  test("is asked about only where the question is let through", async () => {
    const { url } = await start({
      askAbout: async () => {
        throw new TooManyRequestsError(2500);
      },
    });
    expect(await call(url, bearer("token-good"))).toEqual({ status: 429, answer: "tooManyRequests" });
    expect(asked).toEqual([]);
  });
});
