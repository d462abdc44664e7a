import { z } from "zod";
import { TransientError } from "../../domain/failure.ts";
import type { OrderSweepDeps } from "./deps.ts";

export const CURSOR = "order-sweep";
/** More orders than this without a durable record of their failure are no single orders any more. */
const MAX_RETRY = 200;

const cursorSchema = z.object({
  /** All changes up to here were handled. */
  doneUntil: z.iso.datetime().optional(),
  /** A window that was begun; `after` is the last order handled. */
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime(), after: z.string().optional() }).optional(),
  /** Last order of the round over those without link. */
  pendingAfter: z.string().optional(),
  /** Orders whose failure left no record on the order. */
  retry: z.array(z.string()).max(MAX_RETRY).default([]),
});
export type SweepPosition = z.output<typeof cursorSchema>;

export type SweepCursor = {
  readonly value: () => SweepPosition;
  /** Replaces the given fields, in the store too. */
  readonly move: (fields: Partial<SweepPosition>) => Promise<void>;
  /** The list of orders to repeat with these added. Throws a TransientError when it would grow beyond single orders. */
  readonly alsoRetry: (ids: readonly string[]) => string[];
};

/** Throws a ConflictError when another run moves the cursor at the same time, an Error for a damaged document. */
export async function openCursor(deps: Pick<OrderSweepDeps, "cursors">): Promise<SweepCursor> {
  const stored = await deps.cursors.read(CURSOR);
  let value = cursorSchema.parse(stored?.value ?? {});
  let version = stored?.version ?? 0;
  return {
    value: () => value,
    alsoRetry(ids) {
      const retry = [...new Set([...value.retry, ...ids])];
      if (retry.length > MAX_RETRY) throw new TransientError(`${retry.length} orders fail without a record of it`);
      return retry;
    },
    async move(fields) {
      value = cursorSchema.parse({ ...value, ...fields });
      await deps.cursors.write(CURSOR, value, version);
      version = (await deps.cursors.read(CURSOR))?.version ?? 0;
    },
  };
}
