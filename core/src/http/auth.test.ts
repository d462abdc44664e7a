import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { extensionAuth, ifsEventAuth, merchantCenterAuth, permissionsOf, sameSecret } from "./auth.ts";
import { currentRequest } from "./context.ts";
import type { Guard, Route } from "./server.ts";
import { serveRaw, serveRoutes } from "./testing/serve.ts";

const guarded = (guard: Guard, path = "/guarded"): Route => ({
  method: "get",
  path,
  kind: "service",
  guards: [guard],
  handle: async () => ({ kind: "done", body: { caller: currentRequest()?.caller } }),
});

async function call(url: string, headers: Record<string, string>) {
  const response = await fetch(url, { headers });
  const body = (await response.json()) as { caller?: unknown; error?: { code: string } };
  return { status: response.status, answer: body.caller ?? body.error?.code };
}

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

describe("API Extension", () => {
  const secret = "Bearer sandbox-extension-secret";
  const former = "Bearer sandbox-former-secret";
  let url = "";
  beforeAll(async () => {
    url = `${(await serveRoutes([guarded(extensionAuth([secret, former]))])).url}/guarded`;
  });

  test.each([
    ["missing", {}, 401],
    ["wrong", { authorization: "Bearer sandbox-extension-secreT" }, 401],
    ["a beginning of it", { authorization: "Bearer sandbox" }, 401],
    ["without its scheme", { authorization: "sandbox-extension-secret" }, 401],
    ["right, in another header", { "x-authorization": secret }, 401],
  ])("%s: refused", async (_name, headers, status) => {
    expect(await call(url, headers)).toEqual({ status, answer: "unauthorized" });
  });

  test.each([
    ["right", secret],
    ["right before a change that the platform does not know yet", former],
  ])("%s: the platform", async (_name, authorization) => {
    expect(await call(url, { authorization })).toEqual({ status: 200, answer: { kind: "platform" } });
  });

  test("both at once: refused", async () => {
    expect((await call(url, { authorization: `${secret},${former}` })).status).toBe(401);
  });

  test("a secret that is short does not start", () => {
    for (const secrets of [[], [""], ["short"], [secret, "short"]]) {
      expect(() => extensionAuth(secrets)).toThrow(RangeError);
    }
  });

  test.each([
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "abcd", false],
    ["", "abc", false],
    ["ä", "a\u0308", false],
  ])("%j against %j", (given, expected, same) => {
    expect(sameSecret(given, expected)).toBe(same);
  });
});

describe("an Event Action of IFS", () => {
  const secret = "sandbox-ifs-event-secret";
  let url = "";
  beforeAll(async () => {
    url = `${(await serveRoutes([guarded(ifsEventAuth(secret))])).url}/guarded`;
  });

  test.each([
    ["missing", {}],
    ["wrong", { "x-ifs-event-secret": "sandbox-ifs-event-secreT" }],
    ["cut by a comma", { "x-ifs-event-secret": "sandbox" }],
    ["right, in another header", { authorization: secret, "x-api-key": secret }],
  ])("%s: refused", async (_name, headers) => {
    expect(await call(url, headers)).toEqual({ status: 401, answer: "unauthorized" });
  });

  test("right: IFS; a secret that is short does not start", async () => {
    expect(await call(url, { "X-IFS-Event-Secret": secret })).toEqual({ status: 200, answer: { kind: "ifsEvent" } });
    expect(() => ifsEventAuth("short")).toThrow(RangeError);
  });
});

describe("Merchant Center", () => {
  const audience = "https://service.example";
  const permissions = permissionsOf("ifs-connector");
  let issuer = "";
  let url = "";
  let outageUrl = "";
  let good: PrivateKey;
  let foreign: PrivateKey;

  beforeAll(async () => {
    const pair = await generateKeyPair("RS256", { extractable: true });
    good = pair.privateKey;
    foreign = (await generateKeyPair("RS256")).privateKey;
    const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
    issuer = await serveRaw((request, response) => {
      response.statusCode = request.url === "/.well-known/jwks.json" ? 200 : 500;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(keys));
    });
    const options = { audience, issuer, projectKey: "shop", permissions };
    const server = await serveRoutes([
      guarded(merchantCenterAuth(options), "/view"),
      guarded(merchantCenterAuth(options, "manage"), "/manage"),
      guarded(merchantCenterAuth({ audience, issuer, projectKey: "shop" }), "/any"),
    ]);
    url = server.url;
    const closed = await serveRaw((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    outageUrl = (
      await serveRoutes([guarded(merchantCenterAuth({ audience, issuer: closed, projectKey: "shop" }), "/view")])
    ).url;
  });

  type Token = {
    project?: string;
    aud?: string;
    iss?: string;
    key?: PrivateKey;
    expires?: string;
    granted?: string[];
    kid?: string;
  };
  const token = ({
    project = "shop",
    aud = `${audience}/view`,
    iss = issuer,
    key = good,
    expires = "5m",
    granted = [permissions.view],
    kid = "k1",
  }: Token = {}) =>
    new SignJWT({ [`${iss}/claims/project_key`]: project, [`${iss}/claims/user_permissions`]: granted })
      .setProtectedHeader({ alg: "RS256", kid })
      .setSubject("user-1")
      .setIssuer(iss)
      .setAudience(aud)
      .setIssuedAt("-10m")
      .setExpirationTime(expires)
      .sign(key);
  const headers = (jwt: string, more: Record<string, string> = {}) => ({
    authorization: `Bearer ${jwt}`,
    "x-mc-api-cloud-identifier": "gcp-eu",
    "x-mc-api-forward-to-version": "v2",
    ...more,
  });
  const user = { kind: "merchantCenter", userId: "user-1", projectKey: "shop" };

  test("a user of this project with the permission", async () => {
    expect(await call(`${url}/view`, headers(await token()))).toEqual({ status: 200, answer: user });
  });

  test.each<[string, Token]>([
    ["expired", { expires: "-5m" }],
    ["of another project", { project: "other" }],
    ["for another address of this service", { aud: `${audience}/manage` }],
    ["for another service", { aud: "https://other.example/view" }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["signed by somebody else", { kid: "k1" }],
    ["signed with an unknown key", { kid: "k2" }],
  ])("a token %s: 401", async (name, claims) => {
    const jwt = await token(name === "signed by somebody else" ? { key: foreign } : claims);
    expect(await call(`${url}/view`, headers(jwt))).toEqual({ status: 401, answer: "unauthorized" });
  });

  test.each<[string, Record<string, string>]>([
    ["no token", {}],
    ["no forwarding headers", { authorization: "Bearer x" }],
    [
      "not a token",
      { authorization: "Bearer x", "x-mc-api-cloud-identifier": "gcp-eu", "x-mc-api-forward-to-version": "v2" },
    ],
  ])("%s: 401", async (_name, given) => {
    expect(await call(`${url}/view`, given)).toEqual({ status: 401, answer: "unauthorized" });
  });

  test("an unsigned token: 401", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { sub: "user-1", iss: issuer, aud: `${audience}/view`, [`${issuer}/claims/project_key`]: "shop" };
    const jwt = `${part({ alg: "none" })}.${part(claims)}.`;
    expect(await call(`${url}/view`, headers(jwt))).toEqual({ status: 401, answer: "unauthorized" });
  });

  test("forwarding version 1: 401", async () => {
    const given = headers(await token(), { "x-mc-api-forward-to-version": "v1" });
    expect(await call(`${url}/view`, given)).toEqual({ status: 401, answer: "unauthorized" });
  });

  test.each([
    ["view", "view", [permissions.view], 200],
    ["view", "view", [permissions.manage], 200],
    ["view", "view", [], 403],
    ["view", "view", ["ViewOtherApp"], 403],
    ["manage", "manage", [permissions.manage], 200],
    ["manage", "manage", [permissions.view], 403],
    ["any", "any", [], 200],
  ])("/%s with %s permissions %j: %i", async (path, _name, granted, status) => {
    const jwt = await token({ aud: `${audience}/${path}`, granted });
    const expected = status === 200 ? user : "forbidden";
    expect(await call(`${url}/${path}`, headers(jwt))).toEqual({ status, answer: expected });
  });

  test("a key set that cannot be fetched is an outage, not a refusal", async () => {
    expect(await call(`${outageUrl}/view`, headers(await token()))).toEqual({ status: 503, answer: "unavailable" });
  });

  test.each([
    ["ifs-connector", { view: "ViewIfsConnector", manage: "ManageIfsConnector" }],
    ["ifs", { view: "ViewIfs", manage: "ManageIfs" }],
    ["my_erp-2", { view: "ViewMy_Erp/2", manage: "ManageMy_Erp/2" }],
    ["ifs-cloud", { view: "ViewIfsCloud", manage: "ManageIfsCloud" }],
  ])("permissions of %s", (path, names) => {
    expect(permissionsOf(path)).toEqual(names);
  });
});
