/** What a strategy can't see is found by looking at everything from time to time. */
import { z } from "zod";
import type { Feed } from "./found.ts";
import { type Memory, rememberDocument } from "./memory.ts";

const stateSchema = z.object({ fullAt: z.int().min(0) });

/** The feed, with `all` in place of its keys when everything was last looked at longer ago than `everyMs`. */
export function withBackstop<Key>(
  feed: Feed<Key>,
  options: { readonly memory: Memory; readonly name: string; readonly everyMs: number; readonly now: () => number },
): Feed<Key> {
  const { memory, name, everyMs, now } = options;
  return async () => {
    const at = now();
    const { before, save } = await rememberDocument(memory, name, stateSchema);
    const { keys, handled } = await feed();
    const due = before === undefined || at - before.fullAt >= everyMs;
    const whole = due || keys === "all" || keys === "lost";
    return {
      keys: due && keys !== "lost" ? "all" : keys,
      async handled() {
        await handled();
        if (whole) await save({ fullAt: at });
      },
    };
  };
}
