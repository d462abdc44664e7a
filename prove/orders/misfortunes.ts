/** What goes wrong around the connector: in both systems, on the wire between them, and with the installation itself. */

import { connectorClient } from "../../sandbox/ifs/connector-client.ts";
import type { FaultRule, Faults } from "../../sandbox/kernel/faults.ts";
import { addresses } from "../addresses.ts";
import { deployment, undeployment } from "../install.ts";
import { ConnectionLost, type Seen } from "../network.ts";
import {
  CLAIM_SECONDS,
  ifsTroubles,
  LATE_COMMIT_SECONDS,
  LONGEST_PAUSE_MS,
  shopTroubles,
  TROUBLE_MS,
} from "./schedule.ts";
import { ignoring, type Story, tell } from "./story.ts";
import { shopOrders } from "./verdict.ts";

/** How the simulation starts a process that the platform would start. */
export type Begin = (story: Story, app: "event-app" | "job-app") => void;

export function misfortunes(story: Story, begin: Begin): void {
  const { world, chance } = story;
  deliveries(story);
  const rules = ifsTroubles(chance);
  for (let left = chance.whole(0, 3); left > 0; left -= 1) {
    const rule = rules[chance.whole(0, rules.length - 1)];
    if (!rule) continue;
    tell(story, `IFS: ${JSON.stringify(rule)}`);
    world.ifs.faults.add(rule);
    lasts(story, rule);
  }
  if (chance.happens(0.4)) shopFaults(story);
  if (chance.happens(0.25)) brokenConnections(story);
  if (chance.happens(0.35)) rivals(story);
  if (chance.happens(0.35)) buriedCreate(story);
  if (chance.happens(0.35)) hiddenRows(story);
  if (chance.happens(0.2)) missingGrants(story);
  if (chance.happens(0.2)) stoppedSubscription(story);
  if (chance.happens(0.12)) {
    world.time.clock.after(chance.between(2000, 20_000), () => ignoring(reinstall(story, begin)));
  }
}

export const fromConnector = ({ from }: Pick<Seen, "from">): boolean => /^(event|job)-app/.test(from);
const isCreate = ({ origin, method, path }: Seen): boolean =>
  origin === addresses.ifs && method === "POST" && /batch$|CustomerOrderSet$/.test(path);

/** Pushes out of order, twice after the acknowledgement, and twice at once on two replicas. */
function deliveries({ world, chance, hooks }: Story): void {
  const duplicate = chance.pick([0, 0.3, 1]);
  world.commercetools.push.configure({ shuffle: chance.happens(0.5), duplicate, maxBackoffMs: 8000 });
  const probability = chance.pick([0, 0.2, 0.6]);
  const again = world.network.fetchOf({ name: "commercetools-again" });
  const off = world.network.before(({ from, origin, body }) => {
    if (from !== "commercetools" || !addresses.event.startsWith(origin) || !chance.happens(probability)) return;
    const delayMs = chance.pick([0, 50, 500, 6000]);
    const headers = { "content-type": "application/json" };
    world.time.clock.after(delayMs, () => ignoring(again(addresses.event, { method: "POST", headers, body })));
  });
  hooks.push(off);
}

function shopFaults(story: Story): void {
  const rules = shopTroubles(story.chance);
  const rule = rules[story.chance.whole(0, rules.length - 1)];
  if (!rule) return;
  tell(story, `commercetools: ${JSON.stringify(rule)}`);
  story.world.commercetools.faults.add(rule);
  lasts(story, rule);
}

/** What strikes in the last moment takes its time then. */
function lasts(story: Story, { delayMs = 0 }: FaultRule): void {
  story.busyUntil = Math.max(story.busyUntil, story.world.time.elapsed() + TROUBLE_MS + delayMs + 1000);
}

/** Requests of the connector to commercetools are lost, before or after they took effect. */
function brokenConnections(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.01, 0.1);
  const strike = (seen: Seen) => {
    if (seen.origin !== addresses.commercetools || !fromConnector(seen)) return;
    if (chance.happens(probability)) throw new ConnectionLost("the connection to commercetools broke");
  };
  tell(story, `commercetools loses ${probability.toFixed(2)} of the requests and of the answers`);
  story.hooks.push(world.network.before(strike), world.network.after(strike));
}

/** Somebody else writes to an order in the moment before the connector does: its version is the one before. */
function rivals(story: Story): void {
  const { world, chance } = story;
  const probability = chance.between(0.1, 0.6);
  tell(story, `others write to ${probability.toFixed(2)} of the orders just before the connector does`);
  let number = 0;
  const off = world.network.before(async (seen) => {
    const { origin, method, path } = seen;
    const id = /\/orders\/([0-9a-f-]{36})$/.exec(path)?.[1];
    if (id === undefined || origin !== addresses.commercetools || method !== "POST" || !fromConnector(seen)) return;
    if (!chance.happens(probability)) return;
    const order = shopOrders(world).find((one) => one.id === id);
    number += 1;
    const actions = [{ action: "setOrderNumber", orderNumber: `R-${number}` }];
    const paid = [{ action: "changePaymentState", paymentState: number % 2 === 0 ? "Paid" : "Pending" }];
    const change = { version: order?.version, actions: number > 3 ? paid : actions };
    await world.shop.post(`/orders/${id}`, change).catch(() => undefined);
  });
  story.hooks.push(off);
}

/** A create whose process is gone before it hears of it, and which IFS commits when the claim is over, or nearly. */
function buriedCreate(story: Story): void {
  const { world, chance } = story;
  const claimMs = CLAIM_SECONDS * 1000;
  const delayMs = chance.between(claimMs * 0.5, claimMs + LATE_COMMIT_SECONDS * 700);
  let buried = false;
  const off = world.network.before((seen) => {
    if (buried || !isCreate(seen)) return;
    buried = true;
    first(world.ifs.faults, { kind: "lateCommit", body: literally(seen.body), times: 1, delayMs });
    story.busyUntil = Math.max(story.busyUntil, world.time.elapsed() + delayMs + 1000);
    tell(story, `${seen.from} dies; what it posted is committed ${Math.round(delayMs)} ms later`);
    const all = [...world.processes("event-app"), ...world.processes("job-app")];
    all.find(({ name }) => name === seen.from)?.life.kill();
    off();
  });
  story.hooks.push(off);
}

/** Before all others, so that nothing else strikes the same request. */
function first(faults: Faults, rule: FaultRule): void {
  const others = faults.list();
  faults.clear();
  for (const one of [rule, ...others]) faults.add(one);
}

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** For a while IFS answers with empty lists of orders, as for a user whose grants are being rebuilt. */
function hiddenRows(story: Story): void {
  const { world, chance } = story;
  const [from, until] = [chance.between(500, 12_000), chance.between(15_000, 30_000)];
  const grant = connectorClient.clientId;
  tell(story, `IFS shows no orders from ${Math.round(from)} for ${Math.round(until)} ms`);
  const isLookUp = ({ origin, method, path }: Seen) =>
    origin === addresses.ifs && method === "GET" && /CustomerOrderSet\?/.test(path);
  world.time.clock.after(from, () => {
    const hooks = [
      world.network.before((seen) => {
        if (isLookUp(seen)) world.ifs.grants.change(grant, { sites: [] });
      }),
      world.network.after((seen) => {
        if (isLookUp(seen)) world.ifs.grants.change(grant, connectorClient);
      }),
    ];
    world.time.clock.after(until, () => {
      for (const off of hooks) off();
    });
  });
}

function missingGrants(story: Story): void {
  const { world, chance } = story;
  const [from, until] = [chance.between(0, 12_000), chance.between(3000, 20_000)];
  tell(story, `the grants of all sites are missing from ${Math.round(from)} for ${Math.round(until)} ms`);
  const { clientId } = connectorClient;
  world.time.clock.after(from, () => world.ifs.grants.change(clientId, { sites: [] }));
  world.time.clock.after(from + until, () => world.ifs.grants.change(clientId, connectorClient));
}

function stoppedSubscription(story: Story): void {
  const { world, chance } = story;
  world.time.clock.after(chance.between(0, 15_000), () => {
    const status = chance.pick(["ConfigurationErrorDeliveryStopped", "ManuallySuspended"] as const);
    tell(story, `the subscription stops: ${status}`);
    try {
      world.commercetools.model.setSubscriptionStatus({ key: "ifs-connector-orders", status });
    } catch {
      // A reinstallation has just taken it away.
    }
  });
}

/** Everything of the connector goes, and comes again: the export channels stay. Its old processes hang for a while. */
async function reinstall(story: Story, begin: Begin): Promise<void> {
  const { world, chance } = story;
  tell(story, "the connector is uninstalled");
  for (const { name, life } of [...world.processes("event-app"), ...world.processes("job-app")]) {
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

export function calm(story: Story): void {
  const { world } = story;
  story.trouble = false;
  for (const off of story.hooks) off();
  world.ifs.faults.clear();
  world.commercetools.faults.clear();
  world.ifs.grants.change(connectorClient.clientId, connectorClient);
  world.commercetools.push.configure({ duplicate: 0 });
  tell(story, "nothing goes wrong any more");
}
