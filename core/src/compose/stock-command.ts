/** `npm run stock`: what people decide about stock without a browser. */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Release, releaseZeros } from "../flows/stock-sync/release.ts";

export const STOCK_USAGE = "npm run stock -- release <site> --zeros <most> --by <name>";

const argsSchema = z.object({
  site: z.string().min(1, "say which site"),
  zeros: z.coerce.number("--zeros must be a whole number").int().min(1),
  by: z.string("--by is missing: who releases").min(1),
});

export type StockCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly release: (release: Release) => ReturnType<typeof releaseZeros>;
};

/** 0: done. 2: not understood. */
export async function runStockCommand(args: readonly string[], deps: StockCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${STOCK_USAGE}`);
    return 2;
  }
  const { site, zeros, until } = await deps.release(given);
  deps.print(`The next run may set at most ${zeros} entries of site ${site} to zero, once, until ${until}.`);
  return 0;
}

function readArgs(args: readonly string[]): Release | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { zeros: { type: "string" }, by: { type: "string" } },
    });
    const [what, site, ...rest] = positionals;
    if (what !== "release" || rest.length > 0) return "say what: release, and one site";
    const parsed = argsSchema.safeParse({ site: site ?? "", ...values });
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
