/**
 * One seed: one or two pools, two SKUs with few pieces (some of them packs, or of one part), one or two channels, and most of a minute in which shoppers, warehouse, telephone, export and
 * stock sync meet while things go wrong. Then nothing happens any more, and the entries have to come to rest at the formula.
 */

import { type Chance, chanceOf } from "../chance.ts";
import { configurationOf, type Document, storeConfiguration } from "../install.ts";
import { installInto, prepareInstallation } from "../installation.ts";
import type { Interrupt, Interruption, Moment } from "../life.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import { openWorld, type World } from "../world.ts";
import { keepLedger } from "./ledger.ts";
import { calm, misfortunes } from "./misfortunes.ts";
import { orderEdits } from "./order-edits.ts";
import { LONGEST_PAUSE_MS, positionOf, REST_TICK_MS, TICK_MS, TROUBLE_MS } from "./schedule.ts";
import { shoppers } from "./shoppers.ts";
import { type Story, tell, traceOf } from "./story.ts";
import { driftOf } from "./verdict.ts";
import { stockUp, warehouse } from "./warehouse.ts";
import { hints, kitsOf, putUp, waresOf } from "./wares.ts";

export type Run = {
  readonly seed: number;
  readonly oversold: number;
  readonly givenBack: number;
  /** Pieces by which entries at rest differ from the formula. */
  readonly drift: number;
  readonly findings: readonly string[];
  readonly trace: readonly string[];
  readonly orders: number;
  readonly virtualMs: number;
};

export async function simulate(seed: number, { trace = false } = {}): Promise<Run> {
  await prepareInstallation();
  const chance = chanceOf(seed * 6151 + 29);
  const { commercetools, ifs } = positionOf(chance);
  const world = await openWorld({ seed, size: "small", ifs, commercetools });
  try {
    const story = await begun(world, seed, chance);
    const { pools, articles } = story;
    tell(story, `positions: ${JSON.stringify({ ...commercetools, ...ifs, pools, articles })}`);
    const end = world.schedule(TICK_MS);
    const buyer = shoppers(story);
    warehouse(story);
    misfortunes(story, buyer);
    orderEdits(story, chanceOf(seed * 3571 + 17));
    begin(story, "event-app");
    for (let left = chance.pick([1, 2, 2]); left > 0; left -= 1) begin(story, "job-app");
    await world.run(TROUBLE_MS);
    end();
    calm(story);
    const endRest = world.schedule(REST_TICK_MS);
    const drift = await rest(story);
    endRest();
    const findings = [...story.ledger.findings, ...drift.findings];
    return {
      seed,
      oversold: story.ledger.oversold(),
      givenBack: story.ledger.givenBack(),
      drift: drift.units,
      findings,
      trace: trace || findings.length > 0 ? traceOf(story, /POST .*\/(inventory|orders)/) : [],
      orders: world.commercetools.model.world.collection("order").size(),
      virtualMs: Math.round(world.time.elapsed()),
    };
  } finally {
    world.close();
  }
}

/** Installed, stocked, and looked at once: every entry is there and right. */
async function begun(world: World, seed: number, chance: Chance): Promise<Story> {
  const skus = SMALL_CATALOGUE;
  const wares = waresOf(skus, { chance, special: chanceOf(seed * 7717 + 13), kits: chanceOf(seed * 5519 + 3) });
  const { pools, articles } = wares;
  const [first, ...others] = new Set(pools.flatMap(({ channels }) => channels));
  if (first === undefined) throw new Error("nothing is sold");
  const channels = [first, ...others] as const;
  const paidFirst = chance.happens(0.4);
  putUp(world, wares);
  for (const { site } of pools) {
    for (const { partNo, units } of articles) stockUp(world, site, { partNo, quantity: units * chance.whole(2, 8) });
  }
  await installInto(world);
  await storeConfiguration(world, configurationFor(world, { pools, articles, paidFirst, chance }));
  const [once] = world.start("job-app");
  await world.tick();
  once?.life.kill();
  const ledger = keepLedger(world, articles, pools);
  const told = { told: [], hooks: [], trouble: true };
  const story: Story = { world, chance, ledger, skus, articles, pools, channels, paidFirst, ...told };
  if (wares.hints) hints(story);
  return story;
}

function configurationFor(world: World, given: Pick<Story, "pools" | "articles" | "paidFirst" | "chance">): Document {
  const { pools, articles, paidFirst, chance } = given;
  const base = configurationOf(world);
  const germanRoute = (base.routes as Document[]).find(({ name }) => name === "Germany");
  const drawn = chance.pick(["WEB", "WEB", "AUTO"]);
  const kits = kitsOf(articles);
  // An order that ships by itself would ship a kit without its components.
  const orderType = kits.length > 0 ? "WEB" : drawn;
  return configurationOf(world, {
    sites: (base.sites as Document[]).filter((one) => pools.some(({ site }) => site === one.site)),
    routes: pools.map(({ site, channels: supplyChannel }) => ({
      ...{ ...germanRoute, name: site, site, orderType, when: { currency: "EUR", supplyChannel } },
    })),
    stock: {
      ...(kits.length > 0 && { kits: { list: kits } }),
      pools: pools.map(({ site, channels }) => ({
        ...{ name: site, site, channels: channels.map((supplyChannel) => ({ supplyChannel })) },
      })),
    },
    prices: { lists: [] },
    orders: {
      claimSeconds: 15,
      lateCommitWaitSeconds: 10,
      maxAttempts: 20,
      ...(paidFirst && { paymentStates: ["Paid"] }),
    },
    schedules: {
      ...{ sweepSeconds: 14, stockSeconds: 3, stockFullSeconds: chance.pick([20, 3600]) },
      ...{ priceSeconds: 3600, statusSeconds: 3600, customerSeconds: 3600 },
    },
    // The dead keep their places for minutes, and here several die in one.
    ifs: { budget: { requestsPerMinute: 2000, concurrency: 100 } },
  });
}

/** Nothing can last longer: the longest sleep, the lease of who slept, the youth of the last order, and some runs. */
const LONGEST_REST_MS = LONGEST_PAUSE_MS + 60_000 + 30_000 + 45_000;

/** Time passes until the entries stand where they should at two looks, or should long have done so. */
async function rest(story: Story) {
  const { world } = story;
  const limit = world.time.elapsed() + LONGEST_REST_MS;
  for (let quiet = 0; world.time.elapsed() < limit; ) {
    await world.run(REST_TICK_MS);
    quiet = isDone(story) ? quiet + 1 : 0;
    if (quiet === 2) break;
  }
  return driftOf(story);
}

function isDone(story: Story): boolean {
  const { world } = story;
  const lives = [...world.processes("event-app"), ...world.processes("job-app")];
  return (
    lives.length > 0 &&
    lives.every(({ life }) => life.state() === "running") &&
    world.commercetools.model.world.stockMoves.length === 0 &&
    driftOf(story).units === 0
  );
}

const critical = /\/inventory|InventoryPartInStock|CustomerOrderLine/;

/** Dies or sleeps at any await, more often in the middle of the stock sync. */
function fateOf(story: Story): Interrupt {
  const { chance } = story;
  const rate = chance.happens(0.3) ? chance.between(0.0005, 0.004) : 0;
  return (moment: Moment): Interruption => {
    if (!story.trouble || rate === 0) return "go";
    if (!chance.happens(critical.test(moment.what) ? rate * 4 : rate)) return "go";
    const death = chance.happens(0.5);
    const pauseMs = Math.round(
      chance.happens(0.7) ? chance.between(500, 12_000) : chance.between(12_000, LONGEST_PAUSE_MS),
    );
    tell(story, `${moment.process} ${death ? "dies" : `sleeps ${pauseMs} ms`} at ${moment.kind} of ${moment.what}`);
    return death ? "die" : { pauseMs };
  };
}

/** Starts a process; the platform starts another one some seconds after its death. */
function begin(story: Story, app: "event-app" | "job-app"): void {
  const { world, chance } = story;
  for (const { life } of world.start(app, { interrupt: fateOf(story) })) {
    life.onDeath(() => {
      world.time.clock.after(chance.between(1000, 6000), () => begin(story, app));
    });
  }
}
