/**
 * Entries that somebody has changed in commercetools since the last look. IFS is the record for stock, so a run looks at their parts
 * beside those that changed in IFS: what a person or another program set is right again by the next run, and not by the next full one.
 *
 * Sales and reservations change entries as well, and cost no read of IFS: the parts of orders that the run knows are looked at anyway,
 * an entry says when a shopper's token changed it, and one that says what it said at the last look is left alone.
 */
import { createHash } from "node:crypto";
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { z } from "zod";
import type { PartNo, Sku } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { toKey } from "../../domain/key.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { openCursor } from "../cursor.ts";
import { ORDER_OVERLAP_MS } from "../in-flight-orders.ts";
import { writesEntries } from "./direction.ts";
import { LIST_CAP, parseWriter, writerKind } from "./parse.ts";
import type { Edit, SiteRun } from "./site-run.ts";

export type Edits = {
  /** Inventory parts whose entries are not known to be right. */
  readonly partNos: readonly PartNo[];
  /** There are more than are read by their numbers. */
  readonly many: boolean;
  /** Called once they are durably handled; where it is not, they come again. */
  readonly handled: () => Promise<void>;
};

/**
 * Entries changed by other API clients that a run looks at: where a shop reserves for carts under a client of its own, nothing tells
 * such a change from an edit. The others are left to the full run.
 */
const MOST_OF_CLIENTS = 180;

const positionSchema = z.object({
  /** Begin of the last run that looked; epoch milliseconds. */
  since: z.int().min(0).optional(),
  /** What was looked at lately, by `short` of the entry's id: `markOf` what it said. The latest come last. */
  looked: z.record(z.string(), z.string()).default({}),
});

/**
 * `known`: parts that the run looks at anyway. What its orders draw on is known (`resolveParts`).
 */
export type FindEdits = (known: readonly PartNo[]) => Promise<Edits>;

/** Begins to read what has changed; what went wrong with that, the function throws. `most`: so many SKUs are looked at one by one. */
export function lookForEdits(run: SiteRun, options: { readonly now: number; readonly most: number }): FindEdits {
  const reading = readSince(run, options);
  reading.catch(() => undefined);
  return async (known) => {
    const { found, handled } = await reading;
    if (found.size > options.most) return { partNos: [], many: true, handled };
    const parts = await partsOf(run, wanted(run, [...found.values()]));
    forgetClients(run, parts, known);
    return { partNos: parts.flatMap(({ partNo }) => partNo ?? []), many: false, handled };
  };
}

type Read = Pick<Edits, "handled"> & { readonly found: ReadonlyMap<string, Found> };

async function readSince(run: SiteRun, { now, most }: { readonly now: number; readonly most: number }): Promise<Read> {
  const { deps, site } = run;
  if (!writesEntries(deps.config)) return { found: new Map(), handled: async () => {} };
  const memory = await openCursor(deps.cursors, toKey("stock", "edits", site.site), positionSchema);
  const { since, looked } = memory.value() ?? positionSchema.parse({});
  for (const [entry, said] of Object.entries(looked)) run.seen.looked.set(entry, said);
  const handled = (): Promise<void> => {
    const latest = [...run.seen.looked].slice(-LIST_CAP);
    return memory.move({ since: now, looked: Object.fromEntries(latest) });
  };
  // The first run looks at every part anyway.
  const found = since === undefined ? new Map() : await readEdits(run, since - ORDER_OVERLAP_MS, most);
  return { found, handled };
}

/** The entry was written, so what it says next is looked at, even if it said the same before. */
export const forgetLook = ({ looked }: Pick<SiteRun["seen"], "looked">, entryId: string): void =>
  void looked.delete(short(entryId));

type Found = Edit & { readonly entry: InventoryEntry };

/** By entry; where they are more than `most`, only so many that this is known. */
async function readEdits(run: SiteRun, since: number, most: number): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const ids = liveChannelIds(run);
  if (ids.length === 0) return found;
  const { inventory, ownClientId } = run.deps;
  const but = remembersClients(run) ? undefined : ownClientId;
  for await (const entries of inventory.modifiedSince(ids, new Date(since).toISOString(), but)) {
    for (const entry of entries) {
      const edit = editOf(run, entry);
      if (edit) found.set(entry.id, { ...edit, entry });
    }
    if (found.size > most) break;
  }
  return found;
}

/**
 * What the connector itself wrote is none of an edit, and after a run of thousands it would be all that is read. It is asked for
 * only where entries are remembered that another client has changed: one that was written since is looked at again.
 */
const remembersClients = ({ seen }: SiteRun): boolean =>
  [...seen.looked.values()].some((mark) => !mark.startsWith(BY_PERSON));

/** A load fills the others, and writes so much that nobody would look for an edit there. */
const liveChannelIds = ({ pools, channelIds }: SiteRun): string[] => {
  const keys = pools.flatMap(({ channels }) => channels.filter(({ live }) => live));
  return [...new Set(keys.flatMap(({ supplyChannel }) => channelIds.get(supplyChannel) ?? []))];
};

/** Undefined where nobody has changed the entry but the connector, a shopper, or somebody whose change was looked at. */
function editOf({ deps, seen }: SiteRun, entry: InventoryEntry): Edit | undefined {
  const kind = writerKind(entry.lastModifiedBy, deps.ownClientId);
  if (kind === "own") forgetLook(seen, entry.id);
  if (kind === "own" || kind === "shopper") return undefined;
  if (deps.config.skus.untracked.includes(entry.sku)) return undefined;
  const byPerson = kind === "person";
  if (seen.looked.get(short(entry.id)) === markOf(entry, byPerson)) return undefined;
  return { sku: entry.sku as Sku, by: parseWriter(entry.lastModifiedBy), byPerson };
}

/** What a run might correct. A person may have set the same once more; of others, reservations raise the version as well. */
const saidBy = (entry: InventoryEntry, byPerson: boolean): string => {
  const { quantityOnStock, restockableInDays, expectedDelivery, minCartQuantity, maxCartQuantity, stockLevels } = entry;
  const terms = [restockableInDays, expectedDelivery, minCartQuantity, maxCartQuantity, stockLevels, entry.key];
  return JSON.stringify([quantityOnStock, ...terms, byPerson ? entry.version : 0]);
};

/** What a person set is set anew under another version, so nobody needs to know who has written the entry in between. */
const BY_PERSON = "person ";
const markOf = (entry: InventoryEntry, byPerson: boolean): string =>
  `${byPerson ? BY_PERSON : ""}${short(saidBy(entry, byPerson))}`;

const short = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 10);

/** Those of people, and of other clients as many as there is room for: first where no reservation may be the cause. */
function wanted({ seen, deps, contract }: SiteRun, found: readonly Found[]): readonly Found[] {
  const isKnown = ({ entry }: Found): boolean => seen.partOf.has(entry.sku as Sku);
  const others = found.filter((one) => !one.byPerson && !isKnown(one));
  const looked = others.toSorted((one, other) => reserved(one.entry) - reserved(other.entry)).slice(0, MOST_OF_CLIENTS);
  if (looked.length < others.length) {
    const fields = { flow: "stock-sync", site: contract, looked: looked.length, left: others.length - looked.length };
    deps.logger.info(fields, "changes-by-clients-left");
  }
  const left = new Set(others.filter((one) => !looked.includes(one)));
  for (const one of found) {
    const { entry, ...edit } = one;
    if (left.has(one)) continue;
    seen.looked.delete(short(entry.id));
    seen.looked.set(short(entry.id), markOf(entry, edit.byPerson));
    // Of an order's SKU, another client has booked the order, as far as anybody can tell.
    if (edit.byPerson || !isKnown(one)) seen.edits.set(entry.id, edit);
  }
  return found.filter((one) => !left.has(one) && !isKnown(one));
}

const reserved = ({ quantityOnStock, availableQuantity }: InventoryEntry): number =>
  Math.abs(quantityOnStock - availableQuantity);

/** Where something else has changed as well, nobody knows whether the client's change made the entry wrong. */
function forgetClients({ seen, deps }: SiteRun, parts: readonly IfsSalesPart[], known: readonly PartNo[]): void {
  const touched = new Set<PartNo | null>(known);
  const catalogNos = new Set(parts.filter(({ partNo }) => touched.has(partNo)).map(({ catalogNo }) => catalogNo));
  for (const [id, { byPerson, sku }] of seen.edits) {
    if (!byPerson && catalogNos.has(toCatalogNo(deps.config, sku))) seen.edits.delete(id);
  }
}

/** Kits among them are put aside, to be planned with whoever shares their components. */
async function partsOf(run: SiteRun, found: readonly Found[]): Promise<IfsSalesPart[]> {
  const { config, parts } = run.deps;
  const catalogNos = [...new Set(found.map(({ entry }) => toCatalogNo(config, entry.sku as Sku)))];
  if (catalogNos.length === 0) return [];
  const sold = await parts.salesParts(run.contract, catalogNos);
  for (const { catalogNo } of sold) if (run.kits.componentsOf(catalogNo)) run.seen.shared.kitNos.add(catalogNo);
  return sold;
}
