/** Time that passes until nothing can happen any more. */
import { EVENT_TOPIC } from "../addresses.ts";
import type { World } from "../world.ts";
import { CLAIM_SECONDS, LATE_COMMIT_SECONDS, LONGEST_PAUSE_MS } from "./schedule.ts";
import type { Story } from "./story.ts";
import { judgeOrders } from "./verdict.ts";

/** What is shown to people is looked at again this often. */
const SHOWN_AGAIN_MS = 600_000;
/** A claim, the late commits, the longest sleep, and what is to be done then. */
const LONGEST_MS = LONGEST_PAUSE_MS + (CLAIM_SECONDS + LATE_COMMIT_SECONDS) * 1000 + SHOWN_AGAIN_MS + 30_000;
const LOOK_MS = 5000;
/** What is left under way when all seems to be done has its end in this time. */
const REST_MS = 17_000;

/** Ten times what the busiest seeds need. */
const MOST_REQUESTS = 20_000;
const MOST_CPU_MS = 30_000;

/** Lets time pass. Throws where a seed is so busy that it has no end, or has none that anybody would wait for. */
export async function pass(world: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += LOOK_MS) {
    const begun = process.cpuUsage();
    await world.run(Math.min(LOOK_MS, ms - passed));
    const { user, system } = process.cpuUsage(begun);
    if (world.network.log.length > MOST_REQUESTS) throw new Error(`more than ${MOST_REQUESTS} requests were made`);
    const cpuMs = (user + system) / 1000;
    if (cpuMs > MOST_CPU_MS) throw new Error(`${LOOK_MS} ms took ${Math.round(cpuMs)} ms of a processor`);
  }
}

/** Nothing goes wrong any more. Ends when nothing is left to do, as far as anybody can tell, or when it should long be done. */
export async function quiescence({ world, deeds, busyUntil }: Pick<Story, "world" | "deeds" | "busyUntil">) {
  const limit = world.time.elapsed() + LONGEST_MS;
  const seemsDone = () =>
    world.time.elapsed() >= busyUntil &&
    world.commercetools.push.topic(EVENT_TOPIC).undelivered().length === 0 &&
    [...world.processes("event-app"), ...world.processes("job-app")].every(({ life }) => life.state() === "running") &&
    judgeOrders(world, deeds).findings.length === 0;
  while (world.time.elapsed() < limit) {
    const done = seemsDone();
    await pass(world, done ? REST_MS : LOOK_MS);
    if (done && seemsDone()) return;
  }
}
