/**
 * What is held of a site, as its last scheduled run planned it: for people who decide, and for the check at checkout, which does not trust
 * entries that should be lower, or of which nobody knows whether they should. A document of its own, written when it changes.
 */
import { z } from "zod";
import { toKey } from "../../domain/key.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { releaseKinds } from "./hold-kinds.ts";

/** Documents of this kind should stay below 100 KB. */
export const SHOWN_CHANGES = 200;
export const LISTED_SKUS = 2000;

const ENDED = "ended";

const changeSchema = z.object({
  sku: z.string(),
  supplyChannel: z.string(),
  from: z.int(),
  to: z.int(),
  cause: z.string(),
});
export type HeldChange = z.infer<typeof changeSchema>;

const holdSchema = z.object({
  kind: z.enum(releaseKinds),
  changes: z.int(),
  entries: z.int(),
  /** Why, in words. */
  message: z.string(),
  /** The first of them. */
  plan: z.array(changeSchema),
  skus: z.array(z.string()),
  /** There are more SKUs than are listed. */
  more: z.boolean(),
  /** How many SKUs the run knew that listed them; absent in documents of before. */
  skuCount: z.int().min(0).optional(),
  /** Of `changes`, what was written before the bound was met; it counts as long as the hold stands. */
  already: z.int().min(0).default(0),
  /** Milliseconds since the epoch: since then there are more parts than the next run looks at again. Only a full run that began later knows all of them. */
  unlistedSince: z.int().min(0).optional(),
});
export type Hold = z.infer<typeof holdSchema>;

const unseenSchema = z.object({ skus: z.array(z.string()), more: z.boolean() });

const heldSchema = z.object({
  at: z.iso.datetime(),
  holds: z.array(holdSchema).default([]),
  /** SKUs that would be lowered if the lists of their parts could be believed; see blind-lists.ts. `more`: than are listed. */
  unseen: unseenSchema.optional(),
});
export type HeldOfSite = z.infer<typeof heldSchema>;

/** `before`: those of which this run may not have learned anything. */
export function unseenOf(skus: Iterable<string>, before?: HeldOfSite["unseen"]): HeldOfSite["unseen"] {
  const all = [...new Set([...skus, ...(before?.skus ?? [])])].toSorted();
  if (all.length === 0 && !before?.more) return undefined;
  return { skus: all.slice(0, LISTED_SKUS), more: all.length > LISTED_SKUS || before?.more === true };
}

const nameOf = (site: string): string => toKey("stock", "held", site);

export async function readHeld(cursors: Pick<Cursors, "read">, site: string): Promise<HeldOfSite | undefined> {
  const stored = await cursors.read(nameOf(site));
  return stored && heldSchema.parse(stored.value);
}

/** What is held of a kind; `ended`: of entries whose sales part has ended. */
export const heldOfKind = (held: HeldOfSite | undefined, wanted: Hold["kind"]): Hold | undefined =>
  held?.holds.find(({ kind }) => kind === wanted);

export type KeptHeld = {
  /** What is held as the run begins. */
  readonly before: HeldOfSite | undefined;
  /** `knowsEnded`: the run looked for entries of ended parts, so that what was held of others before is over. ConflictError: another run of the site wrote meanwhile. */
  readonly save: (held: Partial<HeldOfSite> & { readonly at: string; readonly knowsEnded: boolean }) => Promise<void>;
};

export async function openHeld(cursors: Cursors, site: string): Promise<KeptHeld> {
  const cursor = await openCursor(cursors, nameOf(site), heldSchema);
  const before = cursor.value();
  return {
    before,
    async save({ at, holds: held = [], unseen, knowsEnded }) {
      const known = before?.holds ?? [];
      const holds = knowsEnded ? held : [...held, ...known.filter(({ kind }) => kind === ENDED)];
      const changed = JSON.stringify([known, before?.unseen]) !== JSON.stringify([holds, unseen]);
      if (changed) await cursor.move({ at, holds, ...(unseen && { unseen }) });
    },
  };
}

/** Does an entry perhaps show more than it should, because nobody has released its cut, or nobody knows whether it should come down? */
export type IsHeldCut = (sku: string, supplyChannel: string) => boolean;

/** `channelsOf`: keys of the supply channels that a site feeds. */
export async function readHeldCuts(
  cursors: Pick<Cursors, "read">,
  channelsOf: ReadonlyMap<string, readonly string[]>,
): Promise<IsHeldCut> {
  const slots = new Set<string>();
  const whole = new Set<string>();
  for (const [site, channels] of channelsOf) {
    const held = await readHeld(cursors, site);
    const cuts = [
      ...(held?.holds ?? []).filter(({ kind }) => kind !== "raises"),
      ...(held?.unseen ? [held.unseen] : []),
    ];
    if (cuts.some(({ more }) => more)) for (const channel of channels) whole.add(channel);
    for (const sku of cuts.flatMap(({ skus }) => skus)) {
      for (const channel of channels) slots.add(JSON.stringify([sku, channel]));
    }
  }
  return (sku, channel) => whole.has(channel) || slots.has(JSON.stringify([sku, channel]));
}
