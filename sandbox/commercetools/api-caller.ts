/** A refusal of the API as a caller sees it. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(method: string, path: string, status: number, body: unknown) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export type ApiOptions = {
  /** Origin of API and tokens alike. */
  url: string;
  projectKey: string;
  clientId: string;
  clientSecret: string;
  fetch?: typeof fetch;
};

export type Json = Record<string, unknown>;

export type Api = {
  get(path: string, query?: Record<string, string | string[]>): Promise<Json>;
  /** Like get, undefined on 404. */
  find(path: string, query?: Record<string, string | string[]>): Promise<Json | undefined>;
  post(path: string, body: unknown): Promise<Json>;
  delete(path: string, query?: Record<string, string>): Promise<Json>;
  /** The bare request with a token: status and parsed body, whatever they are. */
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json; headers: Headers }>;
};

/** A small client over fetch, as a storefront without SDK would have. Tokens are fetched once and again after a 401. */
export function createApi(options: ApiOptions): Api {
  const send = options.fetch ?? fetch;
  let token: Promise<string> | undefined;

  const fetchToken = async (): Promise<string> => {
    const credentials = Buffer.from(`${options.clientId}:${options.clientSecret}`).toString("base64");
    const response = await send(`${options.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    const body = (await response.json()) as Json;
    if (response.status !== 200) throw new ApiRefusal("POST", "/oauth/token", response.status, body);
    return String(body.access_token);
  };

  const once = async (method: string, path: string, body: unknown): Promise<Response> => {
    token ??= fetchToken();
    return send(`${options.url}/${options.projectKey}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };

  const request: Api["request"] = async (method, path, body) => {
    let response = await once(method, path, body);
    if (response.status === 401) {
      token = undefined;
      response = await once(method, path, body);
    }
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Json), headers: response.headers };
  };

  const strict = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const answer = await request(method, path, body);
    if (answer.status >= 300) throw new ApiRefusal(method, path, answer.status, answer.body);
    return answer.body;
  };

  return {
    request,
    get: (path, query) => strict("GET", path + queryString(query)),
    async find(path, query) {
      const answer = await request("GET", path + queryString(query));
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw new ApiRefusal("GET", path, answer.status, answer.body);
      return answer.body;
    },
    post: (path, body) => strict("POST", path, body),
    delete: (path, query) => strict("DELETE", path + queryString(query)),
  };
}

function queryString(query: Record<string, string | string[]> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, one);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
