import type { Clock } from "../../kernel/types.ts";
import { databaseName, type Scalar, spaced } from "../schema.ts";
import type { IfsSettings } from "../settings.ts";
import { type Change, keyrefOf, type Table } from "../store.ts";
import { siteTimestamp } from "../time.ts";

const kinds = { insert: "Insert", update: "Modify", remove: "Delete" } as const;

/** What the log needs of the world. */
export type HistoryScope = {
  clock: Clock;
  settings: IfsSettings;
  user: string;
  table(name: string): Table;
  next(series: string, start: number): number;
};

/** Writes the history of one change, if an administrator switched the log on for its logical unit. */
export function logHistory(world: HistoryScope, change: Change): void {
  if (!world.settings.historyLog.includes(change.table.lu)) return;
  const logId = String(world.next("HistoryLog", 1));
  world.table("HistoryLog").insert({
    LogId: logId,
    LuName: change.table.lu,
    TimeStamp: siteTimestamp(world.clock.now(), world.settings.serverTimeZone),
    Username: world.user,
    HistoryType: kinds[change.kind],
    Keys: keyrefOf(change.table, change.row),
    Note: null,
  });
  for (const column of change.table.columns.keys()) {
    const before = change.before[column] ?? null;
    const after = change.kind === "remove" ? null : (change.row.values[column] ?? null);
    if (before === after) continue;
    world.table("HistoryLogAttribute").insert({
      LogId: logId,
      ColumnName: databaseName(column),
      ColumnNamePrompt: spaced(column),
      OldValue: show(before),
      NewValue: show(after),
    });
  }
}

function show(value: Scalar): string | null {
  return value === null ? null : String(value);
}
