/** What goes wrong around the stock sync, and what happens exactly between two of its calls. */
import type { InventoryEntry } from "../../sandbox/commercetools/stock.ts";
import { addresses } from "../addresses.ts";
import { ConnectionLost, type Seen } from "../network.ts";
import { type Article, channelId } from "./books.ts";
import { type Buyer, pay, unpaid } from "./shoppers.ts";
import { clerk, later, type Story, tell } from "./story.ts";
import { HOME, openOrders, telephone } from "./warehouse.ts";

const fromConnector = ({ from }: Seen): boolean => /^(event|job)-app/.test(from);
const isStockRead = ({ origin, method, path }: Seen): boolean =>
  origin === addresses.ifs && method === "GET" && /InventoryPartInStockSet\?.*PartNo%20eq/.test(path);
const isDemandRead = ({ origin, method, path }: Seen): boolean =>
  origin === addresses.ifs && method === "GET" && /CustomerOrderLineSet\?.*PartNo%20eq/.test(path);
const isEntryWrite = ({ origin, method, path }: Seen): boolean =>
  origin === addresses.commercetools && method === "POST" && /\/inventory\/[0-9a-f-]{36}$/.test(path);

export function misfortunes(story: Story, buyer: Buyer): void {
  const { chance } = story;
  if (chance.happens(0.65)) saleBeforeWrite(story, buyer);
  if (chance.happens(0.6)) betweenReads(story);
  if (story.paidFirst) paidBetweenReads(story);
  if (chance.happens(0.3)) sleepOverFigure(story);
  if (chance.happens(0.3)) slowPages(story);
  if (chance.happens(0.3)) brokenConnections(story);
  if (chance.happens(0.3)) throttling(story);
}

/** Somebody buys in the moment between the read of an entry and the write that was planned on it. */
function saleBeforeWrite(story: Story, buyer: Buyer): void {
  const { world, chance } = story;
  const probability = chance.between(0.3, 0.9);
  tell(story, `somebody buys just before ${probability.toFixed(2)} of the writes`);
  story.hooks.push(
    world.network.before(async (seen) => {
      if (!fromConnector(seen) || !isEntryWrite(seen) || !chance.happens(probability)) return;
      const entry = writtenEntry(story, seen);
      if (!entry) return;
      const wish = { sku: entry.sku, quantity: 1, mode: "ReserveOnOrder", channel: entry.channel } as const;
      await buyer(wish).catch(() => undefined);
    }),
  );
}

function writtenEntry({ world, channels }: Story, { path }: Seen) {
  const { model } = world.commercetools;
  const entry = model.world.collection<InventoryEntry>("inventory-entry").get(path.slice(path.lastIndexOf("/") + 1));
  const channel = channels.find((key) => channelId(world, key) === entry?.supplyChannel?.id);
  return entry && channel && { sku: entry.sku, channel };
}

/** Between the two reads that make a figure IFS reserves, takes back, delivers, or sells by telephone. */
function betweenReads(story: Story): void {
  const { world, chance, skus, pools } = story;
  const probability = chance.between(0.1, 0.5);
  tell(story, `something happens between ${probability.toFixed(2)} of the reads of a figure`);
  const all = (command: string) => (): void => {
    for (const { orderNo } of openOrders(world)) clerk(story, command, { orderNo });
  };
  const sale = () => telephone(story, { site: chance.pick(pools).site, part: chance.pick(skus) });
  const events = [all("reserve"), all("reserve"), all("ship"), all("unreserve"), all("unreserve"), sale] as const;
  story.hooks.push(
    world.network.after((seen) => {
      if (!fromConnector(seen) || !(isStockRead(seen) || isDemandRead(seen)) || !chance.happens(probability)) return;
      chance.pick(events)();
    }),
  );
}

/** Money comes for what waited long, and its order reaches IFS after the figure and before the orders are read. */
function paidBetweenReads(story: Story): void {
  const { world, chance } = story;
  story.hooks.push(
    world.network.after(async (seen) => {
      if (!fromConnector(seen) || !isDemandRead(seen)) return;
      const old = unpaid(world).find(({ createdAt }) => Date.parse(createdAt) < world.time.clock.now() - OLD_MS);
      if (!old || !chance.happens(0.7)) return;
      await pay(story, old).catch(() => undefined);
      await world.time.clock.sleep(chance.between(1000, 3000));
    }),
  );
}

/** Goods come in; who has just read of them falls asleep, and the telephone sells them meanwhile. */
function sleepOverFigure(story: Story): void {
  const { world, chance, articles, pools } = story;
  const probability = chance.between(0.05, 0.15);
  const good = new Set<Seen>();
  const everywhere = (work: (site: string, article: Article) => void): void => {
    for (const article of articles) for (const { site } of pools) work(site, article);
  };
  story.hooks.push(
    world.network.before((seen) => {
      if (!fromConnector(seen) || !isStockRead(seen) || !chance.happens(probability)) return;
      good.add(seen);
      everywhere((site, { partNo: part, units }) =>
        clerk(story, "receive", { site, part, qty: 2 * units, location: HOME }),
      );
    }),
    world.network.after((seen) => {
      if (!good.delete(seen)) return;
      const pauseMs = chance.whole(17_000, 26_000);
      tell(story, `${seen.from} falls asleep for ${pauseMs} ms over a figure`);
      for (const { name, life } of world.processes("job-app")) if (name === seen.from) life.pause(pauseMs);
      later(story, 500, () =>
        everywhere((site, { sku, component, units }) => {
          const sold = component === undefined ? { part: sku, qty: 2 } : { part: component, qty: 2 * units };
          clerk(story, "sell", { site, ...sold });
        }),
      );
    }),
  );
}

/** The age from which evidence decides whether IFS has an order. */
const OLD_MS = 30_500;

/** A page of IFS takes its time. */
function slowPages(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.05, 0.3);
  tell(story, `${probability.toFixed(2)} of the figures are slow`);
  story.hooks.push(
    world.network.before(async (seen) => {
      if (!fromConnector(seen) || !(isStockRead(seen) || isDemandRead(seen)) || !chance.happens(probability)) return;
      await world.time.clock.sleep(chance.between(500, 5000));
    }),
  );
}

/** Requests of the connector to commercetools are lost, before or after they took effect. */
function brokenConnections(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.01, 0.08);
  const strike = (seen: Seen) => {
    if (!fromConnector(seen) || !chance.happens(isEntryWrite(seen) ? probability * 4 : probability)) return;
    throw new ConnectionLost("the connection broke");
  };
  tell(story, `${probability.toFixed(2)} of the requests and of the answers are lost`);
  story.hooks.push(world.network.before(strike), world.network.after(strike));
}

function throttling(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.03, 0.15);
  const headers = { "retry-after": "1" };
  world.commercetools.faults.add({ kind: "status", status: chance.pick([429, 503]), probability, path: "/inventory" });
  world.ifs.faults.add({ kind: "status", status: chance.pick([429, 503]), probability, headers, path: "/main/" });
  tell(story, `${probability.toFixed(2)} of the requests are throttled`);
}

export function calm(story: Story): void {
  const { world } = story;
  story.trouble = false;
  for (const off of story.hooks) off();
  world.ifs.faults.clear();
  world.commercetools.faults.clear();
  tell(story, "nothing goes wrong any more");
}
