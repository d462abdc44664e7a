import { createNames, type Names, ORDERS, quoted, SITES, type Tenant } from "./names.ts";
import { NotApplicable, NotGranted } from "./outcome.ts";

export type Row = Record<string, unknown>;

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  /** The body as an object; {} when it is none. */
  json: Row;
  /** Rows of a list. */
  rows: Row[];
};

export type Ask = {
  body?: unknown;
  headers?: Record<string, string>;
  /** Hand out a 403 like any other answer. */
  allowForbidden?: boolean;
};

export type Target = {
  /** Origin of the API: `https://host`. */
  url: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  fetch: typeof fetch;
  /** Milliseconds since the epoch on the server's clock. */
  now: () => number;
};

/** What to look at where the tenant offers a choice; found by reading when absent. */
export type Subject = { site?: string; company?: string; part?: string; orderNo?: string; discountChargeType?: string };

/** The sandbox's control endpoint. */
export type Controls = { call(method: string, path: string, body?: unknown): Promise<Answer> };

export type Probe = {
  target: Target;
  tenant: Tenant;
  names: Names;
  subject: Subject;
  sandbox?: Controls;
  /** `path` after `/main/ifsapplications/projection/v1/`; blanks are encoded here. */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Any path of the origin, or any URL, without a token. */
  raw(method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** A token request with other or more form fields than usual. */
  token(form?: Record<string, string>): Promise<Answer>;
  controls(): Controls;
  site(): Promise<{ contract: string; company: string }>;
  /** An existing order of the site, as a whole row. */
  order(): Promise<Row>;
  /** A text that no other run uses, for references. */
  mark(): string;
  /** Orders that checks made. */
  made: string[];
};

export type ProbeOptions = { target: Target; tenant?: Tenant; subject?: Subject; sandbox?: Controls };

export function createProbe(options: ProbeOptions): Probe {
  const { target, tenant = {}, subject = {}, sandbox } = options;
  const names = createNames(tenant);
  const kept = new Map<string, Promise<unknown>>();
  let marks = 0;
  let bearer: { text: string; until: number } | undefined;

  const once = <T>(name: string, find: () => Promise<T>): Promise<T> => {
    const known = kept.get(name) as Promise<T> | undefined;
    const value = known ?? find();
    kept.set(name, value);
    return value;
  };
  const raw: Probe["raw"] = async (method, path, init = {}) => {
    const url = /^https?:/.test(path) ? path : `${target.url}${path}`;
    const signal = AbortSignal.timeout(60_000);
    return toAnswer(await target.fetch(url, { ...init, method, signal }));
  };
  const token: Probe["token"] = (form = {}) =>
    raw("POST", target.tokenUrl, {
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: target.clientId,
        client_secret: target.clientSecret,
        ...form,
      }),
    });
  async function bearerToken(): Promise<string> {
    if (bearer && bearer.until > Date.now()) return bearer.text;
    const answer = await token();
    if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status}: ${answer.text}`);
    const seconds = Number(answer.json.expires_in ?? 60);
    bearer = { text: String(answer.json.access_token), until: Date.now() + seconds * 800 };
    return bearer.text;
  }

  const probe: Probe = {
    target,
    tenant,
    names,
    subject,
    sandbox,
    raw,
    token,
    made: [],
    mark: () => `CONF-${target.now().toString(36)}-${marks++}`,
    controls() {
      if (sandbox) return sandbox;
      throw new NotApplicable("only the sandbox can be made to do this");
    },
    async ask(method, path, { body, headers = {}, allowForbidden = false } = {}) {
      const sent = new Headers(body === undefined ? {} : { "content-type": "application/json" });
      sent.set("authorization", `Bearer ${await bearerToken()}`);
      for (const [name, value] of Object.entries(headers)) sent.set(name, value);
      const answer = await raw(method, `/main/ifsapplications/projection/v1/${path.replaceAll(" ", "%20")}`, {
        headers: sent,
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      });
      if (answer.status === 403 && !allowForbidden) throw new NotGranted(path.split(".svc")[0] ?? path);
      return answer;
    },
    site: () =>
      once("site", async () => {
        const { rows } = await probe.ask("GET", names.url(SITES));
        const contract = names.of(`${SITES}/Contract`);
        const company = names.of(`${SITES}/Company`);
        const fits = rows.find(
          (row) =>
            (subject.site === undefined || row[contract] === subject.site) &&
            (subject.company === undefined || row[company] === subject.company),
        );
        if (!fits) throw new NotApplicable("the client sees no such site: its grants may be missing");
        return { contract: String(fits[contract]), company: String(fits[company]) };
      }),
    order: () =>
      once("order", async () => {
        const { contract } = await probe.site();
        const filter =
          subject.orderNo === undefined
            ? `${names.of(`${ORDERS}/Contract`)} eq ${quoted(contract)}`
            : `${names.of(`${ORDERS}/OrderNo`)} eq ${quoted(subject.orderNo)}`;
        const { rows } = await probe.ask("GET", `${names.url(ORDERS)}?$filter=${filter}&$top=1`);
        if (!rows[0]) throw new NotApplicable(`there is no order at site ${contract} to look at`);
        const company = rows[0][names.of(`${ORDERS}/Company`)];
        // What is written is a copy of this order: it must not end up in a company that nobody named.
        if (subject.company !== undefined && company !== subject.company) {
          throw new NotApplicable(`the order to look at is of company ${String(company)}, not ${subject.company}`);
        }
        return rows[0];
      }),
  };
  return probe;
}

/** The control endpoint of a sandbox behind this probe. */
export function controlsOf(raw: Probe["raw"]): Controls {
  return {
    call: (method, path, body) =>
      raw(method, `/sandbox/${path}`, body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json") && text !== "";
  const parsed: unknown = isJson ? JSON.parse(text) : {};
  const json = (Array.isArray(parsed) ? { list: parsed } : parsed) as Row;
  const rows = Array.isArray(json.value) ? (json.value as Row[]) : [];
  return { status: response.status, headers: response.headers, text, json, rows };
}

export function codeOf(answer: { json: Row }): string {
  return (answer.json.error as { code?: string } | undefined)?.code ?? "";
}

/** The text for people: of the first detail, else of the error. */
export function messageOf(answer: { json: Row }): string {
  const error = answer.json.error as { message?: string; details?: { message: string }[] } | undefined;
  return error?.details?.[0]?.message ?? error?.message ?? "";
}

export function tagOf(answer: Answer): string {
  return answer.headers.get("etag") ?? String(answer.json["@odata.etag"] ?? "");
}
