import { z } from "zod";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { within } from "../runtime/limit.ts";

export type TokenSettings = {
  /** Full URL of the token endpoint; independent of the API's address, because tenants stand behind gateways. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
};

export type TokenSource = {
  /** A token that is good for some seconds more. Throws AuthenticationError for a refused credential, else TransientError. */
  get(): Promise<string>;
  /** Tells that this token was refused; the next `get` asks for another. Ignored when a newer one is there already. */
  reject(token: string): void;
};

const TOKEN_TIMEOUT_MS = 10_000;
const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/**
 * Client credentials in the POST body. Each token opens a Keycloak session, so one is kept per process, asked for once at a
 * time, and renewed when 30 s or a fifth of its life are left, whichever is less (IFS's tokens live 180 s).
 */
export function createTokenSource(settings: TokenSettings, fetcher: typeof fetch, clock: Clock): TokenSource {
  let current: { token: string; renewAt: number } | undefined;
  let flight: Promise<string> | undefined;

  async function request(): Promise<string> {
    const askedAt = clock.monotonic();
    const answer = await ask(settings, fetcher, clock);
    const life = answer.expires_in * 1000;
    current = { token: answer.access_token, renewAt: askedAt + life - Math.min(30_000, life / 5) };
    return answer.access_token;
  }

  return {
    get() {
      if (current && clock.monotonic() < current.renewAt) return Promise.resolve(current.token);
      flight ??= request().finally(() => {
        flight = undefined;
      });
      return flight;
    },
    reject(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

async function ask(
  settings: TokenSettings,
  fetcher: typeof fetch,
  clock: Clock,
): Promise<z.infer<typeof answerSchema>> {
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
