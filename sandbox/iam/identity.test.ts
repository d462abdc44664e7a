import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectorClient } from "../ifs/connector-client.ts";
import { type IfsServer, startIfs } from "../ifs/server.ts";
import { seededRandom, systemClock } from "../kernel/types.ts";

describe("tokens of the sandbox's IFS", () => {
  let server: IfsServer;
  const tokenPath = "/auth/realms/acme/protocol/openid-connect/token";
  beforeAll(async () => {
    server = await startIfs({
      port: 0,
      clock: systemClock,
      random: seededRandom(1),
      realm: "acme",
      clients: [connectorClient],
    });
  });
  afterAll(() => server.close());

  const request = async (form: Record<string, string>, headers: Record<string, string> = {}, path = tokenPath) => {
    const response = await fetch(`${server.url}${path}`, { method: "POST", headers, body: new URLSearchParams(form) });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const post = { grant_type: "client_credentials", client_id: "ctconnector", client_secret: "sandbox-secret" };
  const sites = async (token: unknown) =>
    (
      await fetch(`${server.url}/main/ifsapplications/projection/v1/SitesHandling.svc/Reference_CompanySite`, {
        headers: { authorization: `Bearer ${String(token)}` },
      })
    ).status;

  test("client credentials in the body or as Basic, with or without scope, give a token of 180 seconds", async () => {
    const inBody = await request({ ...post, scope: "openid microprofile-jwt" });
    const basic = await request(
      { grant_type: "client_credentials" },
      { authorization: `Basic ${Buffer.from("ctconnector:sandbox-secret").toString("base64")}` },
    );
    expect([inBody.status, inBody.json]).toEqual([
      200,
      {
        access_token: expect.any(String),
        expires_in: 180,
        refresh_expires_in: 0,
        token_type: "Bearer",
        "not-before-policy": 0,
        scope: "openid audience microprofile-jwt profile email",
      },
    ]);
    const claims = decodeJwt(String(inBody.json.access_token));
    expect([claims.iss, claims.client_id, Number(claims.exp) - Number(claims.iat)]).toEqual([
      `${server.url}/auth/realms/acme`,
      "ctconnector",
      180,
    ]);
    expect([basic.status, await sites(basic.json.access_token)]).toEqual([200, 200]);
  });

  test("a wrong secret, another grant and another realm are refused", async () => {
    const wrong = await request({ ...post, client_secret: "nope" });
    const grant = await request({ ...post, grant_type: "password" });
    const realm = await request(post, {}, tokenPath.replace("acme", "other"));
    expect([wrong.status, wrong.json.error]).toEqual([401, "invalid_client"]);
    expect([grant.status, grant.json.error]).toEqual([400, "unsupported_grant_type"]);
    expect([realm.status, realm.json]).toEqual([404, { error: "Realm does not exist" }]);
  });

  test("discovery names the public addresses", async () => {
    const response = await fetch(`${server.url}/auth/realms/acme/.well-known/openid-configuration`);
    const discovery = (await response.json()) as Record<string, unknown>;
    const certs = await fetch(String(discovery.jwks_uri));
    expect([discovery.issuer, discovery.token_endpoint]).toEqual([
      `${server.url}/auth/realms/acme`,
      `${server.url}${tokenPath}`,
    ]);
    expect(((await certs.json()) as { keys: unknown[] }).keys).toHaveLength(1);
  });

  test("a token is 401 once its time is over", async () => {
    // A life of one second ends with the second it began in.
    server.model.changeSettings({ tokenSeconds: 2 });
    const { json } = await request(post);
    const fresh = await sites(json.access_token);
    await new Promise((done) => setTimeout(done, 2100));
    server.model.changeSettings({ tokenSeconds: 180 });
    expect([json.expires_in, fresh, await sites(json.access_token)]).toEqual([2, 200, 401]);
  });

  test("a removed client gets no token and its old ones are worth nothing", async () => {
    const { json } = await request(post);
    await fetch(`${server.url}/sandbox/grants/ctconnector`, { method: "DELETE" });
    const refused = await request(post);
    expect([refused.status, await sites(json.access_token)]).toEqual([401, 401]);
  });
});
