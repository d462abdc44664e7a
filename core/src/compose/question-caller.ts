/** What the guards of the availability check need of the configuration, and how a proven caller looks to the check. */
import type { AtpDoors } from "../domain/atp-door-config.ts";
import { TransientError } from "../domain/failure.ts";
import type { QuestionCaller } from "../flows/atp-check/parse.ts";
import { type Caller, currentRequest } from "../http/context.ts";
import { type Allowance, addressOf, type Counter, limitRequests } from "../http/rate-limit.ts";
import type { Guard } from "../http/server.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Connector } from "./connector.ts";

/** For the configuration, where this process has not read it yet. */
const CONFIGURATION_MS = 1200;

/** Throws TransientError where nothing was pushed yet, or commercetools does not give it in time. */
export const doorSettings = ({ clock, active }: Pick<Connector, "clock" | "active">): Promise<AtpDoors> =>
  withDeadline(
    {
      clock,
      ms: CONFIGURATION_MS,
      onTimeout: () => new TransientError("the configuration could not be read in time"),
    },
    async () => (await active()).config.atp.doors,
  );

/** Counts the requests of each caller, by the configured limits. */
export const limitCallers = (counter: Counter, settings: () => Promise<AtpDoors>): Guard =>
  limitRequests(counter, async (request) =>
    allowancesOf(currentRequest()?.caller, (await settings()).requestsPer10Seconds, () => addressOf(request)),
  );

/** Widest first. */
function allowancesOf(
  caller: Caller | undefined,
  limits: AtpDoors["requestsPer10Seconds"],
  address: () => string,
): Allowance[] {
  const asked = questionCallerOf(caller);
  if (asked === undefined) return [];
  const own: Allowance = { of: `${asked.kind}:${asked.id}`, requests: limits[asked.kind] };
  switch (caller?.kind) {
    case "storefrontKey":
      return [own, { of: `${own.of}:${address()}`, requests: limits.keyAddress }];
    case "oauth": {
      const client: Allowance = { of: `client:${caller.clientId}`, requests: limits.client };
      return hasShopper(caller) ? [client, own] : [client];
    }
    default:
      return [own];
  }
}

const hasShopper = ({ customerId, anonymousId }: Extract<Caller, { kind: "oauth" }>): boolean =>
  customerId !== undefined || anonymousId !== undefined;

/**
 * A proven caller as the availability check sees it; undefined: nobody that asks questions. A token without customer is one of the
 * merchant's servers only with a scope that no page has: pages ask with tokens of that kind too.
 */
export function questionCallerOf(caller: Caller | undefined): QuestionCaller | undefined {
  switch (caller?.kind) {
    case "checkoutSession":
      return { kind: "session", id: caller.id, cartId: caller.cartId };
    case "storefrontKey":
      return { kind: "key", id: caller.id };
    case "oauth":
      return caller.mayHold && !hasShopper(caller)
        ? { kind: "client", id: caller.clientId }
        : { kind: "shopper", id: [caller.clientId, caller.customerId ?? caller.anonymousId ?? ""].join("/") };
    default:
      return undefined;
  }
}
