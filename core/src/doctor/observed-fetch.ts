/** A fetch that notes what the adapters do not tell: how a token was answered, what time it is there, how long reads take. */
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch } from "../runtime/http.ts";

export type TokenAnswer = {
  readonly status: number;
  /** Seconds. */
  readonly expiresIn: number | undefined;
  /** Undefined where the answer names none. */
  readonly scopes: readonly string[] | undefined;
};

export type Observations = {
  /** The first answer of the token address. */
  token: TokenAnswer | undefined;
  /** Milliseconds by which the other side's clock is ahead, one per answer with a Date header. */
  readonly skews: number[];
  /** Milliseconds of answered GETs. */
  readonly latencies: number[];
};

export type ObservedFetch = {
  readonly fetch: HttpFetch;
  readonly observed: Observations;
};

export function observe(options: {
  readonly tokenUrl: string;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly fetch: HttpFetch;
}): ObservedFetch {
  const { tokenUrl, clock } = options;
  const observed: Observations = { token: undefined, skews: [], latencies: [] };
  return {
    observed,
    async fetch(url, request) {
      const [askedAt, started] = [clock.now(), clock.monotonic()];
      const response = await options.fetch(url, request);
      const elapsed = clock.monotonic() - started;
      const date = Date.parse(response.headers.get("date") ?? "");
      // The header has whole seconds: half of one is the best guess of what was cut off.
      if (!Number.isNaN(date)) observed.skews.push(date + 500 - (askedAt + elapsed / 2));
      if (url === tokenUrl) {
        const text = await response.text();
        observed.token ??= tokenAnswer(response.status, text);
        const { status, ok, headers } = response;
        return { status, ok, headers, text: async () => text };
      }
      if ((request.method ?? "GET") === "GET") observed.latencies.push(elapsed);
      return response;
    },
  };
}

function tokenAnswer(status: number, text: string): TokenAnswer {
  const { expires_in: seconds, scope } = readJson(text);
  return {
    status,
    expiresIn: Number.isFinite(Number(seconds)) && seconds !== undefined ? Number(seconds) : undefined,
    scopes: typeof scope === "string" ? scope.split(" ").filter((name) => name !== "") : undefined,
  };
}

function readJson(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    // The adapter says what it thinks of such an answer.
    return {};
  }
}

/** The middle value; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
