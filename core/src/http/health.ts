/** Liveness and readiness. Readiness asks the other sides at most once per `cacheMs`, however often it is called. */

import { TransientError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Route } from "./server.ts";

/** Throws when the other side cannot be used; the error is logged, never shown. */
export type HealthCheck = { readonly name: string; readonly check: (signal: AbortSignal) => Promise<void> };

export type HealthOptions = {
  readonly checks: readonly HealthCheck[];
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly logger: Logger;
  readonly cacheMs?: number;
  readonly timeoutMs?: number;
};

export type HealthState = {
  /** "up": all checks passed. "degraded": some. "down": none did, and there is one at least. */
  readonly status: "up" | "degraded" | "down";
  readonly checks: readonly { readonly name: string; readonly status: "up" | "down" }[];
};

/** Runs the checks, shared by concurrent callers and kept for `cacheMs` (default 10 s). */
export function createHealth(options: HealthOptions): () => Promise<HealthState> {
  let known: { at: number; state: Promise<HealthState> } | undefined;
  return () => {
    const now = options.clock.monotonic();
    if (known === undefined || now - known.at >= (options.cacheMs ?? 10_000)) known = { at: now, state: run(options) };
    return known.state;
  };
}

async function run(options: HealthOptions): Promise<HealthState> {
  const checks = await Promise.all(
    options.checks.map(async ({ name, check }) => {
      try {
        const onTimeout = () => new TransientError(`${name} did not answer in time`);
        await withDeadline({ clock: options.clock, ms: options.timeoutMs ?? 3000, onTimeout }, check);
        return { name, status: "up" as const };
      } catch (error) {
        options.logger.warn({ check: name, error }, "health-check-failed");
        return { name, status: "down" as const };
      }
    }),
  );
  const up = checks.filter(({ status }) => status === "up").length;
  return { status: up === checks.length ? "up" : up === 0 ? "down" : "degraded", checks };
}

/**
 * `<path>` answers 200 as long as the process serves (a platform that restarts on 503 would only make an outage of the
 * ERP worse); `<path>/ready` answers 503 when no other side can be reached.
 */
export function healthRoutes(path: string, health: () => Promise<HealthState>): Route[] {
  return [
    {
      method: "get",
      path,
      kind: "service",
      guards: [],
      quiet: true,
      handle: async () => ({ kind: "done", body: { status: "up" } }),
    },
    {
      method: "get",
      path: `${path}/ready`,
      kind: "service",
      guards: [],
      quiet: true,
      handle: async () => {
        const state = await health();
        if (state.status === "down") throw new TransientError("no other side can be reached");
        return { kind: "done", body: state };
      },
    },
  ];
}
