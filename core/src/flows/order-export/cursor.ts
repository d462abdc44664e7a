import { z } from "zod";
import { TransientError } from "../../domain/failure.ts";
import { type Cursors, openCursor } from "../cursor.ts";

const CURSOR = "order-sweep";
/** More orders than this without a durable record of their failure are no single orders any more. */
const MAX_RETRY = 200;

const positionSchema = z.object({
  /** All changes up to here were handled. */
  doneUntil: z.iso.datetime().optional(),
  /** A window that was begun; `after` is the last order handled. */
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime(), after: z.string().optional() }).optional(),
  /** Last order of the round over those without link. */
  pendingAfter: z.string().optional(),
  /** Messages up to here were looked at. */
  messagesUntil: z.iso.datetime().optional(),
  /** Orders of the present hour that the sweep exported and no event had announced. */
  unannounced: z.object({ since: z.iso.datetime(), count: z.int().min(0) }).optional(),
  /** Orders whose failure left no record on the order. */
  retry: z.array(z.string()).max(MAX_RETRY).default([]),
});
export type SweepPosition = z.output<typeof positionSchema>;

export type SweepCursor = {
  readonly value: () => SweepPosition;
  /** Replaces the given fields, in the store too. ConflictError: another run moved it. */
  readonly move: (fields: Partial<SweepPosition>) => Promise<void>;
  /** The list of orders to repeat with these added. Throws a TransientError when it would grow beyond single orders. */
  readonly alsoRetry: (ids: readonly string[]) => string[];
};

export async function openSweepCursor(cursors: Cursors): Promise<SweepCursor> {
  const cursor = await openCursor(cursors, CURSOR, positionSchema);
  const value = (): SweepPosition => cursor.value() ?? { retry: [] };
  return {
    value,
    alsoRetry(ids) {
      const retry = [...new Set([...value().retry, ...ids])];
      if (retry.length > MAX_RETRY) throw new TransientError(`${retry.length} orders fail without a record of it`);
      return retry;
    },
    move: (fields) => cursor.move({ ...value(), ...fields }),
  };
}
