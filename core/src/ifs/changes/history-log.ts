/**
 * IFS's history log: who changed which row when. It exists only for logical units that an administrator enabled (seen: orders,
 * order lines, customers and their addresses; not stock, prices or shipments). "No rows" may mean that nothing changed or that
 * nothing is logged, so the log is believed only while it shows that it works; otherwise everything is polled, as without it.
 */
import { z } from "zod";
import { parseKeyref } from "../../domain/keyref.ts";
import type { Feed } from "./found.ts";
import { type Memory, rememberDocument } from "./memory.ts";

export const historyLogStateSchema = z.object({
  /** Newest stamp seen, in the log's own digits. */
  watermark: z.iso.datetime(),
  /** Epoch milliseconds of the last reading that brought a row not seen before: the proof that something is logged. */
  provenAt: z.int().min(0).optional(),
});
export type HistoryLogState = z.infer<typeof historyLogStateSchema>;

/** One entry of the log; `at` as the log wrote it, which need not be UTC. */
export type LogEntry = { readonly at: string; readonly keys: string };

/** A log that brought nothing new for this long is not believed: it may have been switched off. */
export const BELIEVED_MS = 24 * 60 * 60_000;
/** Whatever zone the log's digits are in, this far back is before now. */
const FIRST_MS = 24 * 60 * 60_000;
/** Where digits are those of a local clock, they repeat for an hour when clocks go back. */
export const CLOCK_CHANGE_MS = 60 * 60_000;

export const logWindowFrom = ({ watermark }: HistoryLogState, overlapMs: number): string =>
  new Date(Date.parse(watermark) - overlapMs).toISOString();

export function afterReading(before: HistoryLogState, entries: readonly LogEntry[], now: number): HistoryLogState {
  const newest = entries.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), Date.parse(before.watermark));
  const moved = newest > Date.parse(before.watermark);
  return { watermark: new Date(newest).toISOString(), provenAt: moved ? now : before.provenAt };
}

export const believed = ({ provenAt }: HistoryLogState, now: number): boolean =>
  provenAt !== undefined && now - provenAt < BELIEVED_MS;

/** Values of one key column, such as ORDER_NO; entries of other logical units have none. */
export function valuesOf(entries: readonly LogEntry[], column: string): string[] {
  return [...new Set(entries.flatMap(({ keys }) => parseKeyref(keys)?.get(column) ?? []))].filter(
    (value) => value !== "",
  );
}

export function historyLogFeed<Key extends string>(options: {
  readonly memory: Memory;
  readonly name: string;
  readonly overlapMs: number;
  readonly now: () => number;
  readonly read: (since: string) => Promise<readonly LogEntry[]>;
  /** Database column of the key, and its values' kind. */
  readonly column: string;
  readonly key: z.ZodType<Key>;
  /** Told when the log is not believed. */
  readonly silent: () => void;
}): Feed<Key> {
  const { memory, name, now } = options;
  return async () => {
    const { before, save } = await rememberDocument(memory, name, historyLogStateSchema);
    if (before === undefined) {
      const first = { watermark: new Date(now() - FIRST_MS).toISOString() };
      return { keys: "lost", handled: () => save(first) };
    }
    const entries = await options.read(logWindowFrom(before, options.overlapMs));
    const next = afterReading(before, entries, now());
    const handled = () => save(next);
    if (!believed(next, now())) {
      options.silent();
      return { keys: "all", handled };
    }
    return { keys: valuesOf(entries, options.column).map((value) => options.key.parse(value)), handled };
  };
}
