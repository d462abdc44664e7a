/** Questions that ask to hold: for a cart as commercetools has it, and for no more carts than a caller may. */
import { createCarts } from "../ct/carts.ts";
import { type Rejection, TransientError } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { isLive, type StockHold } from "../domain/stock-hold.ts";
import { ofCart, tooManyHeld } from "../flows/atp-check/cart.ts";
import type { HoldAnswer } from "../flows/atp-check/decide.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import type { AvailabilityRequest } from "../flows/atp-check/parse.ts";
import { channelKeyOf, poolChannels } from "../flows/atp-check/pool-channels.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Connector } from "./connector.ts";

export function createHoldQuestions({ ct, clock, store }: Pick<Connector, "ct" | "clock" | "store">) {
  const carts = createCarts(ct);

  /** Carts for which the caller holds, beside this one. */
  async function heldBy(caller: string, cart: string): Promise<number> {
    const live = (hold: StockHold) => hold.caller === caller && hold.owner !== cart && isLive(hold, clock.now());
    const shards = await store.holds.all();
    return new Set(shards.flatMap(({ holds }) => holds.filter(live).map(({ owner }) => owner))).size;
  }

  return {
    /** The request as it may be answered. TransientError where commercetools does not show the cart in time. */
    async holdable(
      deps: AtpDeps,
      request: AvailabilityRequest,
      deadlineAt: number,
    ): Promise<Result<AvailabilityRequest, Rejection>> {
      const { cart: id, caller } = request;
      if (!request.hold || id === undefined || !deps.holds) return ok(request);
      const { perCaller } = deps.config.atp.holds;
      const onTimeout = () => new TransientError("commercetools did not show the cart in time");
      const ms = Math.max(1, deadlineAt - clock.monotonic());
      const [cart, channelIds, others] = await withDeadline({ clock, ms, onTimeout }, () =>
        Promise.all([
          carts.stockOf(id),
          poolChannels(deps),
          // A session holds for its one cart alone.
          caller?.kind === "client" ? heldBy(caller.id, id) : 0,
        ]),
      );
      if (others >= perCaller) return err(tooManyHeld(perCaller));
      return ofCart(request, cart, (line) => channelKeyOf(deps, line, channelIds));
    },
  };
}

/** As callers read it: times in ISO 8601. */
export function holdTexts({ held, until, promise }: HoldAnswer) {
  const iso = (at: number) => new Date(at).toISOString();
  return {
    held,
    ...(until !== undefined && { until: iso(until) }),
    ...(promise && { promise: { token: promise.token, until: iso(promise.until) } }),
  };
}
