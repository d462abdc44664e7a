/** Questions that ask to hold: for a cart as commercetools has it, and for no more carts than a caller may. */
import { createCarts } from "../ct/carts.ts";
import { type CallerCart, callerShardOf, enterCart, isSameCart, withoutCarts } from "../domain/caller-carts.ts";
import { type Rejection, TransientError } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { isLive, type StockHold } from "../domain/stock-hold.ts";
import { ofCart, tooManyHeld } from "../flows/atp-check/cart.ts";
import type { AvailabilityDecision, HoldAnswer } from "../flows/atp-check/decide.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import { createHoldShards } from "../flows/atp-check/hold-shards.ts";
import type { AvailabilityRequest } from "../flows/atp-check/parse.ts";
import { channelKeyOf, poolChannels } from "../flows/atp-check/pool-channels.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Connector } from "./connector.ts";

/** A cart that was entered so long ago and for which nothing is held was ordered, or given up. */
const SETTLED_MS = 10_000;
/** For what is given back behind the answer; what is not given back by then ends by itself. */
const GIVE_BACK_MS = 5000;
const WINDOW_MS = 4;

type Needs = Pick<Connector, "ct" | "clock" | "random"> & {
  readonly store: Pick<Connector["store"], "callerCarts"> & {
    readonly holds: Pick<Connector["store"]["holds"], "all">;
  };
};

export function createHoldQuestions({ ct, clock, random, store }: Needs) {
  const carts = createCarts(ct);
  const shards = createHoldShards<CallerCart>(clock, { windowMs: WINDOW_MS });
  const access = { ...store.callerCarts, chance: random.fraction };

  const inTime = <T>(deadlineAt: number, what: string, work: () => Promise<T>): Promise<T> => {
    const onTimeout = () => new TransientError(`commercetools did not show ${what} in time`);
    return withDeadline({ clock, ms: Math.max(1, deadlineAt - clock.monotonic()), onTimeout }, work);
  };

  /** What the caller has entered and holds nothing for any more. */
  async function settled(
    caller: string,
    { entered, deadlineAt }: { readonly entered: readonly CallerCart[]; readonly deadlineAt: number },
  ): Promise<CallerCart[]> {
    const now = clock.now();
    const live = (hold: StockHold) => hold.caller === caller && hold.order === undefined && isLive(hold, now);
    const all = await inTime(deadlineAt, "what is held", store.holds.all);
    const held = new Set(all.flatMap(({ holds }) => holds.filter(live).map(({ owner }) => owner)));
    return entered.filter((one) => one.caller === caller && one.at + SETTLED_MS <= now && !held.has(one.cart));
  }

  /**
   * Enters the cart among those of its caller, in one swap of the one document that all replicas share; the entry where it is a new
   * one. "full": the caller holds for as many others as it may.
   */
  async function enter(
    { config, logger }: AtpDeps,
    caller: string,
    { cart, deadlineAt }: { readonly cart: string; readonly deadlineAt: number },
  ): Promise<CallerCart | "known" | "full"> {
    const { deadlineMs, holds } = config.atp;
    const shard = callerShardOf(caller);
    const by = random.uuid();
    let gone: readonly CallerCart[] = [];
    // Once more without those that were ordered meanwhile: they are looked for only where there is no room otherwise.
    for (const isLast of [false, true]) {
      let entered: readonly CallerCart[] = [];
      let entry: CallerCart | "known" = "known";
      const outcome = await shards.change(access, shard, {
        deadlineAt,
        change(known) {
          const at = clock.now();
          const wish = { caller, cart, by, at, until: at + holds.seconds * 1000 + deadlineMs };
          entered = known;
          // A second look at the shard may already find what this question has entered.
          entry = known.some((one) => isSameCart(one, wish) && one.by !== by) ? "known" : wish;
          return enterCart(withoutCarts(known, gone), { ...wish, most: holds.perCaller });
        },
      });
      if (outcome === "done") return entry;
      if (outcome === "missing") {
        const detail = "no client can hold; run the post-deploy script of service-app again";
        logger.error({ flow: "atp-check", shard, detail }, "caller-carts-missing");
        throw new TransientError(`the document of the carts of callers ${shard} is not there`);
      }
      if (!isLast) gone = await settled(caller, { entered, deadlineAt });
      if (gone.length === 0) break;
    }
    return "full";
  }

  /** The entry of a cart for which nothing is held after all. */
  function leave(entry: CallerCart): void {
    const deadlineAt = clock.monotonic() + GIVE_BACK_MS;
    const change = (known: readonly CallerCart[]) => withoutCarts(known, [entry]);
    shards.behind(() =>
      Promise.allSettled([shards.change(access, callerShardOf(entry.caller), { deadlineAt, change })]),
    );
  }

  /** The request with what its cart has reserved. */
  async function asOfCart(
    deps: AtpDeps,
    request: AvailabilityRequest,
    { cart: id, deadlineAt }: { readonly cart: string; readonly deadlineAt: number },
  ): Promise<Result<AvailabilityRequest, Rejection>> {
    const [cart, channelIds] = await inTime(deadlineAt, "the cart", () =>
      Promise.all([carts.stockOf(id), poolChannels(deps)]),
    );
    return ofCart(request, cart, (line) => channelKeyOf(deps, line, channelIds));
  }

  return {
    /**
     * What `check` decides, where the question may be asked. TransientError where commercetools does not show the cart, or does not
     * enter it among those of its caller, in time.
     */
    async asked<T extends { readonly decision: AvailabilityDecision }>(
      deps: AtpDeps,
      request: AvailabilityRequest,
      { deadlineAt, check }: { readonly deadlineAt: number; readonly check: (of: AvailabilityRequest) => Promise<T> },
    ): Promise<Result<T, Rejection>> {
      const { cart, caller } = request;
      if (!request.hold || cart === undefined || !deps.holds) return ok(await check(request));
      const reading = asOfCart(deps, request, { cart, deadlineAt });
      // A session holds for its one cart alone.
      if (caller?.kind !== "client") return answered(await reading, check);
      // Read meanwhile; looked at below.
      reading.catch(() => {});
      const entry = await enter(deps, caller.id, { cart, deadlineAt });
      if (entry === "full") return err(tooManyHeld(deps.config.atp.holds.perCaller));
      let isHeld = false;
      try {
        const answer = await answered(await reading, check);
        // Until: where nothing had to be held, nothing is.
        isHeld = answer.ok && answer.value.decision.hold?.until !== undefined;
        return answer;
      } finally {
        if (entry !== "known" && !isHeld) leave(entry);
      }
    },
    /** What was begun behind answers is done. */
    end: () => shards.end(),
  };
}

const answered = async <T>(
  question: Result<AvailabilityRequest, Rejection>,
  check: (of: AvailabilityRequest) => Promise<T>,
): Promise<Result<T, Rejection>> => (question.ok ? ok(await check(question.value)) : question);

/** As callers read it: times in ISO 8601. */
export function holdTexts({ held, until, reason, promise }: HoldAnswer) {
  const iso = (at: number) => new Date(at).toISOString();
  return {
    held,
    ...(until !== undefined && { until: iso(until) }),
    ...(reason && { reason }),
    ...(promise && { promise: { token: promise.token, until: iso(promise.until) } }),
  };
}
