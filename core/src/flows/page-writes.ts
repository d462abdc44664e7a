/** The writes of a run: those of several pages share the same places, and each page is known to be done by itself. */
import pLimit from "p-limit";
import type { Change } from "../domain/change.ts";
import { ConflictError, RefusedError, ThrottledError } from "../domain/failure.ts";
import type { Pace } from "../runtime/pace.ts";

/** How often a change is planned anew after somebody else wrote first; then its record waits for the next run. */
export const MAX_CONFLICTS = 3;

export type WriteSteps<Action, Refused> = {
  /** Writes one change. ConflictError: planned anew by `again`. RefusedError: recorded by `refuse`. Anything else ends the run. */
  readonly apply: (change: Change<Action>) => Promise<void>;
  /** Reads the record of a change again and plans it anew; undefined when nothing is left to do. */
  readonly again: (change: Change<Action>) => Promise<Change<Action> | undefined>;
  /** For changes whose figures age while they wait for a place. */
  readonly ageing?: {
    readonly isOld: (change: Change<Action>) => boolean;
    /** Changes of one page, read again by one look-up and planned anew; those that are left. */
    readonly renew: (changes: readonly Change<Action>[]) => Promise<readonly Change<Action>[]>;
  };
  readonly refuse: (change: Change<Action>, error: RefusedError) => Refused;
  /** Called for a change that met MAX_CONFLICTS conflicts. */
  readonly waits: (change: Change<Action>) => void | Promise<void>;
};

export type Written<Refused> = {
  readonly changed: number;
  readonly waiting: number;
  /** Not begun, because time was over. */
  readonly left: number;
  readonly refused: readonly Refused[];
};

export type Writing<Refused> = {
  /** Few changes have no place yet, of this page and of all that share its places: the next page's may come. Never rejects. */
  readonly nearly: Promise<void>;
  /** All of the page's changes were written, refused or left. Rejects where one failed, or was dropped after a failure. */
  readonly done: Promise<Written<Refused>>;
};

export type Writer<Action, Refused> = {
  readonly begin: (changes: readonly Change<Action>[]) => Writing<Refused>;
  /** A write failed: nothing new is begun. */
  readonly failed: () => boolean;
  /** Resolves when no write is in the air; throws the first failure. */
  readonly settled: () => Promise<void>;
};

/**
 * So many changes for each place may wait when the next page is read: enough that no place is free meanwhile, and so few that none
 * becomes too old while it waits. Of all sites together: each with a page of its own they would wait for three times as long.
 */
const WAITING_PER_PLACE = 12;

/** Marks a change that was not begun because an earlier one had failed. */
class Dropped extends Error {}

/**
 * `places`: a fixed number of writes at a time, or a pace that finds it and repeats what was throttled. `isOver`: asked before each write;
 * once it is true, no other one is begun.
 */
export function createWriter<Action, Refused extends object>(
  steps: WriteSteps<Action, Refused>,
  places: number | Pace,
  isOver: () => boolean = () => false,
): Writer<Action, Refused> {
  const { run, places: placesNow, waiting } = typeof places === "number" ? fixed(places) : places;
  const inTheAir = new Set<Promise<unknown>>();
  let failure: { readonly error: unknown } | undefined;

  return {
    begin(changes) {
      const page = pageOf(steps, changes);
      const few = Promise.withResolvers<void>();
      const told = () => {
        if (waiting() <= WAITING_PER_PLACE * placesNow()) few.resolve();
      };
      const attempt = async (): Promise<Applied<Refused> | undefined> => {
        if (!failure && !isOver()) await page.freshen();
        if (failure) throw new Dropped();
        return isOver() ? page.leaveNext() : page.writeNext(told);
      };
      const tasks = changes.map(async () => {
        try {
          return await run(attempt);
        } catch (error) {
          if (!(error instanceof Dropped)) failure ??= { error };
          throw error;
        }
      });
      const all = Promise.allSettled(tasks);
      const done = all.then(() => Promise.all(tasks)).then(writtenOf);
      inTheAir.add(all);
      void all.then(() => {
        inTheAir.delete(all);
        few.resolve();
      });
      done.catch(() => undefined);
      told();
      return { nearly: few.promise, done };
    },
    failed: () => failure !== undefined,
    async settled() {
      await Promise.all(inTheAir);
      if (failure) throw failure.error;
    },
  };
}

function fixed(places: number): Pace {
  const limit = pLimit(places);
  return { run: (work) => limit(work), places: () => places, waiting: () => limit.pendingCount };
}

type Applied<Refused> = "changed" | "nothingLeft" | "waits" | "left" | Refused;

function writtenOf<Refused extends object>(outcomes: readonly (Applied<Refused> | undefined)[]): Written<Refused> {
  const count = (wanted: "changed" | "waits" | "left") => outcomes.filter((outcome) => outcome === wanted).length;
  return {
    changed: count("changed"),
    waiting: count("waits"),
    left: count("left"),
    refused: outcomes.flatMap((outcome) => (typeof outcome === "object" ? [outcome] : [])),
  };
}

/** The changes of a page that no write has taken yet. */
function pageOf<Action, Refused extends object>(
  steps: WriteSteps<Action, Refused>,
  changes: readonly Change<Action>[],
) {
  let waiting = [...changes];
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const old = waiting;
    waiting = [];
    try {
      waiting = [...((await steps.ageing?.renew(old)) ?? []), ...waiting];
    } catch (error) {
      // A look that was throttled comes again after the pause, and what it is for must still be there.
      waiting = [...old, ...waiting];
      throw error;
    }
  }

  return {
    /** All that wait are as old as the first. Whoever notices reads for all of them; the others wait for that. */
    async freshen(): Promise<void> {
      const [first] = waiting;
      if (!renewing && !(first && steps.ageing?.isOld(first))) return;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
    },
    /** Undefined when there is none to leave. */
    leaveNext: (): "left" | undefined => (waiting.shift() ? "left" : undefined),
    /** `taken` is called once the change has left the list; undefined when none was left. */
    async writeNext(taken: () => void): Promise<Applied<Refused> | undefined> {
      const change = waiting.shift();
      taken();
      if (!change) return undefined;
      try {
        return await applyOne(steps, change);
      } catch (error) {
        // It comes again after the pause, when its figures may be too old.
        if (error instanceof ThrottledError) waiting.unshift(change);
        throw error;
      }
    },
  };
}

async function applyOne<Action, Refused extends object>(
  steps: WriteSteps<Action, Refused>,
  planned: Change<Action>,
): Promise<Applied<Refused>> {
  let change = planned;
  for (let conflicts = 0; ; ) {
    try {
      await steps.apply(change);
      return "changed";
    } catch (error) {
      if (error instanceof RefusedError) return steps.refuse(change, error);
      if (!(error instanceof ConflictError)) throw error;
      conflicts += 1;
      if (conflicts >= MAX_CONFLICTS) {
        await steps.waits(change);
        return "waits";
      }
    }
    const next = await steps.again(change);
    if (next === undefined) return "nothingLeft";
    change = next;
  }
}
