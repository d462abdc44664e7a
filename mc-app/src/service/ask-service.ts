import type { ApolloClient } from "@apollo/client";
import { gql } from "@apollo/client";
import { buildApiUrl, executeHttpClientRequest } from "@commercetools-frontend/application-shell-connectors";
import { GRAPHQL_TARGETS } from "@commercetools-frontend/constants";
import { z } from "zod";
import { REQUEST_DEADLINE_MS, SERVICE_URL_DOCUMENT } from "../constants.ts";

/**
 * Why there is no answer, in the terms of whoever has to do something about it:
 * - `notInstalled`: the connector never wrote its service address into this project
 * - `settingsForbidden`: the user may not read that document
 * - `badAddress`: the document is there, but holds no usable address
 * - `refused`: the service knows the user, or not, and says no
 * - `unreachable`: no answer in time, or none at all
 * - `failed`: the service answered that it failed
 * - `unreadable`: the answer is not what this version of the page understands
 * - `outage`: the service is there, and IFS or commercetools is not
 * - `conflict`: somebody else was faster
 * - `absent`: what was asked for does not exist (any more)
 * - `rejected`: the service does not do it, and says why in `told`
 */
export type Problem =
  | "notInstalled"
  | "settingsForbidden"
  | "badAddress"
  | "refused"
  | "unreachable"
  | "failed"
  | "unreadable"
  | "outage"
  | "conflict"
  | "absent"
  | "rejected";

/** The service's own words about what it refuses. */
export type Told = { message: string; action: string | undefined };

export type Failure = { ok: false; problem: Problem; told?: Told };
export type Asked<T> = { ok: true; value: T } | Failure;

export type Question<T> = {
  /** Below the address of the service, with its query: `/mc/overview`. */
  path: string;
  /** Sent as JSON by POST; without one it is a GET. */
  body?: Record<string, unknown>;
  /** undefined: the body is not what this version of the page understands. */
  parse(body: unknown): T | undefined;
};

const FetchServiceUrl = gql`
  query FetchConnectorServiceUrl($container: String!, $key: String!) {
    customObject(container: $container, key: $key) {
      id
      value
    }
  }
`;

type ServiceUrlAnswer = { customObject: { id: string; value: unknown } | null };

/** Reads the service address from the project, then asks the service through the Merchant Center's gateway. Never throws. */
export async function askService<T>(apollo: ApolloClient<unknown>, question: Question<T>): Promise<Asked<T>> {
  const address = await readServiceUrl(apollo);
  return typeof address === "string" ? { ok: false, problem: address } : forward(address, question);
}

async function readServiceUrl(apollo: ApolloClient<unknown>): Promise<URL | Problem> {
  const answer = await askProject(apollo);
  if (typeof answer === "string") return answer;
  if (!answer.customObject) return "notInstalled";
  const value = answer.customObject.value as { url?: unknown } | null;
  if (typeof value?.url !== "string" || !URL.canParse(value.url)) return "badAddress";
  return new URL(value.url);
}

async function askProject(apollo: ApolloClient<unknown>): Promise<ServiceUrlAnswer | Problem> {
  try {
    const answer = await apollo.query<ServiceUrlAnswer>({
      query: FetchServiceUrl,
      variables: SERVICE_URL_DOCUMENT,
      context: { target: GRAPHQL_TARGETS.COMMERCETOOLS_PLATFORM },
      // The address changes with a new deployment; a cached one would hide that for the whole visit.
      fetchPolicy: "no-cache",
      errorPolicy: "all",
    });
    // An error here is a permission or a project problem, both of which are solved by whoever grants permissions.
    return answer.errors && answer.errors.length > 0 ? "settingsForbidden" : answer.data;
  } catch {
    return "unreachable";
  }
}

async function forward<T>(service: URL, { path, body, parse }: Question<T>): Promise<Asked<T>> {
  const uri = `${service.href.replace(/\/+$/, "")}${path}`;
  try {
    const answer = await executeHttpClientRequest<{ status: number; body: unknown }>(
      async (options) => {
        const response = await fetch(buildApiUrl("/proxy/forward-to"), {
          ...options,
          ...(body && { method: "POST", body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        });
        return {
          data: { status: response.status, body: await readJson(response) },
          statusCode: response.status,
          getHeader: (name) => response.headers.get(name),
        };
      },
      {
        forwardToConfig: { uri, version: "v2", includeUserPermissions: true },
        ...(body && { headers: { "Content-Type": "application/json" } }),
      },
    );
    return judge(answer.status, answer.body, parse);
  } catch (error) {
    // The client retries a 401 once with a renewed session and throws its own error when that is refused too.
    return {
      ok: false,
      problem: error instanceof Error && error.name === "RenewTokenError" ? "refused" : "unreachable",
    };
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The shape in which the service itself says no; what stands between the page and the service has others. */
const refusalSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), action: z.string().optional() }),
});

function judge<T>(status: number, body: unknown, parse: Question<T>["parse"]): Asked<T> {
  if (status !== 200) return failureOf(status, body);
  const value = parse(body);
  return value === undefined ? { ok: false, problem: "unreadable" } : { ok: true, value };
}

function failureOf(status: number, body: unknown): Failure {
  const refusal = refusalSchema.safeParse(body);
  const error = refusal.success ? refusal.data.error : undefined;
  if (status === 401 || status === 403) return { ok: false, problem: "refused" };
  if (status === 503 && error) return { ok: false, problem: "outage" };
  if (status === 404 && error?.code === "notFound") return { ok: false, problem: "absent" };
  // What stands between the page and the service says these when the service itself does not answer; 404 is an address
  // where nothing of ours is deployed any more.
  if (status === 404 || (status >= 502 && status <= 504)) return { ok: false, problem: "unreachable" };
  if (status === 409) return { ok: false, problem: "conflict" };
  if (error && (status === 400 || status === 422)) {
    return { ok: false, problem: "rejected", told: { message: error.message, action: error.action } };
  }
  return { ok: false, problem: "failed" };
}
