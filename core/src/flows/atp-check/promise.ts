/** A promise is given with holds, and lets the order of its cart pass by these holds alone: IFS is not asked again. */
import { createHash } from "node:crypto";
import {
  holdsText,
  linesText,
  type PromiseClaims,
  type PromiseRefusal,
  shortDigest,
} from "../../domain/atp-promise.ts";
import type { Result } from "../../domain/result.ts";
import { boundBeside, holdShardOf, isLive, rememberedUntil, type StockHold } from "../../domain/stock-hold.ts";
import type { Demand, LineVerdict } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { Holder } from "./holds.ts";
import { within } from "./in-time.ts";
import type { AvailabilityRequest } from "./parse.ts";

const digestOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("base64url");

const heldDigest = (holds: readonly StockHold[], owner: string, now: number): string =>
  shortDigest(digestOf(holdsText(holds, owner, now)));

/** Of all that the request holds; undefined where nothing had to be held, because there is nothing to promise then. */
export function promiseOf(
  deps: AtpDeps,
  demands: readonly Demand[],
  held: readonly StockHold[],
): { readonly token: string; readonly until: number } | undefined {
  const { promises, config, context } = deps;
  const [first] = held;
  if (!promises || !first || config.atp.promise.field === undefined) return undefined;
  const now = context.clock.now();
  const soonest = Math.min(...held.map(({ until }) => until));
  // Whole seconds, and down: a promise that outlives its hold is none.
  const exp = Math.floor(Math.min(soonest, now + config.atp.promise.seconds * 1000) / 1000);
  const { owner } = first;
  const token = promises.sign({
    ...{ cart: owner, lines: digestOf(linesText(demands)), exp },
    holds: [...Map.groupBy(held, holdShardOf)].map(([shard, list]) => [shard, heldDigest(list, owner, now)]),
  });
  return { token, until: exp * 1000 };
}

/**
 * The lines that a promise keeps, bound to the order: by demand id. Nothing where there is none, or where it is not believed; that
 * is counted and told. Lines that the shop could confirm when the promise was given have no hold, and are none of them.
 */
export async function keepPromise(
  deps: AtpDeps,
  { request, demands, holder, deadlineAt }: Keeping,
): Promise<ReadonlyMap<string, LineVerdict>> {
  const none = new Map<string, LineVerdict>();
  const claims = claimsOf(deps, request, demands);
  if (!claims || !holder) return none;
  if (!claims.ok) return refused(deps, claims.error);
  const bound = await within(deps, deadlineAt, bindAll(deps, { claims: claims.value, holder, deadlineAt }));
  if (!bound.ok) return refused(deps, "unavailable");
  if (!bound.value) return refused(deps, "notHeld");
  deps.context.counters.promisesKept += 1;
  return new Map(demands.flatMap((demand) => (isKept(demand, bound.value ?? []) ? [[demand.id, kept(demand)]] : [])));
}

type Keeping = {
  readonly request: AvailabilityRequest;
  readonly demands: readonly Demand[];
  readonly holder: Holder | undefined;
  readonly deadlineAt: number;
};

function claimsOf(
  { promises, config }: AtpDeps,
  { purpose, fields, cart }: AvailabilityRequest,
  demands: readonly Demand[],
): Result<PromiseClaims, PromiseRefusal> | undefined {
  const { field } = config.atp.promise;
  const token = field === undefined ? undefined : fields?.[field];
  if (!promises || token === undefined || purpose !== "order") return undefined;
  const claims = promises.verify(token);
  if (!claims.ok) return claims;
  if (claims.value.cart !== cart) return { ok: false, error: "otherCart" };
  const isSame = claims.value.lines === digestOf(linesText(demands));
  return isSame ? claims : { ok: false, error: "otherLines" };
}

/** All shards or nothing that counts: what was bound in vain is set anew by the ordinary check. */
async function bindAll(
  { holds: access, context }: AtpDeps,
  {
    claims,
    holder,
    deadlineAt,
  }: { readonly claims: PromiseClaims; readonly holder: Holder; readonly deadlineAt: number },
): Promise<readonly StockHold[] | undefined> {
  if (!access) return undefined;
  const { owner, order, until } = holder;
  // Its own name: what is promised is not given back when another line of the order is refused.
  const by = `${holder.by}/promise`;
  const bound: StockHold[] = [];
  const outcomes = await Promise.all(
    claims.holds.map(([shard, digest]) => {
      let own: StockHold[] = [];
      return context.holdShards
        .change(access, shard, {
          deadlineAt,
          change(holds) {
            const now = context.clock.now();
            if (heldDigest(holds, owner, now) !== digest) return undefined;
            own = holds
              .filter((hold) => hold.owner === owner && isLive(hold, now))
              .map((hold) => boundBeside({ ...hold, by, order, until, boundUntil: undefined }, hold));
            const isOwn = (hold: StockHold) => hold.owner === owner && isLive(hold, now);
            const isBound = holds.every((hold) => !isOwn(hold) || hold.by === by);
            return isBound ? holds : [...holds.filter((hold) => rememberedUntil(hold) > now && !isOwn(hold)), ...own];
          },
        })
        .then((outcome) => {
          if (outcome === "done") bound.push(...own);
          return outcome;
        });
    }),
  );
  return outcomes.every((outcome) => outcome === "done") ? bound : undefined;
}

const isKept = ({ sku, supplyChannel, requested }: Demand, held: readonly StockHold[]): boolean =>
  held.some((hold) => hold.sku === sku && hold.channel === supplyChannel && hold.pieces >= requested);

const kept = ({ requested }: Demand): LineVerdict => ({
  ...{ outcome: "confirm", source: "promise", available: requested },
  ...{ reason: "promised", policy: null, passes: true },
});

function refused({ context, logger }: AtpDeps, why: PromiseRefusal): ReadonlyMap<string, LineVerdict> {
  const { promisesRefused } = context.counters;
  promisesRefused[why] = (promisesRefused[why] ?? 0) + 1;
  logger.warn({ flow: "atp-check", why }, "promise-refused");
  return new Map();
}
