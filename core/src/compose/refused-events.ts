/**
 * Orders whose event came and was refused, for the watch over missing events: such an order leaves by the sweep like one that
 * nobody announced, and only of the latter something is wrong with the queue. Written while events are refused, and never else.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Store } from "../ct/store.ts";
import { ConflictError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";

const SHARDS = 8;
/** Of one shard; an outage with more than some thousand orders needs no exact count of what no event told. */
const MOST = 500;
/** Longer than an outage is left alone: what was refused before has been exported since. */
const KEPT_MS = 24 * 3_600_000;
/** Ids that this process has stored, so that a delivery that comes again costs nothing. */
const MOST_KNOWN = 5000;
const ATTEMPTS = 5;

const shardSchema = z.object({ orders: z.array(z.object({ id: z.string(), at: z.number() })) });
type Shard = z.output<typeof shardSchema>;

type Deps = Pick<Store, "cursors">;

const shardOf = (orderId: string): number => (createHash("sha256").update(orderId).digest()[0] ?? 0) % SHARDS;
const nameOf = (shard: number): string => `order-events-refused-${shard}`;

async function readShard({ cursors }: Deps, shard: number): Promise<Shard & { readonly version: number }> {
  const known = await cursors.read(nameOf(shard));
  // Of another release, or damaged: it is about an alarm only, and is written anew.
  const parsed = shardSchema.safeParse(known?.value);
  return { orders: parsed.success ? parsed.data.orders : [], version: known?.version ?? 0 };
}

/** Those of the orders of which an event came and was refused. */
export async function refusedOf(deps: Deps, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  const shards = [...new Set(orderIds.map(shardOf))];
  const read = await Promise.all(shards.map((shard) => readShard(deps, shard)));
  const refused = new Set(read.flatMap(({ orders }) => orders.map(({ id }) => id)));
  return new Set(orderIds.filter((id) => refused.has(id)));
}

export type RefusedEvents = {
  /** Resolves once it is stored, together with all that come meanwhile. Never rejects: it is about an alarm, and the event comes again. */
  remember(orderIds: readonly string[]): Promise<void>;
};

export function createRefusedEvents(
  deps: Deps,
  { clock, logger }: { readonly clock: Pick<Clock, "now">; readonly logger: Logger },
): RefusedEvents {
  const stored = new Set<string>();
  let waiting = new Set<string>();
  let writing: Promise<void> = Promise.resolve();

  async function add(shard: number, ids: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { orders, version } = await readShard(deps, shard);
      const at = clock.now();
      const others = orders.filter((one) => one.at > at - KEPT_MS && !ids.includes(one.id));
      const next: Shard = { orders: [...others, ...ids.map((id) => ({ id, at }))].slice(-MOST) };
      try {
        await deps.cursors.write(nameOf(shard), next, version);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  async function flush(): Promise<void> {
    const ids = [...waiting];
    waiting = new Set();
    const shards = new Map<number, string[]>();
    for (const id of ids) shards.set(shardOf(id), [...(shards.get(shardOf(id)) ?? []), id]);
    try {
      await Promise.all([...shards].map(([shard, some]) => add(shard, some)));
      if (stored.size + ids.length > MOST_KNOWN) stored.clear();
      for (const id of ids) stored.add(id);
    } catch (error) {
      logger.warn({ error }, "refused-events-not-stored");
    }
  }

  return {
    remember(orderIds) {
      const fresh = orderIds.filter((id) => !stored.has(id));
      if (fresh.length === 0) return Promise.resolve();
      const joins = waiting.size > 0;
      for (const id of fresh) waiting.add(id);
      // What comes while one write is under way shares the next.
      if (!joins) writing = writing.then(flush);
      return writing;
    },
  };
}
