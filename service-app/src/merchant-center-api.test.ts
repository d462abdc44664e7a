/** docs/merchant-center-api.yaml against the application: every route of the Merchant Center is described, with its real guard. */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createConnector } from "core/compose/connector.ts";
import { operatorRoutes } from "core/compose/operator-routes.ts";
import { serverSettings } from "core/compose/settings.ts";
import { correctionsSchema } from "core/domain/corrections.ts";
import { setCaller } from "core/http/auth.ts";
import { CallerRefusedError } from "core/http/respond.ts";
import { createServer, type Guard } from "core/http/server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";

type Operation = { summary: string };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: { corrections: { properties: object } } };
};
const path = fileURLToPath(new URL("../../docs/merchant-center-api.yaml", import.meta.url));
const document = parse(readFileSync(path, "utf8")) as Document;

/** All systems are down: nobody listens on port 9. */
const nowhere = serverSettings.parse({
  CTP_API_URL: "http://127.0.0.1:9",
  CTP_AUTH_URL: "http://127.0.0.1:9",
  CTP_PROJECT_KEY: "shop",
  CTP_CLIENT_ID: "id",
  CTP_CLIENT_SECRET: "planted-secret",
  IFS_BASE_URL: "http://127.0.0.1:9",
  IFS_TOKEN_URL: "http://127.0.0.1:9/token",
  IFS_CLIENT_ID: "id",
  IFS_CLIENT_SECRET: "planted-secret",
  LOG_LEVEL: "error",
});
const connector = createConnector({ app: "service-app", settings: nowhere, lanes: ["orders"] });

/** The user of the header, with one permission or both. */
const guardOf =
  (needs: "view" | "manage"): Guard =>
  async (request) => {
    const permissions = request.header("x-permissions")?.split(" ") ?? [];
    if (!permissions.includes(needs)) throw new CallerRefusedError(403, `lacks ${needs}`);
    setCaller({ kind: "merchantCenter", userId: "user-1", projectKey: "shop" });
  };
const routes = operatorRoutes(connector, { view: guardOf("view"), manage: guardOf("manage") });

let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer({ logger: connector.logger, clock: connector.clock, routes }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

const operations = Object.entries(document.paths).flatMap(([name, methods]) =>
  Object.entries(methods)
    .filter(([method]) => method !== "parameters")
    .map(([method, { summary }]) => ({ method, name, needs: /\((view|manage)\)$/.exec(summary)?.[1] })),
);
const described = operations.filter(({ name }) => name !== "/mc/overview" && name !== "/mc/doctor");

test("every route is described, and every description has its route", () => {
  const inCode = routes.map(({ method, path: pattern }) => `${method} ${pattern.replace(/:(\w+)/g, "{$1}")}`);
  const inDocument = described.map(({ method, name }) => `${method} /service${name}`);
  expect(inDocument.sort()).toEqual(inCode.sort());
});

test.each(described)("$method $name needs $needs, before anything is read", async ({ method, name, needs }) => {
  const address = `${url}/service${name.replace(/\{\w+\}/, "some-id")}`;
  const other = needs === "view" ? "manage" : "view";
  const ask = (permissions: string) =>
    fetch(address, {
      method: method.toUpperCase(),
      headers: { "x-permissions": permissions },
      ...(method === "post" && { body: "{broken" }),
    });
  expect((await ask(other)).status).toBe(403);
  expect((await ask(needs ?? "")).status).not.toBe(403);
});

test.each([
  ["post", "/mc/exceptions/some-id/ignore", { reason: "" }],
  ["post", "/mc/exceptions/some-id/ignore", {}],
  ["post", "/mc/exceptions/some-id/edit", { corrections: { total: 1 } }],
  ["post", "/mc/exceptions/some-id/edit", { corrections: { shippingAddress: { lastName: "" } } }],
  ["post", "/mc/exceptions/retry", { code: "not a code" }],
  ["post", "/mc/exceptions/retry", { code: "noRoute", limit: 51 }],
  ["post", `/mc/exceptions/${encodeURIComponent("a/b")}/retry`, {}],
  ["get", "/mc/exceptions?limit=201", undefined],
  ["get", "/mc/exceptions?severity=loud", undefined],
  ["get", "/mc/ledger?from=2026-01-02&to=2026-01-01", undefined],
  ["get", "/mc/stock", undefined],
  ["get", "/mc/runs/history", undefined],
  ["get", "/mc/runs/history?flow=atp-check", undefined],
  ["get", "/mc/runs/history?flow=stock-sync&since=yesterday", undefined],
  ["get", "/mc/runs/history?flow=stock-sync&limit=501", undefined],
  ["post", "/mc/stock/release", { site: "101" }],
  ["post", "/mc/stock/release", { site: "101", zeros: 0 }],
  ["get", "/mc/stock?sku=", undefined],
  ["get", "/mc/stock/corrections?days=91", undefined],
  ["get", "/mc/stock/corrections?limit=201", undefined],
  ["get", "/mc/ledger?from=yesterday&to=2026-01-01", undefined],
  ["get", "/mc/ledger?from=2026-01-01&to=2026-01-02&position=elsewhere", undefined],
])("%s %s %o is told to be wrong", async (method, name, body) => {
  const answer = await fetch(`${url}/service${name}`, {
    method: method.toUpperCase(),
    headers: { "x-permissions": "view manage" },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
    400,
    "unreadable",
  ]);
});

test("the corrections are those of the code", () => {
  expect(Object.keys(document.components.schemas.corrections.properties).sort()).toEqual(
    Object.keys(correctionsSchema.shape).sort(),
  );
});
