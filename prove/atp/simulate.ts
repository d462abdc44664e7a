/**
 * One seed: a pool with few pieces of two SKUs, two or three replicas of service-app, and most of a minute in which checkouts meet at
 * the same moments while IFS is slow, fails and sells to others. Then nothing goes wrong any more, what was held has expired, and
 * the last pieces have to be sold to those who ask, and no more.
 */
import { loadPaymentsSdk } from "../../core/src/http/checkout-auth.ts";
import type { AppName } from "../addresses.ts";
import { type Chance, chanceOf } from "../chance.ts";
import { configurationOf, type Document, storeConfiguration } from "../install.ts";
import { installInto, prepareInstallation } from "../installation.ts";
import type { Interrupt, Interruption, Moment } from "../life.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import type { Pool } from "../stock/books.ts";
import { later, tell, traceOf } from "../stock/story.ts";
import { stockUp, telephone, workOn } from "../stock/warehouse.ts";
import { type Handled, openWorld, type World } from "../world.ts";
import { arm, closingChecks } from "./closing.ts";
import { createJudge, type Judge } from "./judge.ts";
import { calm, misfortunes } from "./misfortunes.ts";
import {
  type Guard,
  guardOf,
  LONGEST_PAUSE_MS,
  LOST_ANSWERS_MS,
  positionOf,
  shops,
  TICK_MS,
  TROUBLE_MS,
} from "./schedule.ts";
import { PROMISE, shopOf, shoppers, waitingForMoney } from "./shoppers.ts";
import type { Story } from "./story.ts";

export type Run = Judge["counts"] & {
  readonly seed: number;
  readonly leakedHolds: number;
  readonly orders: number;
  readonly findings: readonly string[];
  readonly trace: readonly string[];
  readonly virtualMs: number;
};

export async function simulate(seed: number, { trace = false } = {}): Promise<Run> {
  // Reading a module takes the time of this machine, in which hours of a world could pass.
  await loadPaymentsSdk();
  await prepareInstallation();
  const chance = chanceOf(seed * 4789 + 53);
  const { commercetools, ifs } = positionOf(chance);
  let handled: (one: Handled) => void = () => undefined;
  const world = await openWorld({
    ...{ seed, size: "small", ifs, commercetools },
    // A question takes ten requests and more: only what goes wrong in a seed is to make it late.
    ifsLatencyMs: [5, 25],
    onHandled: (one) => handled(one),
  });
  try {
    const story = await begun(world, chance);
    handled = story.ledger.handled;
    tell(
      story,
      `positions: ${JSON.stringify({ ...commercetools, ...ifs, ...story.guard })}, ${JSON.stringify(story.pool)}`,
    );
    const end = world.schedule(TICK_MS);
    story.trouble = true;
    const shop = shopOf(story);
    shoppers(story, shop);
    office(story);
    misfortunes(story, shop);
    await world.run(story.troubleMs);
    end();
    calm(story);
    const leakedHolds = await closingChecks(story, shop, begin);
    const { counts, findings } = story.ledger;
    return {
      seed,
      ...counts,
      leakedHolds,
      orders: world.commercetools.model.world.collection("order").size(),
      findings,
      trace:
        trace || findings.length > 0
          ? traceOf(story, /(POST|DELETE) .*\/(inventory|orders|custom-objects|service)/)
          : [],
      virtualMs: Math.round(world.time.elapsed()),
    };
  } finally {
    world.close();
  }
}

/** Installed, stocked, looked at once, and the check is armed. */
async function begun(world: World, chance: Chance): Promise<Story> {
  const skus = SMALL_CATALOGUE;
  const pool = chance.pick(shops);
  const guard = guardOf(chance);
  const paidFirst = chance.happens(0.5);
  const losesAnswers = chance.happens(0.35);
  const troubleMs = losesAnswers ? LOST_ANSWERS_MS : TROUBLE_MS;
  for (const partNo of skus) stockUp(world, pool.site, { partNo, quantity: chance.whole(1, 5) });
  await installInto(world);
  await storeConfiguration(world, configurationFor(world, { pool, guard, paidFirst, chance }));
  await reservationsFor(world, 1);
  await typeForPromises(world);
  const told: string[] = [];
  const sleeps: Story["sleeps"] = new Map();
  const { orderQueryLagMs: queryLagMs } = world.commercetools.model.world.settings;
  const options = { world, skus, pool, guard, sleeps, queryLagMs };
  const story: Story = {
    ...{ world, chance, guard, skus, pool, paidFirst, losesAnswers, troubleMs, told, sleeps },
    ...{ hooks: [], shopTrouble: false, trouble: false },
    ledger: createJudge({ ...options, shopTrouble: () => story.shopTrouble, tell: (what) => tell(story, what) }),
  };
  if (paidFirst) await waitingForMoney(story, shopOf(story));
  begin(story, "job-app");
  await world.tick();
  await arm(world);
  begin(story, "event-app");
  for (let left = chance.pick([2, 2, 3]); left > 0; left -= 1) begin(story, "service-app");
  return story;
}

async function typeForPromises(world: World): Promise<void> {
  const name = { en: "Checkout" };
  const field = {
    name: PROMISE.field,
    label: name,
    required: false,
    type: { name: "String" },
    inputHint: "SingleLine",
  };
  const draft = { key: PROMISE.type, name, resourceTypeIds: ["order"], fieldDefinitions: [field] };
  await world.drive(world.shop.post("/types", draft));
}

async function reservationsFor(world: World, minutes: number): Promise<void> {
  const project = await world.drive(world.shop.get(""));
  const action = { action: "setReservationExpirationInMinutes", reservationExpirationInMinutes: minutes };
  await world.drive(world.shop.post("", { version: project.version, actions: [action] }));
}

function configurationFor(
  world: World,
  given: { readonly pool: Pool; readonly guard: Guard; readonly paidFirst: boolean; readonly chance: Chance },
): Document {
  const { pool, guard, paidFirst, chance } = given;
  const base = configurationOf(world);
  const { site, channels } = pool;
  return configurationOf(world, {
    sites: (base.sites as Document[]).filter((one) => site === one.site),
    routes: (base.routes as Document[]).filter(({ name }) => name === "Germany"),
    stock: { pools: [{ name: site, site, channels: channels.map((supplyChannel) => ({ supplyChannel })) }] },
    atp: {
      extension: "armed",
      deadlineMs: guard.deadlineMs,
      cacheSeconds: guard.cacheSeconds,
      defaultThreshold: guard.threshold,
      defaultFailPolicy: guard.failPolicy,
      holds: guard.holds,
      promise: { field: PROMISE.field, seconds: 20 },
      // Nothing was sold before the seed, and no threshold asks for it.
      cover: { windowDays: 1 },
    },
    prices: { lists: [] },
    orders: {
      claimSeconds: 15,
      lateCommitWaitSeconds: 10,
      maxAttempts: 20,
      ...(paidFirst && { paymentStates: ["Paid"] }),
    },
    schedules: {
      ...{ sweepSeconds: chance.pick([14, 3600, 3600]), stockSeconds: chance.pick([5, 20]), stockFullSeconds: 3600 },
      ...{ priceSeconds: 3600, statusSeconds: chance.pick([15, 3600, 3600]), customerSeconds: 3600 },
    },
    // The dead keep their places for minutes, and here several die in one.
    ifs: { budget: { requestsPerMinute: 2000, concurrency: 100 } },
  });
}

/** What people in IFS do meanwhile. */
function office(story: Story): void {
  const { chance, skus, pool, troubleMs } = story;
  const goods = () => ({ site: pool.site, part: chance.pick(skus) });
  for (let left = chance.whole(0, 3); left > 0; left -= 1) {
    later(story, chance.between(1000, troubleMs - 4000), () => telephone(story, goods()));
  }
  for (let at = chance.between(8000, 15_000); at < troubleMs; at += chance.between(6000, 15_000)) {
    later(story, at, () => workOn(story));
  }
}

/** Dies or sleeps at any await. */
function fateOf(story: Story): Interrupt {
  const { chance, world } = story;
  const rate = chance.happens(0.4) ? chance.between(0.001, 0.02) : 0;
  return (moment: Moment): Interruption => {
    if (!story.trouble || rate === 0 || !chance.happens(rate)) return "go";
    const death = chance.happens(0.5);
    const pauseMs = Math.round(
      chance.happens(0.7) ? chance.between(200, 5000) : chance.between(5000, LONGEST_PAUSE_MS),
    );
    tell(story, `${moment.process} ${death ? "dies" : `sleeps ${pauseMs} ms`} at ${moment.kind} of ${moment.what}`);
    if (death) return "die";
    const from = world.time.elapsed();
    story.sleeps.set(moment.process, [...(story.sleeps.get(moment.process) ?? []), { from, until: from + pauseMs }]);
    return { pauseMs };
  };
}

/** Starts a process; the platform starts another one some seconds after its death. */
function begin(story: Story, app: AppName): void {
  const { world, chance } = story;
  for (const { life } of world.start(app, { interrupt: fateOf(story) })) {
    life.onDeath(() => {
      if (story.trouble) world.time.clock.after(chance.between(1000, 6000), () => begin(story, app));
    });
  }
}
