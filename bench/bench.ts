/**
 * `npm run bench -- <name> [--json] [options]`: one benchmark; its last line is one JSON object. With `--json` it is the only line.
 * Exit code 1 when a limit is exceeded or something fails, 2 for a wrong command line.
 */
import { benchAtp } from "./atp.ts";
import { benchIfsBudget } from "./ifs-budget.ts";
import { benchIfsClient } from "./ifs-client.ts";
import { benchOrders } from "./orders.ts";
import { benchStockDelta } from "./stock-delta.ts";
import { benchStockFull } from "./stock-full.ts";
import { benchStockPeer } from "./stock-peer.ts";

export type Bench = {
  readonly usage: string;
  /** `ok` false: a limit was exceeded. `line` is printed last. */
  readonly run: (args: readonly string[], say: (line: string) => void) => Promise<{ ok: boolean; line: object }>;
};

const benches: Readonly<Record<string, Bench>> = {
  atp: benchAtp,
  "ifs-client": benchIfsClient,
  "ifs-budget": benchIfsBudget,
  orders: benchOrders,
  "stock-delta": benchStockDelta,
  "stock-full": benchStockFull,
  "stock-peer": benchStockPeer,
};

process.exitCode = await main(process.argv.slice(2));

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const bench = benches[name];
  if (!bench) {
    process.stderr.write(
      `usage:\n${Object.values(benches)
        .map(({ usage }) => `  ${usage}\n`)
        .join("")}`,
    );
    return 2;
  }
  const say = args.includes("--json") ? () => undefined : (line: string) => process.stdout.write(`${line}\n`);
  try {
    const { ok, line } = await bench.run(args, say);
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof RangeError || (error instanceof TypeError && "code" in error) ? 2 : 1;
  }
}
