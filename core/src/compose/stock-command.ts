/** `npm run stock`: what people decide about stock without a browser. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Sku, skuSchema } from "../domain/ids.ts";
import { type ReleaseKind, releaseKinds } from "../flows/stock-sync/hold-kinds.ts";
import type { Loaded, LoadProgress } from "../flows/stock-sync/load.ts";
import type { Release, releaseHeld } from "../flows/stock-sync/release.ts";
import type { NamedSummary } from "../flows/stock-sync/undone.ts";

export const STOCK_USAGE = `npm run stock -- release <site> --zeros|--cuts|--raises|--ended <most> --by <name>
npm run stock -- sync <sku>...
npm run stock -- load <supply channel>`;

const most = z.coerce.number("the number must be whole").int().min(1).optional();
const argsSchema = z
  .object({
    site: z.string().min(1, "say which site"),
    zeros: most,
    cuts: most,
    raises: most,
    ended: most,
    by: z.string("--by is missing: who releases").min(1),
  })
  .transform(({ site, by, ...kinds }, context): Release => {
    const [first, ...others] = releaseKinds.flatMap((kind) => {
      const given = kinds[kind];
      return given === undefined ? [] : [{ kind, most: given }];
    });
    if (first && others.length === 0) return { site, by, ...first };
    context.addIssue({ code: "custom", message: "say one of --zeros, --cuts, --raises and --ended" });
    return z.NEVER;
  });

const permitted: Readonly<Record<ReleaseKind, (most: number, site: string) => string>> = {
  zeros: (many, site) => `may set at most ${many} entries of site ${site} to zero`,
  cuts: (many, site) => `may lower at most ${many} entries of site ${site} by a large part`,
  raises: (many, site) => `may raise at most ${many} entries of site ${site} by a large part`,
  ended: (many, site) => `may set at most ${many} entries of site ${site} to zero whose sales part has ended`,
};

export type StockCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly sync: (skus: readonly Sku[]) => Promise<NamedSummary>;
  readonly release: (release: Release) => ReturnType<typeof releaseHeld>;
  readonly load: (channel: string, progress: (progress: LoadProgress) => void) => Promise<Loaded>;
};

/** 0: done. 1: something of it was refused, held, could not be loaded or has to wait. 2: not understood. */
export async function runStockCommand(args: readonly string[], deps: StockCommandDeps): Promise<number> {
  const [what, ...rest] = args;
  if (what === "load" && rest.length === 1) return load(rest[0] ?? "", deps);
  if (what === "sync" && rest.length > 0 && !rest.some((sku) => sku.startsWith("--"))) {
    return printSync(await deps.sync(rest.map((sku) => skuSchema.parse(sku))), deps);
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

async function load(channel: string, deps: StockCommandDeps): Promise<number> {
  const loaded = await deps.load(channel, (progress) => deps.complain(progressInWords(progress)));
  const { processed, submitted, moved, failed, failures, waiting } = loaded;
  for (const { key, state, message } of failures) deps.print(`${key}: ${state}: ${message}`);
  if (waiting > 0) {
    deps.print(
      `${waiting} entries are not worked off yet; commercetools goes on with them. Leave the channel at live: false until they are, because they would give back what is sold before; load again to look.`,
    );
  }
  const next =
    waiting > 0
      ? ""
      : " Set live: true for it under stock.pools when people may buy: the next run then looks at every entry.";
  deps.print(
    `${processed} sales parts looked at in this run. Supply channel ${channel}: ${submitted} entries handed over, ${moved} moved, ${failed + failures.length} findings.${next}`,
  );
  return failed + failures.length + waiting === 0 ? 0 : 1;
}

const progressInWords = ({ done, total, perSecond, remainingSeconds, waiting }: LoadProgress): string =>
  `${done} of ${total} sales parts, ${perSecond} a second, ${remainingSeconds} s left; ${waiting} entries wait in the Import API`;

function printSync(summary: NamedSummary, { print }: StockCommandDeps): number {
  const { processed, changed, failed, waiting, elsewhere, message } = summary;
  print(`${processed} sales parts looked at, ${changed} entries written, ${failed} refused, ${waiting} waiting.`);
  if (elsewhere > 0)
    print(
      `${elsewhere} findings are about other SKUs that share these parts, or about other supply channels: npm run exceptions -- list tells them.`,
    );
  if (message) print(message);
  return failed + waiting === 0 ? 0 : 1;
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
        ended: { type: "string" },
        by: { type: "string" },
      },
    });
    const [what, site, ...rest] = positionals;
    if (what !== "release" || rest.length > 0) return "say what: release and one site, or load and one supply channel";
    const parsed = argsSchema.safeParse({ site: site ?? "", ...values });
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
