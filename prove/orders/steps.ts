/** One order, and one process that dies, or sleeps longer than any lease, at every single step of its export in turn. */

import { prepareInstallation } from "../installation.ts";
import type { Interruption, Moment } from "../life.ts";
import { buy, germany } from "../people.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import { openWorld, type World, type WorldOptions } from "../world.ts";
import { quiescence } from "./quiescence.ts";
import { LONGEST_PAUSE_MS } from "./schedule.ts";
import { install, type Run, traceOf } from "./simulate.ts";
import { judgeOrders } from "./verdict.ts";

/** In one request where the tenant takes change sets, else header, address, lines and charges one after another. */
const tenants: readonly WorldOptions["ifs"][] = [{}, { changeSets: "refuse" }];
const ways: readonly Interruption[] = ["die", { pauseMs: LONGEST_PAUSE_MS }];

/** Every number from 0 is a tenant, a step and a way to be interrupted there. */
const PER_STEP = tenants.length * ways.length;

const TICK_MS = 8000;
const UNDISTURBED_MS = 8000;

type Export = { readonly world: World; readonly orderId: string; readonly steps: readonly string[] };

/** A shop with one process of each application, and one order; `interrupt` is asked at each step of event-app. */
async function exported<T>(
  given: {
    readonly ifs: WorldOptions["ifs"];
    readonly interrupt: (moment: Moment) => Interruption;
  },
  then: (story: Export) => Promise<T>,
): Promise<T> {
  await prepareInstallation();
  const world = await openWorld({ seed: 1, size: "small", ifs: given.ifs });
  try {
    await install(world);
    world.start("job-app");
    const steps: string[] = [];
    const interrupt = (moment: Moment): Interruption => {
      steps.push(`${moment.kind} of ${moment.what}`);
      return given.interrupt(moment);
    };
    world.start("event-app", { interrupt });
    const [sku, other] = SMALL_CATALOGUE;
    const lines = [
      { sku, quantity: 2, externalPrice: 4990 },
      { sku: other, quantity: 1, externalPrice: 1999 },
    ];
    const order = await world.drive(
      buy(world, germany, { lines, inventoryMode: "None", discountCode: "WELCOME10", shippingMethodKey: "express" }),
    );
    await world.run(UNDISTURBED_MS);
    return await then({ world, orderId: String(order.id), steps });
  } finally {
    world.close();
  }
}

/** How many numbers there are: the steps of the tenant with the most of them. Throws where the export does not end undisturbed. */
export async function countInterruptions(): Promise<{ readonly steps: number; readonly runs: number }> {
  const counts: number[] = [];
  for (const ifs of tenants) {
    const count = await exported({ ifs, interrupt: () => "go" }, async ({ world, steps }) => {
      const { findings } = judgeOrders(world, new Map());
      if (findings.length > 0) throw new Error(`undisturbed: ${findings.join("; ")}`);
      return steps.length;
    });
    counts.push(count);
  }
  return { steps: counts.reduce((sum, count) => sum + count, 0), runs: Math.max(...counts) * PER_STEP };
}

/** The run of one number, judged; a step that the tenant's export does not have interrupts nothing. */
export async function interruptedAt(number: number, { trace = false } = {}): Promise<Run> {
  const step = Math.floor(number / PER_STEP);
  const ifs = tenants[number % tenants.length] ?? {};
  const way = ways[Math.floor(number / tenants.length) % ways.length] ?? "die";
  const interrupt = ({ count }: Moment): Interruption => (count === step ? way : "go");
  return exported({ ifs, interrupt }, async ({ world, steps }) => {
    world.start("event-app");
    const end = world.schedule(TICK_MS);
    await quiescence({ world, deeds: new Map(), busyUntil: 0 });
    end();
    const verdict = judgeOrders(world, new Map());
    const what = `${way === "die" ? "death" : "pause"} at step ${step}, ${steps[step]}, ${JSON.stringify(ifs)}`;
    const findings = verdict.findings.map((finding) => `${what}: ${finding}`);
    if (verdict.orders !== 1) findings.push(`${what}: there are ${verdict.orders} orders`);
    return {
      ...verdict,
      findings,
      unexplained: verdict.unexplained + findings.length - verdict.findings.length,
      seed: number,
      trace: trace || findings.length > 0 ? traceOf({ world, told: [what] }) : [],
      virtualMs: Math.round(world.time.elapsed()),
    };
  });
}
