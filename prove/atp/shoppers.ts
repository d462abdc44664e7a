/** Who buys: carts that reserve and carts that do not, many at the same moment, second tries, and some who walk away. */
import type { Json } from "../../sandbox/commercetools/api-caller.ts";
import { checkOut, fillCart, type PlaceOrderOptions, shopperApi } from "../../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { addresses } from "../addresses.ts";
import { addressIn, germany } from "../people.ts";
import { ordersOf, type ShopOrder } from "../stock/books.ts";
import { clerk, later, tell } from "../stock/story.ts";
import { HOME } from "../stock/warehouse.ts";
import { LAST_CHECKOUT_MS } from "./schedule.ts";
import type { Story } from "./story.ts";

export type Mode = "None" | "TrackOnly" | "ReserveOnOrder" | "ReserveOnCart";

export const modes = ["None", "TrackOnly", "ReserveOnOrder", "ReserveOnCart"] as const;

export type Wish = {
  readonly sku: string;
  readonly quantity: number;
  readonly mode: Mode;
  readonly channel: string;
};

export type Shop = {
  readonly fill: (wish: Wish) => Promise<Json>;
  /** Orders the cart; tries again where nobody said no, as a storefront does. */
  readonly order: (wish: Wish, cart: Json) => Promise<Json>;
};

const TRIES = 2;

export function shopOf(story: Story): Shop {
  const { world, chance } = story;
  const platform = { url: addresses.commercetools, projectKey: SHOP_PROJECT_KEY };
  const fetch = world.network.fetchOf({ name: "shopper" });
  const api = shopperApi({ ...platform, fetch });
  const optionsOf = ({ sku, quantity, mode, channel }: Wish): PlaceOrderOptions => ({
    ...platform,
    country: germany.country,
    currency: germany.currency,
    customerEmail: "shopper@example.com",
    shippingAddress: addressIn(germany.country),
    supplyChannelKey: channel,
    inventoryMode: mode,
    lines: [{ sku, quantity, externalPrice: 1999 }],
  });
  return {
    fill: (wish) => fillCart(optionsOf(wish), api),
    async order(wish, cart) {
      for (let left = TRIES; ; left -= 1) {
        try {
          const order = await checkOut(optionsOf(wish), api, cart);
          tell(story, `sold ${wish.quantity} ${wish.sku} (${wish.mode}, ${wish.channel}) in ${String(order.id)}`);
          return order;
        } catch (error) {
          tell(story, `cart ${String(cart.id)} is not ordered: ${String(error).slice(0, 200)}`);
          const isUndecided = /answered 5\d\d/.test(String(error));
          if (left === 1 || !isUndecided) throw error;
          await world.time.clock.sleep(chance.between(100, 3000));
        }
      }
    },
  };
}

export function shoppers(story: Story, shop: Shop): void {
  const { chance } = story;
  const checkout = async (wish: Wish): Promise<void> => {
    const cart = await shop.fill(wish);
    if (wish.mode === "ReserveOnCart") await story.world.time.clock.sleep(chance.between(0, 6000));
    if (wish.mode === "ReserveOnCart" && chance.happens(0.25)) return;
    await shop.order(wish, cart);
  };
  for (let left = chance.whole(3, 5); left > 0; left -= 1) {
    const at = chance.between(0, LAST_CHECKOUT_MS);
    const sku = chance.pick(story.skus);
    // There is something to quarrel about.
    if (chance.happens(0.7)) {
      const goods = { site: story.pool.site, part: sku, qty: 1, location: HOME };
      later(story, Math.max(0, at - chance.between(0, 9000)), () => clerk(story, "receive", goods));
    }
    for (let together = chance.whole(2, 4); together > 0; together -= 1) {
      later(story, at + chance.between(0, 400), () => checkout({ ...anyWish(story), sku }));
    }
  }
  if (story.paidFirst) payments(story);
}

export const anyWish = ({ chance, skus, pool }: Story): Wish => ({
  sku: chance.pick(skus),
  quantity: chance.pick([1, 1, 2]),
  mode: chance.pick(modes),
  channel: chance.pick(pool.channels),
});

export const unpaid = ({ world }: Pick<Story, "world">): ShopOrder[] =>
  ordersOf(world).filter(({ paymentState, orderState }) => paymentState !== "Paid" && orderState !== "Cancelled");

export async function pay({ world }: Pick<Story, "world">, { id, version }: ShopOrder): Promise<void> {
  await world.shop.post(`/orders/${id}`, {
    version,
    actions: [{ action: "changePaymentState", paymentState: "Paid" }],
  });
}

/** Money comes when it comes. */
function payments(story: Story): void {
  for (let left = story.chance.whole(1, 3); left > 0; left -= 1) {
    const which = story.chance.between(0, 1);
    later(story, story.chance.between(5000, LAST_CHECKOUT_MS), async () => {
      const waiting = unpaid(story);
      const order = waiting[Math.floor(which * waiting.length)];
      if (order) await pay(story, order);
    });
  }
}
