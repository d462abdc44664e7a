import { reasonOf } from "./context.ts";
import type { UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";

export type InTime<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: UnknownReason };

/** The outcome of the work, or why there is none by the deadline. Work that comes too late is left to its own deadlines. */
export async function within<T>(deps: AtpDeps, deadlineAt: number, work: Promise<T>): Promise<InTime<T>> {
  const { clock } = deps.context;
  const settled = work.then(
    (value): InTime<T> => ({ ok: true, value }),
    (error: unknown): InTime<T> => {
      const reason = reasonOf(error);
      if (reason === "defect") deps.logger.error({ flow: "atp-check", error }, "check-failed");
      return { ok: false, reason };
    },
  );
  let callOff = () => {};
  const late = new Promise<InTime<T>>((over) => {
    const ms = Math.max(0, deadlineAt - clock.monotonic());
    callOff = clock.after(ms, () => over({ ok: false, reason: "deadline" }));
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    callOff();
  }
}
