/** How often a caller may ask. Counted in this process alone: replicas multiply the limit, and none of them waits for another. */
import type { Request } from "express";
import ipaddr from "ipaddr.js";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { CallerRefusedError, TooManyRequestsError } from "./respond.ts";
import type { Guard } from "./server.ts";

const WINDOW_SECONDS = 10;

/** One thing that is counted: "key:1a2b" at most `requests` in ten seconds. */
export type Allowance = { readonly of: string; readonly requests: number };

export type Counter = {
  /** Counts one request against each allowance, widest first; the first that is used up ends it. Throws TooManyRequestsError. */
  spend(allowances: readonly Allowance[]): Promise<void>;
  /** Throws TooManyRequestsError where the allowance is used up, and counts nothing. */
  check(allowance: Allowance): Promise<void>;
};

/**
 * Memory is bounded by the widest allowance: what it refuses leaves no trace of the narrower ones (one address of many), and
 * all of it is gone after ten seconds.
 */
export function createCounter(): Counter {
  // `points` is compared here and not there, because the limits are configuration and change while this process runs.
  const limiter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
  const refuseAbove = (used: RateLimiterRes | null, requests: number) => {
    if (used !== null && used.consumedPoints > requests) throw new TooManyRequestsError(used.msBeforeNext);
  };
  return {
    async spend(allowances) {
      for (const { of, requests } of allowances) refuseAbove(await limiter.consume(of), requests);
    },
    async check({ of, requests }) {
      refuseAbove(await limiter.get(of), requests - 1);
    },
  };
}

/** Behind the guard that proves the caller. */
export function limitRequests(
  counter: Counter,
  allowancesOf: (request: Request) => Promise<readonly Allowance[]>,
): Guard {
  return async (request) => counter.spend(await allowancesOf(request));
}

/** Runs a question to commercetools about a credential that this process does not know. */
export type AskAbout = <T>(request: Request, ask: () => Promise<T>) => Promise<T>;

/**
 * An address whose credentials were refused too often is not asked about for the rest of ten seconds, so that nobody makes this
 * process carry guesses to commercetools. Callers that are known already go on, and outages are not counted.
 */
export function limitRefusals(counter: Counter, requests: () => Promise<number>): AskAbout {
  return async (request, ask) => {
    const of = `refused:${addressOf(request)}`;
    await counter.check({ of, requests: await requests() });
    try {
      return await ask();
    } catch (error) {
      if (error instanceof CallerRefusedError) await counter.spend([{ of, requests: Number.MAX_SAFE_INTEGER }]);
      throw error;
    }
  };
}

/** The address that the request came from; of IPv6 the network, because whoever has one address has all of it. */
export function addressOf({ ip }: Pick<Request, "ip">): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return "unknown";
  const address = ipaddr.process(ip);
  return address.kind() === "ipv4" ? address.toString() : `${address.toByteArray().slice(0, 8).join(".")}/64`;
}
