import { z } from "zod";
import { TransientError } from "../../domain/failure.ts";
import { type Cursors, openCursor } from "../cursor.ts";

const CURSOR = "order-sweep";
/** More orders than this without a durable record of their failure are no single orders any more. */
const MAX_RETRY = 200;
/** Those that wait longest are left out: a person sees their exceptions, and any change of them brings them back. */
const MAX_LATER = 5000;

/** Of periods; more are one longer period. */
const MAX_ASKED = 100;

/** Far more than one for each projection that orders use; what is beyond is adopted once there is room. */
export const MAX_BARRED = 50;

const positionSchema = z.object({
  /** All changes up to here were handled. */
  doneUntil: z.iso.datetime().optional(),
  /** A window that was begun; `after` is the last order handled. */
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime(), after: z.string().optional() }).optional(),
  /** Periods before `exportFrom` that a back-fill was asked for: their orders are in charge like all others. */
  asked: z
    .array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }))
    .max(MAX_ASKED)
    .default([]),
  /** Last order of the round over those without link. */
  pendingAfter: z.string().optional(),
  /** Messages up to here were looked at. */
  messagesUntil: z.iso.datetime().optional(),
  /** A round over linked orders with an open exception: when it began, and the last of them while it is under way. */
  shown: z.object({ since: z.iso.datetime(), after: z.string().optional() }).optional(),
  /** Orders of the present hour that the sweep exported and no event had announced. */
  unannounced: z.object({ since: z.iso.datetime(), count: z.int().min(0) }).optional(),
  /** Open exceptions about what no order can pass. */
  barred: z.array(z.string()).max(MAX_BARRED).default([]),
  /** Orders whose failure left no record on the order. */
  retry: z.array(z.string()).max(MAX_RETRY).default([]),
  /** Linked orders that wait: nothing else looks for them. `at` in milliseconds since the epoch. */
  later: z
    .array(z.object({ id: z.string(), at: z.number() }))
    .max(MAX_LATER)
    .default([]),
});
export type Later = SweepPosition["later"][number];
export type SweepPosition = z.output<typeof positionSchema>;

export type SweepCursor = {
  readonly value: () => SweepPosition;
  /** Replaces the given fields, in the store too. ConflictError: another run moved it. */
  readonly move: (fields: Partial<SweepPosition>) => Promise<void>;
  /** Orders of that period are in charge from now on. */
  readonly inCharge: (period: { readonly from: string; readonly to: string }) => Promise<void>;
  /** The moment from which orders are looked at: `exportFrom`, or what a back-fill reached back to. */
  readonly since: (exportFrom: string) => string;
  /** The list of orders to repeat with these added. Throws a TransientError when it would grow beyond single orders. */
  readonly alsoRetry: (ids: readonly string[]) => string[];
  /** The orders that wait, without those just looked at and with these added, each once. */
  readonly alsoLater: (orders: readonly Later[], without?: readonly string[]) => Later[];
  /** What of a page has to come back, beside what had to before. */
  readonly again: (page: {
    readonly retry: readonly string[];
    readonly later: readonly Later[];
  }) => Partial<SweepPosition>;
};

export async function openSweepCursor(cursors: Cursors): Promise<SweepCursor> {
  const cursor = await openCursor(cursors, CURSOR, positionSchema);
  const value = (): SweepPosition => cursor.value() ?? { retry: [], later: [], asked: [], barred: [] };
  // A round that found nothing says what is stored already.
  const move: SweepCursor["move"] = async (fields) => {
    const next = { ...value(), ...fields };
    if (JSON.stringify(next) !== JSON.stringify(cursor.value())) await cursor.move(next);
  };
  const alsoRetry: SweepCursor["alsoRetry"] = (ids) => {
    const retry = [...new Set([...value().retry, ...ids])];
    if (retry.length > MAX_RETRY) throw new TransientError(`${retry.length} orders fail without a record of it`);
    return retry;
  };
  const alsoLater: SweepCursor["alsoLater"] = (orders, without = []) => {
    const left = value().later.filter(({ id }) => !without.includes(id));
    const known = new Map([...left, ...orders].map((one) => [one.id, one]));
    return [...known.values()].sort((a, b) => a.at - b.at).slice(0, MAX_LATER);
  };
  return {
    value,
    move,
    alsoRetry,
    alsoLater,
    again: ({ retry, later }) => ({ retry: alsoRetry(retry), later: alsoLater(later) }),
    async inCharge({ from, to }) {
      const { asked } = value();
      if (asked.some((one) => one.from === from && one.to === to)) return;
      await move({ asked: [...asked, { from, to }] });
    },
    since: (exportFrom) =>
      value().asked.reduce((first, { from }) => (Date.parse(from) < Date.parse(first) ? from : first), exportFrom),
  };
}
