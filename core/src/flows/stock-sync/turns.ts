/** The time of a run, which all its sites share, and whose turn it is: no site waits for another one for ever. */
import { z } from "zod";
import type { Site } from "../../domain/config.ts";
import { toKey } from "../../domain/key.ts";
import { openCursor } from "../cursor.ts";
import type { StockSyncDeps } from "./deps.ts";

/** While the changes of one site are written, the others are read. */
export const SITES_AT_A_TIME = 3;

const NAME = toKey("stock", "turns");

/** `reachedAt`: by site, the last run that came to it, epoch milliseconds. `cut`: sites that had not done all by the end of their time. */
const turnsSchema = z.object({
  reachedAt: z.record(z.string(), z.int().min(0)).default({}),
  cut: z.array(z.string()).default([]),
});

type Named = { readonly site: Site };

export type Turns = {
  /** Groups of sites that go one after the other, in the order in which they begin. */
  readonly groups: readonly (readonly Site[])[];
  /** A group begins: nobody waits behind others for its sites any more. */
  readonly begin: (group: readonly Site[]) => void;
  /** Sites of a group in the order of their turns. */
  readonly inOrder: <T extends Named>(sites: readonly T[]) => T[];
  /**
   * Works on a site for at most its part of the time that is left; `behind`: sites that follow in its group. Undefined where the time is
   * over and another site has had its turn: this one is among the first of the next run. What `work` does beyond its time, others lack.
   */
  readonly give: <T>(site: Site, behind: number, work: (budgetMs: number) => Promise<T>) => Promise<T | undefined>;
  /** For the next run. */
  readonly save: () => Promise<void>;
};

/**
 * `groups` in the configuration's order. Those who were not reached last time go first, and among the others those that were cut short last:
 * whoever goes last has what all others left. Reads and writes a document only where sites wait for one another.
 */
export async function openTurns(
  { cursors, clock }: Pick<StockSyncDeps, "cursors" | "clock">,
  given: readonly (readonly Site[])[],
  { now, budgetMs }: { readonly now: number; readonly budgetMs: number },
): Promise<Turns> {
  const endsAt = clock.monotonic() + budgetMs;
  const mayWait = given.length > SITES_AT_A_TIME || given.some(({ length }) => length > 1);
  const cursor = mayWait && Number.isFinite(budgetMs) ? await openCursor(cursors, NAME, turnsSchema) : undefined;
  const before = cursor?.value() ?? turnsSchema.parse({});
  const reached = new Map(Object.entries(before.reachedAt));
  const cut = new Set(before.cut);
  const lastTurn = ({ site }: Site): number => before.reachedAt[site] ?? 0;
  const isCut = ({ site }: Site): number => (before.cut.includes(site) ? 1 : 0);
  const byTurn = (one: readonly Site[], other: readonly Site[]): number =>
    Math.min(...one.map(lastTurn)) - Math.min(...other.map(lastTurn)) ||
    Math.max(...one.map(isCut)) - Math.max(...other.map(isCut));
  let waiting = given.flat().length;
  let ended = 0;

  return {
    groups: given.toSorted(byTurn),
    begin: ({ length }) => {
      waiting -= length;
    },
    inOrder: (sites) => sites.toSorted((one, other) => byTurn([one.site], [other.site])),
    async give({ site }, behind, work) {
      const begunAt = clock.monotonic();
      if (begunAt > endsAt && ended > 0) return undefined;
      const ms = (endsAt - begunAt) / (1 + behind + Math.ceil(waiting / SITES_AT_A_TIME));
      reached.set(site, now);
      // A site that fails goes behind those that it kept from their turn.
      cut.add(site);
      try {
        const result = await work(ms);
        if (clock.monotonic() - begunAt <= ms) cut.delete(site);
        return result;
      } finally {
        ended += 1;
      }
    },
    async save() {
      const names = new Set(given.flat().map(({ site }) => site as string));
      await cursor?.move({
        reachedAt: Object.fromEntries([...reached].filter(([site]) => names.has(site))),
        cut: [...cut].filter((site) => names.has(site)),
      });
    },
  };
}
