/**
 * Exceptions that the watches of a tick open and close, of which hardly ever one is open: one question tells of all of them, and what is
 * not open needs no request to be closed. It is asked once, when the first of them is looked at; what another replica opens after
 * that is closed by the next tick.
 */
import type { Exceptions } from "../ct/exceptions.ts";
import type { ExceptionRecord } from "../domain/records.ts";

export type ShownExceptions = Pick<Exceptions, "get" | "open" | "close">;

/** `ids`: all that are looked at or closed through the answer; any other is asked for by itself. */
export function shownExceptions(
  exceptions: Pick<Exceptions, "get" | "open" | "close" | "shown">,
  ids: readonly string[],
): ShownExceptions {
  const asked = new Set(ids);
  /** What this tick opened itself. */
  const opened = new Set<string>();
  let reading: Promise<ReadonlyMap<string, ExceptionRecord | "damaged">> | undefined;

  async function shown(id: string): Promise<ExceptionRecord | "damaged" | "unknown" | undefined> {
    if (!asked.has(id) || opened.has(id)) return "unknown";
    reading ??= exceptions.shown(ids).catch((error: unknown) => {
      // Whoever looks next asks again.
      reading = undefined;
      throw error;
    });
    return (await reading).get(id);
  }

  return {
    async get(id) {
      const known = await shown(id);
      return known === "unknown" || known === "damaged" ? exceptions.get(id) : known;
    },
    async open(problem) {
      opened.add(problem.id);
      await exceptions.open(problem);
    },
    async close(id) {
      if ((await shown(id)) !== undefined) await exceptions.close(id);
    },
  };
}
