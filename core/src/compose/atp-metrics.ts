/**
 * What this process's availability check did: a line of the log each minute, and sums by the hour in commercetools, where the Merchant
 * Center sees them over all replicas. A process that dies loses its last minute; nothing depends on it.
 */
import { hourOf } from "../ct/atp-metrics.ts";
import type { Store } from "../ct/store.ts";
import {
  type AtpMetrics,
  type AtpSummary,
  addMetrics,
  addTime,
  type Door,
  type DoorMetrics,
  newAtpMetrics,
  summaryOf,
} from "../domain/atp-metrics.ts";
import type { AtpContext } from "../flows/atp-check/context.ts";
import type { AvailabilityDecision, LineDecision } from "../flows/atp-check/decide.ts";
import type { TimeSplit } from "../runtime/call-times.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";

const EVERY_MS = 60_000;
const KEPT_HOURS = 48;

export type MetricsDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: { readonly atpMetrics: Pick<Store["atpMetrics"], "write" | "prune"> };
  readonly context: Pick<AtpContext, "counters" | "breakerState">;
  /** Tells replicas apart. */
  readonly replica: string;
};

export type AtpMeter = {
  /** An answer of a door; no decision where nothing could be decided. */
  answered(
    door: Door,
    decision: AvailabilityDecision | undefined,
    time: TimeSplit & { readonly totalMs: number },
  ): void;
  /** A call at the door of the Extension, with its secret or without. */
  called(isRight: boolean): void;
  /** Writes what was counted since the last time. */
  flush(): Promise<void>;
};

export function createAtpMeter({ clock, logger, store, context, replica }: MetricsDeps): AtpMeter {
  let minute = newAtpMetrics();
  let hour = { name: hourOf(clock.now()), sums: newAtpMetrics() };
  let told = { ...context.counters };
  let isScheduled = false;
  let wasOpen = false;
  let rightAt = 0;

  function answered(
    door: Door,
    decision: AvailabilityDecision | undefined,
    time: TimeSplit & { totalMs: number },
  ): void {
    countAnswer(minute, door, decision);
    const { total, ours, ct, ifs } = minute.doors[door];
    addTime(total, time.totalMs);
    addTime(ours, time.oursMs);
    addTime(ct, time.ctMs);
    addTime(ifs, time.ifsMs);
    const isOpen = context.breakerState() === "open";
    if (isOpen && !wasOpen) minute.breakerOpened += 1;
    wasOpen = isOpen;
    schedule();
  }

  /** Nobody writes while nobody asks, and whoever asks makes it write once a minute at most. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    clock.after(EVERY_MS, () => void flush());
  }

  function called(isRight: boolean): void {
    if (isRight) {
      rightAt = clock.now();
      return;
    }
    const { refused } = minute.extensionCalls;
    minute.extensionCalls = { refused: refused + 1, refusedAt: clock.now(), rightAt };
    schedule();
  }

  /** What the last minute was, with the counters that the check keeps itself. */
  function closeMinute(): AtpMetrics {
    const { cachedFigures, coalesced, ifsReads } = context.counters;
    const done = {
      ...minute,
      cached: cachedFigures - told.cachedFigures,
      coalesced: coalesced - told.coalesced,
      ifsReads: ifsReads - told.ifsReads,
      extensionCalls: { ...minute.extensionCalls, rightAt },
    };
    told = { ...context.counters };
    minute = newAtpMetrics();
    isScheduled = false;
    return done;
  }

  async function flush(): Promise<void> {
    if (!isScheduled) return;
    const done = closeMinute();
    logger.info({ flow: "atp-check", breaker: context.breakerState(), ...flat(summaryOf(done)) }, "atp-metrics");
    const name = hourOf(clock.now());
    const isNewHour = name !== hour.name;
    hour = { name, sums: isNewHour ? done : addMetrics(hour.sums, done) };
    try {
      await store.atpMetrics.write(replica, name, hour.sums);
      if (isNewHour) await store.atpMetrics.prune(hourOf(clock.now() - KEPT_HOURS * 3_600_000));
    } catch (error) {
      // For people who look on; the next minute writes the sums of the hour again.
      logger.warn({ error }, "atp-metrics-not-written");
    }
  }

  return { answered, called, flush };
}

function countAnswer(metrics: AtpMetrics, door: Door, decision: AvailabilityDecision | undefined): void {
  const sums = metrics.doors[door];
  sums.answers += 1;
  if (!decision) {
    sums.undecided += 1;
    return;
  }
  metrics.corrections += decision.corrections.length;
  if (!decision.accepted) sums.refused += 1;
  if (decision.lines.every(({ source }) => source === "shop")) sums.withoutIfs += 1;
  for (const line of decision.lines) countLine(sums, line);
  for (const { policy, reason } of decision.lines) {
    if (policy !== null) metrics.policyReasons[reason] = (metrics.policyReasons[reason] ?? 0) + 1;
  }
}

function countLine(sums: DoorMetrics, { source, passes, policy }: LineDecision): void {
  sums.lines += 1;
  if (source === "shop") sums.byShop += 1;
  if (source === "ifs") sums.byIfs += 1;
  if (policy === "open") sums.policyOpen += 1;
  if (policy === "closed") sums.policyClosed += 1;
  if (policy === "backOrder") sums.policyBackOrder += 1;
  if (!passes) sums.refusedLines += 1;
}

/** Doors that nobody used are not told of. */
function flat({ doors, ...rest }: AtpSummary): object {
  return { ...rest, ...Object.fromEntries(Object.entries(doors).filter(([, door]) => door.answers > 0)) };
}

/** `GET /service/mc/atp/metrics`: the last hours over all replicas, and their sum. */
export async function readAtpMetrics(
  {
    store,
    clock,
  }: {
    readonly store: { readonly atpMetrics: Pick<Store["atpMetrics"], "since"> };
    readonly clock: Pick<Clock, "now">;
  },
  hours: number,
) {
  const rows = await store.atpMetrics.since(hourOf(clock.now() - (hours - 1) * 3_600_000));
  const total = rows.map(({ metrics }) => metrics).reduce(addMetrics, newAtpMetrics());
  return {
    hours: rows.map(({ hour, replicas, metrics }) => ({ hour, replicas, ...summaryOf(metrics) })),
    total: summaryOf(total),
  };
}
