/**
 * What follows from answers of the availability check, and never delays one: refusals go into the journal, those that nobody could
 * decide among them, and SKUs of which IFS has
 * less than commercetools shows are hinted at, so that the stock flow looks at them now instead of with its next run. A hint is stored
 * before it is looked at: where this process is gone by then, job-app finds it within a minute.
 */
import { z } from "zod";
import { extensionKey } from "../ct/resources-extension.ts";
import type { Store } from "../ct/store.ts";
import type { Sku } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/records.ts";
import type { AvailabilityDecision, LineDecision } from "../flows/atp-check/decide.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";

export type AftermathDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: {
    readonly hints: Pick<Store["hints"], "put">;
    readonly journal: Pick<Store["journal"], "appendAll">;
  };
  /** Looks at what waits, as the door of IFS's events does. */
  readonly look: (isOver: () => boolean) => Promise<unknown>;
};

/** Who asked, for the journal; of a question without a cart nothing is journaled. */
export type About = { readonly order?: string | undefined; readonly cart?: string | undefined };

/** Why nothing could be decided: the kind of failure, and its words. */
export type Undecided = { readonly reason: string; readonly message: string };

export type Aftermath = {
  of(decision: AvailabilityDecision, about: About): void;
  /** An order or a change of a cart was refused, because the policy for what could not be decided is `closed`. */
  refusedUndecided(why: Undecided, about: About): void;
  /** What is left is written. */
  end(): Promise<void>;
};

/** Gathered for so long: a shop that sells out tells it many times in a second. */
const GATHER_MS = 500;
/** A SKU is hinted at once in this time; the stock flow may take so long to correct it. */
const AGAIN_MS = 30_000;
/** SKUs that wait in this process; beyond, the scheduled run is as fast. */
const MOST_HINTS = 500;
const HINTS_AT_ONCE = 20;
/** No reading is begun after this time. */
const LOOK_MS = 5000;
/** Refusals of one process and minute that are journaled: what refuses more is one cause, and the figures tell how many. */
const REFUSALS_PER_MINUTE = 60;
const REFUSED_LINES = 10;

export function createAftermath({ clock, logger, store, look }: AftermathDeps): Aftermath {
  const hintedAt = new Map<Sku, number>();
  const skus = new Set<Sku>();
  let refusals: JournalEntry[] = [];
  let minute = { at: clock.monotonic(), journaled: 0, left: 0 };
  let working: Promise<void> | undefined;

  function hint(sku: Sku): void {
    const now = clock.monotonic();
    const before = hintedAt.get(sku);
    if ((before !== undefined && now - before < AGAIN_MS) || skus.size >= MOST_HINTS) return;
    hintedAt.delete(sku);
    hintedAt.set(sku, now);
    for (const [oldest, at] of hintedAt) {
      if (now - at < AGAIN_MS) break;
      hintedAt.delete(oldest);
    }
    skus.add(sku);
  }

  function journal(entries: readonly JournalEntry[]): void {
    if (clock.monotonic() - minute.at >= 60_000) {
      if (minute.left > 0) logger.warn({ flow: "atp-check", refusals: minute.left }, "refusals-not-journaled");
      minute = { at: clock.monotonic(), journaled: 0, left: 0 };
    }
    const room = Math.max(0, REFUSALS_PER_MINUTE - minute.journaled);
    refusals.push(...entries.slice(0, room));
    minute.journaled += Math.min(room, entries.length);
    minute.left += Math.max(0, entries.length - room);
  }

  async function work(): Promise<void> {
    while (skus.size > 0 || refusals.length > 0) {
      const entries = refusals;
      const some = [...skus].slice(0, HINTS_AT_ONCE);
      refusals = [];
      for (const sku of some) skus.delete(sku);
      await quietly("refusals-not-written", () => (entries.length > 0 ? store.journal.appendAll(entries) : undefined));
      await quietly("corrections-not-hinted", async () => {
        for (const sku of some) await store.hints.put({ object: "sku", sku });
        if (some.length === 0) return;
        const endsAt = clock.monotonic() + LOOK_MS;
        await look(() => clock.monotonic() > endsAt);
      });
    }
  }

  /** Answers are given already; what could not be written is found by the scheduled run, or is a line of the journal less. */
  async function quietly(event: string, step: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await step();
    } catch (error) {
      logger.warn({ flow: "atp-check", error }, event);
    }
  }

  function workSoon(): void {
    if (working || (skus.size === 0 && refusals.length === 0)) return;
    working = clock
      .sleep(GATHER_MS)
      .then(work)
      .finally(() => {
        working = undefined;
        workSoon();
      });
  }

  return {
    of(decision, about) {
      for (const { sku } of decision.corrections) hint(sku);
      if (!decision.accepted && (about.order !== undefined || about.cart !== undefined))
        journal(refusedOf(decision.lines).map((line) => refusalEntry(line, about, clock.now())));
      workSoon();
    },
    refusedUndecided(why, about) {
      journal([undecidedEntry(why, about, clock.now())]);
      workSoon();
    },
    async end() {
      while (working) await working;
    },
  };
}

/** One of each SKU and channel, which decide as one. */
const refusedOf = (lines: readonly LineDecision[]): LineDecision[] => {
  const failing = lines.filter(({ passes }) => !passes);
  const groups = Map.groupBy(failing, ({ sku, supplyChannel }) => JSON.stringify([sku, supplyChannel ?? null]));
  return [...groups.values()].flatMap(([first]) => first ?? []).slice(0, REFUSED_LINES);
};

function refusalEntry(line: LineDecision, { order, cart }: About, now: number): JournalEntry {
  const { sku, supplyChannel, requested, available, reason, policy } = line;
  return {
    at: new Date(now).toISOString(),
    flow: "atp-check",
    recordType: "sku",
    recordId: sku,
    event: "checkout-refused",
    detail: {
      requested,
      reason,
      ...(available !== null && { available }),
      ...(supplyChannel !== undefined && { supplyChannel }),
      ...(policy !== null && { policy }),
      ...(order !== undefined && { order }),
      ...(cart !== undefined && { cart }),
    },
  };
}

const MESSAGE_LENGTH = 300;

/** No line was judged, and of a body that cannot be read not even the order may be known. */
const undecidedEntry = ({ reason, message }: Undecided, { order, cart }: About, now: number): JournalEntry => ({
  at: new Date(now).toISOString(),
  flow: "atp-check",
  recordType: "flow",
  recordId: extensionKey,
  event: "checkout-undecided",
  detail: {
    reason,
    message: message.slice(0, MESSAGE_LENGTH),
    policy: "closed",
    ...(order !== undefined && { order }),
    ...(cart !== undefined && { cart }),
  },
});

const idSchema = z.string().min(1).max(128).optional().catch(undefined);
const namedSchema = z.object({
  resource: z.object({
    typeId: z.string(),
    id: idSchema,
    obj: z
      .object({ id: idSchema, cart: z.object({ id: idSchema }).optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
});

/** Whose a call of the Extension is, as far as it tells: nothing else of it needs to be readable. */
export function aboutOf(body: unknown): About {
  const parsed = namedSchema.safeParse(body);
  if (!parsed.success) return {};
  const { typeId, id, obj } = parsed.data.resource;
  const named = obj?.id ?? id;
  return typeId === "cart" ? { cart: named } : { order: named, cart: obj?.cart?.id };
}
