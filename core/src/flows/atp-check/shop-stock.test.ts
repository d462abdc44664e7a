import { expect, test } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import type { Sku } from "../../domain/ids.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createShopStock, type ShopEntry, type ShopFigure } from "./shop-stock.ts";

const LATENCY_MS = 40;
const MAX_AGE_MS = 5000;

/** A shop that answers late, and what it was asked: `1040: A B`. */
function shop({ most = 1000 }: { readonly most?: number } = {}) {
  const time = virtualTime();
  const memory = createShopStock({ clock: time.clock, windowMs: 4, most });
  const reads: string[] = [];
  const failures: unknown[] = [];
  const knobs = { down: false, quantity: 100 };
  const read = async (skus: readonly Sku[]): Promise<ShopEntry[]> => {
    reads.push(`${time.elapsed()}: ${skus.length > 9 ? skus.length : skus.join(" ")}`);
    const quantity = knobs.quantity;
    await time.clock.sleep(LATENCY_MS);
    if (knobs.down) throw new TransientError("commercetools is down");
    const supplyChannel = { typeId: "channel" as const, id: "web" };
    return skus.map((sku) => ({ sku, supplyChannel, quantityOnStock: quantity, availableQuantity: quantity }));
  };
  const how = { maxAgeMs: MAX_AGE_MS, read, onFailure: (error: unknown) => failures.push(error) };
  const ask = (...skus: string[]) => memory.remembered(skus as Sku[], how);
  /** Asks and lets time pass until there is an answer. */
  async function answered<T>(asking: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    void asking.then(done, done);
    await time.until(() => isDone, 1000);
    return asking;
  }
  const fresh = (...skus: string[]) => answered(memory.fresh(skus as Sku[], read));
  return { time, memory, reads, failures, knobs, ask, answered, fresh };
}

const shown = (found: ReadonlyMap<Sku, ShopFigure>): [string, number | undefined, number][] =>
  [...found].map(([sku, { byChannel, readAt }]) => [sku, byChannel.get("web")?.availableQuantity, readAt]);

test("who asks in the same milliseconds is read for together, and nobody is read for twice at once", async () => {
  const { reads, ask, answered, time } = shop();
  const early = Promise.all([ask("A", "B"), ask("B", "C")]);
  await time.run(20);
  const late = ask("A", "D");
  await answered(Promise.all([early, late]));
  expect(reads).toEqual(["4: A B C", "40: D"]);
});

test("a figure is used until it is too old, and not longer", async () => {
  const { time, reads, ask, answered, knobs } = shop();
  await answered(ask("A"));
  knobs.quantity = 7;
  await time.run(2000);
  expect(shown(await answered(ask("A")))).toEqual([["A", 100, 4]]);
  // Nobody asks while it becomes old.
  await time.run(3000);
  expect(shown(await answered(ask("A")))).toEqual([["A", 7, 5048]]);
  expect(reads).toEqual(["4: A", "5048: A"]);
});

test("what is asked for again is read while nobody waits, and takes along what will be due", async () => {
  const { time, reads, ask, answered, knobs } = shop();
  await answered(ask("A", "B", "C", "COLD"));
  await time.run(1000);
  await answered(ask("A", "B"));
  await time.run(1600);
  knobs.quantity = 7;
  const before = time.elapsed();
  expect(shown(await ask("A"))).toEqual([["A", 100, 4]]);
  expect(time.elapsed()).toBe(before);
  await time.run(400);
  expect(reads).toEqual(["4: A B C COLD", "2898: A B"]);
  expect(shown(await ask("A", "B"))).toEqual([
    ["A", 7, 2898],
    ["B", 7, 2898],
  ]);
});

test("5,000 SKUs that are asked for all the time cost a few large reads, and nobody waits for one", async () => {
  const { time, reads, ask, answered, memory } = shop({ most: 6000 });
  const skus = Array.from({ length: 5000 }, (_, index) => `P${index}`);
  await answered(ask(...skus));
  const begun = reads.length;
  let waits = 0;
  const from = time.elapsed();
  while (time.elapsed() - from < 30_000) {
    const before = time.elapsed();
    await answered(ask(...skus));
    if (time.elapsed() > before) waits += 1;
    await time.run(500);
  }
  expect(waits).toBe(0);
  expect(memory.soldSince("P1" as Sku, "web", 0)).toBe(0);
  const seconds = (time.elapsed() - from) / 1000;
  expect((reads.length - begun) / seconds).toBeLessThan(8);
});

test("a read that nobody waits for may fail: it is told, tried again a second later, and does no harm", async () => {
  const { time, reads, ask, answered, knobs, failures } = shop();
  await answered(ask("A"));
  await time.run(2600);
  knobs.down = true;
  for (let nth = 0; nth < 10; nth += 1) {
    await ask("A");
    await time.run(100);
  }
  expect([reads.length, failures.length]).toEqual([2, 1]);
  await time.run(2000);
  await expect(answered(ask("A"))).rejects.toThrow("commercetools is down");
  knobs.down = false;
  expect(shown(await answered(ask("A")))).toHaveLength(1);
});

test("a fresh figure is never that of a read which had begun; what may be remembered is read with it, or joins", async () => {
  const { time, reads, memory, ask, answered, fresh, knobs } = shop();
  const first = ask("A");
  await time.run(20);
  knobs.quantity = 7;
  const [, now] = await answered(Promise.all([ask("A", "B"), fresh("A"), ask("A", "C")]));
  expect(shown(now)).toEqual([["A", 7, 40]]);
  expect(shown(await first)).toEqual([["A", 100, 4]]);
  expect(reads).toEqual(["4: A", "40: B A C"]);
  expect(
    shown(await memory.remembered(["A" as Sku], { maxAgeMs: 5000, read: async () => [], onFailure: () => {} })),
  ).toEqual([["A", 7, 40]]);
});

test("a fresh figure is read however young the remembered one is, and is remembered", async () => {
  const { reads, ask, answered, fresh, knobs } = shop();
  await answered(ask("A"));
  knobs.quantity = 7;
  expect(shown(await fresh("A"))).toEqual([["A", 7, 48]]);
  expect(shown(await ask("A"))).toEqual([["A", 7, 48]]);
  expect(reads).toEqual(["4: A", "48: A"]);
});

test("no more SKUs are remembered than allowed: the one that was read longest ago goes", async () => {
  const { reads, ask, answered } = shop({ most: 2 });
  for (const sku of ["A", "B", "C"]) await answered(ask(sku));
  await answered(ask("B", "C"));
  await answered(ask("A"));
  expect(reads.map((read) => read.split(": ")[1])).toEqual(["A", "B", "C", "A"]);
});

test("sales count for a figure that was read up to 10 s later, because the platform lowers stock so late", async () => {
  const { time, memory } = shop();
  const bolt = "BOLT" as Sku;
  await time.run(500);
  memory.sold([{ sku: bolt, channelId: "web", quantity: 3 }], MAX_AGE_MS);
  memory.sold([{ sku: bolt, channelId: "web", quantity: 2 }], MAX_AGE_MS);
  expect([memory.soldSince(bolt, "web", 0), memory.soldSince(bolt, "shop", 0)]).toEqual([5, 0]);
  expect(memory.soldSince(bolt, "web", 10_500)).toBe(5);
  expect(memory.soldSince(bolt, "web", 11_001)).toBe(0);
});

test("an order that is asked about again is sold once, and what another cart or the same cart asks for otherwise is sold as well", () => {
  const { memory } = shop();
  const bolt = "BOLT" as Sku;
  const passes = (owner: string, quantity: number) =>
    memory.sold([{ sku: bolt, channelId: "web", quantity }], MAX_AGE_MS, owner);
  passes("cart-1", 2);
  passes("cart-1", 2);
  expect(memory.soldSince(bolt, "web", 0)).toBe(2);
  passes("cart-2", 2);
  passes("cart-1", 3);
  expect(memory.soldSince(bolt, "web", 0)).toBe(7);
});

test("sales are forgotten when no figure can lack them any more", async () => {
  const { time, memory } = shop();
  const bolt = "BOLT" as Sku;
  memory.sold([{ sku: bolt, channelId: "web", quantity: 3 }], MAX_AGE_MS);
  await time.run(14_000);
  memory.sold([{ sku: "NUT" as Sku, channelId: "web", quantity: 1 }], MAX_AGE_MS);
  expect(memory.soldSince(bolt, "web", 0)).toBe(3);
  await time.run(6000);
  memory.sold([{ sku: "NUT" as Sku, channelId: "web", quantity: 1 }], MAX_AGE_MS);
  expect(memory.soldSince(bolt, "web", 0)).toBe(0);
});
