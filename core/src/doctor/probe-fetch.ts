/** A fetch for the write probe: tells what the last answer was, and can leave out If-Match, which the client never does. */
type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export type ProbeFetch = {
  readonly fetch: Fetch;
  /** `HTTP 412`, of the last answer. */
  lastStatus(): string;
  /** Runs `work` with requests that carry no If-Match. */
  withoutIfMatch<T>(work: () => Promise<T>): Promise<T>;
};

export function createProbeFetch(fetcher: Fetch): ProbeFetch {
  let status = "no answer";
  let leaveOut = false;
  return {
    async fetch(input, init) {
      const headers = new Headers(init?.headers);
      if (leaveOut) headers.delete("if-match");
      status = "no answer";
      const response = await fetcher(input, { ...init, headers });
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
