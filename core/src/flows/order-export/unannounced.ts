/** Orders that the sweep finds before their event: a few are bad luck, many mean that events do not arrive. */
import type { SweepCursor } from "./cursor.ts";
import type { OrderExportDeps } from "./deps.ts";

type Hour = { readonly since: string; readonly count: number };

export const UNANNOUNCED_ID = "order-events-unannounced";
const HOUR_MS = 3_600_000;

/** `alarm` undefined: nothing to tell yet, whatever is open stays. Pure; `now` in milliseconds since the epoch. */
export function countUnannounced(
  before: Hour | undefined,
  { found, now, bound }: { readonly found: number; readonly now: number; readonly bound: number },
): { readonly hour: Hour; readonly alarm: boolean | undefined } {
  const over = before === undefined || now - Date.parse(before.since) >= HOUR_MS;
  const hour = over
    ? { since: new Date(now).toISOString(), count: found }
    : { since: before.since, count: before.count + found };
  if (hour.count > bound) return { hour, alarm: true };
  // Only a whole hour within the bound ends the alarm.
  return { hour, alarm: over && (before?.count ?? 0) <= bound ? false : undefined };
}

export async function watchUnannounced(
  { exceptions, settings, logger }: Pick<OrderExportDeps, "exceptions" | "settings" | "logger">,
  cursor: SweepCursor,
  { found, now }: { readonly found: number; readonly now: number },
): Promise<void> {
  const bound = settings.config.orders.unannouncedPerHour;
  const before = cursor.value().unannounced;
  const { hour, alarm } = countUnannounced(before, { found, now, bound });
  if (alarm === false) await exceptions.close(UNANNOUNCED_ID);
  if (alarm === true && found > 0) {
    logger.error({ alert: true, count: hour.count, since: hour.since }, "orders-without-event");
    await exceptions.open({
      id: UNANNOUNCED_ID,
      flow: "order-export",
      code: "eventsMissing",
      recordType: "flow",
      recordId: "order-events",
      recordLabel: "Events about orders",
      message: `Since ${hour.since} the sweep exported ${hour.count} orders that no event had announced; at most ${bound} an hour are expected.`,
      action:
        "Look at event-app's log and at the queue of Subscription ifs-connector-orders. Nothing is lost, the sweep exports; this closes after an hour without such orders.",
      owner: "operator",
    });
  }
  if (hour.count !== before?.count || hour.since !== before.since) await cursor.move({ unannounced: hour });
}
