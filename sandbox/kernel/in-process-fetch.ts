import type { FaultRule, Faults, Wait } from "./faults.ts";
import { realWait } from "./faults.ts";
import type { Handler, SandboxRequest, SandboxResponse } from "./types.ts";
import { json } from "./types.ts";

export type Origin = { handler: Handler; faults?: Faults };

/**
 * A `fetch` that reaches the models without a socket, so that a proof can run thousands of stories under a virtual clock.
 * Origins are matched by scheme, host and port. Lost connections reject with a TypeError, as the real fetch does.
 */
export function inProcessFetch(origins: Record<string, Origin>, wait: Wait = realWait): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const origin = origins[url.origin];
    if (!origin) throw new TypeError(`fetch failed: no model at ${url.origin}`);
    const parsed: SandboxRequest = {
      method: request.method,
      path: url.pathname + url.search,
      headers: Object.fromEntries(request.headers),
      body: Buffer.from(await request.arrayBuffer()),
    };
    const answer = await callOrigin(origin, parsed, wait);
    request.signal.throwIfAborted();
    return toResponse(answer);
  };
}

/** One request as the origin would meet it on the wire, planned faults included. Lost connections reject with a TypeError. */
export async function callOrigin(origin: Origin, request: SandboxRequest, wait: Wait): Promise<SandboxResponse> {
  const fault = origin.faults?.take(request);
  return fault ? strike(fault, origin.handler, request, wait) : origin.handler(request);
}

async function strike(
  fault: FaultRule,
  handler: Handler,
  request: SandboxRequest,
  wait: Wait,
): Promise<SandboxResponse> {
  switch (fault.kind) {
    case "latency":
      await wait(fault.delayMs ?? 0);
      return handler(request);
    case "status":
      return json(fault.status ?? 503, fault.responseBody ?? { message: "planned fault" }, fault.headers);
    case "loseResponse":
      await handler(request);
      throw new TypeError("fetch failed: connection reset");
    case "lateCommit":
      void wait(fault.delayMs ?? 0).then(() => handler(request));
      throw new TypeError("fetch failed: connection reset");
    case "reset":
      throw new TypeError("fetch failed: connection reset");
    case "stall":
      await wait(fault.delayMs ?? 600_000);
      throw new TypeError("fetch failed: terminated");
  }
}

export function toResponse(answer: SandboxResponse): Response {
  const empty = answer.status === 204 || answer.status === 304;
  const body = typeof answer.body === "string" ? answer.body : new Uint8Array(answer.body);
  return new Response(empty ? null : body, { status: answer.status, headers: answer.headers });
}
