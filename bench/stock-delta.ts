/** A run in which a part of the shop has changed: one write for each change and none for others, as fast as the platform takes them. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import { median, numbers } from "./options.ts";
import { openStockWorld, type StockWorld } from "./stock-world.ts";

const limits = { ratio: 0.9, rssMb: 256 };
const BARE_WRITES = 100;
const LOOKED_AT = 200;

export const benchStockDelta: Bench = {
  usage:
    "npm run bench -- stock-delta [--json] [--entries 100000] [--changed 10000] [--ct-latency 40] [--ifs-latency 150]",
  async run(args, say) {
    const options = numbers(args, { entries: 100_000, changed: 10_000, "ct-latency": 40, "ifs-latency": 150 });
    const { entries, changed } = options;
    if (changed < 1 || changed > entries - BARE_WRITES)
      throw new RangeError(`--changed must be from 1 to --entries less ${BARE_WRITES}`);
    const size = { entries, rows: entries, lines: Math.floor(entries / 20) };
    const world = await openStockWorld(dirname(dirname(fileURLToPath(import.meta.url))), size, say);
    try {
      say("the first run, over everything ...");
      await world.run();
      // Not a whole number: parts of one site are every third, and a change of a third of one site is a mass change.
      const every = (entries - BARE_WRITES) / changed;
      say(`receiving goods of ${changed} parts ...`);
      const touched = Array.from({ length: changed }, (_, nth) => Math.floor(nth * every));
      const sampled = touched.filter((_, nth) => nth % Math.ceil(changed / LOOKED_AT) === 0);
      const before = await quantities(world, sampled);
      for (const index of touched) await world.receive(index);
      await world.delay({ ct: options["ct-latency"], ifs: options["ifs-latency"] });
      const bareMs = await bareWriteMs(world, entries);
      say(`the run over ${changed} changes; a bare write takes ${bareMs.toFixed(1)} ms ...`);
      const { ms, ctWrites, ctReads, ifsReads } = await world.run();
      say(`${ctReads} reads of commercetools, ${ifsReads} of IFS`);
      await world.delay({ ct: 0, ifs: 0 });
      const after = await quantities(world, sampled);
      const wrong = sampled.filter((_, at) => after[at] !== (before[at] as number) + 1).length;
      const limitPerSecond = (world.writesAtATime * 1000) / bareMs;
      const line = {
        entries,
        changed,
        seconds: Math.round(ms / 100) / 10,
        writes: ctWrites,
        writesPerChange: ctWrites / changed,
        writesPerSecond: Math.round((ctWrites / ms) * 10_000) / 10,
        limitPerSecond: Math.round(limitPerSecond * 10) / 10,
        ratio: Math.round(((ctWrites / ms) * 1000 * 1000) / limitPerSecond) / 1000,
        wrong,
        rssMb: world.rssMb(),
      };
      const ok = ctWrites === changed && wrong === 0 && line.ratio >= limits.ratio && line.rssMb <= limits.rssMb;
      return { ok, line };
    } finally {
      await world.close();
    }
  },
};

async function quantities(world: StockWorld, indexes: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const index of indexes) found.push((await world.entry(index)).quantity);
  return found;
}

/** What one write takes that nobody else waits for. Each is taken back: an entry that another client changed is a change of its own. */
async function bareWriteMs(world: StockWorld, entries: number): Promise<number> {
  const times: number[] = [];
  for (let nth = 1; nth <= BARE_WRITES; nth += 1) {
    times.push(await world.write(await world.entry(entries - nth), 1));
    times.push(await world.write(await world.entry(entries - nth), -1));
  }
  return median(times);
}
