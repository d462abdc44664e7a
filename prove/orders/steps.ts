/** One order, and one process that dies, or sleeps longer than any lease, at every single step of its export in turn. */
import type { Interruption, Moment } from "../life.ts";
import { buy, germany } from "../people.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import { openWorld, type World } from "../world.ts";
import { LONGEST_PAUSE_MS } from "./schedule.ts";
import { install } from "./simulate.ts";
import { judgeOrders, type Verdict } from "./verdict.ts";

const REST_MS = 130_000;

async function exported(step: number, interruption: Interruption, seen: string[]): Promise<Verdict> {
  const world: World = await openWorld({ seed: 1, size: "small" });
  try {
    await install(world);
    world.start("job-app");
    const interrupt = ({ kind, what, count }: Moment): Interruption => {
      seen.push(`${kind} of ${what}`);
      return count === step ? interruption : "go";
    };
    world.start("event-app", { interrupt });
    const lines = [{ sku: SMALL_CATALOGUE[0], quantity: 1, externalPrice: 4990 }];
    await world.drive(buy(world, germany, { lines, inventoryMode: "None" }));
    await world.run(3000);
    world.start("event-app");
    const end = world.schedule(6000);
    // Undisturbed, what the process did until now is all there is to interrupt.
    await world.run(step < 0 ? 0 : REST_MS);
    end();
    return judgeOrders(world, new Map());
  } finally {
    world.close();
  }
}

export type StepReport = { readonly steps: number; readonly runs: number; readonly findings: readonly string[] };

export async function interruptEveryStep(): Promise<StepReport> {
  const steps: string[] = [];
  await exported(-1, "go", steps);
  const findings: string[] = [];
  let runs = 0;
  for (const [step, what] of steps.entries()) {
    for (const interruption of ["die", { pauseMs: LONGEST_PAUSE_MS }] as const) {
      const verdict = await exported(step, interruption, []);
      runs += 1;
      const how = interruption === "die" ? "death" : "pause";
      findings.push(...verdict.findings.map((finding) => `${how} at step ${step}, ${what}: ${finding}`));
      if (verdict.orders !== 1) findings.push(`${how} at step ${step}: there are ${verdict.orders} orders`);
    }
  }
  return { steps: steps.length, runs, findings };
}
