/**
 * One HTTP exchange with commercetools. The deadline covers the body as well, and everything that is not a 2xx is thrown as
 * a `CallFailure`: the SDK's own time-out ends at the headers, and its rejections are plain objects that lose the cause.
 */
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch, HttpResponse } from "../runtime/http.ts";
import { within } from "../runtime/limit.ts";
import { retryAfterMs } from "../runtime/retry-after.ts";

/** What came back instead of a success. Turned into an error of the domain by `errors.ts`; never leaves this folder. */
export class CallFailure extends Error {
  /** `network`: no answer, so the outcome of a write is not known. */
  readonly kind: "status" | "network";
  readonly status: number | undefined;
  /** Parsed JSON, else the text, of an error answer. */
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
  constructor(
    message: string,
    answer: { kind: "status" | "network"; status?: number; body?: unknown; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: answer.cause });
    this.name = "CallFailure";
    this.kind = answer.kind;
    this.status = answer.status;
    this.body = answer.body;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

export type Exchange = { readonly status: number; readonly headers: HttpResponse["headers"]; text(): Promise<string> };

type Request = {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
};

/** The way out, and how long one exchange may take. */
export type Line = {
  readonly fetch: HttpFetch;
  readonly clock: Pick<Clock, "now" | "monotonic" | "after">;
  readonly timeoutMs: number;
};

/**
 * Sends one request and buffers its answer within the line's time, headers and body together.
 * Throws `CallFailure` for no answer, a cut body or a status outside of 2xx.
 */
export async function exchange(line: Line, url: string, request: Request): Promise<Exchange> {
  const { response, text } = await answerOf(line, url, request);
  if (!response.ok) {
    throw new CallFailure(`status ${response.status}`, {
      kind: "status",
      status: response.status,
      body: parseBody(text),
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), line.clock.now()),
    });
  }
  return { status: response.status, headers: response.headers, text: async () => text };
}

function answerOf({ fetch, clock, timeoutMs }: Line, url: string, request: Request) {
  return within({ clock, ms: timeoutMs }, async (signal) => {
    try {
      const response = await fetch(url, { ...request, redirect: "error", signal });
      return { response, text: await response.text() };
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      throw new CallFailure(reasonOf(cause), { kind: "network", cause });
    }
  });
}

/** What happened is in the error itself, or in its cause, as `fetch` has it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Load balancers in front of the API answer in HTML: the start of it is all that helps.
    return text.slice(0, 300);
  }
}
