/** A channel that is not live is filled in bulk, by a load alone. */
import type { InventoryEntryDraft } from "@commercetools/platform-sdk";
import { describe, expect, it } from "vitest";
import { ConflictError, RefusedError, TransientError } from "../../domain/failure.ts";
import type { PartNo } from "../../domain/ids.ts";
import { type FailedLoad, type LoadDeps, type LoadProgress, loadChannel } from "./load.ts";
import { MOST_SPLIT_REQUESTS } from "./load-split.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const PARTS = 450;
const sku = (index: number): string => `P${String(index).padStart(4, "0")}`;
const stockOf = (index: number): number => 2 + (index % 7);

/** One pool for two channels, of which `new` has no customers yet. */
function filled(live = false, others: object[] = [], pools: object[] = []): World {
  const world = createWorld(
    configWith((raw) => {
      const channels = [{ supplyChannel: "web", share: 0.5 }, { supplyChannel: "new", share: 0.5, live }, ...others];
      raw.stock = { pools: [{ name: "main", site: "S1", channels }, ...pools] };
    }),
  );
  for (let index = 0; index < PARTS; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), 2 * stockOf(index));
  }
  return world;
}

/** An Import API that works off what it has whenever somebody looks. */
function loading(world: World, refused: (key: string) => boolean = () => false) {
  const requests: string[][] = [];
  const waiting: InventoryEntryDraft[] = [];
  /** What an earlier load handed over may be worked off at the same moment. */
  async function createOnce(draft: InventoryEntryDraft): Promise<void> {
    try {
      await world.deps.inventory.create(draft);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
  }
  const failed: FailedLoad[] = [];
  const deps: LoadDeps = {
    ...world.deps,
    countSalesParts: async () => PARTS,
    sleep: async () => {},
    imports: {
      mostPerRequest: 20,
      open: async () => {},
      async submit(_container, { channel, drafts }) {
        expect(channel).toBe("new");
        requests.push(drafts.map((draft) => draft.sku));
        waiting.push(...drafts);
        return [];
      },
      async states() {
        const processing = waiting.length;
        for (const draft of waiting.splice(0)) {
          const key = draft.key ?? "";
          const known = [...world.entries.values()].some((entry) => entry.key === key);
          if (refused(key)) failed.push({ key, state: "rejected", message: "DuplicateField: exists" });
          else if (!known) await createOnce(draft);
        }
        return { processing, imported: 0, failed: failed.length };
      },
      failures: async () => failed,
    },
  };
  const progress: LoadProgress[] = [];
  const load = (channel = "new") =>
    loadChannel(deps, { channel, now: world.time.now, progress: (one) => void progress.push(one) });
  return { load, deps, requests, progress };
}

const quantities = (world: World, channel: string) =>
  Array.from({ length: PARTS }, (_, index) => world.quantityOf(sku(index), channel));
const halves = Array.from({ length: PARTS }, (_, index) => stockOf(index));
const run = (world: World) => runStockSync(world.deps, { now: world.time.now, mode: "full" });

describe("a load", () => {
  it("creates all entries of the channel in requests of twenty, tells how far it is, and changes nothing the second time", async () => {
    const world = filled();
    const { load, requests, progress } = loading(world);
    expect(await load()).toMatchObject({ submitted: PARTS, moved: 0, failed: 0, failures: [], waiting: 0 });
    expect(quantities(world, "new")).toEqual(halves);
    expect(quantities(world, "web").every((quantity) => quantity === undefined)).toBe(true);
    expect(requests.map(({ length }) => length).filter((length) => length > 20)).toEqual([]);
    expect(progress.map(({ done, total }) => [done, total]).slice(0, 3)).toEqual([
      [200, PARTS],
      [400, PARTS],
      [PARTS, PARTS],
    ]);
    expect(await load()).toMatchObject({ submitted: 0, moved: 0 });
  });

  it("tells its rate since it was started and the seconds that are left at that rate", async () => {
    const timed = (world: World, total: number, pageMs: number) => {
      const { deps } = loading(world);
      const told: unknown[] = [];
      const states = (container: string) => {
        world.happen.wait(pageMs);
        return deps.imports.states(container);
      };
      const given = { ...deps, countSalesParts: async () => total, imports: { ...deps.imports, states } };
      const progress = ({ waiting: _, ...rest }: LoadProgress) => void told.push(Object.values(rest));
      return { told, load: () => loadChannel(given, { channel: "new", now: world.time.now, progress }) };
    };
    const world = filled();
    const { told, load } = timed(world, PARTS, 10_000);
    await load();
    expect(told.slice(0, 4)).toEqual([
      [200, PARTS, 20, 13],
      [400, PARTS, 20, 3],
      [PARTS, PARTS, 15, 0],
      [PARTS, PARTS, 11.3, 0],
    ]);

    const atOnce = timed(filled(), PARTS, 0);
    await atOnce.load();
    expect(atOnce.told[0]).toEqual([200, PARTS, 0, 0]);

    // What an earlier start has done is no part of the rate.
    const killed = filled();
    let pages = 0;
    killed.interfere((call) => {
      if (call === "bySkus" && ++pages === 3) throw new TransientError("killed");
    });
    await expect(timed(killed, PARTS, 10_000).load()).rejects.toThrow("killed");
    killed.interfere(() => {});
    const again = timed(killed, PARTS, 10_000);
    await again.load();
    expect(again.told[0]).toEqual([PARTS, PARTS, 5, 0]);

    // Nothing done: no rate, and so no seconds left, rather than endless ones.
    const empty = filled();
    empty.parts.length = 0;
    const none = timed(empty, 0, 10_000);
    await none.load();
    expect(none.told[0]).toEqual([0, 0, 0, 0]);
  });

  it("moves an entry that is there by a difference at its version", async () => {
    const world = filled();
    await loading(world).load();
    world.happen.count(sku(3), 2 * stockOf(3) + 4);
    expect(await loading(world).load()).toMatchObject({ submitted: 0, moved: 1 });
    expect(world.quantityOf(sku(3), "new")).toBe(stockOf(3) + 2);
  });

  it("that is killed goes on behind the last page that was handed over", async () => {
    const world = filled();
    let pages = 0;
    world.interfere((call) => {
      if (call === "bySkus" && ++pages === 3) throw new TransientError("killed");
    });
    const first = loading(world);
    await expect(first.load()).rejects.toThrow("killed");
    world.interfere(() => {});
    const second = loading(world);
    const loaded = await second.load();
    expect(loaded).toMatchObject({ submitted: PARTS, failed: 0 });
    expect([...first.requests.flat(), ...second.requests.flat()].toSorted()).toEqual(
      Array.from({ length: PARTS }, (_, index) => sku(index)),
    );
    expect(second.progress[0]?.done).toBe(PARTS);
  });

  it("whose position another load has moved ends there, and the next one goes on behind the other", async () => {
    const world = filled();
    let pages = 0;
    const other = loading(world);
    const first = loading(world);
    const { submit } = first.deps.imports;
    const overtaken = {
      ...first.deps.imports,
      async submit(...given: Parameters<typeof submit>) {
        if (++pages === 1) await other.load();
        return submit(...given);
      },
    };
    await expect(
      loadChannel({ ...first.deps, imports: overtaken }, { channel: "new", now: world.time.now, progress: () => {} }),
    ).rejects.toThrow(ConflictError);
    expect(quantities(world, "new")).toEqual(halves);
    expect(world.cursor("stock-load-new")).toEqual({});
  });

  it("that was killed after the Import API had taken a page hands it over once more, under the same keys", async () => {
    const world = filled();
    const first = loading(world);
    let requests = 0;
    const cut = {
      ...first.deps.imports,
      async submit(...given: Parameters<typeof first.deps.imports.submit>) {
        const failures = await first.deps.imports.submit(...given);
        if (++requests === 15) throw new TransientError("no answer");
        return failures;
      },
    };
    const options = { channel: "new", now: world.time.now, progress: () => {} };
    await expect(loadChannel({ ...first.deps, imports: cut }, options)).rejects.toThrow("no answer");
    await first.deps.imports.states("");
    const second = loading(world);
    expect(await second.load()).toMatchObject({ failed: 0, failures: [], waiting: 0 });
    expect(quantities(world, "new")).toEqual(halves);
    expect([...world.entries.values()].length).toBe(PARTS);
  });

  it("loads the one channel, not another that is not live either, and nothing that shares its part", async () => {
    const world = filled(false, [{ supplyChannel: "later", share: 0.1, live: false }]);
    for (const box of ["BOX", "CRATE"]) world.happen.sku(box, { partNo: sku(3) as PartNo });
    const { load, requests } = loading(world);
    expect(await load()).toMatchObject({ submitted: PARTS - 1, failed: 0 });
    expect(requests.flat()).not.toContain(sku(3));
    expect(quantities(world, "later").every((quantity) => quantity === undefined)).toBe(true);
  });

  it("does not wait for ever until all of it is worked off, and tells how many entries are not", async () => {
    const world = filled();
    const { deps, load } = loading(world);
    const slow = {
      ...deps,
      sleep: async (ms: number) => {
        world.happen.wait(ms);
      },
      imports: { ...deps.imports, states: async () => ({ processing: 7, imported: 0, failed: 0 }) },
    };
    const loaded = await loadChannel(slow, { channel: "new", now: world.time.now, progress: () => {} });
    expect(loaded.waiting).toBe(7);
    expect(await load()).toMatchObject({ waiting: 0 });
  });

  /** An Import API that refuses whole requests, and the number of requests that a load asks of it. */
  function refusing(world: World, isRefused: (drafts: readonly InventoryEntryDraft[]) => boolean, status = 400) {
    const { deps, requests } = loading(world);
    const { submit } = deps.imports;
    let refused = 0;
    const imports: LoadDeps["imports"] = {
      ...deps.imports,
      async submit(container, entries) {
        if (!isRefused(entries.drafts)) return submit(container, entries);
        refused += 1;
        const skus = entries.drafts.map((draft) => draft.sku);
        throw new RefusedError("commercetools", "InvalidInput", status, `cannot read ${skus.join()}`);
      },
    };
    const load = () => loadChannel({ ...deps, imports }, { channel: "new", now: world.time.now, progress: () => {} });
    return { load, asked: () => requests.length + refused };
  }
  const ordinary = Math.ceil(200 / 20) * 2 + Math.ceil(50 / 20);

  it("tells the entries for which requests are refused by their SKU, in the platform's words, and creates all others", async () => {
    const world = filled();
    const bad = [sku(7), sku(9), sku(333)];
    const { load, asked } = refusing(world, (drafts) => drafts.some((draft) => bad.includes(draft.sku)));
    expect(await load()).toMatchObject({ failed: bad.length, failures: [], waiting: 0 });
    const loaded = halves.map((half, index) => (bad.includes(sku(index)) ? undefined : half));
    expect(quantities(world, "new")).toEqual(loaded);
    const told = [...world.exceptions.values()].map(({ recordLabel, message }) => [
      recordLabel,
      message.includes(`SKU ${recordLabel} `) && message.endsWith(`: cannot read ${recordLabel}`),
    ]);
    expect(told.toSorted()).toEqual(bad.map((one) => [one, true]));
    // Twenty, ten, five, three, two, one: two more for each step down.
    expect(asked()).toBeLessThanOrEqual(ordinary + bad.length * 10);
  });

  it("ends dividing where nearly everything is refused, and names what was left whole", async () => {
    const world = filled();
    for (let index = PARTS; index < 1500; index += 1) {
      world.happen.sku(sku(index));
      world.happen.stock(sku(index), 2);
    }
    const { load, asked } = refusing(world, () => true);
    expect(await load()).toMatchObject({ failed: 1500, failures: [] });
    expect(asked()).toBe(Math.ceil(200 / 20) * 7 + Math.ceil(100 / 20) + MOST_SPLIT_REQUESTS);
    const told = [...world.exceptions.values()];
    const named = told.flatMap(({ message }) => [...message.matchAll(/SKU (\S+) /g)].map(([, name]) => name));
    expect(new Set(named).size).toBe(1500);
    expect(told.filter(({ recordLabel }) => recordLabel.endsWith(" and 19 more")).length).toBeGreaterThan(20);
  });

  it("does not divide a request that is refused for what no entry says", async () => {
    const world = filled();
    const { load, asked } = refusing(world, () => true, 413);
    expect(await load()).toMatchObject({ failed: ordinary });
    expect(asked()).toBe(ordinary);
  });

  it("refuses a channel whose pool is left out, because commercetools lacks another channel of it", async () => {
    // The site has another pool, so that there is a run.
    const world = filled(
      false,
      [],
      [{ name: "shop", site: "S1", warehouses: ["W9"], channels: [{ supplyChannel: "shop" }] }],
    );
    const channelIds: LoadDeps["channelIds"] = async (keys) => {
      const ids = await world.deps.channelIds(keys);
      return new Map([...ids].filter(([key]) => key !== "web"));
    };
    const { deps, requests } = loading(world);
    const refused = loadChannel({ ...deps, channelIds }, { channel: "new", now: world.time.now, progress: () => {} });
    await expect(refused).rejects.toThrow('commercetools has no supply channel "web", which pool "main"');
    expect(requests).toEqual([]);
  });

  it("names what the Import API rejected", async () => {
    const world = filled();
    const { load } = loading(world, (key) => key.includes(sku(7)));
    const { failures } = await load();
    expect(failures).toEqual([{ key: `inv-${sku(7)}-new`, state: "rejected", message: "DuplicateField: exists" }]);
    expect([...world.exceptions.values()].map(({ recordId }) => recordId)).toEqual([`load inv-${sku(7)}-new`]);
  });

  it("refuses a channel that is live, by default or by word, and one that no pool feeds", async () => {
    const world = filled();
    await expect(loading(world).load("web")).rejects.toThrow('supply channel "web" is live');
    await expect(loading(world).load("none")).rejects.toThrow(
      'no pool of the configuration feeds a supply channel "none"',
    );
    const live = filled(true);
    const { load, requests } = loading(live);
    await expect(load()).rejects.toThrow('supply channel "new" is live');
    expect([requests, live.entries.size]).toEqual([[], 0]);
  });
});

describe("a run", () => {
  it("leaves a channel that is not live alone, and takes it over when it is", async () => {
    const world = filled();
    await run(world);
    expect(quantities(world, "web")).toEqual(halves);
    expect(quantities(world, "new").every((quantity) => quantity === undefined)).toBe(true);
    await loading(world).load();
    world.happen.count(sku(3), 2 * stockOf(3) + 4);
    await run(world);
    expect([world.quantityOf(sku(3), "web"), world.quantityOf(sku(3), "new")]).toEqual([stockOf(3) + 2, stockOf(3)]);
    const { config } = filled(true).deps;
    await runStockSync({ ...world.deps, config }, { now: world.time.now, mode: "delta" });
    expect(world.quantityOf(sku(3), "new")).toBe(stockOf(3) + 2);
  });
});

describe("a channel that becomes live", () => {
  const live = (world: World) => {
    world.happen.wait(60_000);
    const deps = { ...world.deps, config: filled(true).deps.config };
    return runStockSync(deps, { now: world.time.now, mode: "delta" });
  };
  const told = (world: World) => world.codes().filter((code) => code.startsWith("stockAnomaly"));

  it("is left out with its pool while entries of its load are not worked off, and as long as they may come", async () => {
    const world = filled();
    const { deps } = loading(world);
    const slow = {
      ...deps,
      sleep: async (ms: number) => world.happen.wait(ms),
      imports: { ...deps.imports, states: async () => ({ processing: 3, imported: 0, failed: 0 }) },
    };
    expect(await loadChannel(slow, { channel: "new", now: world.time.now, progress: () => {} })).toMatchObject({
      waiting: 3,
    });
    for (let run = 0; run < 2; run += 1) {
      await live(world);
      expect([world.entries.size, told(world)]).toEqual([0, ["stockAnomaly: loading new"]]);
    }
    world.happen.wait(72 * 3_600_000);
    await live(world);
    expect([world.entries.size, told(world)]).toEqual([2 * PARTS, []]);
  });

  it("is left out while its load is under way, and written once that has come to its end", async () => {
    const world = filled();
    const { deps } = loading(world);
    const dying = {
      ...deps,
      imports: {
        ...deps.imports,
        submit: async () => {
          throw new TransientError("killed");
        },
      },
    };
    const load = (given: LoadDeps) => loadChannel(given, { channel: "new", now: world.time.now, progress: () => {} });
    await expect(load(dying)).rejects.toThrow("killed");
    await live(world);
    expect([world.entries.size, told(world)]).toEqual([0, ["stockAnomaly: loading new"]]);
    await load(deps);
    await live(world);
    expect([world.entries.size, told(world)]).toEqual([2 * PARTS, []]);
  });
});
