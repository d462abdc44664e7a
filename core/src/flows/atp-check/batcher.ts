/** Gathers what callers ask for within a few milliseconds into one read; a key that is being read is never read twice at once. */
import { type System, waiting } from "../../runtime/call-times.ts";
import type { Clock } from "../../runtime/clock.ts";

export type BatchRead<V, K extends string = string> = (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;

export type Batcher<V, K extends string = string> = {
  /**
   * Values of the keys; keys that the read did not return are absent. Fails as the read of any of its keys fails. All callers
   * pass the same kind of read: the one that began a batch reads it for the others.
   */
  load(keys: readonly K[], read: BatchRead<V, K>, how?: LoadOptions<K>): Promise<Map<K, V>>;
};

export type LoadOptions<K> = {
  /** What a read that is about to begin should take along for nobody who waits: whoever asks for it meanwhile joins. */
  readonly alongside?: (keys: ReadonlySet<K>) => readonly K[];
  /** Of this caller, where it is another than the batcher's. */
  readonly joins?: BatcherOptions["joins"];
};

export type BatcherOptions = {
  readonly windowMs: number;
  readonly maxKeys: number;
  /** `gathering`: a caller joins no read that has begun, because what it saw may be older than the caller's question. */
  readonly joins?: "underWay" | "gathering";
  /** Who is read, for the times of those who wait. */
  readonly system: System;
  /**
   * How long requests are gathered while another read is under way: then as many of them come that more reads at once would only make the
   * other side slower. Ends with that read.
   */
  readonly patienceMs?: number;
  /**
   * While so many reads are under way the next one gathers on, until one of them ends or `CROWDED_MS` have passed: more at once than the
   * other side takes would only wait in line there, each behind all that came before it.
   */
  readonly atATime?: number;
  /** Told of each key that is being read, or gathered, for somebody else already. */
  readonly onJoined?: () => void;
};

/** A read that hangs keeps the others waiting no longer. */
const CROWDED_MS = 150;

type Batch<V, K> = {
  readonly keys: Set<K>;
  readonly values: Promise<ReadonlyMap<K, V>>;
  /** Clock.monotonic() from which its callers wait for the other side; undefined while they are gathered. */
  waitsSince: number | undefined;
  hasBegun: boolean;
};

export function createBatcher<V, K extends string = string>(
  clock: Pick<Clock, "sleep" | "after" | "monotonic" | "breather">,
  options: BatcherOptions,
): Batcher<V, K> {
  const { windowMs, patienceMs = 0, atATime = Number.POSITIVE_INFINITY } = options;
  const underWay = new Map<K, Batch<V, K>>();
  const reading = new Set<Promise<unknown>>();
  let gathering: Batch<V, K> | undefined;

  async function gathered(batch: Batch<V, K>): Promise<void> {
    if (reading.size === 0 || patienceMs <= windowMs) {
      await clock.sleep(windowMs);
      await breath();
      return;
    }
    const from = clock.monotonic();
    batch.waitsSince = from;
    let isWoken = await someEnd(patienceMs);
    while (reading.size >= atATime && clock.monotonic() - from < CROWDED_MS) {
      isWoken = await someEnd(CROWDED_MS - (clock.monotonic() - from));
    }
    // Whoever was woken by the end of that read asks next.
    if (isWoken) await clock.sleep(0);
    await breath();
  }

  /** Behind those that were woken before: they may ask for the same. */
  async function breath(): Promise<void> {
    const wait = clock.breather?.breathe();
    if (wait) await wait;
  }

  /** Waits until a read ends; false where none does in this time. */
  async function someEnd(ms: number): Promise<boolean> {
    let isOver = false;
    let callOff = () => {};
    const patience = new Promise<void>((over) => {
      callOff = clock.after(ms, () => {
        isOver = true;
        over();
      });
    });
    await Promise.race([patience, ...reading]);
    callOff();
    return !isOver;
  }

  function begin(read: BatchRead<V, K>, { alongside = () => [] }: LoadOptions<K>): Batch<V, K> {
    const keys = new Set<K>();
    const batch: Batch<V, K> = { keys, values: gatherAndRead(), waitsSince: undefined, hasBegun: false };
    async function gatherAndRead(): Promise<ReadonlyMap<K, V>> {
      // The batch itself is there one turn later.
      await Promise.resolve();
      await gathered(batch);
      if (gathering === batch) gathering = undefined;
      for (const key of alongside(keys)) if (!underWay.has(key)) join(batch, key);
      batch.hasBegun = true;
      batch.waitsSince ??= clock.monotonic();
      const values = read([...keys]);
      const ended = values.then(
        () => {},
        () => {},
      );
      reading.add(ended);
      try {
        return await values;
      } finally {
        reading.delete(ended);
        forget();
      }
    }
    function forget(): void {
      for (const key of keys) if (underWay.get(key) === batch) underWay.delete(key);
    }
    // Every caller awaits the batch itself; this only keeps one that nobody awaits any more from ending the process.
    batch.values.catch(() => {});
    return batch;
  }

  function join(batch: Batch<V, K>, key: K): void {
    batch.keys.add(key);
    underWay.set(key, batch);
  }

  function batchOf(key: K, read: BatchRead<V, K>, how: LoadOptions<K>): Batch<V, K> {
    const { joins = options.joins ?? "underWay" } = how;
    const known = underWay.get(key);
    if (known && (joins === "underWay" || !known.hasBegun)) {
      options.onJoined?.();
      return known;
    }
    if (!gathering || gathering.keys.size >= options.maxKeys) gathering = begin(read, how);
    join(gathering, key);
    return gathering;
  }

  return {
    async load(keys, read, how = {}) {
      const { system } = options;
      const from = clock.monotonic();
      const batches = new Set(keys.map((key) => batchOf(key, read, how)));
      const ends = waiting(() =>
        [...batches].flatMap(({ waitsSince }) =>
          waitsSince === undefined ? [] : [{ system, from: Math.max(from, waitsSince), to: Number.POSITIVE_INFINITY }],
        ),
      );
      const found = new Map<K, V>();
      try {
        for (const values of await Promise.all([...batches].map((batch) => batch.values))) {
          for (const key of keys) {
            const value = values.get(key);
            if (value !== undefined) found.set(key, value);
          }
        }
      } finally {
        ends(clock.monotonic());
      }
      if (clock.breather) await breath();
      return found;
    },
  };
}
