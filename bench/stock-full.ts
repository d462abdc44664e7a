/** A full run over a shop in which nothing has changed: what it costs both platforms, and how long it takes. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import { numbers } from "./options.ts";
import { openStockWorld } from "./stock-world.ts";

const limits = { entriesPerCtRead: 400, rowsPerIfsRead: 450, seconds: 60, rssMb: 256 };
/** The limits of time and reads are those of a hundred thousand entries; more take as much longer. */
const ENTRIES = 100_000;

export const benchStockFull: Bench = {
  usage:
    "npm run bench -- stock-full [--json] [--entries 100000] [--rows 120000] [--lines 5000] [--ct-latency 40] [--ifs-latency 150]",
  async run(args, say) {
    const options = numbers(args, {
      entries: ENTRIES,
      rows: 120_000,
      lines: 5000,
      "ct-latency": 40,
      "ifs-latency": 150,
    });
    const { entries, rows, lines } = options;
    if (rows < entries || rows > 3 * entries) throw new RangeError("--rows must be from one to three times --entries");
    if (lines > entries) throw new RangeError("--lines must not be more than --entries");
    const world = await openStockWorld(dirname(dirname(fileURLToPath(import.meta.url))), { entries, rows, lines }, say);
    try {
      await world.delay({ ct: options["ct-latency"], ifs: options["ifs-latency"] });
      say(`a full run over ${entries} entries, ${rows} stock rows and ${lines} open lines ...`);
      const { ms, ctReads, ifsReads, ctWrites } = await world.run();
      const line = {
        entries,
        seconds: Math.round(ms / 100) / 10,
        ctReads,
        ifsReads,
        writes: ctWrites,
        rssMb: world.rssMb(),
      };
      // Each part is read with its rows.
      const read = rows + lines + entries;
      const ok =
        ctWrites === 0 &&
        ctReads <= Math.ceil(entries / limits.entriesPerCtRead) &&
        ifsReads <= Math.ceil(read / limits.rowsPerIfsRead) &&
        line.seconds <= limits.seconds * Math.max(1, entries / ENTRIES) &&
        line.rssMb <= limits.rssMb;
      return { ok, line };
    } finally {
      await world.close();
    }
  },
};
