import { json, type SandboxResponse } from "../kernel/types.ts";

/** Passes a GraphQL body on to the project and its answer back. */
export type AskProject = (body: Buffer) => Promise<SandboxResponse>;

const DEADLINE_MS = 10_000;
// A token is asked for again this long before its end.
const MARGIN_MS = 30_000;

type Token = { value: string; usableUntil: number };

/** Speaks to the commercetools sandbox as its administrator, as the real gateway does on behalf of the user. */
export function createAskProject(options: { commercetoolsUrl: string; projectKey: string }): AskProject {
  let token: Token | undefined;

  async function currentToken(): Promise<string> {
    if (!token || token.usableUntil < performance.now()) token = await fetchToken(options.commercetoolsUrl);
    return token.value;
  }

  return async (body) => {
    try {
      const answer = await fetch(`${options.commercetoolsUrl}/${options.projectKey}/graphql`, {
        method: "POST",
        headers: { authorization: `Bearer ${await currentToken()}`, "content-type": "application/json" },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      if (answer.status === 401) token = undefined;
      return {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? "application/json" },
        body: await answer.text(),
      };
    } catch (error) {
      return json(502, { data: null, errors: [{ message: `The project does not answer: ${String(error)}` }] });
    }
  };
}

async function fetchToken(commercetoolsUrl: string): Promise<Token> {
  const answer = await fetch(`${commercetoolsUrl}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from("admin:sandbox-secret").toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const granted = (await answer.json()) as { access_token?: unknown; expires_in?: unknown };
  if (!answer.ok || typeof granted.access_token !== "string" || typeof granted.expires_in !== "number") {
    throw new Error(`the project's token server answered ${answer.status}`);
  }
  return { value: granted.access_token, usableUntil: performance.now() + granted.expires_in * 1_000 - MARGIN_MS };
}
