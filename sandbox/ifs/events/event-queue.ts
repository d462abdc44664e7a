import type { Wait } from "../../kernel/faults.ts";
import type { Random } from "../../kernel/types.ts";
import { num, text } from "../rows.ts";
import type { IfsSettings } from "../settings.ts";
import type { Change, Row, Table } from "../store.ts";
import { siteTimestamp } from "../time.ts";
import { bodyOf, fires, headersOf } from "./event-action.ts";

export type EventCall = { method: string; url: string; headers: [string, string][]; body: string };

/** Makes the call and gives the status; throws when there is no answer. */
export type Deliver = (call: EventCall) => Promise<number>;

/** What the queue needs of the world. */
export type EventScope = {
  clock: { now(): number };
  settings: IfsSettings;
  table(name: string): Table;
  next(series: string, start: number): number;
};

const MESSAGES = "ApplicationMessage";

/** Puts a message into the queue for each action that waits for this change; it goes when the transaction goes. */
export function queueEvents(world: EventScope, change: Change): void {
  const { eventActions, serverTimeZone } = world.settings;
  if (eventActions.length === 0 || change.table.name === MESSAGES) return;
  for (const action of eventActions) {
    if (!fires(action, change)) continue;
    world.table(MESSAGES).insert({
      MessageId: String(world.next("MessageId", 1)),
      EventAction: action.name,
      LuName: change.table.lu,
      Method: action.method,
      Url: action.url,
      Headers: action.headers,
      Body: bodyOf(action, change),
      State: "Waiting",
      Attempts: "0",
      CreatedDate: siteTimestamp(world.clock.now(), serverTimeZone),
      Error: null,
    });
  }
}

type QueueOptions = {
  world: () => EventScope & { store: { transact<T>(work: () => T): T } };
  /** Without it messages wait for ever. */
  deliver: Deliver | undefined;
  wait: Wait;
  random: Random;
};

export type EventQueue = {
  /** Begins to deliver what waits. */
  start(): void;
  /** When nothing waits any more. */
  settled(): Promise<void>;
};

/** Delivers what waits, one message after another, after the transaction that caused it. */
export function createEventQueue({ world, deliver, wait, random }: QueueOptions): EventQueue {
  let running: Promise<void> | undefined;

  const waiting = () => [...(world().table(MESSAGES).find("State", "Waiting") ?? [])];

  function start() {
    if (!deliver || running || waiting().length === 0) return;
    running = drain(deliver).finally(() => {
      running = undefined;
      start();
    });
  }

  async function drain(send: Deliver) {
    // Not in the transaction's own turn: the caller has its answer first.
    await wait(world().settings.eventDelayMs);
    for (const row of inOrder(waiting())) await settle(row, send);
  }

  function inOrder(rows: Row[]): Row[] {
    const sorted = rows.sort((a, b) => num(a, "MessageId").comparedTo(num(b, "MessageId")));
    if (world().settings.eventOrder === "queued") return sorted;
    return sorted
      .map((row) => ({ row, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row);
  }

  /** At least once: as often as the settings say when it arrives, and as often as they allow when it does not. */
  async function settle(row: Row, send: Deliver) {
    const { eventRepeats, eventRetries } = world().settings;
    let error: string | undefined;
    for (let attempt = 0; attempt <= eventRetries; attempt += 1) {
      error = await attempted(row, send);
      if (error === undefined) break;
    }
    for (let repeat = 0; error === undefined && repeat < eventRepeats; repeat += 1) await attempted(row, send);
    change(row, { State: error === undefined ? "Finished" : "Failed", Error: error ?? null });
  }

  async function attempted(row: Row, send: Deliver): Promise<string | undefined> {
    change(row, { Attempts: num(row, "Attempts").plus(1).toFixed() });
    try {
      const headers = headersOf(text(row, "Headers"));
      const status = await send({
        method: text(row, "Method"),
        url: text(row, "Url"),
        headers,
        body: text(row, "Body"),
      });
      return status < 300 ? undefined : `The receiver answered ${status}.`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  function change(row: Row, changes: Record<string, string | null>) {
    const table = world().table(MESSAGES);
    // A reset has taken the message away meanwhile.
    if (table.get(text(row, "MessageId")) !== row) return;
    world().store.transact(() => table.update(row, changes));
  }

  return {
    start,
    async settled() {
      while (running) await running;
    },
  };
}
