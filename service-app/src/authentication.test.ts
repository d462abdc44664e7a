/** Who gets through which door: every address of the application against every kind of wrong credential. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  EVENT_SECRET,
  EXTENSION_SECRET,
  permissions,
  type Running,
  STOREFRONT_KEY,
  startService,
} from "./testing/stand-ins.ts";

let service: Running;
beforeAll(async () => {
  service = await startService({ doors: { tokenScopes: ["view_products"] } });
});
afterAll(() => service.stop());

type Headers = Record<string, string>;
/** Headers of a request to a path, or why there is no such case. */
type Case = ((path: string) => Headers | Promise<Headers>) | { readonly no: string };
type Credential = {
  readonly missing: Case;
  readonly wrong: Case;
  readonly expired: Case;
  readonly otherProject: Case;
  readonly wrongScope: Case;
  readonly right: Case;
};

const header =
  (name: string) =>
  (value: string): Case =>
  () => ({ [name]: value });
const nothing: Case = () => ({});

const session = header("x-session-id");
const bearer = (token: string) => header("authorization")(`Bearer ${token}`);
const key = header("x-storefront-key");
const secret = header("authorization");
const event = header("x-ifs-event-secret");
const user =
  (given: { project?: string; expires?: string; granted?: string[] }): Case =>
  async (path) => ({
    authorization: `Bearer ${await service.userToken({ path, ...given })}`,
    "x-mc-api-cloud-identifier": "gcp-eu",
    "x-mc-api-forward-to-version": "v2",
  });

const byUser = (needs: "view" | "manage"): Credential => ({
  missing: nothing,
  wrong: (path) => ({
    authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ aud: path })).toString("base64url")}.`,
    "x-mc-api-cloud-identifier": "gcp-eu",
    "x-mc-api-forward-to-version": "v2",
  }),
  expired: user({ expires: "-5m" }),
  otherProject: user({ project: "other" }),
  wrongScope: user({ granted: needs === "view" ? ["ViewOtherApplication"] : [permissions.view] }),
  right: user({ granted: [permissions[needs]] }),
});

const credentials = {
  session: {
    missing: nothing,
    wrong: session("session-unknown"),
    expired: session("session-expired"),
    otherProject: session("session-of-another-project"),
    wrongScope: { no: "a session has no scopes" },
    right: session("session-right"),
  },
  token: {
    missing: nothing,
    wrong: bearer("token-unknown"),
    expired: bearer("token-expired"),
    otherProject: bearer("token-other-project"),
    wrongScope: bearer("token-wrong-scope"),
    right: bearer("token-right"),
  },
  key: {
    missing: nothing,
    wrong: key(STOREFRONT_KEY.toUpperCase()),
    expired: key("planted-storefront-key-of-last-week-0123"),
    otherProject: key("storefront-key-of-another-project-0123"),
    wrongScope: { no: "a key has no scopes; that it holds nothing is the question's matter" },
    right: key(STOREFRONT_KEY),
  },
  extension: {
    missing: nothing,
    wrong: secret(`${EXTENSION_SECRET}x`),
    expired: secret("former-extension-secret"),
    otherProject: secret("extension-secret-of-another-project"),
    wrongScope: { no: "a secret has no scopes" },
    right: secret(EXTENSION_SECRET),
  },
  event: {
    missing: nothing,
    wrong: event(EVENT_SECRET.slice(0, -1)),
    expired: event("former-event-secret"),
    otherProject: event("event-secret-of-another-project"),
    wrongScope: { no: "a secret has no scopes" },
    right: event(EVENT_SECRET),
  },
  view: byUser("view"),
  manage: byUser("manage"),
} satisfies Record<string, Credential>;

/** Each address, and the credentials that open it. "open" needs none, by decision. */
const doors: Record<string, "open" | (keyof typeof credentials)[]> = {
  "get /service/health": "open",
  "get /service/health/ready": "open",
  "post /service/atp": ["session", "token", "key"],
  "post /service/atp/batch": ["session", "token", "key"],
  "post /service/extension": ["extension"],
  "post /service/ifs-events": ["event"],
  "get /service/mc/overview": ["view"],
  "get /service/mc/doctor": ["view"],
  "get /service/mc/exceptions": ["view"],
  "get /service/mc/ledger": ["view"],
  "get /service/mc/orders/:name/timeline": ["view"],
  "get /service/mc/runs": ["view"],
  "get /service/mc/runs/history": ["view"],
  "get /service/mc/atp/metrics": ["view"],
  "get /service/mc/stock": ["view"],
  "get /service/mc/stock/corrections": ["view"],
  "get /service/mc/stock/freshness": ["view"],
  "get /service/mc/stock/held": ["view"],
  "post /service/mc/exceptions/:id/edit": ["manage"],
  "post /service/mc/exceptions/:id/ignore": ["manage"],
  "post /service/mc/exceptions/:id/retry": ["manage"],
  "post /service/mc/exceptions/:id/unignore": ["manage"],
  "post /service/mc/exceptions/retry": ["manage"],
  "post /service/mc/stock/release": ["manage"],
  "post /service/mc/stock/sync": ["manage"],
};

test("every address has its row, and every row its address", () => {
  expect(service.routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(doors).sort());
});

const rows = Object.entries(doors).flatMap(([door, opened]) =>
  opened === "open" ? [] : opened.map((credential) => ({ door, credential })),
);
const refusals = ["missing", "wrong", "expired", "otherProject", "wrongScope"] as const;

/** Nothing of the request matters but its credential: the body is broken, so that nothing is changed where one gets through. */
async function knock(door: string, headers: Headers) {
  const [method = "", pattern = ""] = door.split(" ");
  const path = pattern.replace(/:\w+/g, "some-id");
  const response = await fetch(`${service.url}${path}`, {
    method: method.toUpperCase(),
    headers,
    ...(method === "get" ? {} : { body: "{broken" }),
  });
  return { status: response.status, text: await response.text() };
}
const pathOf = (door: string) => (door.split(" ")[1] ?? "").replace(/:\w+/g, "some-id");

describe.each(rows)("$door with $credential", ({ door, credential }) => {
  const cases: Credential = credentials[credential];

  test.each(refusals)("%s", async (name) => {
    const given = cases[name];
    if (typeof given !== "function") {
      expect(given.no).not.toBe("");
      return;
    }
    const { status, text } = await knock(door, await given(pathOf(door)));
    expect(status).toBe(name === "wrongScope" ? 403 : 401);
    const code = name === "wrongScope" ? "forbidden" : "unauthorized";
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(text).not.toMatch(/planted|\bat .*\.[jt]s/);
  });

  test("right", async () => {
    const given = cases.right;
    if (typeof given !== "function") throw new Error("a credential that is never right opens nothing");
    // What is behind the door then says to a broken body, or to stand-ins that know little, is not this test's matter.
    const { status } = await knock(door, await given(pathOf(door)));
    expect([401, 403, 429]).not.toContain(status);
  });
});

test.each(rows)("$door is opened by no credential of another door", async ({ door }) => {
  const own = doors[door];
  for (const [name, { right }] of Object.entries(credentials)) {
    if (own === "open" || (own as string[] | undefined)?.includes(name) || typeof right !== "function") continue;
    if (name === "manage" && (own as string[] | undefined)?.includes("view")) continue;
    const { status } = await knock(door, await right(pathOf(door)));
    expect([name, [401, 403].includes(status)]).toEqual([name, true]);
  }
});

test.each(Object.entries(doors).filter(([, opened]) => opened === "open"))("%s is open to everybody", async (door) => {
  expect([200, 503]).toContain((await knock(door, {})).status);
});
