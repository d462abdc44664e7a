/** A hand-written IFS address for adapter tests: real HTTP, answers given by the test. Knows no rules of IFS by itself. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Capabilities } from "../../domain/capabilities.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Lane } from "../budget/lanes.ts";
import { createIfsClient, type IfsClient } from "../client.ts";

export type Asked = {
  readonly method: string;
  /** Decoded path below `/ifsapplications/projection/v1/`, without query. */
  readonly path: string;
  /** The query as sent. */
  readonly rawQuery: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type Answer =
  | { status?: number; json?: unknown; text?: string; headers?: Record<string, string>; delayMs?: number }
  | "reset"
  | "stallBody"
  | "silence";

export type Tenant = {
  readonly origin: string;
  readonly asked: Asked[];
  /** Token requests so far. */
  readonly tokens: () => number;
  /** `baseUrl`: another address for the API; the token stays here. */
  client(options?: {
    ifs?: Record<string, unknown>;
    logs?: object[];
    baseUrl?: string;
    capabilities?: Capabilities;
    lane?: Lane;
  }): IfsClient;
  close(): Promise<void>;
};

export const testConfig = (ifs: Record<string, unknown> = {}): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      {
        name: "all",
        company: "10",
        site: "S1",
        orderType: "WEB",
        coordinator: "WEB",
        customerNo: "C1",
        addressNo: "01",
      },
    ],
    sites: [
      { site: "S1", company: "10", timeZone: "Europe/Berlin" },
      { site: "S2", company: "10", timeZone: "America/New_York" },
    ],
    ifs,
  });

export async function startTenant(
  answer: (asked: Asked, count: number) => Answer | Promise<Answer>,
  token: (count: number) => Answer = (count) => ({ json: { access_token: `token-${count}`, expires_in: 180 } }),
): Promise<Tenant> {
  const asked: Asked[] = [];
  let tokens = 0;
  const server = createServer((request, response) => {
    void handle(request, response);
  });

  const lastRows = new Map<string, unknown>();
  const listOf = ({ path, query: { $top, $skip, ...rest } }: Asked): string => JSON.stringify([path, rest]);

  function remember(one: Asked, given: Answer): void {
    const rows = typeof given === "object" && isList(given.json) ? given.json.value : [];
    if (one.method === "GET") lastRows.set(listOf(one), rows.at(-1));
  }

  /** What a test answers is the whole list: the question for what is behind it gets nothing new, and is not recorded. */
  function endOfList(one: Asked): Answer | undefined {
    if (one.query.$top === "1" && one.query.$skip !== undefined && lastRows.has(listOf(one))) {
      return { json: { value: [] } };
    }
    const last = one.query.$top === "2" ? lastRows.get(listOf(one)) : undefined;
    return last === undefined ? undefined : { json: { value: [last] } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://tenant");
    if (url.pathname === "/token") {
      tokens += 1;
      await respond(response, token(tokens));
      return;
    }
    const one: Asked = {
      method: request.method ?? "",
      path: decodeURIComponent(url.pathname).replace(/^\/(main|int|b2b)\/ifsapplications\/projection\/v1\//, ""),
      rawQuery: (request.url ?? "").split("?")[1] ?? "",
      query: Object.fromEntries(url.searchParams),
      headers: request.headers as Record<string, string | undefined>,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    const end = endOfList(one);
    if (end) {
      await respond(response, end);
      return;
    }
    asked.push(one);
    const given = await answer(one, asked.length);
    remember(one, given);
    await respond(response, given);
  }

  async function respond(response: ServerResponse, reply: Answer): Promise<void> {
    if (reply === "silence") return;
    if (reply === "reset") {
      response.destroy();
      return;
    }
    if (reply === "stallBody") {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"value":[');
      return;
    }
    if (reply.delayMs) await new Promise((done) => setTimeout(done, reply.delayMs));
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json)));
  }

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    tokens: () => tokens,
    client: ({ ifs = {}, logs = [], baseUrl = origin, capabilities, lane } = {}) =>
      createIfsClient({
        ...(capabilities ? { capabilities } : {}),
        ...(lane && { lane }),
        connection: {
          baseUrl,
          tokenUrl: `${origin}/token`,
          clientId: "connector",
          clientSecret: "sandbox-secret",
          scope: "openid microprofile-jwt",
        },
        config: testConfig(ifs),
        clock: systemClock,
        logger: collectingLogger(logs),
      }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const isList = (json: unknown): json is { value: unknown[] } =>
  typeof json === "object" && json !== null && "value" in json && Array.isArray(json.value);

export function collectingLogger(logs: object[]): Logger {
  const collect = (level: string) => (fields: object, event: string) => {
    logs.push({ level, event, ...fields });
  };
  return { info: collect("info"), warn: collect("warn"), error: collect("error") };
}

/** IFS's error body around a database message. */
export const oracle = (message: string) => ({
  error: {
    code: "DATABASE_ERROR",
    message: "Database error occurred.",
    details: [{ code: "DATABASE_ERROR", message }],
  },
});
