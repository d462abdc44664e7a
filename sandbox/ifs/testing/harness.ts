import type { Faults } from "../../kernel/faults.ts";
import { createFaults } from "../../kernel/faults.ts";
import { inProcessFetch } from "../../kernel/in-process-fetch.ts";
import { seededRandom } from "../../kernel/types.ts";
import { connectorClient, type IfsClient } from "../connector-client.ts";
import { createControl } from "../control.ts";
import type { Deliver } from "../events/event-queue.ts";
import { createGrants } from "../grants.ts";
import { createIfsModel, type IfsModel } from "../model.ts";
import { startIfs } from "../server.ts";

/** A Tuesday morning in March: 09:30 in London, 10:30 on the clocks of all sites. */
export const NOW = Date.parse("2026-03-10T09:30:00Z");

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  /** The body as an object; {} when there is none. */
  json: Record<string, unknown>;
  /** Rows of a list. */
  rows: Record<string, unknown>[];
};

export type Ask = {
  body?: unknown;
  headers?: Record<string, string>;
  /** Client id; the connector's own when absent, none when null. */
  as?: string | null;
};

export type Bench = {
  model: IfsModel;
  faults: Faults;
  /** `path` after `/main/ifsapplications/projection/v1/`; blanks are encoded here. */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Any path of the origin as it is, without a token. */
  raw(method: string, path: string, init?: RequestInit): Promise<Answer>;
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  clerk(command: string, body: unknown): Promise<Answer>;
  tokenOf(clientId: string): Promise<string>;
  /** Milliseconds that the model was asked to wait, where it does not really wait. */
  waited(): number;
  close(): Promise<void>;
};

const clients: IfsClient[] = [
  connectorClient,
  { clientId: "sweden", clientSecret: "sandbox-secret", companies: ["20"], sites: ["201"], projections: "all" },
  { clientId: "nobody", clientSecret: "sandbox-secret", companies: [], sites: [], projections: "all" },
  {
    clientId: "stockonly",
    clientSecret: "sandbox-secret",
    companies: ["10", "20"],
    sites: ["101", "102", "201"],
    projections: ["InventoryPartInStockHandling"],
  },
];

/** The two forms of the model that every check runs on: what is proven is what is served. */
export const forms = [
  { form: "in process", open: openInProcess },
  { form: "over HTTP", open: openServer },
] as const;

const clock = { now: () => NOW };

export type OpenOptions = { deliver?: Deliver };

async function openInProcess(options: OpenOptions = {}): Promise<Bench> {
  const grants = createGrants(clients);
  let waited = 0;
  const model = createIfsModel({
    clock,
    random: seededRandom(7),
    authenticate: (headers) => grants.get((headers.authorization ?? "").replace("Bearer ", "")),
    wait: async (ms) => {
      waited += ms;
    },
    deliver: options.deliver,
    origin: "http://ifs.test",
  });
  const control = createControl(model, grants);
  const faults = createFaults(seededRandom(3));
  const fetchHere = inProcessFetch({
    "http://ifs.test": {
      handler: (request) => (request.path.startsWith("/sandbox/") ? control(request) : model.handle(request)),
      faults,
    },
  });
  return bench({
    origin: "http://ifs.test",
    fetch: fetchHere,
    model,
    faults,
    tokenOf: async (clientId) => clientId,
    waited: () => waited,
    close: async () => undefined,
  });
}

async function openServer(options: OpenOptions = {}): Promise<Bench> {
  const server = await startIfs({ port: 0, clock, random: seededRandom(7), clients, deliver: options.deliver });
  const tokens = new Map<string, string>();
  return bench({
    origin: server.url,
    fetch,
    model: server.model,
    faults: server.faults,
    async tokenOf(clientId) {
      const known = tokens.get(clientId);
      if (known) return known;
      const response = await fetch(`${server.url}/auth/realms/sandbox/protocol/openid-connect/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: clientId,
          client_secret: "sandbox-secret",
        }),
      });
      const { access_token } = (await response.json()) as { access_token: string };
      tokens.set(clientId, access_token);
      return access_token;
    },
    waited: () => 0,
    close: server.close,
  });
}

type Parts = {
  origin: string;
  fetch: typeof fetch;
  model: IfsModel;
  faults: Faults;
  tokenOf(clientId: string): Promise<string>;
  waited(): number;
  close(): Promise<void>;
};

function bench(parts: Parts): Bench {
  const raw = async (method: string, path: string, init: RequestInit = {}) =>
    toAnswer(await parts.fetch(`${parts.origin}${path}`, { ...init, method }));
  const control = (method: string, path: string, body?: unknown) =>
    raw(method, `/sandbox/${path}`, body === undefined ? {} : { body: JSON.stringify(body) });
  return {
    model: parts.model,
    faults: parts.faults,
    raw,
    control,
    clerk: (command, body) => control("POST", `clerk/${command}`, body),
    tokenOf: parts.tokenOf,
    waited: parts.waited,
    close: parts.close,
    async ask(method, path, { body, headers = {}, as = "ctconnector" } = {}) {
      const sent = new Headers(body === undefined ? {} : { "content-type": "application/json" });
      if (as !== null) sent.set("authorization", `Bearer ${await parts.tokenOf(as)}`);
      for (const [name, value] of Object.entries(headers)) sent.set(name, value);
      return raw(method, `/main/ifsapplications/projection/v1/${path.replaceAll(" ", "%20")}`, {
        headers: sent,
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      });
    },
  };
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json") && text !== "";
  const parsed: unknown = isJson ? JSON.parse(text) : {};
  const json = (Array.isArray(parsed) ? { list: parsed } : parsed) as Record<string, unknown>;
  const rows = Array.isArray(json.value) ? (json.value as Record<string, unknown>[]) : [];
  return { status: response.status, headers: response.headers, text, json, rows };
}

/** The text that people are shown: of the first detail, else of the error. */
export function messageOf(answer: Answer): string {
  const error = answer.json.error as { message?: string; details?: { message: string }[] } | undefined;
  return error?.details?.[0]?.message ?? error?.message ?? "";
}

export function codeOf(answer: Answer): string {
  return (answer.json.error as { code?: string } | undefined)?.code ?? "";
}
