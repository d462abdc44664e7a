/**
 * Orders through event-app's bundle over HTTP, in real time, against both models with the latencies of a real tenant. Three runs:
 * with release and 32 pushes in flight; without release, as for order types that need none; with release at half that load, where
 * the time from the first push to the link is measured. Refused pushes come again. Counts are the models' own.
 */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import { numbers } from "./options.ts";
import { type OrderWorld, openOrderWorld, type Push, type Requests } from "./order-world.ts";

const IN_FLIGHT = 32;
/** Applications notice another configuration after ten seconds. */
const CONFIG_SECONDS = 12;
const MINUTE = 60_000;
/** Orders that name every part at least once. */
const WARM = 40;
/** A refused push comes again after this, then ever later. */
const REDELIVERY_MS = 1000;
const MOST_TRIES = 60;

const limits = {
  ifsRequestsPerOrder: 2.1,
  ifsRequestsPerOrderNoRelease: 1.05,
  ctRequestsPerOrder: 4,
  budgetUsedRatio: 0.9,
  p99Ms: 3000,
  slowestAckMs: 10_000,
  rssMb: 256,
};

export const benchOrders: Bench = {
  usage: "npm run bench -- orders [--json] [--orders 2000] [--ct-latency 40] [--ifs-latency 150] [--budget 1000]",
  async run(args, say) {
    const options = numbers(args, { orders: 2000, "ct-latency": 40, "ifs-latency": 150, budget: 1000 });
    if (options.orders < 8 || options.orders > 20_000) throw new RangeError("--orders must be from 8 to 20000");
    if (options.budget < 30) throw new RangeError("--budget must be at least 30");
    const root = dirname(dirname(fileURLToPath(import.meta.url)));
    const world = await openOrderWorld(root, say);
    try {
      return await measured(world, options, say);
    } finally {
      await world.close();
    }
  },
};

type Options = Record<"orders" | "ct-latency" | "ifs-latency" | "budget", number>;

async function measured(world: OrderWorld, options: Options, say: (line: string) => void) {
  const { orders, budget } = options;
  const few = Math.max(8, Math.round(orders / 4));
  say(`placing ${orders + 2 * few} orders ...`);
  const [warm, warmAgain, full, bare, half] = [
    await world.place(WARM),
    await world.place(WARM),
    await world.place(orders),
    await world.place(few),
    await world.place(few),
  ];
  await world.configure({ release: true, budget });
  say("warming up ...");
  await drive(world, warm, { inFlight: 4 });
  await world.delay({ ct: options["ct-latency"], ifs: options["ifs-latency"] });
  // What the warm-up used of the budget rests a minute.
  await sleep(MINUTE);

  say(`${orders} orders with release, ${IN_FLIGHT} in flight ...`);
  const released = await drive(world, full, { inFlight: IN_FLIGHT });
  say(told(released));
  say(`${few} orders with release at half load ...`);
  await sleep(MINUTE);
  const everyMs = (2 * MINUTE * limits.ifsRequestsPerOrder) / budget;
  const calm = await drive(world, half, { everyMs });
  say(told(calm));
  say(`${few} orders without release ...`);
  await world.configure({ release: false, budget });
  await sleep(CONFIG_SECONDS * 1000);
  // Another configuration is another adapter, which knows no parts yet.
  await drive(world, warmAgain, { inFlight: 4 });
  await sleep(MINUTE);
  const unreleased = await drive(world, bare, { inFlight: IN_FLIGHT });
  say(told(unreleased));

  await world.delay({ ct: 0, ifs: 0 });
  const { lost, duplicates } = await world.outcome([...full, ...bare, ...half].map(({ orderId }) => orderId));
  const line = {
    orders: orders + 2 * few,
    seconds: round(released.ms / 1000, 1),
    ordersPerHour: Math.round((orders / released.ms) * 60 * MINUTE),
    ifsRequestsPerOrder: round(released.ifs / orders, 3),
    ifsRequestsPerOrderNoRelease: round(unreleased.ifs / few, 3),
    ctRequestsPerOrder: round(released.ct / orders, 3),
    budgetUsedRatio: round(released.ifs / allowed(budget, released.ms), 3),
    p50Ms: Math.round(percentile(calm.linkedMs, 0.5)),
    p99Ms: Math.round(percentile(calm.linkedMs, 0.99)),
    slowestAckMs: Math.round(Math.max(...[released, calm, unreleased].flatMap(({ ackMs }) => ackMs))),
    duplicates,
    lost,
    rssMb: world.rssMb(),
  };
  return { ok: withinLimits(line), line };
}

const told = ({ ms, refused, linkedMs, ifsByName }: Run): string =>
  `  ${round(ms / 1000, 1)} s, median ${Math.round(percentile(linkedMs, 0.5))} ms, ${refused} refusals; to IFS: ${ifsByName}`;

/** Tokens that were not used in the minute before can be used at once; then the budget alone decides. */
const allowed = (budget: number, ms: number): number => (budget * Math.max(ms, MINUTE)) / MINUTE;

type Line = { readonly [K in keyof typeof limits]: number } & { readonly duplicates: number; readonly lost: number };

const withinLimits = (line: Line): boolean =>
  line.duplicates === 0 &&
  line.lost === 0 &&
  line.ifsRequestsPerOrder <= limits.ifsRequestsPerOrder &&
  line.ifsRequestsPerOrderNoRelease <= limits.ifsRequestsPerOrderNoRelease &&
  line.ctRequestsPerOrder <= limits.ctRequestsPerOrder &&
  line.budgetUsedRatio >= limits.budgetUsedRatio &&
  line.p99Ms < limits.p99Ms &&
  line.slowestAckMs < limits.slowestAckMs &&
  line.rssMb < limits.rssMb;

type Run = {
  readonly ms: number;
  readonly ct: number;
  readonly ifs: number;
  /** From the first push of an order to the acknowledgement of the one that linked it. */
  readonly linkedMs: readonly number[];
  /** Of every push, refused ones included. */
  readonly ackMs: readonly number[];
  readonly refused: number;
  readonly ifsByName: string;
};

/** `inFlight`: always so many at a time. `everyMs`: one after the other at that distance, whatever is still in flight. */
async function drive(
  world: OrderWorld,
  pushes: readonly Push[],
  load: { readonly inFlight: number } | { readonly everyMs: number },
): Promise<Run> {
  const before = await world.requests();
  const begun = performance.now();
  const linkedMs: number[] = [];
  const ackMs: number[] = [];
  let refused = 0;
  const deliver = async (push: Push) => {
    const first = performance.now();
    refused += await delivered(world.eventUrl, push, ackMs);
    linkedMs.push(performance.now() - first);
  };
  if ("inFlight" in load) {
    const queue = [...pushes];
    const lane = async () => {
      for (let push = queue.shift(); push; push = queue.shift()) await deliver(push);
    };
    await Promise.all(Array.from({ length: load.inFlight }, lane));
  } else {
    await Promise.all(pushes.map((push, index) => sleep(index * load.everyMs).then(() => deliver(push))));
  }
  const ms = performance.now() - begun;
  const after = await world.requests();
  return {
    ms,
    linkedMs,
    ackMs,
    refused,
    ct: after.ct - before.ct,
    ifs: after.ifs - before.ifs,
    ifsByName: sent(before, after),
  };
}

/** "POST CustomerOrderHandling/$batch 1000, GET …": what IFS was asked for. */
function sent(before: Requests, after: Requests): string {
  const counts = [...after.ifsByName].map(
    ([name, count]) => [name, count - (before.ifsByName.get(name) ?? 0)] as const,
  );
  const asked = counts.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return asked.map(([name, count]) => `${name} ${count}`).join(", ");
}

/** How often it was refused before. */
async function delivered(url: string, { orderId, body }: Push, ackMs: number[]): Promise<number> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const begun = performance.now();
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    await answer.arrayBuffer();
    ackMs.push(performance.now() - begun);
    if (answer.ok) return tries - 1;
    await sleep(Math.min(REDELIVERY_MS * tries, 10_000));
  }
  throw new Error(`order ${orderId} was refused ${MOST_TRIES} times`);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
