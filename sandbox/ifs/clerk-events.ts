import type { Input, Summary } from "./clerk-input.ts";
import { refused } from "./errors.ts";
import { maybeText, text } from "./rows.ts";
import type { Row } from "./store.ts";
import type { World } from "./world.ts";

const MESSAGES = "ApplicationMessage";

/** What an administrator does in Application Messages. */
export const eventCommands: Record<string, (world: World, input: Input) => Summary> = {
  "event-messages": (world) => ({ messages: [...world.table(MESSAGES).all()].map(summary) }),
  "event-resend"(world, input) {
    const messageId = input.optional("messageId");
    const chosen = messageId === undefined ? failed(world) : [message(world, messageId)];
    for (const row of chosen) world.table(MESSAGES).update(row, { State: "Waiting" });
    return { resent: chosen.map((row) => text(row, "MessageId")) };
  },
};

function failed(world: World): Row[] {
  return [...(world.table(MESSAGES).find("State", "Failed") ?? [])];
}

function message(world: World, messageId: string): Row {
  const row = world.table(MESSAGES).get(messageId);
  if (!row) throw refused(MESSAGES, "NOMESSAGE", `There is no message ${messageId}.`);
  return row;
}

function summary(row: Row): Summary {
  return {
    messageId: text(row, "MessageId"),
    eventAction: text(row, "EventAction"),
    state: text(row, "State"),
    attempts: text(row, "Attempts"),
    error: maybeText(row, "Error") ?? null,
    createdAt: text(row, "CreatedDate"),
    url: text(row, "Url"),
    body: text(row, "Body"),
  };
}
