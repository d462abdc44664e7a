/** Who buys: carts that reserve and carts that do not, many at the same moment, second tries, and some who walk away. */
import type { Json } from "../../sandbox/commercetools/api-caller.ts";
import { checkOut, fillCart, type PlaceOrderOptions, shopperApi } from "../../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { addresses } from "../addresses.ts";
import { addressIn, germany } from "../people.ts";
import { ordersOf, type ShopOrder } from "../stock/books.ts";
import { clerk, later, tell } from "../stock/story.ts";
import { HOME } from "../stock/warehouse.ts";
import { LAST_CHECKOUT_MS, YOUTH_MS } from "./schedule.ts";
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
  /** Asks to hold what is in the cart; the promise, where there is one. */
  readonly ask: (wish: Wish, cart: Json) => Promise<string | undefined>;
  readonly change: (cart: Json, ...actions: Json[]) => Promise<Json>;
};

/** The merchant's own Type of carts, with the field in which the checkout leaves a promise. */
export const PROMISE = { type: "checkout", field: "ifsPromise" } as const;

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
  const change: Shop["change"] = (cart, ...actions) =>
    api.post(`/carts/${String(cart.id)}`, { version: cart.version, actions });
  const tokens = tokenOf(story);
  return {
    change,
    async ask({ sku, quantity, channel }, { id }) {
      const response = await fetch(`${addresses.service}/atp`, {
        method: "POST",
        headers: { authorization: `Bearer ${await tokens()}`, "content-type": "application/json" },
        body: JSON.stringify({ lines: [{ sku, quantity, supplyChannel: channel }], cart: id, hold: true }),
      });
      const answer = (await response.json()) as { hold?: { promise?: { token: string } } };
      tell(story, `cart ${String(id)} asks: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`);
      return answer.hold?.promise?.token;
    },
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

/** A server of the shop, which may hold; its token lasts for two days. */
function tokenOf({ world }: Story): () => Promise<string> {
  const fetch = world.network.fetchOf({ name: "checkout" });
  const credentials = Buffer.from("admin:sandbox-secret").toString("base64");
  let token: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    const response = await fetch(`${addresses.commercetools}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  return () => {
    token ??= read();
    return token;
  };
}

export function shoppers(story: Story, shop: Shop): void {
  const { chance } = story;
  for (let left = chance.whole(3, 5); left > 0; left -= 1) {
    const at = chance.between(0, LAST_CHECKOUT_MS);
    const sku = chance.pick(story.skus);
    // There is something to quarrel about, but where what waits for its money is quarrel enough: goods that come in hide what was sold twice.
    if (chance.happens(story.paidFirst ? 0.2 : 0.7)) {
      const goods = { site: story.pool.site, part: sku, qty: 1, location: HOME };
      later(story, Math.max(0, at - chance.between(0, 9000)), () => clerk(story, "receive", goods));
    }
    for (let together = chance.whole(2, 4); together > 0; together -= 1) {
      const [way, early] = chance.happens(0.3) ? [promised, chance.between(0, 3000)] : [direct, 0];
      later(story, Math.max(0, at - early) + chance.between(0, 400), () =>
        way(story, shop, { ...anyWish(story), sku }),
      );
    }
  }
  if (story.paidFirst) payments(story);
}

async function direct({ world, chance }: Story, shop: Shop, wish: Wish): Promise<void> {
  const cart = await shop.fill(wish);
  if (wish.mode === "ReserveOnCart") await world.time.clock.sleep(chance.between(0, 6000));
  if (wish.mode === "ReserveOnCart" && chance.happens(0.25)) return;
  await shop.order(wish, cart);
}

/** Asks before the payment, and orders after it, or something else than was promised, or never. */
async function promised(story: Story, shop: Shop, wish: Wish): Promise<void> {
  const { world, chance } = story;
  const cart = await shop.fill(wish);
  const token = await shop.ask(wish, cart);
  const paying = () =>
    world.time.clock.sleep(chance.pick([chance.between(0, 2000), chance.between(0, LONGEST_PAYING_MS)]));
  if (token === undefined) {
    if (chance.happens(0.5)) await shop.order(wish, cart);
    return;
  }
  const leave = (one: Json) => leaving(shop, one, token);
  const ready = await leave(cart);
  switch (chance.pick(["order", "order", "order", "walkAway", "more", "another"] as const)) {
    case "order":
      await paying();
      await shop.order(wish, ready);
      return;
    case "walkAway":
      return;
    case "more": {
      const [line] = ready.lineItems as [{ id: string }];
      const quantity = wish.quantity + 1;
      const more = await shop.change(ready, { action: "changeLineItemQuantity", lineItemId: line.id, quantity });
      await shop.order({ ...wish, quantity }, more);
      return;
    }
    case "another": {
      const other = await leave(await shop.fill(wish));
      await Promise.all([shop.order(wish, other), paying().then(() => shop.order(wish, ready))]);
    }
  }
}

const leaving = (shop: Shop, cart: Json, token: string): Promise<Json> => {
  const type = { typeId: "type", key: PROMISE.type };
  return shop.change(cart, { action: "setCustomType", type, fields: { [PROMISE.field]: token } });
};

/** Holds, tries to order at once, with the promise or without, and gives up. */
export async function payInVain(
  { chance }: Pick<Story, "chance">,
  shop: Shop,
  { wish, told }: { readonly wish: Wish; readonly told: (cart: string) => void },
): Promise<void> {
  const withPromise = chance.happens(0.5);
  const cart = await shop.fill(wish);
  told(String(cart.id));
  const token = await shop.ask(wish, cart);
  await shop.order(wish, token !== undefined && withPromise ? await leaving(shop, cart, token) : cart);
}

/** Orders from before the check was armed. They are old enough to count by evidence alone, and reach IFS when they are paid. */
export async function waitingForMoney(story: Story, shop: Shop): Promise<void> {
  const { world, chance, skus, pool } = story;
  for (let left = chance.whole(1, 3); left > 0; left -= 1) {
    const [sku, quantity, channel] = [chance.pick(skus), chance.pick([2, 2, 3]), chance.pick(pool.channels)];
    // Beside what shoppers may quarrel about.
    clerk(story, "receive", { site: pool.site, part: sku, qty: quantity, location: HOME });
    const wish: Wish = { sku, quantity, mode: "None", channel };
    await world.drive(shop.fill(wish).then((cart) => shop.order(wish, cart)));
  }
  await world.run(YOUTH_MS);
}

/** Longer than a promise lasts, and than a hold in some seeds. */
const LONGEST_PAYING_MS = 40_000;

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
