/** `npm run stock`: what people decide about stock without a browser. */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Loaded, LoadProgress } from "../flows/stock-sync/load.ts";
import type { Release, releaseZeros } from "../flows/stock-sync/release.ts";

export const STOCK_USAGE = `npm run stock -- release <site> --zeros <most> --by <name>
npm run stock -- load <supply channel>`;

const argsSchema = z.object({
  site: z.string().min(1, "say which site"),
  zeros: z.coerce.number("--zeros must be a whole number").int().min(1),
  by: z.string("--by is missing: who releases").min(1),
});

export type StockCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly release: (release: Release) => ReturnType<typeof releaseZeros>;
  readonly load: (channel: string, progress: (progress: LoadProgress) => void) => Promise<Loaded>;
};

/** 0: done. 1: entries could not be loaded, or wait. 2: not understood. */
export async function runStockCommand(args: readonly string[], deps: StockCommandDeps): Promise<number> {
  if (args[0] === "load" && args.length === 2) return load(args[1] ?? "", deps);
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${STOCK_USAGE}`);
    return 2;
  }
  const { site, zeros, until } = await deps.release(given);
  deps.print(`The next run may set at most ${zeros} entries of site ${site} to zero, once, until ${until}.`);
  return 0;
}

async function load(channel: string, deps: StockCommandDeps): Promise<number> {
  const loaded = await deps.load(channel, (progress) => deps.complain(progressInWords(progress)));
  const { processed, submitted, moved, failed, failures, waiting } = loaded;
  for (const { key, state, message } of failures) deps.print(`${key}: ${state}: ${message}`);
  if (waiting > 0) {
    deps.print(`${waiting} entries are not worked off yet; commercetools goes on with them. Load again to look.`);
  }
  deps.print(
    `${processed} sales parts looked at in this run. Supply channel ${channel}: ${submitted} entries handed over, ${moved} moved, ${failed + failures.length} findings. Set live: true for it under stock.pools when people may buy: the next run then looks at every entry.`,
  );
  return failed + failures.length + waiting === 0 ? 0 : 1;
}

const progressInWords = ({ done, total, perSecond, remainingSeconds, waiting }: LoadProgress): string =>
  `${done} of ${total} sales parts, ${perSecond} a second, ${remainingSeconds} s left; ${waiting} entries wait in the Import API`;

function readArgs(args: readonly string[]): Release | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { zeros: { type: "string" }, by: { type: "string" } },
    });
    const [what, site, ...rest] = positionals;
    if (what !== "release" || rest.length > 0) return "say what: release and one site, or load and one supply channel";
    const parsed = argsSchema.safeParse({ site: site ?? "", ...values });
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
