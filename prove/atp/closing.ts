/** When nothing happens any more and whatever was held has expired: the last pieces are there for who asks, and no more of them. */

import type { Json } from "../../sandbox/commercetools/api-caller.ts";
import { type AppName, addresses, appNames, environmentOf } from "../addresses.ts";
import { tell } from "../stock/story.ts";
import { piecesLeft } from "../stock/verdict.ts";
import type { World } from "../world.ts";
import { modes, type Shop, type Wish } from "./shoppers.ts";
import type { Story } from "./story.ts";

/** Longer than any hold, than a reservation of a cart, and than an order that changed counts: two minutes and the age of a figure. */
const LONGEST_HOLD_MS = 150_000;
/** What has begun has its end by then: exports and runs. */
const SETTLE_MS = 15_000;

/** Pieces that were refused although nobody needs them. */
export async function closingChecks(story: Story, shop: Shop, begin: (story: Story, app: AppName) => void) {
  const { world } = story;
  for (const app of appNames) {
    const all = world.processes(app);
    for (const { life } of all) if (life.state() === "paused") life.kill();
    if (world.processes(app).length === 0) begin(story, app);
  }
  await world.run(SETTLE_MS);
  // What IFS has shipped and cancelled is told to the shop now: an order that changed counts for a while.
  await world.tick();
  // Nothing that a process remembers may matter, and nobody has to wait for those that only wait.
  for (const app of appNames) for (const { life } of world.processes(app)) life.kill();
  await world.run(LONGEST_HOLD_MS);
  begin(story, "event-app");
  begin(story, "service-app");
  await arm(world);
  let leaked = 0;
  for (const sku of story.skus) {
    // One channel each: for half a minute an order counts beside its copy in IFS.
    const slot = { sku, channel: story.chance.pick(story.pool.channels) };
    leaked += await lastPieces(story, shop, slot);
    await beyond(story, shop, slot);
  }
  return leaked;
}

/** The Extension as the deployment of service-app makes it; it may have been taken away because nobody answered. */
export async function arm(world: World): Promise<void> {
  const key = "ifs-connector-atp";
  if (await world.drive(world.shop.find(`/extensions/key=${key}`))) return;
  const { ATP_EXTENSION_SECRET: headerValue } = environmentOf("service-app");
  const authentication = { type: "AuthorizationHeader", headerValue };
  const draft = {
    key,
    destination: { type: "HTTP", url: `${addresses.service}/extension`, authentication },
    triggers: [
      {
        resourceTypeId: "order",
        actions: ["Create"],
        condition: "lineItems is defined and lineItems is not empty",
      },
    ],
    timeoutInMs: 2000,
  };
  await world.drive(world.shop.post("/extensions", draft));
}

const COLD_TRIES = 2;

type Slot = Pick<Wish, "sku" | "channel">;

/** All that the channel may sell is ordered at once: there has to be that much, and the check has to know it. */
async function lastPieces(story: Story, shop: Shop, { sku, channel }: Slot): Promise<number> {
  const quantity = partOf(story, { sku, channel });
  if (quantity === 0) return 0;
  const wish = { sku, channel, quantity, mode: story.chance.pick(modes) };
  const cart = await story.world.drive(shop.fill(wish));
  // A process that has just begun has no token yet. The same cart: what was held for it too late is its own.
  let answer = await attempt(story, shop, { wish, cart });
  for (let left = COLD_TRIES; left > 0 && answer.available === null; left -= 1) {
    answer = await attempt(story, shop, { wish, cart });
  }
  if (answer.ordered) return 0;
  // What commercetools refuses by itself says nothing about the check.
  if (answer.available === undefined) return 0;
  const missing = quantity - (answer.available ?? 0);
  story.ledger.findings.push(
    `leaked: ${missing} of ${quantity} of ${sku} in ${channel} (${wish.mode}) are refused although nobody needs them`,
  );
  return missing;
}

/** One piece more: the judge has a look at whoever gets it. */
async function beyond(story: Story, shop: Shop, slot: Slot): Promise<void> {
  const wish = { ...slot, quantity: partOf(story, slot) + 1, mode: "None" } as const;
  await attempt(story, shop, { wish, cart: await story.world.drive(shop.fill(wish)) });
}

type Attempt = { readonly ordered: boolean; readonly available?: number | null | undefined };

async function attempt(
  story: Story,
  shop: Shop,
  { wish, cart }: { readonly wish: Wish; readonly cart: Json },
): Promise<Attempt> {
  try {
    await story.world.drive(shop.order(wish, cart));
    return { ordered: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    tell(story, `the last pieces are refused: ${error.message.slice(0, 300)}`);
    return { ordered: false, available: story.ledger.refusalOf(String(cart.id))?.get(wish.sku) };
  }
}

/** What a channel may sell now. Channels of one pool share its pieces evenly; the odd ones go to the later channels. */
export function partOf({ world, pool }: Story, { sku, channel }: Slot): number {
  const pieces = Math.max(0, piecesLeft(world, sku, pool));
  const index = pool.channels.indexOf(channel);
  const upTo = (count: number): number => Math.floor((pieces * count) / pool.channels.length);
  return upTo(index + 1) - upTo(index);
}
