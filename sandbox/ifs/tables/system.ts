import { defineTable } from "../schema.ts";

export const historyLog = defineTable({
  name: "HistoryLog",
  keys: ["LogId"],
  indexes: ["LuName", "LogId"],
  dayIndexes: ["TimeStamp"],
  columns: `
  LogId num, LuName str 30, TimeStamp ts, Username str 30, HistoryType enum HistoryType, Keys str 4000, Note str 2000,
`,
});

export const historyLogAttribute = defineTable({
  name: "HistoryLogAttribute",
  keys: ["LogId", "ColumnName"],
  indexes: ["LogId"],
  columns: `
  LogId num, ColumnName str 30, ColumnNamePrompt str 100, OldValue str 4000, NewValue str 4000,
`,
});

/** Rows that a client selected for a command, held as a JSON array of key texts. */
export const tempLob = defineTable({
  name: "FndTempLob",
  keys: ["LobId"],
  columns: "LobId str 50, CreatedByModule str 100, CreatedDate ts, ClobData str 100000",
});

export const projection = defineTable({
  name: "Projection",
  keys: ["ProjectionName"],
  columns: "ProjectionName str 100, Description str 200, Category str 30, ApiClass str 30, LayerNo num",
});

/** The queue of IFS Connect: what event actions send, and what became of it. Not served. */
export const applicationMessage = defineTable({
  name: "ApplicationMessage",
  keys: ["MessageId"],
  indexes: ["State"],
  columns: `
  MessageId num, EventAction str 100, LuName str 30, Method str 10, Url str 2000, Headers str 4000, Body str 100000,
  State str 20, Attempts num, CreatedDate ts, Error str 2000,
`,
});
