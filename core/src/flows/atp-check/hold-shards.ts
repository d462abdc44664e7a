/**
 * Compare-and-swap of the shards of holds: what a process wants of one shard within a few milliseconds is one swap. Whoever is in
 * the same swap is decided in turn, each on what the one before has left.
 */
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { StockHold } from "../../domain/stock-hold.ts";
import { type CallTimes, newCallTimes, timing, waiting, waitsOf } from "../../runtime/call-times.ts";
import type { Clock } from "../../runtime/clock.ts";
import { withDeadline } from "../../runtime/limit.ts";

/** `T`: what the shards hold. */
export type HoldShardAccess<T = StockHold> = {
  /** Undefined: the shard is not there. */
  readonly read: (shard: number) => Promise<{ holds: readonly T[]; version: number } | undefined>;
  /** The new version. ConflictError: somebody else was quicker. */
  readonly swap: (shard: number, holds: readonly T[], version: number) => Promise<number>;
  /** From 0 to 1, for pauses that differ from replica to replica. */
  readonly chance: () => number;
};

/**
 * What the shard shall hold, given what it holds: the same list where nothing is to change, undefined to leave it alone. Called
 * again whenever the shard turns out to be another one; the last call counts.
 */
export type HoldChange<T = StockHold> = (holds: readonly T[]) => readonly T[] | undefined;

export type ChangeOutcome = "done" | "refused" | "missing";

export type HoldShards<T = StockHold> = {
  /** TransientError where it is not settled by the deadline (monotonic milliseconds): it may have happened or not. */
  change(
    access: HoldShardAccess<T>,
    shard: number,
    wish: { change: HoldChange<T>; deadlineAt: number },
  ): Promise<ChangeOutcome>;
  /**
   * What the shard holds, read within the last moments at most, or for the callers of this moment; undefined: it is not there. `isFresh`:
   * by a read that begins after the call. TransientError after half a second; who has less time than that waits no longer by itself, because
   * the read is shared with others who have more.
   */
  look(
    access: HoldShardAccess<T>,
    shard: number,
    how: { readonly isFresh: boolean },
  ): Promise<readonly T[] | undefined>;
  /** Work on shards that no answer waits for. It tells its failures itself, and bounds its time. */
  behind(work: () => Promise<unknown>): void;
  /** What was begun behind answers is done. */
  end(): Promise<void>;
};

/** What was read or written lately is swapped without another read: where it is outdated, the swap says so. */
const KNOWN_MS = 2000;
/** For one exchange with commercetools: a lost answer must leave time for another. */
const EXCHANGE_MS = 500;
const JITTER_MS = 25;

type Wish<T> = {
  readonly change: HoldChange<T>;
  readonly deadlineAt: number;
  readonly settle: (outcome: ChangeOutcome) => void;
  readonly fail: (error: unknown) => void;
};

type State<T> = { readonly holds: readonly T[]; readonly version: number };
type Shard<T> = {
  wishes: Wish<T>[];
  working: boolean;
  known: (State<T> & { readonly at: number }) | undefined;
  looking: Promise<State<T> | undefined> | undefined;
  /** Exchanges with commercetools that are under way. */
  readonly exchanges: Set<CallTimes>;
  /** For each who waits for the shard the exchanges since then, whoever began them. */
  readonly waiting: Set<CallTimes[]>;
};

export function createHoldShards<T = StockHold>(clock: Clock, options: { readonly windowMs: number }): HoldShards<T> {
  const shards = new Map<number, Shard<T>>();
  const working = new Set<Promise<unknown>>();
  const shardOf = (number: number): Shard<T> => {
    const known: Shard<T> = shards.get(number) ?? {
      wishes: [],
      working: false,
      known: undefined,
      looking: undefined,
      exchanges: new Set(),
      waiting: new Set(),
    };
    shards.set(number, known);
    return known;
  };

  async function exchange<R>(
    { exchanges, waiting: others }: Shard<T>,
    deadlineAt: number,
    work: () => Promise<R>,
  ): Promise<R> {
    const ms = Math.min(EXCHANGE_MS, deadlineAt - clock.monotonic());
    if (ms <= 0) throw tooLate();
    const onTimeout = () => new TransientError("a hold was not answered for in time");
    const times = newCallTimes();
    exchanges.add(times);
    for (const seen of others) seen.push(times);
    try {
      return await timing(times, () => withDeadline({ clock, ms, onTimeout }, work));
    } finally {
      exchanges.delete(times);
    }
  }

  /** What the shard exchanges with commercetools meanwhile is what it waits for. */
  async function waits<R>(shard: Shard<T>, work: Promise<R>): Promise<R> {
    const since = clock.monotonic();
    const seen = [...shard.exchanges];
    shard.waiting.add(seen);
    const ends = waiting(() => seen.flatMap(waitsOf).map((wait) => ({ ...wait, from: Math.max(since, wait.from) })));
    try {
      return await work;
    } finally {
      shard.waiting.delete(seen);
      ends(clock.monotonic());
    }
  }

  async function read(access: HoldShardAccess<T>, number: number, deadlineAt: number): Promise<State<T> | undefined> {
    const shard = shardOf(number);
    const at = clock.monotonic();
    const state = await exchange(shard, deadlineAt, () => access.read(number));
    shard.known = state && { ...state, at };
    return state;
  }

  const recent = ({ known }: Shard<T>): State<T> | undefined =>
    known && clock.monotonic() - known.at < KNOWN_MS ? known : undefined;

  async function work(access: HoldShardAccess<T>, number: number): Promise<void> {
    const shard = shardOf(number);
    await clock.sleep(options.windowMs);
    while (shard.wishes.length > 0) {
      const wishes = shard.wishes;
      shard.wishes = [];
      try {
        await settleAll(access, number, wishes);
      } catch (error) {
        shard.known = undefined;
        for (const { fail } of wishes) fail(error);
      }
    }
    shard.working = false;
  }

  async function settleAll(access: HoldShardAccess<T>, number: number, wishes: readonly Wish<T>[]): Promise<void> {
    const shard = shardOf(number);
    for (let left = inTime(wishes); left.length > 0; left = inTime(left)) {
      try {
        if (await settledBy(access, number, left)) return;
      } catch (error) {
        if (!(error instanceof ConflictError || error instanceof TransientError)) throw error;
        // Somebody was quicker, or the answer was lost: what the shard holds now says which, and everybody is decided anew.
        shard.known = undefined;
        await clock.sleep(access.chance() * JITTER_MS);
      }
    }
  }

  async function settledBy(access: HoldShardAccess<T>, number: number, wishes: readonly Wish<T>[]): Promise<boolean> {
    const known = recent(shardOf(number));
    // What is remembered decides nothing by itself: a refusal, and a hold that is there already, are told of what was just read.
    if (known && (await swapped(access, number, { state: known, left: wishes, isFresh: false }))) return true;
    const state = await read(access, number, latestOf(wishes));
    const left = inTime(wishes);
    if (state) return swapped(access, number, { state, left, isFresh: true });
    for (const { settle } of left) settle("missing");
    return true;
  }

  type Round = { readonly state: State<T>; readonly left: readonly Wish<T>[]; readonly isFresh: boolean };

  /** False: the shard has to be read first. */
  async function swapped(
    access: HoldShardAccess<T>,
    number: number,
    { state, left, isFresh }: Round,
  ): Promise<boolean> {
    const { holds, outcomes } = applied(state.holds, left);
    if (!isFresh && (holds === state.holds || outcomes.includes("refused"))) return false;
    if (holds !== state.holds) {
      const version = await exchange(shardOf(number), latestOf(left), () => access.swap(number, holds, state.version));
      shardOf(number).known = { holds, version, at: clock.monotonic() };
    }
    left.forEach(({ settle }, index) => {
      settle(outcomes[index] ?? "refused");
    });
    return true;
  }

  /** Those whose time is not over; the others are told so. */
  function inTime(wishes: readonly Wish<T>[]): Wish<T>[] {
    const now = clock.monotonic();
    for (const { deadlineAt, fail } of wishes) if (deadlineAt <= now) fail(tooLate());
    return wishes.filter(({ deadlineAt }) => deadlineAt > now);
  }

  return {
    change(access, number, { change, deadlineAt }) {
      const shard = shardOf(number);
      const settled = new Promise<ChangeOutcome>((settle, fail) => {
        shard.wishes.push({ change, deadlineAt, settle, fail });
      });
      if (!shard.working) {
        shard.working = true;
        void work(access, number);
      }
      return waits(shard, settled);
    },
    async look(access, number, { isFresh }) {
      const shard = shardOf(number);
      // Those of one moment are one request all the same, which the access gathers.
      if (isFresh) return (await waits(shard, read(access, number, Number.POSITIVE_INFINITY)))?.holds;
      const known = recent(shard);
      if (known) return known.holds;
      shard.looking ??= read(access, number, Number.POSITIVE_INFINITY).finally(() => {
        shard.looking = undefined;
      });
      return (await waits(shard, shard.looking))?.holds;
    },
    behind(work) {
      const begun = work().finally(() => working.delete(begun));
      working.add(begun);
    },
    async end() {
      while (working.size > 0) await Promise.allSettled(working);
    },
  };
}

const latestOf = (wishes: readonly Pick<Wish<never>, "deadlineAt">[]): number =>
  Math.max(...wishes.map(({ deadlineAt }) => deadlineAt));

const tooLate = () => new TransientError("there was no time left to hold");

function applied<T>(
  before: readonly T[],
  wishes: readonly Wish<T>[],
): { readonly holds: readonly T[]; readonly outcomes: readonly ChangeOutcome[] } {
  let holds = before;
  const outcomes = wishes.map(({ change }): ChangeOutcome => {
    const next = change(holds);
    if (!next) return "refused";
    holds = next;
    return "done";
  });
  return { holds, outcomes };
}
