/**
 * What has changed in IFS, as it is listed: a list of thousands takes seconds, and its first parts are looked at while the rest is
 * read. What the whole list tells (that it is too long, that nothing is remembered) is known at its end.
 */
import type { PartNo } from "../../domain/ids.ts";
import type { Changed } from "../changed.ts";
import type { PartQueue } from "./pages.ts";
import type { SiteRun } from "./site-run.ts";

/**
 * Parts are asked for by their numbers ninety at a time, with three requests each, and scanned five hundred at a time: beyond these
 * a full run costs less, and goes on where it was cut short.
 */
const MOST_BY_NUMBER = 5000;
const MOST_OF_ENTRIES = 7;
/** Of a page: enough to write that no place is free while the next one is read. */
const MOVED = 2 / 3;

export type ListedChanges = {
  /** Undefined as long as the list is read. */
  readonly listed: () => Changed<PartNo> | undefined;
  /** Too many to be looked at part by part, as far as the list was read. */
  readonly many: () => boolean;
  /** What was listed up to now; of a list that is too long, a part. */
  readonly told: ReadonlySet<PartNo>;
  /** Throws what ended the reading. */
  readonly whole: () => Promise<Changed<PartNo>>;
  /** Resolves when nothing is read any more; never rejects. */
  readonly settled: () => Promise<void>;
  /** Those that have changed, among others that are looked at with them; as they are listed, each once. */
  readonly withOthers: (others: readonly PartNo[]) => PartQueue;
  /**
   * Parts that the list told of after they had been taken: their figures may be older than the change. They are looked at once more when
   * all pages are done, because no two of these may have a part in common.
   */
  readonly late: () => readonly PartNo[];
};

/** So many parts are looked at one by one. */
export const mostByNumber = ({ entries }: Pick<SiteRun["before"], "entries">): number =>
  Math.max(MOST_BY_NUMBER, entries / MOST_OF_ENTRIES);

/** Begins to read the list. */
export function listChanges({ deps, contract, before }: Pick<SiteRun, "deps" | "contract" | "before">): ListedChanges {
  const most = mostByNumber(before);
  const told = new Set<PartNo>();
  const waiting = new Set<PartNo>();
  const taken = new Set<PartNo>();
  const late = new Set<PartNo>();
  let changed: Changed<PartNo> | undefined;
  let many = false;
  let news = Promise.withResolvers<void>();

  function add(partNos: readonly PartNo[]): void {
    for (const partNo of partNos) {
      // A full run finds the others; nobody needs to remember which.
      if (told.size > most) break;
      told.add(partNo);
      (taken.has(partNo) ? late : waiting).add(partNo);
    }
    many ||= told.size > most;
    if (many) for (const list of [waiting, late]) list.clear();
    news.resolve();
    news = Promise.withResolvers();
  }

  const reading = deps.changedParts(contract, add).then((all) => {
    const { keys } = all;
    many ||= typeof keys === "string" || keys.length > most;
    changed = all;
    add(typeof keys === "string" ? [] : keys.filter((partNo) => !told.has(partNo)));
    return all;
  });
  const settled = reading.then(
    () => {},
    () => {},
  );

  function take(from: Set<PartNo>, count: number): PartNo[] {
    const some = [...from].slice(0, count);
    for (const partNo of some) {
      taken.add(partNo);
      for (const list of [waiting, from]) list.delete(partNo);
    }
    return some;
  }

  return {
    listed: () => changed,
    many: () => many,
    told,
    whole: () => reading,
    settled: () => settled,
    withOthers(others) {
      const beside = new Set(others);
      return {
        async take(count) {
          while (!changed && waiting.size < count) await Promise.race([news.promise, reading]);
          for (const partNo of waiting) beside.delete(partNo);
          // Some of both: parts with nothing to write are looked at while others are written, instead of afterwards.
          const moved = take(waiting, Math.max(Math.ceil(count * MOVED), count - beside.size));
          const parts = [...moved, ...take(beside, count - moved.length)];
          return { parts, more: !changed || waiting.size + beside.size > 0 };
        },
        async rest() {
          await reading;
          return [...new Set([...waiting, ...beside])];
        },
      };
    },
    late: () => [...late],
  };
}
