/**
 * What IFS's package parts are made of: a list of the whole site, which takes longer than a shopper waits. It is read when the process
 * starts, and again behind the answers; while IFS does not give it, the old one counts on.
 */
import type { Contract } from "../../domain/ids.ts";
import type { IfsPackage } from "../../domain/ifs-records.ts";
import { REFERENCE_MS } from "./context.ts";
import type { AtpDeps } from "./deps.ts";

/** What a kit is made of changes seldom, and an old list is better than none; the stock flow's own is never as old. */
const KEPT_MS = 3_600_000;
/** After a failure behind the answers nothing is read for so long. */
const PAUSE_MS = 10_000;
/** For the whole list; whoever waits has a deadline of its own. */
const READ_MS = 10_000;

const KEY = "packages";

/** TransientError, or BrokenCircuitError while IFS is failing, where no list is there that may still count. */
export async function packagesOf(deps: AtpDeps, contract: Contract): Promise<readonly IfsPackage[]> {
  const { packages, clock } = deps.context;
  const now = clock.monotonic();
  const known = packages.get(contract);
  const age = known ? now - known.readAt : Number.POSITIVE_INFINITY;
  if (!known || age >= KEPT_MS) return await read(deps, contract);
  if (age >= REFERENCE_MS && now >= known.pausedUntil) {
    known.pausedUntil = now + PAUSE_MS;
    read(deps, contract).catch((error: unknown) => {
      known.pausedUntil = clock.monotonic() + PAUSE_MS;
      deps.logger.warn({ flow: "atp-check", site: contract, ageMs: Math.round(age), error }, "packages-not-renewed");
    });
  }
  return known.list;
}

async function read({ context, ifs }: AtpDeps, contract: Contract): Promise<readonly IfsPackage[]> {
  const found = await context.batchers(contract).packages.load([KEY], () =>
    context.guarded(READ_MS, async () => {
      const readAt = context.clock.monotonic();
      const list = await ifs.packages(contract);
      context.packages.set(contract, { list, readAt, pausedUntil: 0 });
      return new Map([[KEY, list]]);
    }),
  );
  return found.get(KEY) ?? [];
}

/** Of all sites that have pools; nothing where kits do not come from IFS. */
export async function readAllPackages(deps: AtpDeps): Promise<void> {
  const { pools, kits } = deps.config.stock;
  if (!kits.fromIfs) return;
  const sites = new Set(pools.map(({ site }) => site as Contract));
  await Promise.all([...sites].map((contract) => packagesOf(deps, contract)));
}
