/** Figures and entries -> writes. Pure: everything that moves was read before and is passed in. */
import type { InventoryEntry, InventoryEntryDraft, InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import { type Availability, explain } from "../../domain/availability.ts";
import type { Change } from "../../domain/change.ts";
import { isNegative } from "../../domain/decimal.ts";
import type { PartNo, Sku } from "../../domain/ids.ts";
import { type ExpectedSupply, expectedSupply } from "../../domain/supply.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { type Allotments, createAllotments, roomOfOne } from "./allotments.ts";
import { type Current, entryAt, missedAt } from "./current.ts";
import { entryKey } from "./entry-key.ts";
import { resolveTerms, termActions, termsOfDraft } from "./entry-terms.ts";
import { createJointPlans, type PlannedPool, type PlannedSlot, shownInAll } from "./joint-plan.ts";
import type { Desired } from "./map.ts";
import { parseWriter } from "./parse.ts";
import { targetsOf } from "./targets.ts";

/**
 * An entry is created with its quantity, or moved by a difference at the version that was read; it is never set.
 *
 * The difference is taken against `quantityOnStock`, not `availableQuantity`. A target counts what may be promised to orders
 * that do not exist yet, and units that lie reserved in carts belong to it: commercetools keeps them in `quantityOnStock` and
 * takes them off `availableQuantity` by itself. Measured against `availableQuantity`, each run would add the reserved units
 * once more and sell them twice. A sale that commercetools books late lands on top of the difference and survives.
 */
export type StockAction =
  | {
      readonly kind: "create";
      readonly supplyChannelId: string;
      readonly draft: InventoryEntryDraft;
      readonly desired: Desired;
      readonly zeroing: false;
    }
  | {
      readonly kind: "move";
      readonly supplyChannelId: string;
      readonly ref: { readonly id: string; readonly version: number };
      /** Sales units to add; negative: to remove; 0: only the terms differ. */
      readonly by: number;
      /** What the entry says beside its quantity and shall say otherwise. */
      readonly terms: readonly InventoryEntryUpdateAction[];
      readonly from: number;
      readonly to: number;
      readonly lastModifiedBy: string | undefined;
      /** ISO 8601, UTC. */
      readonly lastModifiedAt: string;
      readonly desired: Desired;
      /** The entry falls from something to nothing. */
      readonly zeroing: boolean;
      /** Clock.monotonic() of the entry's read; older than WRITE_WITHIN_MS it is not written any more. */
      readonly readAt: number;
    };

/** An entry that was read earlier is read again before it is written. */
export const WRITE_WITHIN_MS = 5000;
/**
 * No entry is raised by IFS figures that are older: what was sold by telephone meanwhile would be given back. Longer than the other,
 * because pages of figures are read ahead; whoever lowers an entry by an old figure takes nothing from anybody.
 */
export const RAISE_WITHIN_MS = 15_000;

export type StockPlan = {
  readonly changes: readonly Change<StockAction>[];
  /** Parts whose raises have to wait until another channel of their pool has come down. */
  readonly postponed: readonly PartNo[];
  /** Figures below zero, shown as 0. */
  readonly negative: readonly Availability[];
  /** SKUs that are never raised, because they share parts with others and are made of other parts at another site of their channels. */
  readonly unalike: readonly Desired[];
};

/** Of the channels that are live; or of those that are not, which are filled by a load. */
export function planEntries(desired: readonly Desired[], current: Current, live = true): StockPlan {
  const changes: Change<StockAction>[] = [];
  const postponed = new Set<PartNo>();
  const negative: Availability[] = [];
  const planned = withTheirGroups(desired);
  const missed = missedAt(current, planned[0]?.figure.contract);
  const allotments = createAllotments(current);
  const sureOf = missed.length === 0 ? current : { ...current, inFlight: [...current.inFlight, ...missed] };
  const sureAllotments = missed.length === 0 ? allotments : createAllotments(sureOf);
  const joint = createJointPlans(live ? planned : [], current);
  const alone = (each: Desired): PlannedPool => {
    const targets = targetsOf(each, current, allotments);
    const sure = missed.length === 0 ? targets : targetsOf(each, sureOf, sureAllotments);
    return poolSlots(each, { targets, sure, live }, { current, allotments: sureAllotments });
  };
  for (const each of planned) {
    const pool = each.joint ? live && joint.of(each, each.joint) : alone(each);
    if (!pool) continue;
    const plan = planSlots(each, pool, current);
    changes.push(...plan.changes);
    if (plan.postponed) postponed.add(each.part.partNo);
    negative.push(...pool.negative);
  }
  return { changes, postponed: [...postponed], negative, unalike: joint.unalike() };
}

/** One of a group is planned with the others, in their order, so that it gets no unit that is planned for another one. */
function withTheirGroups(desired: readonly Desired[]): readonly Desired[] {
  if (desired.every(({ group }) => group === undefined)) return desired;
  const pools = new Set(desired.map(({ pool }) => pool));
  const groups = new Set(desired.flatMap(({ group }) => group ?? []));
  const planned = [...groups].flatMap(({ members }) =>
    members.filter(({ beside, pool }) => !beside && pools.has(pool)),
  );
  return [...desired.filter(({ group }) => group === undefined), ...planned];
}

/**
 * All channels of one SKU in one pool. A raise never takes the sum of the pool's entries, as they stand now, above what the pool
 * has: units move from one channel to another, or from one SKU to another, in two steps, down first, and up only when a later read
 * shows the first step done. `sure` are the targets without what may have been missed: raises go no further.
 */
function poolSlots(
  desired: Desired,
  {
    targets,
    sure,
    live,
  }: { readonly targets: readonly Availability[]; readonly sure: readonly Availability[]; readonly live: boolean },
  { current, allotments }: { readonly current: Current; readonly allotments: Allotments },
): PlannedPool {
  const slots = targets.map((target, index): PlannedSlot => {
    const channel = desired.channels.find(({ supplyChannel }) => supplyChannel === target.supplyChannel);
    const own = channel?.terms ?? {};
    const terms = resolveTerms(
      own,
      own.restockableInDays === "supply" ? expectedOf(desired, target, allotments) : undefined,
    );
    return {
      ...{ supplyChannel: target.supplyChannel, target: target.target, most: sure[index]?.target ?? 0, terms },
      ...{ isPlanned: channel?.live === live, derivation: () => explain(target) },
    };
  });
  const room = desired.group
    ? allotments.room(desired, desired.group)
    : roomOfOne((sure[0]?.units ?? 0) - shownInAll(desired.sku, slots, current));
  return { slots, room, negative: targets.slice(0, 1).filter(({ raw }) => isNegative(raw)) };
}

function planSlots(desired: Desired, { slots, room }: PlannedPool, current: Current) {
  const changes: Change<StockAction>[] = [];
  let postponed = false;
  for (const { target, most: planned, isPlanned, ...slot } of slots) {
    const channelId = current.channelIds.get(slot.supplyChannel) ?? "";
    const entry = entryAt(current, desired.sku, channelId);
    if (!isPlanned || (entry === undefined && !current.inShop.has(desired.sku))) continue;
    const stands = entry?.quantityOnStock ?? 0;
    // Nothing is sold below zero; what comes back to a zero that stands for less would be.
    const most = stands < 0 && target === 0 && comesBack(current, desired.sku, channelId) ? stands : planned;
    const to = reachable(stands, target, { most, free: room.free() });
    room.take(Math.max(0, to - Math.max(0, stands)));
    postponed ||= to < target;
    const apply = entry
      ? moveOf(desired, { ...slot, entry }, { to, readAt: current.readAt })
      : createEntry(desired, { ...slot, channelId, quantityOnStock: to });
    if (apply) changes.push({ record: `${desired.sku} @ ${slot.supplyChannel}`, ...apply });
  }
  return { changes, postponed };
}

/** The platform may still be about to put units back into this entry. */
const comesBack = ({ inFlight }: Current, sku: Sku, channelId: string): boolean =>
  inFlight.some((line) => line.comesBack && line.sku === sku && (line.supplyChannelId ?? channelId) === channelId);

type Planned = Pick<Change<StockAction>, "cause" | "apply">;

/** Undefined where the entry is right already. */
function moveOf(
  desired: Desired,
  { supplyChannel, terms, derivation, entry }: Slot & { readonly entry: InventoryEntry },
  { to, readAt }: { readonly to: number; readonly readAt: number },
): Planned | undefined {
  const actions = termActions(entry, terms);
  const adopting = adoption(entry, supplyChannel, desired.adopts);
  if (to === entry.quantityOnStock && actions.length + adopting.length === 0) return undefined;
  const adopted = adopting.length > 0 ? ". The entry gets the connector's key" : "";
  return {
    cause: `${causeOf(derivation(), entry, actions)}${adopted}`,
    apply: moveEntry(desired, entry, { to, actions: [...actions, ...adopting], readAt }),
  };
}

/** When more of it can be sold, by what IFS expects of its parts. */
function expectedOf(desired: Desired, target: Availability, allotments: Allotments): ExpectedSupply | undefined {
  const { group, part, expects } = desired;
  const parts = part.draws.map(({ partNo }) => ({
    left: (group && allotments.left(desired, group, partNo)) ?? target.raw,
    lines: expects.lines.filter((line) => line.partNo === partNo),
  }));
  return expectedSupply(parts, expects);
}

/** Down at once, up only as far as the pool surely has units that no entry shows. */
const reachable = (stands: number, target: number, { most, free }: { most: number; free: number }): number =>
  target <= stands ? target : Math.max(stands, Math.min(target, most, Math.max(0, stands) + Math.max(0, free)));

export const isRaise = (action: StockAction): boolean =>
  action.kind === "move" ? action.by > 0 : action.draft.quantityOnStock > 0;

/** The mark of an entry for which there was a sales part: by it a later run knows that the part has ended. */
function adoption(
  { key, sku }: InventoryEntry,
  supplyChannel: string,
  adopts: Desired["adopts"],
): InventoryEntryUpdateAction[] {
  const own = entryKey(sku, supplyChannel);
  const gets = key === undefined ? adopts !== "none" : adopts === "all" && key !== own;
  return gets ? [{ action: "setKey", key: own }] : [];
}

const causeOf = (
  derivation: string,
  entry: InventoryEntry | undefined,
  actions: readonly InventoryEntryUpdateAction[],
): string => {
  const shown = entry ? `${entry.quantityOnStock} on stock, ${entry.availableQuantity} available` : "no entry";
  const terms = actions.length === 0 ? "" : `. By its class: ${actions.map(inWords).join(", ")}`;
  return `IFS: ${derivation}. commercetools: ${shown}${terms}`;
};

/** "setInventoryLimits minCartQuantity 2"; without values the term is taken away. */
const inWords = ({ action, ...values }: InventoryEntryUpdateAction): string =>
  [action, ...Object.entries(values).map(([name, value]) => `${name} ${String(value)}`)].join(" ");

type Slot = Pick<PlannedSlot, "supplyChannel" | "terms" | "derivation">;

function createEntry(
  desired: Desired,
  {
    supplyChannel,
    channelId,
    quantityOnStock,
    terms,
    derivation,
  }: Slot & { readonly channelId: string; readonly quantityOnStock: number },
): Planned {
  const draft = {
    key: entryKey(desired.sku, supplyChannel),
    sku: desired.sku,
    supplyChannel: { typeId: "channel" as const, id: channelId },
    quantityOnStock,
    ...termsOfDraft(terms),
  };
  return {
    cause: causeOf(derivation(), undefined, []),
    apply: { kind: "create", supplyChannelId: channelId, draft, desired, zeroing: false },
  };
}

function moveEntry(
  desired: Desired,
  entry: InventoryEntry,
  { to, actions, readAt }: { to: number; actions: readonly InventoryEntryUpdateAction[]; readAt: number },
): StockAction {
  const from = entry.quantityOnStock;
  return {
    kind: "move",
    supplyChannelId: entry.supplyChannel?.id ?? "",
    ref: { id: entry.id, version: entry.version },
    by: to - from,
    terms: actions,
    from,
    to,
    lastModifiedBy: parseWriter(entry.lastModifiedBy),
    lastModifiedAt: entry.lastModifiedAt,
    desired,
    zeroing: from > 0 && to === 0,
    readAt,
  };
}

/** One problem, whether it is noticed by zeros that wait or by a site that shows nothing. */
export const sightRecord = (site: string) =>
  ({ recordType: "flow", recordId: `sight ${site}`, recordLabel: `stock of site ${site}` }) as const;

/** A list without a single row, of parts that had some: more likely a lost permission, or no answer, than an empty warehouse. */
export const sightLost = (site: string, skus: readonly string[]): RefusedRecord => ({
  ...sightRecord(site),
  rejection: {
    code: "stockAnomaly",
    message: `IFS answered a list of parts of site ${site} without a single stock row, though it asked for parts that had some. No entry was lowered for it; waiting: ${skus.slice(0, 10).join(", ")}.`,
    action:
      'Check that the service user may still read stock of this site in IFS, and that nothing between answers for IFS. Where the site really has no stock row any more, see "A site without stock rows" in the operator guide. The next run looks again.',
    owner: "ifsAdministrator",
  },
});

/** An entry of ours whose SKU has no sales part: nobody knows what it should show. */
export const unmappedEntry = (
  sku: string,
  {
    catalogNo,
    channel,
    site,
    written,
  }: { readonly catalogNo: string; readonly channel: string; readonly site: string; readonly written: boolean },
): RefusedRecord => ({
  recordType: "sku",
  recordId: sku,
  recordLabel: sku,
  rejection: {
    code: "unmappedSku",
    message: `SKU ${sku} has stock in supply channel ${channel}, but site ${site} has no sales part ${catalogNo} with an inventory part. ${written ? "An entry with the connector's key is set to zero, one with another key is left as it is (`stock.adoptKeys`)." : "The entry is left as it is."}`,
    action: "Create the sales part in IFS, map the SKU under `skus.exceptions`, or list it under `skus.untracked`.",
    owner: "merchant",
    field: "sku",
    value: sku,
  },
});
