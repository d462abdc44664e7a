/** The doctor as service-app offers it to the Merchant Center: bounded, one at a time, and never in a shopper's way. */
import type { Report } from "../doctor/finding.ts";
import { runDoctor } from "../doctor/run.ts";
import { TransientError } from "../domain/failure.ts";
import type { BudgetGate } from "../ifs/budget/budget.ts";
import type { Lane } from "../ifs/budget/lanes.ts";
import { within } from "../runtime/limit.ts";
import type { Connector } from "./connector.ts";

export type DoctorView = {
  /** A run is under way in this process; ask again in some seconds. */
  readonly running: boolean;
  /** Age of the report; null where there is none yet. */
  readonly ageSeconds: number | null;
  readonly report: Report | null;
};

type DoctorConnector = Pick<Connector, "settings" | "clock" | "logger" | "fetch"> & {
  readonly budget: BudgetGate;
};

/** A report serves everybody who asks within this time. */
const FRESH_MS = 60_000;
/** Of one request: gateways in front of the service do not wait for long. */
const PATIENCE_MS = 8000;
/** Of a run. Its requests to IFS wait behind everybody else's, so it may take a while on a busy tenant. */
const RUN_MS = 120_000;
/** Of one read of IFS, the wait for its turn included. */
const READ_MS = 60_000;
/** Nobody's work waits for a look at it. */
const LANE = "prices" satisfies Lane;

/**
 * The newest report, or the one that is being made, for as long as a caller can wait. Works before a configuration was pushed.
 * Reads only: what writes (the write probe) is not reachable from here. TransientError where a run came to no end.
 */
export function createDoctorDoor(connector: DoctorConnector): () => Promise<DoctorView> {
  const { clock } = connector;
  let last: { readonly at: number; readonly report: Report } | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    const report = await within({ clock, ms: RUN_MS }, async (signal) => {
      const made = await diagnose(connector, signal);
      // What was cut off looks like an outage of either system, which it is not.
      if (signal.aborted)
        throw new TransientError(`the doctor came to no end within ${RUN_MS / 1000} s; npm run doctor has no limit`);
      return made;
    });
    last = { at: clock.monotonic(), report };
  }

  const view = (): DoctorView => ({
    running: running !== undefined,
    ageSeconds: last ? Math.round((clock.monotonic() - last.at) / 1000) : null,
    report: last?.report ?? null,
  });

  return async () => {
    if (last && clock.monotonic() - last.at < FRESH_MS) return view();
    running ??= run().finally(() => {
      running = undefined;
    });
    let callOff = () => {};
    const patience = new Promise<void>((resolve) => {
      callOff = clock.after(PATIENCE_MS, resolve);
    });
    try {
      await Promise.race([running, patience]);
    } finally {
      callOff();
    }
    return view();
  };
}

/** When the signal is aborted every request fails at once, those that wait for their turn included. */
function diagnose(connector: DoctorConnector, signal: AbortSignal): Promise<Report> {
  const { settings, clock, logger, budget, fetch } = connector;
  return runDoctor({
    commercetools: {
      apiUrl: settings.CTP_API_URL,
      authUrl: settings.CTP_AUTH_URL,
      projectKey: settings.CTP_PROJECT_KEY,
      clientId: settings.CTP_CLIENT_ID,
      clientSecret: settings.CTP_CLIENT_SECRET,
    },
    ifs: {
      baseUrl: settings.IFS_BASE_URL,
      tokenUrl: settings.IFS_TOKEN_URL,
      clientId: settings.IFS_CLIENT_ID,
      clientSecret: settings.IFS_CLIENT_SECRET,
    },
    clock,
    logger,
    fetch: (input, init) => fetch(input, { ...init, signal: both(signal, init?.signal) }),
    ifsRequests: {
      lane: LANE,
      readMs: READ_MS,
      budget: {
        run: (lane, caller, work) => budget.run(lane, both(signal, caller), work),
        observe: budget.observe,
      },
    },
  });
}

const both = (signal: AbortSignal, other: AbortSignal | null | undefined): AbortSignal =>
  other ? AbortSignal.any([signal, other]) : signal;
