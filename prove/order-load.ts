/**
 * Orders through event-app as fast as the budget of IFS lets them, on the virtual clock: what a machine is slow at does not count here,
 * only what the connector waits for and asks for. Counts are the network's own.
 */
import type { SandboxRequest, SandboxResponse } from "../sandbox/kernel/types.ts";
import { addresses, EVENT_TOPIC } from "./addresses.ts";
import { configurationOf, type Document, deploy, pushConfiguration } from "./install.ts";
import { buy, germany } from "./people.ts";
import { SMALL_CATALOGUE } from "./platforms.ts";
import { openWorld, type World } from "./world.ts";

export type Push = { readonly orderId: string; readonly body: string };
export type Load = { readonly inFlight: number } | { readonly everyMs: number };

export type Measured = {
  readonly ms: number;
  readonly ifsRequests: number;
  readonly ctRequests: number;
  /** Of every push, those that were refused included. */
  readonly ackMs: readonly number[];
  /** From the first push of an order to the acknowledgement of the one that exported it. */
  readonly linkedMs: readonly number[];
  readonly refusedMs: readonly number[];
};

export type LoadWorld = {
  readonly world: World;
  place(count: number): Promise<Push[]>;
  /** From now on, as soon as the application has noticed. */
  configure(configuration: Document): Promise<void>;
  drive(pushes: readonly Push[], load: Load): Promise<Measured>;
};

const SINK = "http://sink.test";
/** One way is 15 to 60 ms to IFS and 5 to 25 ms to commercetools; together with this 150 and 40 ms for an answer. */
const WORK_MS = { [addresses.ifs]: 75, [addresses.commercetools]: 10 } as Readonly<Record<string, number>>;
const AGAIN_MS = 1000;
const NOTICED_MS = 12_000;

/** Installed and configured, with one event-app and nothing else that runs. */
export async function openLoadWorld(
  configuration: Document,
  options: Parameters<typeof openWorld>[0] = {},
): Promise<LoadWorld> {
  const world = await openWorld({ size: "small", ...options });
  const announced = announcements(world);
  await deploy(world, "event-app");
  await deploy(world, "job-app");
  const ordersOnly = { stock: { pools: [] }, prices: { lists: [] } };
  const configure = (change: Document) => pushConfiguration(world, configurationOf(world, ordersOnly, change));
  await configure(configuration);
  world.network.before(async ({ origin, from }) => {
    if (from.startsWith("event-app")) await world.time.clock.sleep(WORK_MS[origin] ?? 0);
  });
  world.start("event-app");

  async function place(count: number): Promise<Push[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const lines = SMALL_CATALOGUE.slice(0, 1 + (index % 2)).map((sku) => ({ sku, quantity: 1, externalPrice: 1999 }));
      ids.push(String((await world.drive(buy(world, germany, { lines, inventoryMode: "None" }))).id));
    }
    await world.time.until(() => ids.every((id) => announced.has(id)), 60_000);
    return ids.map((orderId) => ({ orderId, body: announced.get(orderId) ?? "" }));
  }
  return {
    world,
    place,
    configure: (change) => configure(change).then(() => world.run(NOTICED_MS)),
    drive: (pushes, load) => world.drive(driven(world, pushes, load)),
  };
}

/** Takes what the platform pushes, so that it is pushed again when and as often as a run wants. */
function announcements(world: World): Map<string, string> {
  const created = new Map<string, string>();
  const handler = async ({ body }: SandboxRequest): Promise<SandboxResponse> => {
    const text = body.toString("utf8");
    const { data } = (JSON.parse(text) as { message: { data: string } }).message;
    const { type, resource } = JSON.parse(Buffer.from(data, "base64").toString("utf8")) as {
      type?: string;
      resource: { id: string };
    };
    if (type === "OrderCreated") created.set(resource.id, text);
    return { status: 204, headers: {}, body: "" };
  };
  world.network.connect(SINK, { handler, latencyMs: [1, 5] });
  world.commercetools.push.setEndpoint({ topic: EVENT_TOPIC, url: `${SINK}/event` });
  return created;
}

async function driven(world: World, pushes: readonly Push[], load: Load): Promise<Measured> {
  const { clock } = world.time;
  const begun = clock.monotonic();
  const before = world.network.log.length;
  const platform = world.network.fetchOf({ name: "platform" });
  const [ackMs, linkedMs, refusedMs]: [number[], number[], number[]] = [[], [], []];
  async function deliver({ body }: Push): Promise<void> {
    const first = clock.monotonic();
    for (;;) {
      const at = clock.monotonic();
      const { status } = await platform(addresses.event, { method: "POST", body });
      ackMs.push(clock.monotonic() - at);
      if (status === 204) break;
      refusedMs.push(clock.monotonic() - at);
      await clock.sleep(AGAIN_MS);
    }
    linkedMs.push(clock.monotonic() - first);
  }
  if ("inFlight" in load) {
    const queue = [...pushes];
    const lane = async () => {
      for (let push = queue.shift(); push; push = queue.shift()) await deliver(push);
    };
    await Promise.all(Array.from({ length: load.inFlight }, lane));
  } else {
    await Promise.all(pushes.map((push, index) => clock.sleep(index * load.everyMs).then(() => deliver(push))));
  }
  const log = world.network.log.slice(before).filter((line) => / event-app\/\d+ /.test(line));
  const to = (origin: string) => log.filter((line) => line.includes(` ${origin}/`) && !line.includes("/token")).length;
  return {
    ms: clock.monotonic() - begun,
    ifsRequests: to(addresses.ifs),
    ctRequests: to(addresses.commercetools),
    ackMs,
    linkedMs,
    refusedMs,
  };
}

export const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
