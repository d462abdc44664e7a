/**
 * Three sites onto two channels, in random states of both systems: every entry shows what an independent sum gives, whichever site a run
 * looked at last, and the check at checkout says the same. The sum below shares no line with the product.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Contract } from "../domain/ids.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { createAtpContext } from "./atp-check/context.ts";
import type { AtpDeps } from "./atp-check/deps.ts";
import { parseQuestion } from "./atp-check/parse.ts";
import { checkAvailability } from "./atp-check/run.ts";
import { runStockSync } from "./stock-sync/run.ts";
import { configWith, createWorld, type World } from "./stock-sync/testing/world.ts";

const sites = ["S1", "S2", "S3"] as const;
type Site = (typeof sites)[number];
const channels = ["web", "store"] as const;
type Channel = (typeof channels)[number];

const units = fc.nat(30);
/** Percent of the site's units, and units held back; none: the site does not feed the channel. */
const feeding = fc.option(fc.record({ percent: fc.integer({ min: 10, max: 100 }), buffer: fc.nat(3) }), {
  nil: undefined,
  freq: 3,
});
const anySite = fc.record({ onHand: units, frozen: units, telephone: fc.nat(12), web: feeding, store: feeding });
const anyState = fc.record({
  S1: anySite,
  S2: anySite,
  S3: anySite,
  classBuffer: fc.option(fc.nat(4), { nil: undefined }),
  orders: fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 4 }),
      channel: fc.constantFrom(...channels),
      stage: fc.constantFrom("unlinked", "committed", "linked", "reserved"),
      at: fc.constantFrom(...sites),
    }),
    { maxLength: 5 },
  ),
});
type State = typeof anyState extends fc.Arbitrary<infer T> ? T : never;
type Order = State["orders"][number];

const feeds = (state: State, site: Site, channel: Channel) => state[site][channel] !== undefined;
const sitesOf = (state: State, channel: Channel): Site[] => sites.filter((site) => feeds(state, site, channel));

/** An order can be delivered from a site that feeds its channel, and what is not has not left the shop. */
const siteOf = (state: State, { stage, channel, at }: Order): Site | undefined =>
  stage === "unlinked" ? undefined : feeds(state, at, channel) ? at : sitesOf(state, channel)[0];

function worldIn(state: State): World {
  const world = createWorld(
    configWith((raw) => {
      raw.sites = sites.map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
      raw.stock = {
        pools: sites.flatMap((site) => {
          const fed = channels.flatMap((supplyChannel) => {
            const given = state[site][supplyChannel];
            return given ? [{ supplyChannel, share: given.percent / 100, buffer: given.buffer }] : [];
          });
          return fed.length === 0 ? [] : [{ name: `P-${site}`, site, channels: fed }];
        }),
        classes:
          state.classBuffer === undefined
            ? []
            : [{ name: "all of store", supplyChannels: ["store"], buffer: state.classBuffer }],
      };
      raw.atp = { defaultThreshold: 1_000_000 };
    }),
  );
  for (const site of sites) {
    const contract = site as Contract;
    world.happen.sku("BOLT", { contract });
    world.happen.stock("BOLT", state[site].onHand, { contract });
    world.happen.stock("BOLT", state[site].frozen, { contract, frozen: true });
    if (state[site].telephone > 0) world.happen.ifsOrder(`TEL-${site}`, "BOLT", state[site].telephone, null, site);
  }
  for (const given of state.orders) {
    if (sitesOf(state, given.channel).length === 0) continue;
    const order = world.happen.order("BOLT", given.quantity, given.channel);
    const site = siteOf(state, given);
    if (site) world.happen.commit(order, site);
    if (given.stage === "linked" || given.stage === "reserved") world.happen.link(order);
    if (given.stage === "reserved") world.happen.reserve(`W${order}`);
  }
  world.happen.wait(60_000);
  return world;
}

/** What the channel should show, in whole numbers and hundredths. */
function independentSum(state: State, channel: Channel): number {
  const free = (site: Site): number => {
    const ordered = state.orders
      .filter((order) => siteOf(state, order) === site)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    return state[site].onHand - state[site].telephone - ordered;
  };
  const partOf = (site: Site, of: Channel): number => {
    const wanted = channels.map((one) => state[site][one]?.percent ?? 0);
    const whole = Math.max(
      100,
      wanted.reduce((a, b) => a + b, 0),
    );
    const have = Math.max(0, free(site));
    const upTo = (count: number) => Math.floor((have * wanted.slice(0, count).reduce((a, b) => a + b, 0)) / whole);
    const nth = channels.indexOf(of);
    return upTo(nth + 1) - upTo(nth);
  };
  const sold = (of: Channel): number =>
    state.orders
      .filter((order) => order.channel === of && sitesOf(state, of).length > 0 && siteOf(state, order) === undefined)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const own = sitesOf(state, channel);
  const [other] = channels.filter((one) => one !== channel) as [Channel];
  const share = own.some((site) => feeds(state, site, other));
  // Nothing is added up: one pool, whose orders come off before it is divided.
  const isJoint = (of: Channel) => sitesOf(state, of).length > 1;
  const hasClass = channel === "store" && state.classBuffer !== undefined;
  const bufferAt = (site: Site): number => (hasClass ? 0 : (state[site][channel]?.buffer ?? 0));
  if (!isJoint(channel) && !(share && isJoint(other))) {
    const [site] = own as [Site];
    const taken = share ? sold(channel) + sold(other) : sold(channel);
    const left = partOfLeft(state, site, { have: Math.max(0, free(site) - taken), channel });
    return Math.max(0, left - (hasClass ? (state.classBuffer ?? 0) : bufferAt(site)));
  }
  const given = own.reduce(
    (sum, site) =>
      sum +
      Math.max(0, partOf(site, channel) - (isJoint(channel) || !hasClass ? bufferAt(site) : (state.classBuffer ?? 0))),
    0,
  );
  const short = own.reduce((sum, site) => sum + Math.max(0, -free(site)), 0);
  const others = sitesOf(state, other).reduce((sum, site) => sum + partOf(site, other), 0);
  const beyond = share ? Math.max(0, sold(other) - others) : 0;
  const rest = Math.max(0, given - sold(channel) - short - beyond);
  return isJoint(channel) && hasClass ? Math.max(0, rest - (state.classBuffer ?? 0)) : rest;
}

function partOfLeft(state: State, site: Site, { have, channel }: { have: number; channel: Channel }): number {
  const wanted = channels.map((one) => state[site][one]?.percent ?? 0);
  const whole = Math.max(
    100,
    wanted.reduce((a, b) => a + b, 0),
  );
  const upTo = (count: number) => Math.floor((have * wanted.slice(0, count).reduce((a, b) => a + b, 0)) / whole);
  const nth = channels.indexOf(channel);
  return upTo(nth + 1) - upTo(nth);
}

function checkoutOf(world: World): AtpDeps {
  const clock: Clock = {
    ...systemClock,
    now: () => world.time.now,
    sleep: (ms, signal) => (ms < 100 ? Promise.resolve() : systemClock.sleep(ms, signal)),
  };
  const { config, parts, stock, inventory, channelIds, ordersPage, logger, channels: claims } = world.deps;
  return {
    context: createAtpContext({ clock }),
    config,
    ifs: {
      salesParts: parts.salesParts,
      salesPartsOf: parts.salesPartsOf,
      packages: parts.packages,
      openDemand: stock.openDemand,
      stockRows: stock.stockRows,
      orderLinesVisible: async () => true,
      plannedSupply: async () => [],
    },
    entries: inventory.bySkus,
    heldCuts: async () => () => false,
    partlyThere: async () => [],
    channels: claims,
    channelIds,
    ordersPage,
    skuFacts: async () => new Map(),
    salesFigures: async () => undefined,
    logger,
  };
}

it("over hundreds of random states", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyState, async (state) => {
      const fed = channels.filter((channel) => sitesOf(state, channel).length > 0);
      if (fed.length === 0) return;
      const world = worldIn(state);
      for (let run = 0; run < 3; run += 1) await runStockSync(world.deps, { now: world.time.now, mode: "full" });
      const wanted = fed.map((channel) => independentSum(state, channel));
      expect(fed.map((channel) => world.quantityOf("BOLT", channel))).toEqual(wanted);
      const question = parseQuestion({
        lines: fed.map((supplyChannel) => ({ sku: "BOLT", quantity: 1, supplyChannel })),
      });
      if (!question.ok) throw new Error(question.error.message);
      const { lines } = await checkAvailability(checkoutOf(world), question.value, systemClock.monotonic() + 5000);
      expect(lines.map(({ source, available }) => [source, available])).toEqual(wanted.map((one) => ["ifs", one]));
    }),
    { numRuns: 150 },
  );
});
