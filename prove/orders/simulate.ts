/**
 * One seed: a small shop, a few orders, several processes, and forty-five seconds in which everything that can go wrong does.
 * Then nothing goes wrong any more, time passes, and every order has to be accounted for. The same seed is the same run.
 */
import { connectorClient } from "../../sandbox/ifs/server.ts";
import { configurationOf, deploy, deployment, pushConfiguration, undeployment } from "../install.ts";
import type { Interrupt, Interruption, Moment } from "../life.ts";
import { ConnectionLost } from "../network.ts";
import { buy, germany } from "../people.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import { openWorld, type World } from "../world.ts";
import { watchAcknowledgements } from "./acknowledged.ts";
import { type Chance, chanceOf } from "./chance.ts";
import {
  CLAIM_SECONDS,
  ifsTroubles,
  LATE_COMMIT_SECONDS,
  LONGEST_PAUSE_MS,
  positionOf,
  TROUBLE_MS,
} from "./schedule.ts";
import { judgeOrders, shopOrders, type Verdict } from "./verdict.ts";

export const ordersOnly = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: { claimSeconds: CLAIM_SECONDS, lateCommitWaitSeconds: LATE_COMMIT_SECONDS, maxAttempts: 20 },
};

export type Run = Verdict & { readonly seed: number; readonly trace: readonly string[] };

/** What happens, with its time, for the one who reads a trace. */
type Story = {
  readonly world: World;
  readonly chance: Chance;
  readonly told: string[];
  readonly edited: Set<string>;
  /** Processes of an installation that is no more. */
  readonly gone: Set<string>;
  trouble: boolean;
};

const tell = ({ world, told }: Pick<Story, "world" | "told">, what: string): void => {
  told.push(`${Math.round(world.time.elapsed())} ${what}`);
};

export async function simulate(seed: number): Promise<Run> {
  const chance = chanceOf(seed * 7919 + 17);
  const { configuration, ifs, commercetools } = positionOf(chance);
  const world = await openWorld({ seed, size: "small", ifs, commercetools });
  try {
    const story: Story = { world, chance, told: [], edited: new Set(), gone: new Set(), trouble: true };
    tell(story, `positions: ${JSON.stringify({ ifs, commercetools })}`);
    await install(world, configuration);
    const acknowledged = watchAcknowledgements(world);
    for (let left = chance.whole(1, 3); left > 0; left -= 1) begin(story, "event-app");
    for (let left = chance.whole(1, 2); left > 0; left -= 1) begin(story, "job-app");
    const end = world.schedule(6000);
    misfortunes(story);
    shoppers(story);
    await world.run(TROUBLE_MS);
    calm(story);
    await world.run(LONGEST_PAUSE_MS + (CLAIM_SECONDS + LATE_COMMIT_SECONDS) * 1000 + 30_000);
    end();
    await world.run(20_000);
    const verdict = judgeOrders(world, { edited: story.edited });
    const findings = [...verdict.findings, ...acknowledged().map((what) => `unexplained: ${what}`)];
    return {
      ...verdict,
      unexplained: verdict.unexplained + acknowledged().length,
      findings,
      seed,
      trace: findings.length > 0 ? traceOf(story) : [],
    };
  } finally {
    world.close();
  }
}

export async function install(world: World, configuration: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await deploy(world, "event-app");
  await deploy(world, "job-app");
  await pushConfiguration(world, configurationOf(world, ordersOnly, configuration));
}

function traceOf({ world, told }: Story): readonly string[] {
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
function begin(story: Story, app: "event-app" | "job-app", interrupt: Interrupt = fateOf(story)): void {
  const { world, chance } = story;
  for (const { name, life } of world.start(app, { interrupt })) {
    life.onDeath(() => {
      if (story.gone.has(name)) return;
      world.time.clock.after(chance.between(1000, 6000), () => begin(story, app));
    });
  }
}

// ---- shoppers and other people ----------------------------------------------------------------------------------------

function shoppers(story: Story): void {
  const { world, chance } = story;
  for (let left = chance.whole(2, 4); left > 0; left -= 1) {
    const [sku, other] = SMALL_CATALOGUE;
    const lines = [{ sku, quantity: chance.whole(1, 3), externalPrice: chance.whole(1000, 9000) }];
    if (chance.happens(0.4)) lines.push({ sku: other, quantity: 1, externalPrice: 1999 } as never);
    const discountCode = chance.happens(0.3) ? { discountCode: "MINUS5" } : {};
    world.time.clock.after(chance.between(0, 20_000), () => {
      ignoring(buy(world, germany, { lines, inventoryMode: "None", ...discountCode }));
    });
  }
  for (let left = chance.whole(0, 6); left > 0; left -= 1) {
    const action = chance.pick(["state", "state", "state", "content", "cancel"] as const);
    const which = chance.between(0, 1);
    // Most edits come while an order is on its way.
    world.time.clock.after(chance.between(100, 25_000), () => edit(story, action, which));
  }
}

function edit(story: Story, action: "state" | "content" | "cancel", which: number): void {
  const { world } = story;
  const orders = shopOrders(world);
  const order = orders[Math.floor(which * orders.length)];
  if (!order) return;
  const actions = {
    state: [{ action: "changePaymentState", paymentState: which > 0.5 ? "Paid" : "Pending" }],
    content: [{ action: "setPurchaseOrderNumber", purchaseOrderNumber: `PO-${Math.round(which * 1000)}` }],
    cancel: [{ action: "changeOrderState", orderState: "Cancelled" }],
  }[action];
  if (action !== "state") story.edited.add(order.id);
  tell(story, `somebody edits order ${order.id}: ${action}`);
  ignoring(world.shop.post(`/orders/${order.id}`, { version: order.version, actions }));
}

/** A person whose request fails tries again another day. */
function ignoring(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
}

// ---- what goes wrong --------------------------------------------------------------------------------------------------

function misfortunes(story: Story): void {
  const { world, chance } = story;
  world.commercetools.push.configure({
    shuffle: chance.happens(0.5),
    duplicate: chance.pick([0, 0.3, 1]),
    maxBackoffMs: 8000,
  });
  const rules = ifsTroubles(chance);
  for (let left = chance.whole(0, 3); left > 0; left -= 1) {
    const rule = rules[chance.whole(0, rules.length - 1)];
    if (!rule) continue;
    tell(story, `IFS: ${JSON.stringify(rule)}`);
    world.ifs.faults.add(rule);
  }
  if (chance.happens(0.3)) shopTroubles(story);
  if (chance.happens(0.35)) buriedCreate(story);
  if (chance.happens(0.35)) hiddenRows(story);
  if (chance.happens(0.2)) missingGrants(story);
  if (chance.happens(0.2)) stoppedSubscription(story);
  if (chance.happens(0.12)) world.time.clock.after(chance.between(2000, 20_000), () => ignoring(reinstall(story)));
}

/** Requests of the connector to commercetools are lost, before or after they took effect. */
function shopTroubles({ world, chance, told }: Story): void {
  const probability = chance.between(0.01, 0.1);
  const strike = (from: string, origin: string) => {
    if (!origin.includes("commercetools") || !/^(event|job)-app/.test(from)) return;
    if (chance.happens(probability)) throw new ConnectionLost("the connection to commercetools broke");
  };
  tell({ world, told }, `commercetools loses ${probability.toFixed(2)} of the requests and of the answers`);
  const hooks = [
    world.network.before(({ from, origin }) => strike(from, origin)),
    world.network.after(({ from, origin }) => strike(from, origin)),
  ];
  world.time.clock.after(TROUBLE_MS, () => {
    for (const off of hooks) off();
  });
}

/** A create whose process is gone before it hears of it, and which IFS commits when the claim is over, or nearly. */
function buriedCreate(story: Story): void {
  const { world, chance, told } = story;
  const claimMs = CLAIM_SECONDS * 1000;
  const delayMs = chance.between(claimMs * 0.5, claimMs + LATE_COMMIT_SECONDS * 700);
  world.ifs.faults.add({ kind: "lateCommit", methods: ["POST"], path: "batch$|CustomerOrderSet$", times: 1, delayMs });
  let buried = false;
  const off = world.network.before(({ from, origin, method, path }) => {
    if (buried || method !== "POST" || !origin.includes("ifs") || !/batch$|CustomerOrderSet$/.test(path)) return;
    buried = true;
    tell({ world, told }, `${from} dies; what it posted is committed ${Math.round(delayMs)} ms later`);
    const process = [...world.processes("event-app"), ...world.processes("job-app")].find(({ name }) => name === from);
    process?.life.kill();
    off();
  });
}

/** For a while IFS answers with empty lists of orders, as for a user whose grants are being rebuilt. */
function hiddenRows({ world, chance, told }: Story): void {
  const [from, until] = [chance.between(500, 15_000), chance.between(20_000, 40_000)];
  const grant = connectorClient.clientId;
  tell({ world, told }, `IFS shows no orders from ${Math.round(from)} for ${Math.round(until)} ms`);
  const isLookUp = (origin: string, method: string, path: string) =>
    origin.includes("ifs") && method === "GET" && /CustomerOrderSet\?/.test(path);
  world.time.clock.after(from, () => {
    const hooks = [
      world.network.before(({ origin, method, path }) => {
        if (isLookUp(origin, method, path)) world.ifs.grants.change(grant, { sites: [] });
      }),
      world.network.after(({ origin, method, path }) => {
        if (isLookUp(origin, method, path)) world.ifs.grants.change(grant, connectorClient);
      }),
    ];
    world.time.clock.after(until, () => {
      for (const off of hooks) off();
    });
  });
}

function missingGrants({ world, chance, told }: Story): void {
  const [from, until] = [chance.between(0, 15_000), chance.between(3000, 25_000)];
  tell({ world, told }, `the grants of all sites are missing from ${Math.round(from)} for ${Math.round(until)} ms`);
  const { clientId } = connectorClient;
  world.time.clock.after(from, () => world.ifs.grants.change(clientId, { sites: [] }));
  world.time.clock.after(from + until, () => world.ifs.grants.change(clientId, connectorClient));
}

function stoppedSubscription({ world, chance, told }: Story): void {
  world.time.clock.after(chance.between(0, 20_000), () => {
    const status = chance.pick(["ConfigurationErrorDeliveryStopped", "ManuallySuspended"] as const);
    tell({ world, told }, `the subscription stops: ${status}`);
    try {
      world.commercetools.model.setSubscriptionStatus({ key: "ifs-connector-orders", status });
    } catch {
      // A reinstallation has just taken it away.
    }
  });
}

/** Everything of the connector goes, and comes again: the export channels stay. Its old processes hang for a while. */
async function reinstall(story: Story): Promise<void> {
  const { world, chance } = story;
  tell(story, "the connector is uninstalled");
  const old = [...world.processes("event-app"), ...world.processes("job-app")];
  for (const { name, life } of old) {
    story.gone.add(name);
    life.pause(chance.between(5000, LONGEST_PAUSE_MS));
    world.time.clock.after(LONGEST_PAUSE_MS, () => life.kill());
  }
  await insisting(story, () => undeployment(world, "event-app"));
  await insisting(story, () => undeployment(world, "job-app"));
  await world.time.clock.sleep(chance.between(100, 5000));
  await insisting(story, () => deployment(world, "event-app"));
  await insisting(story, () => deployment(world, "job-app"));
  tell(story, "the connector is installed again");
  begin(story, "event-app");
  begin(story, "job-app");
}

/** A script that fails is run again. */
async function insisting(story: Story, script: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await script();
      return;
    } catch (error) {
      tell(story, `a script fails: ${String(error)}`);
      await story.world.time.clock.sleep(2000);
    }
  }
}

function calm(story: Story): void {
  const { world } = story;
  story.trouble = false;
  world.ifs.faults.clear();
  world.ifs.grants.change(connectorClient.clientId, connectorClient);
  world.commercetools.push.configure({ duplicate: 0 });
  tell(story, "nothing goes wrong any more");
}
