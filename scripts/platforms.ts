/** Both platforms' own APIs over plain fetch: what a story checks, it checks here, never through the connector. */

export type Json = { [key: string]: unknown };

export type Commercetools = {
  get<T = Json>(path: string): Promise<T>;
  post<T = Json>(path: string, body: unknown): Promise<T>;
};

export type IfsCloud = {
  /** Rows of an entity set; `query` starts with `?` or is empty. */
  rows(projection: string, path: string): Promise<Json[]>;
  /** A warehouse's or a sales desk's command. */
  clerk(command: string, body: Json): Promise<Json>;
};

const DEADLINE_MS = 20_000;

async function answer<T>(response: Response, what: string): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} answered ${response.status}: ${text.slice(0, 500)}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** commercetools with an administrator's client. */
export function commercetools(url: string, projectKey: string): Commercetools {
  let token: Promise<string> | undefined;
  const authorization = () => {
    token ??= clientToken(`${url}/oauth/token`, "admin", "sandbox-secret");
    return token;
  };
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/${projectKey}${path}`, {
      method,
      headers: { authorization: `Bearer ${await authorization()}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return answer<T>(response, `commercetools ${method} ${path}`);
  };
  return { get: (path) => call("GET", path), post: (path, body) => call("POST", path, body) };
}

/** An access token by client credentials with HTTP basic authentication. */
export async function clientToken(tokenUrl: string, clientId: string, secret: string, scope?: string): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope ? { scope } : {}) }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  return (await answer<{ access_token: string }>(response, "the token address")).access_token;
}

/** IFS Cloud with the connector's own client: IFS's tokens live 180 seconds, so each story step asks for a new one. */
export function ifsCloud(url: string): IfsCloud {
  const tokenUrl = `${url}/auth/realms/sandbox/protocol/openid-connect/token`;
  return {
    async rows(projection, path) {
      const token = await clientToken(tokenUrl, "ctconnector", "sandbox-secret", "openid microprofile-jwt");
      const address = `${url}/main/ifsapplications/projection/v1/${projection}.svc/${path}`;
      const response = await fetch(address, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      return (await answer<{ value: Json[] }>(response, `IFS ${projection}.svc/${path}`)).value;
    },
    async clerk(command, body) {
      const response = await fetch(`${url}/sandbox/clerk/${command}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      return answer<Json>(response, `the clerk's ${command}`);
    },
  };
}

/** Asks again every 100 ms until the answer is there; throws with the last thing seen. */
export async function eventually<T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + timeoutMs;
  let last: unknown = "nothing";
  for (;;) {
    try {
      const found = await ask();
      if (found !== undefined) return found;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > until)
      throw new Error(`${what} did not happen within ${timeoutMs / 1000} s; last seen: ${String(last)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}
