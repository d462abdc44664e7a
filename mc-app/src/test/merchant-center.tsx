/** The Merchant Center around the page: its API answers what a test says, over real HTTP calls that msw intercepts. */
import { renderAppWithRedux } from "@commercetools-frontend/application-shell/test-utils";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { IntlProvider } from "react-intl";
import german from "../i18n/data/de.json";
import english from "../i18n/data/en.json";
import { Routes } from "../routes.tsx";

export const SERVICE = "https://connector.test/service";

export type Answer = { status: number; body: unknown } | "connection refused" | "never";

export type Neighbours = {
  /** The answer to the question for the service address. */
  project: unknown;
  /** Taken one by one; the last one stays. */
  service: Answer[];
};

type Forwarded = { uri: string | null; version: string | null; claims: string | null; policy: string | null };

export const server = setupServer();

export function installedProject(url: unknown = SERVICE): unknown {
  return { data: { customObject: { __typename: "CustomObject", id: "document", value: { url } } } };
}

/** Answers until the test ends; `forwarded` fills with what the page sent through the gateway. */
export function answerWith(neighbours: Neighbours): { forwarded: Forwarded[]; asked: Record<string, unknown>[] } {
  const forwarded: Forwarded[] = [];
  const asked: Record<string, unknown>[] = [];
  const remaining = [...neighbours.service];
  server.use(
    http.post("https://mc-api.test/graphql", async ({ request }) => {
      const body = (await request.json()) as { operationName: string; variables: unknown };
      asked.push({
        target: request.headers.get("x-graphql-target"),
        operationName: body.operationName,
        variables: body.variables,
      });
      return HttpResponse.json(neighbours.project as Record<string, unknown>);
    }),
    http.get("https://mc-api.test/proxy/forward-to", async ({ request }) => {
      forwarded.push({
        uri: request.headers.get("x-forward-to"),
        version: request.headers.get("accept-version"),
        claims: request.headers.get("x-forward-to-claims"),
        policy: request.headers.get("x-forward-to-audience-policy"),
      });
      const answer = remaining.length > 1 ? remaining.shift() : remaining[0];
      if (answer === undefined || answer === "connection refused") return HttpResponse.error();
      if (answer === "never") return new Promise<never>(() => {});
      return typeof answer.body === "string"
        ? new HttpResponse(answer.body, { status: answer.status })
        : HttpResponse.json(answer.body as Record<string, unknown>, { status: answer.status });
    }),
  );
  return { forwarded, asked };
}

export type Asked = { method: string; path: string; body: unknown };

/**
 * The same for a page that asks several things: `answers` by method and path below the service, "GET /mc/stock/held", each taken
 * one by one; the last one stays. What is not named is a 404 without words.
 */
export function answerByPath(answers: Record<string, Answer[]>): { asked: Asked[] } {
  const asked: Asked[] = [];
  const remaining = new Map(Object.entries(answers).map(([question, list]) => [question, [...list]]));
  server.use(
    http.post("https://mc-api.test/graphql", () => HttpResponse.json(installedProject() as Record<string, unknown>)),
    http.all("https://mc-api.test/proxy/forward-to", async ({ request }) => {
      const path = (request.headers.get("x-forward-to") ?? "").slice(SERVICE.length);
      const sent = await request.text();
      asked.push({ method: request.method, path, body: sent === "" ? undefined : JSON.parse(sent) });
      const list = remaining.get(`${request.method} ${path}`) ?? [{ status: 404, body: {} }];
      const answer = list.length > 1 ? list.shift() : list[0];
      if (answer === undefined || answer === "connection refused") return HttpResponse.error();
      if (answer === "never") return new Promise<never>(() => {});
      return HttpResponse.json(answer.body as Record<string, unknown>, { status: answer.status });
    }),
  );
  return { asked };
}

type PageOptions = {
  permissions?: ("View" | "Manage")[];
  language?: "en" | "de";
  /** What follows the entry point in the address. */
  page?: string;
};

export function openPage(options: PageOptions = {}) {
  const { permissions = ["View", "Manage"], language = "en", page = "" } = options;
  const messages = language === "de" ? german : english;
  return renderAppWithRedux(
    <IntlProvider locale={language} messages={messages}>
      <Routes />
    </IntlProvider>,
    {
      locale: language,
      route: `/sandbox-shop/ifs-cloud${page}`,
      environment: { entryPointUriPath: "ifs-cloud", mcApiUrl: "https://mc-api.test" },
      user: { timeZone: "Europe/Berlin" },
      project: {
        key: "sandbox-shop",
        allAppliedPermissions: permissions.map((permission) => ({ name: `can${permission}IfsCloud`, value: true })),
      },
    },
  );
}
