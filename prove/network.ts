/** The wire between everybody: latency drawn from the seed, planned faults, hooks on each request, and a log of all of them. */
import type { VirtualTime } from "../core/src/runtime/testing/virtual-time.ts";
import type { Faults } from "../sandbox/kernel/faults.ts";
import { callOrigin } from "../sandbox/kernel/in-process-fetch.ts";
import type { Handler, Random, SandboxRequest, SandboxResponse } from "../sandbox/kernel/types.ts";
import type { Life } from "./life.ts";

export type Host = {
  readonly handler: Handler;
  readonly faults?: Faults;
  /** Least and most milliseconds of one way. */
  readonly latencyMs: readonly [number, number];
};

/** Whose request it is. Platforms and people have no life: they neither die nor pause. */
export type Caller = { readonly name: string; readonly life?: Life };

export type Seen = {
  readonly from: string;
  readonly origin: string;
  readonly method: string;
  /** With query. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** May wait on the virtual clock. What it throws is a lost connection, before or after the host has acted. */
export type Hook = (seen: Seen) => void | Promise<void>;
/** What reaches the caller instead of the host's answer: a gateway in between, or a server with a bad day. */
export type Tampering = (seen: Seen, answer: SandboxResponse) => SandboxResponse;
export type AfterHook = (seen: Seen, status: number) => void | Promise<void>;

export type Network = {
  /** Makes an origin ("http://ifs.test") answer. */
  connect(origin: string, host: Host): void;
  fetchOf(caller: Caller): typeof fetch;
  /** Runs when a request arrives; the answer takes the hook away again. */
  before(hook: Hook): () => void;
  /** Runs when the host has acted and nobody knows yet. */
  after(hook: AfterHook): () => void;
  /** Replaces answers; the answer takes it away again. */
  tamper(tampering: Tampering): () => void;
  /** `elapsed caller method url #body -> status`, in the order in which hosts answered. */
  readonly log: readonly string[];
  /** What hosts threw instead of answering: defects of a platform model, not outages. */
  readonly defects: readonly Error[];
};

export function createNetwork({ time, random }: { time: VirtualTime; random: Random }): Network {
  const { clock } = time;
  const hosts = new Map<string, Host>();
  const hooks = { before: new Set<Hook>(), after: new Set<AfterHook>(), answers: new Set<Tampering>() };
  const log: string[] = [];
  const defects: Error[] = [];

  const register =
    <H>(set: Set<H>) =>
    (hook: H) => {
      set.add(hook);
      return () => set.delete(hook);
    };

  /** The request at its host: hooks, faults, the handler itself. Rejects for a lost connection. */
  async function arrive(host: Host | undefined, wired: Wired, from: string): Promise<SandboxResponse> {
    const { origin, request } = wired;
    const seen: Seen = {
      from,
      origin,
      method: request.method,
      path: request.path,
      headers: request.headers,
      body: request.body.toString("utf8"),
    };
    const line = `${Math.round(clock.monotonic())} ${from} ${seen.method} ${origin}${seen.path} #${digest(seen.body)}`;
    try {
      if (!host) throw new ConnectionLost(`nobody is at ${origin}`);
      for (const hook of hooks.before) await hook(seen);
      let answer = await callOrigin(host, request, (ms) => clock.sleep(ms));
      for (const tampered of hooks.answers) answer = tampered(seen, answer);
      for (const hook of hooks.after) await hook(seen, answer.status);
      log.push(`${line} -> ${answer.status}`);
      return answer;
    } catch (error) {
      log.push(`${line} -> lost`);
      throw error;
    }
  }

  async function travel(wired: Wired, from: string): Promise<SandboxResponse> {
    const host = hosts.get(wired.origin);
    const [least, most] = host?.latencyMs ?? [0, 0];
    const way = () => least + random() * (most - least);
    const [there, back] = [way(), way()];
    await clock.sleep(there);
    try {
      return await arrive(host, wired, from);
    } finally {
      await clock.sleep(back);
    }
  }

  const fetchOf =
    ({ name, life }: Caller): typeof fetch =>
    async (input, init) => {
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
      signal?.throwIfAborted();
      const wired = await onTheWire(input, init);
      const what = `${wired.request.method} ${wired.origin}${wired.request.path}`;
      const pass = life?.pass ?? ((_kind: string, _what: string, happen: () => void) => happen());
      return new Promise((resolve, reject) => {
        // Giving up is the caller's own decision: the request goes on its way.
        const giveUp = () => reject(signal?.reason);
        signal?.addEventListener("abort", giveUp, { once: true });
        const answered = (settle: () => void) =>
          pass("answer", what, () => {
            signal?.removeEventListener("abort", giveUp);
            settle();
          });
        pass("send", what, () => {
          if (signal?.aborted) return;
          travel(wired, name).then(
            (answer) => answered(() => resolve(received(answer))),
            (error: unknown) => answered(() => reject(error)),
          );
        });
      });
    };

  return {
    connect(origin, host) {
      const handler: Handler = async (request: SandboxRequest) => {
        try {
          return await host.handler(request);
        } catch (error) {
          if (!(error instanceof ConnectionLost)) defects.push(error as Error);
          throw error;
        }
      };
      hosts.set(origin, { ...host, handler });
    },
    fetchOf,
    before: register(hooks.before),
    after: register(hooks.after),
    tamper: register(hooks.answers),
    log,
    defects,
  };
}

type Wired = { readonly origin: string; readonly request: SandboxRequest };

/** What a fetch puts on the wire. Texts are what the applications send; anything else is read as `fetch` reads it. */
async function onTheWire(input: string | URL | Request, init: RequestInit | undefined): Promise<Wired> {
  const plain = !(input instanceof Request) && (init?.body == null || typeof init.body === "string");
  const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input);
  if (plain) {
    const body = Buffer.from(typeof init?.body === "string" ? init.body : "", "utf8");
    return {
      origin,
      request: { method: init?.method ?? "GET", path: pathname + search, headers: headersOf(init?.headers), body },
    };
  }
  const request = new Request(input, { ...init, signal: null });
  const body = Buffer.from(await request.arrayBuffer());
  const headers = Object.fromEntries(request.headers);
  return { origin, request: { method: request.method, path: pathname + search, headers, body } };
}

function headersOf(given: RequestInit["headers"]): Record<string, string> {
  if (given === undefined || given instanceof Headers || Array.isArray(given)) {
    return Object.fromEntries(new Headers(given));
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * What `fetch` answers. Its body comes without a stream, whose turns of the event loop would be half of the time that a world
 * of thousands of requests takes.
 */
function received({ status, headers, body }: SandboxResponse): Response {
  const bytes = () => Buffer.from(body);
  return Object.assign(new Response(null, { status, headers }), {
    text: async () => (typeof body === "string" ? body : body.toString("utf8")),
    json: async (): Promise<unknown> => JSON.parse(body.toString()),
    arrayBuffer: async () => new Uint8Array(bytes()).buffer,
  });
}

/** The other side went away: what `fetch` reports as a TypeError. */
export class ConnectionLost extends TypeError {
  constructor(what: string) {
    super(`fetch failed: ${what}`);
    this.name = "ConnectionLost";
  }
}

/** Short, for comparing two logs; not a safeguard against anybody. */
function digest(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  return (hash >>> 0).toString(16);
}
