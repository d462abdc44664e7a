/** `npm run stock`: what people decide about stock without a browser. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Sku, skuSchema } from "../domain/ids.ts";
import type { RunSummary } from "../domain/run-summary.ts";
import type { HoldKind } from "../flows/stock-sync/holds.ts";
import type { Release, releaseHeld } from "../flows/stock-sync/release.ts";

export const STOCK_USAGE =
  "npm run stock -- release <site> --zeros|--cuts|--raises <most> --by <name>, or npm run stock -- sync <sku>...";

const most = z.coerce.number("the number must be whole").int().min(1).optional();
const argsSchema = z
  .object({
    site: z.string().min(1, "say which site"),
    zeros: most,
    cuts: most,
    raises: most,
    by: z.string("--by is missing: who releases").min(1),
  })
  .transform(({ site, by, ...kinds }, context): Release => {
    const [first, ...others] = (["zeros", "cuts", "raises"] as const).flatMap((kind) => {
      const given = kinds[kind];
      return given === undefined ? [] : [{ kind, most: given }];
    });
    if (first && others.length === 0) return { site, by, ...first };
    context.addIssue({ code: "custom", message: "say one of --zeros, --cuts and --raises" });
    return z.NEVER;
  });

const permitted: Readonly<Record<HoldKind, (most: number, site: string) => string>> = {
  zeros: (many, site) => `may set at most ${many} entries of site ${site} to zero`,
  cuts: (many, site) => `may lower at most ${many} entries of site ${site} by a large part`,
  raises: (many, site) => `may raise at most ${many} entries of site ${site} by a large part`,
};

export type StockCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly sync: (skus: readonly Sku[]) => Promise<RunSummary>;
  readonly release: (release: Release) => ReturnType<typeof releaseHeld>;
};

/** 0: done. 1: something of it was refused, held or has to wait. 2: not understood. */
export async function runStockCommand(args: readonly string[], deps: StockCommandDeps): Promise<number> {
  const [what, ...skus] = args;
  if (what === "sync" && skus.length > 0 && !skus.some((sku) => sku.startsWith("--"))) {
    return printSync(await deps.sync(skus.map((sku) => skuSchema.parse(sku))), deps);
  }
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${STOCK_USAGE}`);
    return 2;
  }
  const { site, kind, most: many, until } = await deps.release(given);
  deps.print(`The next run ${permitted[kind](many, site)}, once, until ${until}.`);
  return 0;
}

function printSync({ processed, changed, failed, message }: RunSummary, { print }: StockCommandDeps): number {
  print(`${processed} sales parts looked at, ${changed} entries written, ${failed} refused or waiting.`);
  if (message) print(message);
  return failed === 0 ? 0 : 1;
}

function readArgs(args: readonly string[]): Release | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        zeros: { type: "string" },
        cuts: { type: "string" },
        raises: { type: "string" },
        by: { type: "string" },
      },
    });
    const [what, site, ...rest] = positionals;
    if (what !== "release" || rest.length > 0) return "say what: release, and one site";
    const parsed = argsSchema.safeParse({ site: site ?? "", ...values });
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
