/** Who buys: carts that reserve and carts that do not, second thoughts, late payments, and a rush at the end. */
import { checkOut, fillCart, type PlaceOrderOptions, shopperApi } from "../../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { addresses } from "../addresses.ts";
import { addressIn, germany } from "../people.ts";
import type { World } from "../world.ts";
import { channelId, ordersOf, type ShopOrder } from "./books.ts";
import { LAST_SALE_MS, RUSH_MS, TROUBLE_MS } from "./schedule.ts";
import { clerk, later, type Story, tell } from "./story.ts";
import { HOME } from "./warehouse.ts";

type Mode = "None" | "TrackOnly" | "ReserveOnOrder" | "ReserveOnCart";

/** Most carts check: those that do not sell what is not there by themselves. */
const modes = ["ReserveOnOrder", "ReserveOnOrder", "ReserveOnOrder", "ReserveOnCart", "ReserveOnCart"] as const;
const loose = ["None", "TrackOnly"] as const;

export type Buyer = (wish: {
  readonly sku: string;
  readonly quantity: number;
  readonly mode: Mode /** Any of the pool's when absent. */;
  readonly channel?: string;
}) => Promise<void>;

export function shoppers(story: Story): Buyer {
  const { chance, skus } = story;
  const buyer = buyerOf(story);
  const looseness = chance.happens(0.3) ? 0.25 : 0;
  const mode = (): Mode => (chance.happens(looseness) ? chance.pick(loose) : chance.pick(modes));
  for (let left = chance.whole(8, 14); left > 0; left -= 1) {
    const wish = { sku: chance.pick(skus), quantity: chance.whole(1, 2), mode: mode() };
    // What is paid late is bought early, to be old when it leaves.
    const early = story.paidFirst && chance.happens(0.6);
    later(story, chance.between(0, early ? 5000 : LAST_SALE_MS), () => buyer(wish));
  }
  for (let left = chance.whole(0, 3); left > 0; left -= 1) {
    const which = chance.between(0, 1);
    const regret = chance.pick([cancel, comesBack]);
    later(story, chance.between(2000, LAST_SALE_MS), () => regret(story, which));
  }
  // Whatever an entry shows then finds a buyer.
  for (const sku of skus) {
    for (const channel of story.channels) {
      for (let left = 2; left > 0; left -= 1) {
        const wish = { sku, quantity: left, mode: "ReserveOnOrder", channel } as const;
        later(story, RUSH_MS + chance.between(0, 2000), () => buyer(wish));
      }
    }
  }
  if (story.paidFirst) payments(story);
  return buyer;
}

function buyerOf(story: Story): Buyer {
  const { world, chance, channels } = story;
  const fetch = world.network.fetchOf({ name: "shopper" });
  const platform = { url: addresses.commercetools, projectKey: SHOP_PROJECT_KEY, fetch };
  const api = shopperApi(platform);
  return async ({ sku, quantity, mode, channel = chance.pick(channels) }) => {
    const cart: PlaceOrderOptions = {
      ...platform,
      country: germany.country,
      currency: germany.currency,
      customerEmail: "shopper@example.com",
      shippingAddress: addressIn(germany.country),
      supplyChannelKey: channel,
      inventoryMode: mode,
      lines: [{ sku, quantity, externalPrice: 1999 }],
    };
    const filled = await fillCart(cart, api);
    if (mode === "ReserveOnCart") {
      await world.time.clock.sleep(chance.between(500, 15_000));
      // The reservation of a cart that nobody orders stays for half an hour.
      if (chance.happens(0.2)) return;
    }
    const order = await checkOut(cart, api, filled);
    tell(story, `sold ${quantity} ${sku} (${mode}, ${channel}) in ${String(order.id)}`);
  };
}

const change = (world: World, { id, version }: ShopOrder, action: object) =>
  world.shop.post(`/orders/${id}`, { version, actions: [action] });

async function cancel(story: Story, which: number): Promise<void> {
  const orders = ordersOf(story.world);
  const order = orders[Math.floor(which * orders.length)];
  if (!order) return;
  tell(story, `the shop cancels ${order.id}`);
  await change(story.world, order, { action: "changeOrderState", orderState: "Cancelled" });
}

/** Beyond it, evidence decides what counts. */
const YOUTH_MS = 30_500;

/**
 * A piece comes back, when its order has just ceased to count for its youth: the shop puts it back into stock and IFS takes it in, in
 * either order and at nearly the same time.
 */
async function comesBack(story: Story, which: number): Promise<void> {
  const { world, chance } = story;
  const orders = ordersOf(world);
  const order = orders[Math.floor((which * orders.length) / 3)];
  const [line] = order?.lineItems ?? [];
  if (!order || !line || order.orderState === "Cancelled") return;
  const sold = story.pools.find(({ channels }) =>
    channels.some((key) => channelId(world, key) === line.supplyChannel?.id),
  );
  const item = { quantity: 1, lineItemId: line.id, shipmentState: "Returned" };
  const changed = await change(world, order, { action: "addReturnInfo", items: [item] });
  const returned = (changed.returnInfo as { items: { id: string }[] }[]).at(-1)?.items[0]?.id;
  const back = Date.parse(order.createdAt) + YOUTH_MS - world.time.clock.now() + chance.between(0, 4000);
  later(story, back + chance.between(-500, 1500), () => {
    for (const { partNo, units } of story.articles.filter(({ sku }) => sku === line.variant.sku)) {
      clerk(story, "receive", { site: sold?.site, part: partNo, qty: units, location: HOME });
    }
  });
  later(story, back, async () => {
    const newest = ordersOf(world).find(({ id }) => id === order.id) ?? order;
    tell(story, `a piece of ${order.id} is back in stock`);
    const action = { action: "setReturnShipmentState", returnItemId: returned, shipmentState: "BackInStock" };
    await change(world, newest, action);
  });
}

export async function pay({ world }: Story, order: ShopOrder): Promise<void> {
  await change(world, order, { action: "changePaymentState", paymentState: "Paid" });
}

export const unpaid = (world: World): ShopOrder[] =>
  ordersOf(world).filter(({ paymentState, orderState }) => paymentState !== "Paid" && orderState !== "Cancelled");

/** Money comes when it comes, and an order may be old when it leaves. */
function payments(story: Story): void {
  const { world, chance } = story;
  const look = async () => {
    const waiting = unpaid(world);
    const order = waiting[chance.whole(0, Math.max(0, waiting.length - 1))];
    if (order && story.trouble) await pay(story, order);
  };
  for (let at = 15_000; at < TROUBLE_MS; at += 14_000) later(story, at, look);
}
