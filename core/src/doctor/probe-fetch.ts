/** A fetch for the write probe: tells what the last answer was, and can leave out If-Match, which the client never does. */
import type { HttpFetch } from "../runtime/http.ts";

export type ProbeFetch = {
  readonly fetch: HttpFetch;
  /** `HTTP 412`, of the last answer. */
  lastStatus(): string;
  /** Runs `work` with requests that carry no If-Match. */
  withoutIfMatch<T>(work: () => Promise<T>): Promise<T>;
};

export function createProbeFetch(fetcher: HttpFetch): ProbeFetch {
  let status = "no answer";
  let leaveOut = false;
  return {
    async fetch(url, request) {
      const headers = Object.entries(request.headers ?? {}).filter(
        ([name]) => !(leaveOut && name.toLowerCase() === "if-match"),
      );
      status = "no answer";
      const response = await fetcher(url, { ...request, headers: Object.fromEntries(headers) });
      status = `HTTP ${response.status}`;
      return response;
    },
    lastStatus: () => status,
    async withoutIfMatch(work) {
      leaveOut = true;
      try {
        return await work();
      } finally {
        leaveOut = false;
      }
    },
  };
}
