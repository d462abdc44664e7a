/** A platform that crawls: no run outlasts its job, what is left is written by the next runs, nothing twice. */
import { describe, expect, it } from "vitest";
import { ThrottledError } from "../../domain/failure.ts";
import { createPace } from "../../runtime/pace.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { MINUTE, settled } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const sku = (index: number): string => `P${String(index).padStart(4, "0")}`;
const LATENCY = 10_000;
/** Connect ends a job after so long. */
const JOB_MINUTES = 30;

/** So many SKUs, each of them sold by itself, or each two of them made of one part. */
async function stocked(skus: number, { stock = {}, shared = false, synced = true } = {}): Promise<World> {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), maxChangePercent: 100, ...stock };
      raw.schedules = { stockFullSeconds: 86_400 };
    }),
  );
  for (let index = 0; index < skus; index += 1) {
    const partNo = shared ? sku(index - (index % 2)) : sku(index);
    world.happen.sku(sku(index), { partNo: partNo as never });
    if (partNo === sku(index)) world.happen.stock(partNo, 10);
  }
  return synced ? settled(world) : world;
}

/** From now on each write takes ten seconds, one at a time, and every fifth is throttled first; gives what was written, by its order. */
function crawling(world: World): string[] {
  // Raw material that nobody sells moves on: what the first run was told of, no other is told of again.
  world.happen.wait(20 * MINUTE);
  world.happen.stock("RAW-MATERIAL", 1);
  const written: string[] = [];
  const { update, create } = world.deps.inventory;
  let calls = 0;
  const slowly = async <T>(name: string, write: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls % 5 === 0) throw new ThrottledError("429", { retryAfterMs: 20_000 });
    world.happen.wait(LATENCY);
    const done = await write();
    written.push(name);
    return done;
  };
  const clock = { monotonic: () => world.time.now, sleep: async (ms: number) => world.happen.wait(ms) };
  Object.assign(world.deps, { writes: createPace({ clock, random: { fraction: () => 0.5 }, most: 1 }) });
  Object.assign(world.deps.inventory, {
    update: (ref: { id: string; version: number }, actions: never) => slowly(ref.id, () => update(ref, actions)),
    create: (draft: { sku: string }) => slowly(draft.sku, () => create(draft as never)),
  });
  return written;
}

type State = { caughtUpAt?: number; again: string[]; full?: object };
const state = (world: World) => world.cursor("stock-site-S1") as State;

/** Runs until the shop shows what it should, at most 40; of each how many minutes it took. */
async function runsUntil(world: World, isRight: () => boolean, given: Partial<StockRunOptions> = {}) {
  const minutes: number[] = [];
  const messages: (string | undefined)[] = [];
  for (let run = 0; run < 40; run += 1) {
    const begunAt = world.time.now;
    const caughtUpAt = (world.cursor("stock-site-S1") as State | null)?.caughtUpAt;
    const { message } = await runStockSync(world.deps, { now: begunAt, mode: "delta", ...(run === 0 && given) });
    minutes.push((world.time.now - begunAt) / MINUTE);
    messages.push(message);
    if (isRight()) break;
    // Nothing is up to date before all is written.
    expect(state(world).caughtUpAt).toBe(caughtUpAt);
    world.happen.wait(MINUTE);
  }
  return { minutes, messages };
}

const quantities = (world: World): Set<number> =>
  new Set([...world.entries.values()].map(({ quantityOnStock }) => quantityOnStock));

describe("writes that take ten seconds each, and are throttled", () => {
  it("of a run over the changes end with its time; the next runs go on, and nothing is written twice", async () => {
    const world = await stocked(360);
    for (let index = 0; index < 360; index += 1) world.happen.count(sku(index), 7);
    const written = crawling(world);
    const { minutes, messages } = await runsUntil(world, () => [...quantities(world)].join() === "7");
    expect(minutes.length).toBeGreaterThan(3);
    expect(Math.max(...minutes)).toBeLessThan(JOB_MINUTES - 10);
    expect(messages[0]).toContain("are left to the next run: the time of this one is over");
    expect([written.length, new Set(written).size]).toEqual([360, 360]);
    expect(world.codes()).toEqual([]);
    await runStockSync(world.deps, { now: world.time.now, mode: "delta" });
    expect([written.length, state(world).again]).toEqual([360, []]);
  });

  it("of a full run likewise, which goes on at its position", async () => {
    const world = await stocked(360, { synced: false });
    const written = crawling(world);
    const { minutes } = await runsUntil(world, () => world.entries.size === 360 && state(world).full === undefined);
    expect(minutes.length).toBeGreaterThan(3);
    expect(Math.max(...minutes)).toBeLessThan(JOB_MINUTES - 10);
    expect([written.length, new Set(written).size, [...quantities(world)]]).toEqual([360, 360, [10]]);
    expect(world.codes()).toEqual([]);
  });

  it("of parts that several SKUs share likewise", async () => {
    const world = await stocked(400, { shared: true });
    expect([...quantities(world)]).toEqual([5]);
    for (let index = 0; index < 400; index += 2) world.happen.count(sku(index), 14);
    const written = crawling(world);
    const { minutes } = await runsUntil(world, () => [...quantities(world)].join() === "7");
    expect(Math.max(...minutes)).toBeLessThan(JOB_MINUTES - 10);
    expect(new Set(written).size).toBe(400);
    expect(world.codes()).toEqual([]);
  });

  it("of zeros, and of parts that have ended, come behind the others in each run, and each of them gets on", async () => {
    const world = await stocked(360);
    for (let index = 0; index < 240; index += 1) world.happen.count(sku(index), index < 120 ? 7 : 0);
    world.parts.splice(240);
    const written = crawling(world);
    const shown = (from: number, quantity: number) =>
      [...Array(120).keys()].filter((index) => world.quantityOf(sku(from + index)) === quantity).length;
    const isRight = () => shown(0, 7) + shown(120, 0) + shown(240, 0) === 360;
    const { minutes } = await runsUntil(world, isRight, { mode: "full" });
    expect(isRight()).toBe(true);
    expect(Math.max(...minutes)).toBeLessThan(JOB_MINUTES - 4);
    expect([written.length, new Set(written).size]).toEqual([360, 360]);
  });
});

it("a run whose reads alone take its time writes for a minute all the same", async () => {
  const world = await stocked(90);
  for (let index = 0; index < 90; index += 1) world.happen.count(sku(index), 7);
  const written = crawling(world);
  let waited = false;
  world.interfere((call) => {
    if (call !== "stockRows" || waited) return;
    waited = true;
    world.happen.wait(16 * MINUTE);
  });
  await runStockSync(world.deps, { now: world.time.now, mode: "delta" });
  expect(written.length).toBeGreaterThan(2);
  expect(written.length).toBeLessThan(30);
});
