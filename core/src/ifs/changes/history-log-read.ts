/** Reads IFS's history log. */
import { z } from "zod";
import { property } from "../binding.ts";
import type { IfsClient } from "../client.ts";
import { parseRows, str } from "../fields.ts";
import { and, eq, ge, or, text, timestamp } from "../filter.ts";
import { CLOCK_CHANGE_MS, type LogEntry } from "./history-log.ts";

/** What an administrator enables for `ifs.changes.orders: historyLog`. */
export const loggedUnits = ["CustomerOrder", "CustomerOrderLine"] as const;

const stamp = str.refine((value) => !Number.isNaN(Date.parse(value)), "not a timestamp");
const entrySchema = z.object({ timeStamp: stamp, keys: str });

/** Entries of the logical units at or after `since`, which is in the log's own digits. */
export async function readLog(client: IfsClient, luNames: readonly string[], since: string): Promise<LogEntry[]> {
  const { historyLog } = client.binding;
  const filter = and(
    or(...luNames.map((name) => eq(property(historyLog, "luName"), text(name)))),
    ge(property(historyLog, "timeStamp"), timestamp(since.replace(/\.\d+Z$/, "Z"))),
  );
  const entries = new Map<string, LogEntry>();
  await client.each(historyLog, { filter, fields: ["timeStamp", "keys"] }, (rows) => {
    for (const { timeStamp, keys } of parseRows(entrySchema, rows, "history log")) {
      // One entry per key and page is enough; the newest stamp counts.
      const known = entries.get(keys);
      if (known === undefined || known.at < timeStamp) entries.set(keys, { at: timeStamp, keys });
    }
  });
  return [...entries.values()];
}

/** The log's digits are those of some clock: when that one goes back, they repeat. */
export const logOverlapMs = ({ binding }: IfsClient, overlapMs: number): number =>
  binding.historyLog.timeZoneAware ? overlapMs : overlapMs + CLOCK_CHANGE_MS;
