/**
 * One seed: a small shop, a few orders, several processes, and half a minute in which everything that can go wrong does.
 * Then nothing goes wrong any more, time passes, and every order has to be accounted for. The same seed is the same run.
 */

import { chanceOf } from "../chance.ts";
import { configurationOf, type Document, storeConfiguration } from "../install.ts";
import { installInto, prepareInstallation } from "../installation.ts";
import type { Interrupt, Interruption, Moment } from "../life.ts";
import { openWorld, type World } from "../world.ts";
import { watchAcknowledgements } from "./acknowledged.ts";
import { calm, misfortunes } from "./misfortunes.ts";
import { pass, quiescence } from "./quiescence.ts";
import { CLAIM_SECONDS, LATE_COMMIT_SECONDS, LONGEST_PAUSE_MS, positionOf, TROUBLE_MS } from "./schedule.ts";
import { shoppers } from "./shoppers.ts";
import { type Story, tell } from "./story.ts";
import { judgeOrders, type Verdict } from "./verdict.ts";

/** Orders are all that happens: the other flows look once and rest. */
export const ordersOnly: Document = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: { claimSeconds: CLAIM_SECONDS, lateCommitWaitSeconds: LATE_COMMIT_SECONDS, maxAttempts: 20 },
  schedules: { sweepSeconds: 5, stockSeconds: 3600, priceSeconds: 3600, statusSeconds: 20 },
  // The dead keep their places for minutes, and here many die in one.
  ifs: { budget: { requestsPerMinute: 2000, concurrency: 100 } },
};

export type Run = Verdict & {
  readonly seed: number;
  readonly trace: readonly string[];
  /** Milliseconds of the world's time. */
  readonly virtualMs: number;
};

const TICK_MS = 8000;
export async function simulate(seed: number, { trace = false } = {}): Promise<Run> {
  await prepareInstallation();
  const chance = chanceOf(seed * 7919 + 17);
  const { configuration, ifs, commercetools } = positionOf(chance);
  const world = await openWorld({ seed, size: "small", ifs, commercetools });
  try {
    const story: Story = {
      ...{ world, chance, told: [], hooks: [], deeds: new Map(), gone: new Set() },
      ...{ trouble: true, busyUntil: 0 },
    };
    tell(story, `positions: ${JSON.stringify({ ifs, commercetools })}`);
    await install(world, configuration);
    const acknowledged = watchAcknowledgements(world);
    for (let left = chance.whole(1, 3); left > 0; left -= 1) begin(story, "event-app");
    for (let left = chance.whole(1, 2); left > 0; left -= 1) begin(story, "job-app");
    const end = world.schedule(TICK_MS);
    story.busyUntil = world.time.elapsed() + TROUBLE_MS;
    misfortunes(story, begin);
    shoppers(story);
    await pass(world, TROUBLE_MS);
    calm(story);
    await quiescence(story);
    end();
    const verdict = judgeOrders(world, story.deeds);
    const findings = [...verdict.findings, ...acknowledged().map((what) => `unexplained: ${what}`)];
    return {
      ...verdict,
      unexplained: verdict.unexplained + acknowledged().length,
      findings,
      seed,
      trace: trace || findings.length > 0 ? traceOf(story) : [],
      virtualMs: Math.round(world.time.elapsed()),
    };
  } finally {
    world.close();
  }
}

export async function install(world: World, configuration: Document = {}): Promise<void> {
  await installInto(world);
  await storeConfiguration(world, configurationOf(world, ordersOnly, configuration));
}

export function traceOf({ world, told }: Pick<Story, "world" | "told">): readonly string[] {
  const creates = world.network.log.filter((line) => / POST http:\/\/ifs.test\/main| POST .*\/orders\//.test(line));
  const said = world.log
    .filter(({ level, event }) => level !== "info" || event.startsWith("order-"))
    .map(({ at, process, event, fields }) => `${Math.round(at)} ${process} ${event} ${detailOf(fields)}`);
  return [...told, ...creates, ...said].toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function detailOf(fields: object): string {
  const { orderId = "", error } = fields as { orderId?: string; error?: unknown };
  return `${orderId} ${error instanceof Error ? error.message : ""}`;
}

// ---- processes --------------------------------------------------------------------------------------------------------

const critical = /\$batch$|CustomerOrderSet$|Array$|openid-connect\/token$|commercetools\.test\/[^/]+\/orders\//;

/** Dies or sleeps at any await, more often around a create. */
function fateOf(story: Story): Interrupt {
  const { chance } = story;
  const rate = chance.happens(0.7) ? chance.between(0.002, 0.02) : 0;
  return (moment: Moment): Interruption => {
    if (!story.trouble || rate === 0) return "go";
    const likely = critical.test(moment.what) ? rate * 6 : rate;
    if (!chance.happens(likely)) return "go";
    const death = chance.happens(0.5);
    const pauseMs = Math.round(chance.between(5000, LONGEST_PAUSE_MS));
    tell(story, `${moment.process} ${death ? "dies" : `sleeps ${pauseMs} ms`} at ${moment.kind} of ${moment.what}`);
    return death ? "die" : { pauseMs };
  };
}

/** Starts a process; the platform starts another one some seconds after its death. */
function begin(story: Story, app: "event-app" | "job-app"): void {
  const { world, chance } = story;
  for (const { name, life } of world.start(app, { interrupt: fateOf(story) })) {
    life.onDeath(() => {
      if (story.gone.has(name)) return;
      world.time.clock.after(chance.between(1000, 6000), () => begin(story, app));
    });
  }
}
