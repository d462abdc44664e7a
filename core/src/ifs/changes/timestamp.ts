/**
 * Rows whose time stamp moved, with an overlap. For objects with a date that every change sets (stock: `LastActivityDate`, seen;
 * whether a reservation sets it is unconfirmed, which is why the flow looks at parts with open demand in any case).
 */
import { z } from "zod";
import type { Feed } from "./found.ts";
import { type Memory, rememberDocument } from "./memory.ts";

export const timestampStateSchema = z.object({ watermark: z.iso.datetime() });
export type TimestampState = z.infer<typeof timestampStateSchema>;

/** Where nothing is known yet: as far back as IFS's clock may be behind ours. */
const FIRST_MS = 60 * 60_000;

export type Moved<Key> = { readonly keys: readonly Key[]; readonly watermark: string };

/**
 * From when on to ask. The overlap covers rows that were stamped before the last reading and committed after it, and clocks that
 * differ. It is asked inclusively, so that any number of rows with one stamp is found whole.
 */
export const windowFrom = ({ watermark }: TimestampState, overlapMs: number): string =>
  new Date(Date.parse(watermark) - overlapMs).toISOString();

/** The newest stamp seen, but never one of the future: a row dated next year would hide everything until then. Never backwards. */
export function advanced(before: TimestampState, newest: string, now: number): TimestampState {
  const [known, seen] = [Date.parse(before.watermark), Date.parse(newest)];
  return { watermark: new Date(Math.max(known, Math.min(seen, now))).toISOString() };
}

export function timestampFeed<Key>(options: {
  readonly memory: Memory;
  readonly name: string;
  readonly overlapMs: number;
  readonly now: () => number;
  /** Everything stamped at or after `since` (UTC), and the newest stamp, `since` where there is none; `tell` as for a feed. */
  readonly read: (since: string, tell?: (keys: readonly Key[]) => void) => Promise<Moved<Key>>;
}): Feed<Key> {
  const { memory, name, overlapMs, now, read } = options;
  return async (tell) => {
    const { before, save } = await rememberDocument(memory, name, timestampStateSchema);
    if (before === undefined) {
      const first = { watermark: new Date(now() - FIRST_MS).toISOString() };
      return { keys: "lost", handled: () => save(first) };
    }
    const { keys, watermark } = await read(windowFrom(before, overlapMs), tell);
    const next = advanced(before, watermark, now());
    return { keys, handled: () => save(next) };
  };
}
