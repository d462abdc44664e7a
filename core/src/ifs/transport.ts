import { TransientError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch, HttpResponse } from "../runtime/http.ts";
import { type TimedSignal, turnOf } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import { requestMeter } from "../runtime/request-meter.ts";
import { retryAfterMs } from "../runtime/retry-after.ts";
import type { BudgetGate } from "./budget/budget.ts";
import type { Lane } from "./budget/lanes.ts";
import { classify, type Effect, type IfsFailure, isErrorBody, networkError, toError } from "./errors.ts";
import type { TokenSource } from "./token.ts";

export type IfsRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly effect: Effect;
  /**
   * The deadline: covers waiting for a place in the budget, the token, the request and the whole body. Nothing leaves after it,
   * however long the process slept meanwhile: for a create it ends inside the claim.
   */
  readonly signal: TimedSignal;
};

export type IfsResponse = { readonly status: number; readonly headers: HttpResponse["headers"]; readonly text: string };

/** Sends one request and returns its 2xx answer; everything else is thrown, classified by errors.ts. */
export type Send = (request: IfsRequest) => Promise<IfsResponse>;

const STALE_METADATA_RESENDS = 2;
/** Part of a create's time that may be spent on waiting for a place; the rest is IFS's. */
const MOST_WAIT = 2 / 3;

type Tries = { stale: number; renewed: boolean };

export function createSend(options: {
  readonly tokens: TokenSource;
  readonly fetch: HttpFetch;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every request passes it, a resend like any other. Requests for a token do not: they go to IAM. */
  readonly gate: BudgetGate;
  readonly lane: Lane;
}): Send {
  const { tokens, clock, logger, gate, lane } = options;

  async function once(request: IfsRequest, what: string): Promise<IfsResponse & { token: string }> {
    // A token is there before a place is taken; the one that is used is asked for again, for the wait may outlive it.
    await beforeSending(tokens.get(), request.signal, what);
    let begun = false;
    const leaves = requestMeter("ifsRequests");
    const work = () => {
      begun = true;
      return exchange(request, what, leaves);
    };
    const run = (signal: AbortSignal) => gate.run(lane, signal, work);
    try {
      return await (request.effect === "create" ? inTime(request.signal, run) : run(request.signal));
    } catch (error) {
      throw begun ? error : notSent(what);
    }
  }

  /** A create that waited too long for its place is not begun: sent with too little time left, it would end in doubt. */
  function inTime<T>(signal: TimedSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ms = (signal.notAfter - clock.monotonic()) * MOST_WAIT;
    const wait = new AbortController();
    const callOff = clock.after(Math.max(0, ms), () => wait.abort());
    const until = Object.assign(AbortSignal.any([signal, wait.signal]), { turn: turnOf(signal) });
    return run(until).finally(callOff);
  }

  async function exchange(
    request: IfsRequest,
    what: string,
    leaves: () => void,
  ): Promise<IfsResponse & { token: string }> {
    const token = await beforeSending(tokens.get(), request.signal, what);
    const begunAt = clock.monotonic();
    // After a long sleep the answer that was waited for may come before the alarm: nothing is awaited from here to `fetch`.
    if (request.signal.aborted || begunAt >= request.signal.notAfter) throw notSent(what);
    leaves();
    try {
      const response = await options.fetch(request.url, {
        method: request.method,
        headers: { accept: "application/json", ...request.headers, authorization: `Bearer ${token}` },
        ...(request.body === undefined ? {} : { body: request.body }),
        // Following a redirect would send the body, and the token, to an address nobody configured.
        redirect: "manual",
        credentials: "omit",
        signal: request.signal,
      });
      const { status, headers } = response;
      const text = await response.text();
      gate.observe({
        status,
        elapsedMs: clock.monotonic() - begunAt,
        read: request.effect === "read",
        retryAfterMs: retryAfterMs(headers.get("retry-after"), clock.now()),
      });
      return { status, headers, text, token };
    } catch (cause) {
      throw networkError(cause, request.effect, what);
    }
  }

  async function send(request: IfsRequest): Promise<IfsResponse> {
    const what = describe(request);
    const tries: Tries = { stale: 0, renewed: false };
    for (;;) {
      const { token, ...response } = await once(request, what);
      if (response.status >= 200 && response.status < 300 && !isErrorBody(response.text)) {
        tokens.accept(token);
        return response;
      }
      const failure = classify(
        { status: response.status, text: response.text, retryAfter: response.headers.get("retry-after") },
        clock.now(),
      );
      if (sendAgain(failure, tries, { token, what })) continue;
      throw failure.kind === "unauthenticated"
        ? tokens.refuse(token, `IFS, ${what}, refuses a new token: ${failure.text}`)
        : toError(failure, request.effect, what);
    }
  }

  /** The identical request is worth another try, because nothing of it was begun. */
  function sendAgain({ kind }: IfsFailure, tries: Tries, { token, what }: { token: string; what: string }): boolean {
    if (kind === "unauthenticated" && !tries.renewed) {
      tokens.reject(token);
      tries.renewed = true;
      return true;
    }
    if (kind === "staleMetadata" && tries.stale < STALE_METADATA_RESENDS) {
      tries.stale += 1;
      logger.warn({ request: what, resend: tries.stale }, "ifs.staleMetadata");
      return true;
    }
    return false;
  }

  return send;
}

const notSent = (what: string): TransientError =>
  new TransientError(`IFS, ${what}: the deadline passed before the request could be sent`);

/** Method and path. The query stays out: it may hold what customers typed. */
const describe = (request: IfsRequest): string => {
  const { pathname } = new URL(request.url);
  return `${request.method} ${pathname.slice(pathname.indexOf(".svc/") < 0 ? 0 : pathname.lastIndexOf("/", pathname.indexOf(".svc/")) + 1)}`;
};

/** Waits for the token, but not beyond the caller's deadline; other callers go on waiting for the same token. */
async function beforeSending(token: Promise<string>, signal: AbortSignal, what: string): Promise<string> {
  let giveUp: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = () => reject(notSent(what));
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([token, late]);
  } finally {
    if (giveUp) signal.removeEventListener("abort", giveUp);
  }
}
