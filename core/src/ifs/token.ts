import { z } from "zod";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch } from "../runtime/http.ts";
import { within } from "../runtime/limit.ts";

export type TokenSettings = {
  /** Full URL of the token endpoint; independent of the API's address, because tenants stand behind gateways. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
};

export type TokenSource = {
  /**
   * A token that is good for some seconds more. Throws AuthenticationError for a refused credential, else TransientError.
   * During a pause it throws at once and asks nobody; when the pause is over, the first call asks the token endpoint again.
   */
  get(): Promise<string>;
  /** Tells that this token was refused; the next `get` asks for another. Ignored when a newer one is there already. */
  reject(token: string): void;
  /** Tells that a token was refused although it was new: pauses, and answers with the error to throw. */
  refuse(token: string, why: string): AuthenticationError;
  /** Tells that a token was taken, so that the next pause begins short. Ignored for tokens from before a pause. */
  accept(token: string): void;
  /** The pause that is on, until the credential works again. */
  pause(): CredentialPause | undefined;
};

/** Nothing is asked of IFS before `until`, when the token endpoint is asked once more. Epoch ms. */
export type CredentialPause = { readonly since: number; readonly until: number; readonly reason: string };

const TOKEN_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 300_000;
const answerSchema = z.object({
  /** What a header can carry: anything else would fail at the first request, where it would look like a broken connection. */
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .pipe(z.number().positive()),
});

/**
 * Client credentials in the POST body. Each token opens a Keycloak session, so one is kept per process, asked for once at a
 * time, and renewed when 30 s or a fifth of its life are left, whichever is less (IFS's tokens live 180 s).
 *
 * A refused credential is no matter of single requests: asking on would lock the account and burn attempts. So everything
 * that needs a token pauses for 30 seconds, then 1, 2, 4 and 5 minutes, and goes on by itself. The pause is this source's own: a
 * process that starts with another credential, or a configuration that is activated, begins without one.
 */
export function createTokenSource(settings: TokenSettings, fetcher: HttpFetch, clock: Clock): TokenSource {
  let current: { token: string; renewAt: number } | undefined;
  let flight: Promise<string> | undefined;
  let paused: (CredentialPause & { readonly over: number }) | undefined;
  /** Since when, and how long next: both until IFS has taken a token. */
  let refusedSince: number | undefined;
  let nextPauseMs = FIRST_PAUSE_MS;

  function pauseFor(reason: string): AuthenticationError {
    const until = clock.now() + nextPauseMs;
    refusedSince ??= clock.now();
    paused = { since: refusedSince, until, reason, over: clock.monotonic() + nextPauseMs };
    nextPauseMs = Math.min(nextPauseMs * 2, LONGEST_PAUSE_MS);
    current = undefined;
    return refusal(paused);
  }

  async function request(): Promise<string> {
    const askedAt = clock.monotonic();
    const answer = await ask(settings, fetcher, clock).catch((error: unknown) => {
      throw error instanceof AuthenticationError ? pauseFor(error.message) : error;
    });
    const life = answer.expires_in * 1000;
    paused = undefined;
    current = { token: answer.access_token, renewAt: askedAt + life - Math.min(30_000, life / 5) };
    return answer.access_token;
  }

  return {
    get() {
      if (current && clock.monotonic() < current.renewAt) return Promise.resolve(current.token);
      if (paused && clock.monotonic() < paused.over) return Promise.reject(refusal(paused));
      flight ??= request().finally(() => {
        flight = undefined;
      });
      return flight;
    },
    reject(token) {
      if (current?.token === token) current = undefined;
    },
    refuse(token, why) {
      if (current?.token === token) return pauseFor(why);
      // Many requests are in the air with one token, and their refusals are one; a newer token may do.
      return paused ? refusal(paused) : new AuthenticationError("ifs", why);
    },
    accept(token) {
      if (current?.token !== token) return;
      refusedSince = undefined;
      nextPauseMs = FIRST_PAUSE_MS;
    },
    pause() {
      if (!paused) return undefined;
      const { over, ...pause } = paused;
      return pause;
    },
  };
}

const refusal = ({ since, until, reason }: CredentialPause): AuthenticationError =>
  new AuthenticationError(
    "ifs",
    `${reason}, since ${seconds(since)}; nothing is asked of IFS before ${seconds(until)}, then the credential is tried again`,
    { pausedUntil: new Date(until).toISOString() },
  );

/** "2026-03-01T12:00:00Z" */
const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

async function ask(settings: TokenSettings, fetcher: HttpFetch, clock: Clock): Promise<z.infer<typeof answerSchema>> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: settings.clientId,
    client_secret: settings.clientSecret,
  });
  if (settings.scope) form.set("scope", settings.scope);
  let status: number;
  let text: string;
  try {
    [status, text] = await within({ clock, ms: TOKEN_TIMEOUT_MS }, async (signal) => {
      const response = await fetcher(settings.tokenUrl, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: form.toString(),
        redirect: "manual",
        signal,
      });
      return [response.status, await response.text()];
    });
  } catch (cause) {
    throw new TransientError("IFS token endpoint does not answer", { cause });
  }
  if (status === 400 || status === 401 || status === 403) {
    throw new AuthenticationError(
      "ifs",
      `IFS token endpoint refuses the credential (HTTP ${status}${errorCode(text)})`,
    );
  }
  if (status !== 200) throw new TransientError(`IFS token endpoint answers HTTP ${status}`);
  return parseAnswer(text);
}

function parseAnswer(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    // The text may hold a token: neither it nor the parser's quotation of it goes into the error.
    throw new TransientError("IFS token endpoint answers 200 without a usable token");
  }
}

/** The OAuth error code (`invalid_client`), which is no secret and tells the administrator what to repair. */
const errorCode = (text: string): string => {
  const code = /"error"\s*:\s*"([a-z_]{1,60})"/.exec(text)?.[1];
  return code ? `, ${code}` : "";
};
