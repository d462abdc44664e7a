/**
 * A small stand-in for the platform, behind `fetch`: versions, keys, keyset queries, CustomObjects and the update actions that
 * the adapter sends. Only what the adapter's own tests need; it answers 400 to everything else, so that a surprise is seen.
 */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../runtime/clock.ts";
import type { HttpFetch } from "../../runtime/http.ts";
import { type CtClient, createCt } from "../client.ts";
import { applyActions, type Json } from "./platform-actions.ts";
import { matches, type Row, sorted } from "./platform-query.ts";

export type Call = {
  readonly method: string;
  /** Without project key and query: "/channels". */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  readonly headers: Headers;
};

export type Platform = {
  readonly fetch: HttpFetch;
  /** Everything but token requests, in order. */
  readonly calls: Call[];
  tokenRequests: number;
  /** Answers instead of the platform where it returns something; may wait or throw. */
  intercept: (call: Call, signal: AbortSignal | null) => Promise<Response | undefined> | Response | undefined;
  readonly tables: Map<string, Map<string, Row>>;
  /** Number of POST and DELETE so far, but for GraphQL that only reads. */
  writes(): number;
  /** Puts a resource into a table as it is; id, version and timestamps are added. */
  seed(table: string, value: Json): Row;
};

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export const reply = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

export const refusal = (statusCode: number, code: string, message: string, extra: Json = {}): Response =>
  reply(statusCode, { statusCode, message, errors: [{ code, message, ...extra }] });

const isQuery = ({ path, body }: Call): boolean => path === "/graphql" && String(body?.query).startsWith("query");

const notFound = () => refusal(404, "ResourceNotFound", "The Resource was not found.");

export function createPlatform(): Platform {
  const tables = new Map<string, Map<string, Row>>();
  const table = (name: string): Map<string, Row> => {
    const known = tables.get(name) ?? new Map<string, Row>();
    tables.set(name, known);
    return known;
  };
  let tick = Date.parse("2026-08-01T00:00:00.000Z");
  const now = (): string => {
    tick += 1000;
    return new Date(tick).toISOString();
  };
  const insert = (name: string, value: Json): Row => {
    const at = now();
    const row = { ...value, id: (value.id as string) ?? randomUUID(), version: 1, createdAt: at, lastModifiedAt: at };
    table(name).set(row.id, row);
    return row;
  };
  const platform: Platform = {
    calls: [],
    tokenRequests: 0,
    intercept: () => undefined,
    tables,
    writes: () => platform.calls.filter((call) => call.method !== "GET" && !isQuery(call)).length,
    seed: insert,
    async fetch(url, init) {
      const { pathname, searchParams } = new URL(url);
      if (pathname === "/oauth/token") {
        platform.tokenRequests += 1;
        const call = callOf(pathname, searchParams, init);
        const instead = await platform.intercept(call, init.signal ?? null);
        return instead ?? reply(200, { access_token: `token-${platform.tokenRequests}`, expires_in: 172_800 });
      }
      const call = callOf(pathname.replace(/^\/[^/]+/, ""), searchParams, init);
      platform.calls.push(call);
      const instead = await platform.intercept(call, init.signal ?? null);
      return instead ?? answer(call);
    },
  };

  function answer(call: Call): Response {
    const [, name = "", second, third] = call.path.split("/").map(decodeURIComponent);
    const own = { "custom-objects": customObjects, graphql }[name];
    if (own) return own(call, second, third);
    if (second === undefined) return call.method === "GET" ? page(name, call) : create(name, call.body ?? {});
    const row = find(name, second);
    if (!row) return notFound();
    if (call.method === "GET") return reply(200, row);
    return call.method === "DELETE" ? remove(name, row, call) : update(name, row, call.body ?? {});
  }

  const find = (name: string, address: string): Row | undefined =>
    address.startsWith("key=")
      ? [...table(name).values()].find(({ key }) => key === address.slice(4))
      : table(name).get(address);

  function create(name: string, body: Json): Response {
    if (body.key !== undefined && find(name, `key=${body.key}`)) {
      return refusal(400, "DuplicateField", `A duplicate value '"${body.key}"' exists for field 'key'.`, {
        field: "key",
      });
    }
    return reply(201, insert(name, { status: "Healthy", ...body }));
  }

  function update(name: string, row: Row, body: Json): Response {
    const { version, actions } = body as { version: number; actions: Json[] };
    if (version !== row.version) return conflict(row.version);
    const changed = applyActions(row, actions);
    if (!changed) return refusal(400, "InvalidInput", `unknown action in ${JSON.stringify(actions)}`);
    const next = { ...changed, version: row.version + 1, lastModifiedAt: now() } as Row;
    table(name).set(row.id, next);
    return reply(200, next);
  }

  function remove(name: string, row: Row, { query }: Call): Response {
    if (query.has("version") && Number(query.get("version")) !== row.version) return conflict(row.version);
    table(name).delete(row.id);
    return reply(200, row);
  }

  function page(name: string, { query }: Call): Response {
    const limit = Number(query.get("limit") ?? 20);
    if (limit > 500) return refusal(400, "InvalidInput", `Limit ${limit} exceeds 500.`);
    const rows = sorted(
      [...table(name).values()].filter((row) => matches(row, query)),
      query.get("sort"),
    );
    const offset = Number(query.get("offset") ?? 0);
    if (offset > 10_000) return refusal(400, "InvalidInput", `Offset ${offset} exceeds 10000.`);
    const results = rows.slice(offset, offset + limit);
    const total = query.get("withTotal") === "false" ? {} : { total: rows.length };
    return reply(200, { limit, offset, count: results.length, ...total, results });
  }

  function customObjects(call: Call, container?: string, key?: string): Response {
    if (call.method === "POST") return upsert(call.body ?? {});
    const name = `custom-objects/${container}`;
    if (key === undefined) return page(name, call);
    const row = find(name, `key=${key}`);
    if (!row) return notFound();
    return call.method === "GET" ? reply(200, row) : remove(name, row, call);
  }

  /**
   * `e0: createOrUpdateCustomObject(draft: $d0) …` and `e0: customObject(container: $container, key: $k0) …`, one after the other. A key
   * that says so is refused.
   */
  function graphql({ body }: Call): Response {
    const { query, variables } = body ?? {};
    const data: Json = {};
    const errors: Json[] = [];
    const given = variables as Record<string, unknown>;
    for (const [, alias = "", field = "", name = ""] of String(query).matchAll(
      /(e\d+): (createOrUpdateCustomObject|customObject)\((?:draft: |container: \$container, key: )\$(\w+)\)/g,
    )) {
      if (field === "customObject") {
        data[alias] = find(`custom-objects/${given.container}`, `key=${given[name]}`) ?? null;
        continue;
      }
      const draft = given[name] as { container: string; key: string; value: string; version?: number };
      data[alias] = null;
      if (draft.key.includes("refused")) continue;
      const { row, currentVersion } = put({ ...draft, value: JSON.parse(draft.value) });
      if (row) data[alias] = row;
      else errors.push({ path: [alias], extensions: { code: "ConcurrentModification", currentVersion } });
    }
    return reply(200, { data, ...(errors.length > 0 && { errors }) });
  }

  /** The document as it is now, or the version that it has instead of the one that was sent. */
  function put(body: Json): { readonly row?: Row; readonly isNew?: boolean; readonly currentVersion?: number } {
    const name = `custom-objects/${body.container}`;
    const known = find(name, `key=${body.key}`);
    const { version, ...rest } = withoutNulls(body) as Json & { version?: number };
    if (version !== undefined && version !== (known?.version ?? 0)) return { currentVersion: known?.version ?? 0 };
    if (!known) return { row: insert(name, rest), isNew: true };
    const next = { ...known, value: rest.value, version: known.version + 1, lastModifiedAt: now() } as Row;
    table(name).set(known.id, next);
    return { row: next };
  }

  function upsert(body: Json): Response {
    const { row, isNew, currentVersion = 0 } = put(body);
    return row ? reply(isNew ? 201 : 200, row) : conflict(currentVersion);
  }

  return platform;
}

/** As the platform stores the value of a CustomObject. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
};

const conflict = (currentVersion: number): Response =>
  refusal(409, "ConcurrentModification", "Object has a different version than expected.", { currentVersion });

const callOf = (path: string, query: URLSearchParams, init: RequestInit): Call => ({
  method: init.method ?? "GET",
  path,
  query,
  body: typeof init.body === "string" && init.body.startsWith("{") ? (JSON.parse(init.body) as Json) : undefined,
  headers: new Headers(init.headers),
});

/** A client of the stand-in whose waits take no time; `slept` collects them. */
export function clientOf(
  platform: Platform,
  options: Partial<Parameters<typeof createCt>[0]> = {},
): { ct: CtClient; slept: number[] } {
  const slept: number[] = [];
  const clock = {
    ...systemClock,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const ct = createCt({
    apiUrl: "https://api.test",
    authUrl: "https://auth.test",
    projectKey: "shop",
    clientId: "client",
    clientSecret: "sandbox-secret",
    logger: silent,
    fetch: platform.fetch,
    clock,
    ...options,
  });
  return { ct, slept };
}
