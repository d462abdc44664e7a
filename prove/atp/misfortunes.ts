/** What goes wrong around the check, and what happens exactly between two of its calls. */
import { addresses } from "../addresses.ts";
import { ConnectionLost, type Seen } from "../network.ts";
import type { ShopOrder } from "../stock/books.ts";
import { later, tell } from "../stock/story.ts";
import { telephone } from "../stock/warehouse.ts";
import { partOf } from "./closing.ts";
import { AGAIN } from "./judge.ts";
import { YOUTH_MS } from "./schedule.ts";
import { anyWish, modes, pay, payInVain, type Shop, unpaid, type Wish } from "./shoppers.ts";
import type { Story } from "./story.ts";
import { askedOf } from "./wire.ts";

const fromGuard = ({ from }: Seen): boolean => from.startsWith("service-app");
const isIfs = ({ origin }: Seen): boolean => origin === addresses.ifs;
const isShop = ({ origin }: Seen): boolean => origin === addresses.commercetools;
const isDemandRead = (seen: Seen): boolean => isIfs(seen) && /CustomerOrderLineSet\?.*PartNo%20eq/.test(seen.path);

export function misfortunes(story: Story, shop: Shop): void {
  const { chance } = story;
  if (chance.happens(0.5)) slowIfs(story);
  if (chance.happens(0.4)) failingIfs(story);
  if (chance.happens(0.4)) saleBetweenReads(story);
  if (chance.happens(0.5)) askedAgain(story);
  if (chance.happens(0.2)) shopFaults(story);
  if (story.losesAnswers) lostAnswers(story, shop);
  if (story.paidFirst) exportedUnderTheFigure(story, shop);
}

/** IFS has acted, and its answer takes its time: what arrives is what was. */
function slowIfs(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.02, 0.2);
  const longest = chance.pick([300, 900, 4000]);
  tell(story, `${probability.toFixed(2)} of IFS's answers are up to ${longest} ms late`);
  const slow = async (seen: Seen): Promise<void> => {
    if (fromGuard(seen) && isIfs(seen) && chance.happens(probability)) {
      await world.time.clock.sleep(chance.between(0, longest));
    }
  };
  story.hooks.push(world.network.after(slow), world.network.before(slow));
}

function failingIfs(story: Story): void {
  const { world, chance } = story;
  const [from, until] = [chance.between(0, 30_000), chance.between(3000, 15_000)];
  const probability = chance.pick([0.1, 0.4, 1]);
  const kind = chance.pick(["status", "reset", "stall", "loseResponse"] as const);
  const status = chance.pick([500, 503, 429]);
  later(story, from, () => {
    const id = world.ifs.faults.add({ kind, status, probability, path: "/main/", methods: ["GET"], delayMs: 20_000 });
    tell(story, `IFS: ${kind} ${status} for ${probability} of the reads`);
    later(story, until, () => world.ifs.faults.remove(id));
  });
}

/** Between the reads of the check the telephone sells. */
function saleBetweenReads(story: Story): void {
  const { world, chance, skus, pool } = story;
  const probability = chance.between(0.05, 0.3);
  story.hooks.push(
    world.network.after((seen) => {
      if (!fromGuard(seen) || !isDemandRead(seen) || !chance.happens(probability)) return;
      telephone(story, { site: pool.site, part: chance.pick(skus) });
    }),
  );
}

/** The platform asks once more, at once on another replica or when the answer was given long ago. */
function askedAgain(story: Story): void {
  const { world, chance, hooks } = story;
  const probability = chance.pick([0.3, 1]);
  const again = world.network.fetchOf({ name: "commercetools-again" });
  let count = 0;
  hooks.push(
    world.network.before(({ from, origin, path, body, headers }) => {
      if (from !== "commercetools" || !addresses.service.startsWith(origin) || !chance.happens(probability)) return;
      count += 1;
      const repeated = { ...headers, "x-correlation-id": `${AGAIN}${count}` };
      const url = origin + path;
      const ask = () => again(url, { method: "POST", headers: repeated, body }).catch(() => undefined);
      later(story, chance.pick([0, 30, 700, 5000, 20_000]), ask);
    }),
  );
}

/**
 * commercetools does not get the answers of the check for some carts, and creates no order: what the attempt has bound is bound for
 * nobody, and what the cart was promised before stays promised. When the binding ends, and when the cart's own hold does, others want
 * all there is.
 */
function lostAnswers(story: Story, shop: Shop): void {
  const { world, chance } = story;
  const unlucky = new Set<string>();
  for (let carts = chance.whole(1, 3); carts > 0; carts -= 1) {
    const wish = anyWish(story);
    later(story, chance.between(0, 8000), async () => {
      try {
        await payInVain(story, shop, { wish, told: (cart) => unlucky.add(cart) });
      } finally {
        // Each further try of commercetools has bound anew.
        rivals(story, shop, wish);
      }
    });
  }
  story.hooks.push(
    world.network.after(({ from, origin, body }) => {
      if (from !== "commercetools" || !addresses.service.startsWith(origin)) return;
      const { cartId } = askedOf({ world, process: from, body: body ?? "{}" });
      if (!unlucky.has(cartId)) return;
      tell(story, `the answer for cart ${cartId} is lost`);
      throw new ConnectionLost("the answer of the check was lost");
    }),
  );
}

/** Those who want all there is of a SKU, or what they get of it, when the binding of a hold of now ends, and when the hold does. */
function rivals(story: Story, shop: Shop, { sku }: Pick<Wish, "sku">): void {
  const { chance, guard } = story;
  const { seconds, boundSeconds } = guard.holds;
  for (const end of [seconds, boundSeconds, boundSeconds]) {
    later(story, end * 1000 + chance.between(-2000, 8000), async () => {
      const wish = { ...anyWish(story), sku, mode: "None" } as const;
      for (let quantity = partOf(story, wish); quantity > 0 && story.trouble; quantity -= 1) {
        if (await isSold(shop, { ...wish, quantity })) return;
      }
    });
  }
}

async function isSold(shop: Shop, wish: Wish): Promise<boolean> {
  try {
    await shop.order(wish, await shop.fill(wish));
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
}

/** Requests of the check to commercetools are slow or lost, before or after they took effect. */
function shopFaults(story: Story): void {
  const { world, chance } = story;
  story.shopTrouble = true;
  const probability = chance.between(0.02, 0.15);
  tell(story, `${probability.toFixed(2)} of the check's requests to commercetools are lost or late`);
  const strike = async (seen: Seen): Promise<void> => {
    if (!fromGuard(seen) || !isShop(seen) || !chance.happens(probability)) return;
    if (chance.happens(0.5)) throw new ConnectionLost("the connection to commercetools broke");
    await world.time.clock.sleep(chance.between(100, 2500));
  };
  story.hooks.push(world.network.before(strike), world.network.after(strike));
}

/** Times in a seed: each brings new orders, which grow old as well. */
const MOST_EXPORTED = 3;

/** The check has just read a figure; an old order is paid and reaches IFS, and others ask while the figure is still good. */
function exportedUnderTheFigure(story: Story, shop: Shop): void {
  const { world, chance, guard } = story;
  let left = MOST_EXPORTED;
  story.hooks.push(
    world.network.after((seen) => {
      if (left === 0 || !fromGuard(seen) || !isDemandRead(seen)) return;
      const oldest = world.time.clock.now() - YOUTH_MS;
      const old = unpaid(story).find(
        (order) => Date.parse(order.createdAt) < oldest && seen.path.includes(skuOf(order)),
      );
      if (!old || !chance.happens(0.8)) return;
      left -= 1;
      const sku = skuOf(old);
      tell(story, `${old.id} is paid right after ${seen.from} read a figure`);
      later(story, 0, () => pay(story, old));
      // Several: each may ask a replica that has another figure. Most want a piece more than there is.
      for (let others = chance.whole(2, 4); others > 0; others -= 1) {
        later(story, chance.between(800, Math.max(3000, guard.cacheSeconds * 1000)), async () => {
          // Mostly such that commercetools itself does not look at its entry.
          const wish = { ...anyWish(story), sku, mode: chance.pick(["None", "TrackOnly", ...modes] as const) };
          const quantity = chance.happens(0.3) ? 1 : partOf(story, wish) + 1;
          await shop.order({ ...wish, quantity }, await shop.fill({ ...wish, quantity }));
        });
      }
    }),
  );
}

const skuOf = ({ lineItems }: ShopOrder): string => lineItems[0]?.variant.sku ?? "";

export function calm(story: Story): void {
  const { world } = story;
  story.trouble = false;
  story.shopTrouble = false;
  for (const off of story.hooks) off();
  world.ifs.faults.clear();
  world.commercetools.faults.clear();
  tell(story, "nothing goes wrong any more");
}
