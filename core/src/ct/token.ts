import { z } from "zod";
import { AuthenticationError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch } from "../runtime/http.ts";
import { CallFailure, exchange } from "./call.ts";
import { isWorthRereading, toDomainError } from "./errors.ts";

/** One access token for all callers: fetched once however many ask at a time, renewed ahead of its end. */
export type Tokens = {
  /** A token that is good for at least the next seconds. Throws AuthenticationError or TransientError. */
  get(): Promise<string>;
  /** Forgets this token, if it is still the current one, after the platform refused it. */
  refused(token: string): void;
};

type TokenOptions = {
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch: HttpFetch;
  readonly clock: Pick<Clock, "now" | "monotonic" | "after" | "sleep">;
  readonly timeoutMs: number;
};

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** Tokens live 48 hours; renewed five minutes early, or after nine tenths of a shorter life. */
const EARLY_MS = 300_000;
const ATTEMPTS = 3;

export function createTokens(options: TokenOptions): Tokens {
  let current: { token: string; renewAt: number } | undefined;
  let pending: Promise<string> | undefined;

  async function renew(): Promise<string> {
    const { access_token: token, expires_in: seconds } = await requestToken(options);
    const lifeMs = seconds * 1000;
    current = { token, renewAt: options.clock.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 10) };
    return token;
  }

  return {
    async get() {
      if (current && options.clock.now() < current.renewAt) return current.token;
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    refused(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

async function requestToken(options: TokenOptions): Promise<z.infer<typeof tokenSchema>> {
  for (let count = 1; ; count += 1) {
    try {
      return parseToken(await (await postToken(options)).text());
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (!isWorthRereading(error) || count >= ATTEMPTS) throw tokenError(error, options.clientId);
      await options.clock.sleep(Math.min(error.retryAfterMs ?? 200 * 2 ** count, 2000));
    }
  }
}

function postToken({ authUrl, clientId, clientSecret, ...line }: TokenOptions) {
  const request = {
    method: "POST",
    headers: {
      Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
      "Content-Type": "application/x-www-form-urlencoded",
      Accept: "application/json",
    },
    body: "grant_type=client_credentials",
  };
  return exchange(line, `${authUrl.replace(/\/+$/, "")}/oauth/token`, request);
}

function tokenError(failure: CallFailure, clientId: string): Error {
  if (isWorthRereading(failure)) {
    return toDomainError(failure, { method: "POST", path: "/oauth/token", correlationId: "none" });
  }
  // A refused client is 400 or 401 invalid_client: in any case the credential, never the data of a request.
  return new AuthenticationError(
    "commercetools",
    `commercetools does not accept the API client "${clientId}": check CTP_CLIENT_ID, CTP_CLIENT_SECRET and CTP_AUTH_URL (status ${failure.status})`,
    { cause: failure },
  );
}

function parseToken(text: string): z.infer<typeof tokenSchema> {
  try {
    return tokenSchema.parse(JSON.parse(text));
  } catch {
    // The text itself may hold a token, so it is neither quoted nor kept as cause.
    throw new AuthenticationError("commercetools", "the answer of CTP_AUTH_URL is not an access token");
  }
}
