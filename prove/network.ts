/** The wire between everybody: latency drawn from the seed, planned faults, hooks on each request, and a log of all of them. */
import type { VirtualTime } from "../core/src/runtime/testing/virtual-time.ts";
import type { Faults } from "../sandbox/kernel/faults.ts";
import { inProcessFetch } from "../sandbox/kernel/in-process-fetch.ts";
import type { Handler, Random, SandboxRequest } from "../sandbox/kernel/types.ts";
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
  readonly body: string;
};

/** May wait on the virtual clock. What it throws is a lost connection, before or after the host has acted. */
export type Hook = (seen: Seen) => void | Promise<void>;

export type Network = {
  /** Makes an origin ("http://ifs.test") answer. */
  connect(origin: string, host: Host): void;
  fetchOf(caller: Caller): typeof fetch;
  /** Runs when a request arrives; the answer takes the hook away again. */
  before(hook: Hook): () => void;
  /** Runs when the host has acted and nobody knows yet. */
  after(hook: Hook): () => void;
  /** `elapsed caller method url #body -> status`, in the order in which hosts answered. */
  readonly log: readonly string[];
  /** What hosts threw instead of answering: defects of a platform model, not outages. */
  readonly defects: readonly Error[];
};

export function createNetwork({ time, random }: { time: VirtualTime; random: Random }): Network {
  const { clock } = time;
  const hosts = new Map<string, Host & { readonly send: typeof fetch }>();
  const hooks = { before: new Set<Hook>(), after: new Set<Hook>() };
  const log: string[] = [];
  const defects: Error[] = [];

  const register = (set: Set<Hook>) => (hook: Hook) => {
    set.add(hook);
    return () => set.delete(hook);
  };

  /** The request at its host: hooks, faults, the handler itself. Rejects for a lost connection. */
  async function arrive(request: Request, body: string, from: string): Promise<Response> {
    const { origin, pathname, search } = new URL(request.url);
    const seen: Seen = { from, origin, method: request.method, path: pathname + search, body };
    const line = `${Math.round(clock.monotonic())} ${from} ${seen.method} ${origin}${seen.path} #${digest(body)}`;
    try {
      const host = hosts.get(origin);
      if (!host) throw new TypeError(`fetch failed: nobody is at ${origin}`);
      for (const hook of hooks.before) await hook(seen);
      const answer = await host.send(request);
      for (const hook of hooks.after) await hook(seen);
      log.push(`${line} -> ${answer.status}`);
      return answer;
    } catch (error) {
      log.push(`${line} -> lost`);
      throw error;
    }
  }

  async function travel(request: Request, caller: Caller): Promise<Response> {
    const [least, most] = hosts.get(new URL(request.url).origin)?.latencyMs ?? [0, 0];
    const way = () => least + random() * (most - least);
    const [there, back] = [way(), way()];
    const body = await request.clone().text();
    await clock.sleep(there);
    try {
      return await arrive(request, body, caller.name);
    } finally {
      await clock.sleep(back);
    }
  }

  const fetchOf =
    (caller: Caller): typeof fetch =>
    (input, init) =>
      new Promise((resolve, reject) => {
        const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        // Giving up is the caller's own decision: the request goes on its way.
        const giveUp = () => reject(signal?.reason);
        signal?.addEventListener("abort", giveUp, { once: true });
        const request = new Request(input, { ...init, signal: null });
        const what = `${request.method} ${request.url}`;
        const pass = caller.life?.pass ?? ((_kind: string, _what: string, happen: () => void) => happen());
        const answered = (settle: () => void) =>
          pass("answer", what, () => {
            signal?.removeEventListener("abort", giveUp);
            settle();
          });
        pass("send", what, () => {
          travel(request, caller).then(
            (response) => answered(() => resolve(response)),
            (error: unknown) => answered(() => reject(error)),
          );
        });
      });

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
      const origins = { [origin]: { handler, ...(host.faults ? { faults: host.faults } : {}) } };
      hosts.set(origin, { ...host, send: inProcessFetch(origins, (ms) => clock.sleep(ms)) });
    },
    fetchOf,
    before: register(hooks.before),
    after: register(hooks.after),
    log,
    defects,
  };
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
