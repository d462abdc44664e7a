import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessionMiddleware } from "@commercetools-backend/express";
import express, { type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type MerchantCenter, startMerchantCenter } from "./merchant-center.ts";

const PROJECT = "sandbox-shop";
const VIEWER = "7c1f6a52-58a4-4f0a-9f2b-000000000002";

let appDir: string;
let merchantCenter: MerchantCenter;
let project: Listening & { asked: { authorization: string | undefined; body: unknown }[] };
let service: Listening;

beforeAll(async () => {
  appDir = await mkdtemp(join(tmpdir(), "merchant-center-"));
  await writeFile(join(appDir, "index.html"), "<title>the application</title>");
  await writeFile(join(appDir, "main.js"), "export {};");
  project = await startProject();
  merchantCenter = await startMerchantCenter({
    port: 0,
    appDir,
    commercetoolsUrl: project.url,
    projectKey: PROJECT,
    entryPointUriPath: "ifs-cloud",
  });
  service = await startService(merchantCenter.issuer);
});

afterAll(async () => {
  await merchantCenter.close();
  await service.close();
  await project.close();
  await rm(appDir, { recursive: true });
});

beforeEach(async () => {
  await order("POST", "/sandbox/user", { user: "manager", language: "en", permissionSpelling: "viewX" });
  await order("DELETE", "/sandbox/unknown-operations");
  project.asked.length = 0;
});

test("a forwarded call is accepted by the platform's own session check, with the user and the permissions", async () => {
  expect(await forward(`${service.url}/service/mc/overview?limit=5`)).toEqual({
    status: 200,
    body: {
      session: {
        userId: "7c1f6a52-58a4-4f0a-9f2b-000000000001",
        projectKey: PROJECT,
        userPermissions: ["viewIfsCloud", "manageIfsCloud"],
      },
      method: "GET",
      body: "",
      query: { limit: "5" },
    },
  });
});

test("a view-only user carries view alone, and permissions travel only when the page asks for them", async () => {
  await order("POST", "/sandbox/user", { user: "viewer" });
  const asked = await forward(`${service.url}/service/mc/overview`);
  const notAsked = await forward(`${service.url}/service/mc/overview`, { "x-forward-to-claims": "" });
  expect([asked.body.session, notAsked.body.session]).toEqual([
    { userId: VIEWER, projectKey: PROJECT, userPermissions: ["viewIfsCloud"] },
    { userId: VIEWER, projectKey: PROJECT },
  ]);
});

test("the other spelling of permissions can be switched on, because neither is documented", async () => {
  await order("POST", "/sandbox/user", { permissionSpelling: "ViewX" });
  const answer = await forward(`${service.url}/service/mc/overview`);
  expect(answer.body.session.userPermissions).toEqual(["ViewIfsCloud", "ManageIfsCloud"]);
});

test("method, body and the page's own headers arrive", async () => {
  const answer = await call("mc-api.localhost", {
    method: "POST",
    path: "/proxy/forward-to",
    headers: {
      ...forwardHeaders(`${service.url}/service/echo`),
      "content-type": "text/plain",
      "x-forward-header-x-own": "kept",
    },
    body: "hello",
  });
  expect({ status: answer.status, body: JSON.parse(answer.text) }).toEqual({
    status: 201,
    body: { method: "POST", body: "hello", own: "kept" },
  });
});

test("a forged, an expired, a wrongly addressed and a foreign project's token are refused, a right one is not", async () => {
  const path = "/service/mc/overview";
  const right = { userId: VIEWER, projectKey: PROJECT, audience: service.url + path };
  const forger = await generateKeyPair("RS256");
  const forged = await new SignJWT({ [`${merchantCenter.issuer}/claims/project_key`]: PROJECT })
    .setProtectedHeader({ alg: "RS256", kid: "sandbox-gateway" })
    .setIssuer(merchantCenter.issuer)
    .setSubject(VIEWER)
    .setAudience(right.audience)
    .setExpirationTime("1 minute")
    .sign(forger.privateKey);
  const statuses = {
    right: await present(path, await signed(right)),
    forged: await present(path, forged),
    unsigned: await present(path, "not-a-token"),
    expired: await present(path, await signed({ ...right, expiresInSeconds: -5 })),
    anotherPath: await present(path, await signed({ ...right, audience: `${service.url}/service/mc/other` })),
    originOnly: await present(path, await signed({ ...right, audience: service.url })),
    anotherProject: await present(path, await signed({ ...right, projectKey: "another-shop" })),
  };
  expect(statuses).toEqual({
    right: 200,
    forged: 401,
    unsigned: 401,
    expired: 401,
    anotherPath: 401,
    originOnly: 401,
    anotherProject: 403,
  });
});

test("the audience policy of the page decides what the token is good for", async () => {
  const uri = `${service.url}/origin-only/overview`;
  const origin = await forward(uri, { "x-forward-to-audience-policy": "forward-url-origin" });
  const fullPath = await forward(uri);
  expect([origin.status, fullPath.status]).toEqual([200, 401]);
});

test.each([
  ["another project", { "x-project-key": "another-shop" }, 403],
  ["no version", { "accept-version": "" }, 400],
  ["the old version", { "accept-version": "v1" }, 400],
  ["no target", { "x-forward-to": "" }, 400],
  ["a target outside this machine", { "x-forward-to": "https://example.com/service" }, 400],
  ["an unknown audience policy", { "x-forward-to-audience-policy": "anything" }, 400],
  ["nothing listening there", { "x-forward-to": "http://127.0.0.1:9/service" }, 502],
])("forwarding with %s", async (_name, headers, status) => {
  expect((await forward(`${service.url}/service/mc/overview`, headers)).status).toBe(status);
});

test("nobody signed in: the gateway refuses questions and forwarding", async () => {
  await order("POST", "/sandbox/user", { user: "nobody" });
  const question = await graphql("mc", "AmILoggedIn");
  const forwarded = await forward(`${service.url}/service/mc/overview`);
  expect([question.status, forwarded.status]).toEqual([401, 401]);
});

test("the shell's own questions are answered", async () => {
  const user = await graphql("mc", "FetchLoggedInUser");
  const opened = await graphql("mc", "FetchProject", { projectKey: PROJECT });
  const missing = await graphql("mc", "FetchProject", { projectKey: "another-shop" });
  const menu = await graphql("settings", "FetchProjectExtensionsNavbar");
  expect({
    language: user.body.data.user.language,
    permissions: opened.body.data.project.allAppliedPermissions,
    missing: missing.body.data,
    menu: menu.body.data.projectExtension.installedApplications[0].application.mainMenuLink,
  }).toEqual({
    language: "en",
    permissions: [
      { __typename: "AppliedPermission", name: "canViewIfsCloud", value: true },
      { __typename: "AppliedPermission", name: "canManageIfsCloud", value: true },
    ],
    missing: { project: null },
    menu: {
      __typename: "CustomApplicationMenuLink",
      id: "sandbox-application-menu",
      permissions: ["ViewIfsCloud"],
      defaultLabel: "IFS Cloud",
      labelAllLocales: [],
    },
  });
});

test("questions to the project reach commercetools with the administrator's token, and its answer comes back", async () => {
  const answer = await graphql("ctp", "FetchConnectorServiceUrl", { container: "c", key: "k" });
  expect([answer, project.asked]).toEqual([
    { status: 200, body: { data: { customObject: null } } },
    [
      {
        authorization: "Bearer token-of-admin",
        body: {
          operationName: "FetchConnectorServiceUrl",
          query: "query FetchConnectorServiceUrl { x }",
          variables: { container: "c", key: "k" },
        },
      },
    ],
  ]);
});

test("an operation the sandbox does not know is an error and is listed", async () => {
  const answer = await graphql("mc", "FetchSomethingNew");
  const listed = await order("GET", "/sandbox/unknown-operations");
  expect([answer.body, listed]).toEqual([
    {
      data: null,
      errors: [{ message: "The sandbox does not know FetchSomethingNew of mc.", extensions: { code: "BAD_REQUEST" } }],
    },
    [{ target: "mc", operationName: "FetchSomethingNew" }],
  ]);
});

test("only the page's own origin is let in, with credentials and the headers it asks for", async () => {
  const origin = merchantCenter.url.split("/").slice(0, 3).join("/");
  const own = await call("mc-api.localhost", {
    method: "OPTIONS",
    path: "/graphql",
    headers: { origin, "access-control-request-headers": "x-project-key" },
  });
  const foreign = await call("mc-api.localhost", {
    method: "POST",
    path: "/graphql",
    headers: { origin: "http://evil.localhost", "content-type": "application/json" },
    body: "{}",
  });
  expect([own.status, own.headers["access-control-allow-origin"], own.headers["access-control-allow-headers"]]).toEqual(
    [204, origin, "x-project-key"],
  );
  expect(own.headers["access-control-allow-credentials"]).toBe("true");
  expect([foreign.status, foreign.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
});

test("the page's host serves the build, every page of the application, and nothing outside of it", async () => {
  const ask = async (path: string) => {
    const answer = await call("mc.localhost", { method: "GET", path });
    return [answer.status, answer.headers["content-type"]];
  };
  expect({
    script: await ask("/main.js"),
    page: await ask(`/${PROJECT}/ifs-cloud`),
    missingScript: await ask("/gone.js"),
    outside: await ask("/..%2f..%2fetc%2fpasswd"),
  }).toEqual({
    script: [200, "text/javascript;charset=utf-8"],
    page: [200, "text/html;charset=utf-8"],
    missingScript: [404, "application/json;charset=utf-8"],
    // Climbing above the root is cut off, and what remains is not part of the build: the application's own page.
    outside: [200, "text/html;charset=utf-8"],
  });
});

test("orders of tests are checked", async () => {
  expect([
    await orderStatus("POST", "/sandbox/user", { user: "king" }),
    await orderStatus("POST", "/sandbox/user", { language: "xx" }),
    await orderStatus("POST", "/sandbox/user", { permissionSpelling: "view_x" }),
    await orderStatus("POST", "/sandbox/token", { userId: "x" }),
    await orderStatus("GET", "/sandbox/anything"),
  ]).toEqual([400, 400, 400, 400, 404]);
});

type Listening = { url: string; close(): Promise<void> };
type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };
type Call = { method: string; path: string; headers?: Record<string, string>; body?: string };

/** Speaks to one of the virtual hosts; `fetch` would not let us choose the Host header. */
function call(host: string, { method, path, headers = {}, body }: Call): Promise<Answer> {
  const { port } = new URL(merchantCenter.issuer);
  return new Promise((done, fail) => {
    const sending = httpRequest(
      { host: "127.0.0.1", port, method, path, headers: { ...headers, host: `${host}:${port}` } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sending.on("error", fail);
    sending.end(body);
  });
}

function forwardHeaders(uri: string): Record<string, string> {
  return {
    "accept-version": "v2",
    "x-forward-to": uri,
    "x-forward-to-audience-policy": "forward-url-full-path",
    "x-forward-to-claims": "permissions",
    "x-project-key": PROJECT,
  };
}

async function forward(uri: string, headers: Record<string, string> = {}) {
  const answer = await call("mc-api.localhost", {
    method: "GET",
    path: "/proxy/forward-to",
    headers: { ...forwardHeaders(uri), ...headers },
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

async function graphql(target: string, operationName: string, variables: Record<string, string> = {}) {
  const answer = await call("mc-api.localhost", {
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", "x-graphql-target": target, "x-project-key": PROJECT },
    body: JSON.stringify({ operationName, query: `query ${operationName} { x }`, variables }),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

async function order(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(merchantCenter.issuer + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

async function orderStatus(method: string, path: string, body?: unknown): Promise<number> {
  const answer = await fetch(merchantCenter.issuer + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status;
}

async function signed(claims: Record<string, unknown>): Promise<string> {
  return ((await order("POST", "/sandbox/token", claims)) as { token: string }).token;
}

/** Goes to the service directly, as somebody would who got hold of a token. */
async function present(path: string, token: string): Promise<number> {
  const answer = await fetch(service.url + path, {
    headers: {
      authorization: `Bearer ${token}`,
      "x-mc-api-cloud-identifier": "gcp-eu",
      "x-mc-api-forward-to-version": "v2",
    },
  });
  return answer.status;
}

type WithSession = Request & { session?: { userId: string; projectKey: string; userPermissions?: string[] } };

async function startService(issuer: string): Promise<Listening> {
  const app = express();
  app.use(express.text({ type: "*/*" }));
  let origin = "";
  const check =
    (audiencePolicy: "forward-url-full-path" | "forward-url-origin"): RequestHandler =>
    (request, response, next) => {
      // The package's types are those of express 4; it uses nothing that differs in express 5.
      const middleware = createSessionMiddleware({
        audience: origin,
        issuer,
        audiencePolicy,
      }) as unknown as RequestHandler;
      return middleware(request, response, next);
    };
  const answer = (request: WithSession, response: Response) => {
    if (request.session?.projectKey !== PROJECT) {
      response.status(403).json({ message: "another project" });
      return;
    }
    const body = typeof request.body === "string" ? request.body : "";
    response.json({ session: request.session, method: request.method, body, query: request.query });
  };
  app.get("/service/mc/overview", check("forward-url-full-path"), answer);
  app.get("/origin-only/overview", check("forward-url-origin"), answer);
  app.post("/service/echo", check("forward-url-full-path"), (request, response) => {
    response.status(201).json({ method: request.method, body: request.body, own: request.headers["x-own"] });
  });
  app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    response.status(401).json({ message: error.message });
  });
  const listening = await listen(app);
  origin = listening.url;
  return listening;
}

async function startProject() {
  const asked: { authorization: string | undefined; body: unknown }[] = [];
  const app = express();
  app.use(express.json());
  app.post("/oauth/token", (request, response) => {
    const expected = `Basic ${Buffer.from("admin:sandbox-secret").toString("base64")}`;
    if (request.headers.authorization !== expected) response.status(401).json({ error: "invalid_client" });
    else response.json({ access_token: "token-of-admin", expires_in: 172_800 });
  });
  app.post(`/${PROJECT}/graphql`, (request, response) => {
    asked.push({ authorization: request.headers.authorization, body: request.body });
    response.json({ data: { customObject: null } });
  });
  return { ...(await listen(app)), asked };
}

async function listen(app: express.Express): Promise<Listening> {
  const server = await new Promise<Server>((done, fail) => {
    const starting = app.listen(0, "127.0.0.1", (error) => (error ? fail(error) : done(starting)));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
