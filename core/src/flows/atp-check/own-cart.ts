/**
 * What the cart of a question has reserved in commercetools is this buyer's. An order brings it along; of a question that names a cart and
 * does not hold for it, it is read where the shop's figures alone do not confirm.
 */
import type { Demand } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { fromShop } from "./from-shop.ts";
import { within } from "./in-time.ts";
import type { AvailabilityRequest } from "./parse.ts";
import { channelKeyOf } from "./pool-channels.ts";

/** The cart is waited for at most this long, and a quarter of the deadline: without it the answer is the stricter one. */
const WAIT_MS = 300;

type Asked = {
  readonly demands: readonly Demand[];
  readonly channelIds: ReadonlyMap<string, string>;
  readonly deadlineAt: number;
};

/** The demands with what the cart of the request has reserved of each. */
export async function besideOwnCart(
  deps: AtpDeps,
  request: AvailabilityRequest,
  { demands, channelIds, deadlineAt }: Asked,
): Promise<readonly Demand[]> {
  const { purpose, cart: id, hold } = request;
  // Whoever holds was compared with the cart already.
  const isRead = hold && deps.holds;
  if (purpose !== "question" || id === undefined || isRead || demands.length === 0 || !deps.cartStock) return demands;
  const { clock } = deps.context;
  const until = Math.min(deadlineAt, clock.monotonic() + Math.min(WAIT_MS, deps.config.atp.deadlineMs / 4));
  const read = await within(deps, until, fromShop(deps.cartStock(id)));
  if (!read.ok) {
    deps.logger.warn({ flow: "atp-check", cart: id, reason: read.reason }, "cart-unread");
    return demands;
  }
  const lines = read.value?.lines ?? [];
  return demands.map((demand) => {
    const own = lines.filter(({ sku, supplyChannelId: value }) => {
      const supplyChannel = value === undefined ? undefined : ({ by: "id", value } as const);
      return sku === demand.sku && channelKeyOf(deps, { supplyChannel }, channelIds) === demand.supplyChannel;
    });
    const reserved = own.reduce((sum, line) => sum + line.reserved, 0);
    return { ...demand, ownReserved: Math.min(demand.requested, reserved) };
  });
}
