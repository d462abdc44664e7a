import type { ApolloClient } from "@apollo/client";
import { gql } from "@apollo/client";
import { buildApiUrl, executeHttpClientRequest } from "@commercetools-frontend/application-shell-connectors";
import { GRAPHQL_TARGETS } from "@commercetools-frontend/constants";
import type { Overview } from "core/domain/overview.ts";
import { REQUEST_DEADLINE_MS, SERVICE_URL_DOCUMENT } from "../../constants.ts";
import { parseOverview } from "./parse-overview.ts";

/**
 * Why there is nothing to show, in the terms of whoever has to do something about it:
 * - `notInstalled`: the connector never wrote its service address into this project
 * - `settingsForbidden`: the user may not read that document
 * - `badAddress`: the document is there, but holds no usable address
 * - `refused`: the service knows the user, or not, and says no
 * - `unreachable`: no answer in time, or none at all
 * - `failed`: the service answered that it failed
 * - `unreadable`: the answer is not what this version of the page understands
 */
export type Problem =
  | "notInstalled"
  | "settingsForbidden"
  | "badAddress"
  | "refused"
  | "unreachable"
  | "failed"
  | "unreadable";

export type Loaded = { ok: true; overview: Overview } | { ok: false; problem: Problem };

const FetchServiceUrl = gql`
  query FetchConnectorServiceUrl($container: String!, $key: String!) {
    customObject(container: $container, key: $key) {
      id
      value
    }
  }
`;

type ServiceUrlAnswer = { customObject: { id: string; value: unknown } | null };

/** Reads the service address from the project, then the overview through the Merchant Center's gateway. Never throws. */
export async function loadOverview(apollo: ApolloClient<unknown>): Promise<Loaded> {
  const address = await readServiceUrl(apollo);
  return typeof address === "string" ? { ok: false, problem: address } : fetchOverview(address);
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

async function fetchOverview(service: URL): Promise<Loaded> {
  const uri = `${service.href.replace(/\/+$/, "")}/mc/overview`;
  try {
    const answer = await executeHttpClientRequest<{ status: number; body: unknown }>(
      async (options) => {
        const response = await fetch(buildApiUrl("/proxy/forward-to"), {
          ...options,
          signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        });
        return {
          data: { status: response.status, body: await readJson(response) },
          statusCode: response.status,
          getHeader: (name) => response.headers.get(name),
        };
      },
      { forwardToConfig: { uri, version: "v2", includeUserPermissions: true } },
    );
    return judge(answer.status, answer.body);
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

function judge(status: number, body: unknown): Loaded {
  if (status === 401 || status === 403) return { ok: false, problem: "refused" };
  // What stands between the page and the service says these when the service itself does not answer; 404 is an address
  // where nothing of ours is deployed any more.
  if (status === 404 || (status >= 502 && status <= 504)) return { ok: false, problem: "unreachable" };
  if (status !== 200) return { ok: false, problem: "failed" };
  const overview = parseOverview(body);
  return overview ? { ok: true, overview } : { ok: false, problem: "unreadable" };
}
