/** What the Merchant Center's first page shows of the availability check: is it armed, what is held, and what it did in the last day. */
import { hourOf } from "../ct/atp-metrics.ts";
import { absentAsUndefined } from "../ct/client.ts";
import { extensionKey, isParked } from "../ct/resources-extension.ts";
import { type Door, doors } from "../domain/atp-metrics.ts";
import type { CheckoutDoor, GuardState, OverviewCheckout } from "../domain/overview.ts";
import { isBindingOver, isLive } from "../domain/stock-hold.ts";
import { readAtpMetrics } from "./atp-metrics.ts";
import type { Active, Connector } from "./connector.ts";

const HOURS = 24;
const HOUR_MS = 3_600_000;
const SHOWN_REASONS = 5;

type Needs = Pick<Connector, "ct" | "clock" | "logger"> & {
  readonly store: Pick<Connector["store"], "atpMetrics"> & { readonly holds: Pick<Connector["store"]["holds"], "all"> };
};

/** What cannot be read of guard and holds is told as unknown: the page has more to show, and the doctor says what is wrong. */
export async function readCheckout(needs: Needs, { config }: Pick<Active, "config">): Promise<OverviewCheckout> {
  const [metrics, guard, holds] = await Promise.all([
    readAtpMetrics(needs, HOURS),
    known(needs, "unknown" as const, () => guardOf(needs, config.atp.extension)),
    known(needs, null, () => (config.atp.holds.mode === "on" ? liveHolds(needs) : null)),
  ]);
  const { total, hours } = metrics;
  const now = needs.clock.now();
  const since = hourOf(now - HOUR_MS);
  const minutes = 60 + Math.floor((now % HOUR_MS) / 60_000);
  const lately = (door: Door) =>
    hours.filter(({ hour }) => hour >= since).reduce((sum, hour) => sum + hour.doors[door].answers, 0);
  const doorOf = (door: Door): CheckoutDoor => {
    const { answers, withoutIfs, refused, undecided, policyOpen, policyClosed, policyBackOrder, ...times } =
      total.doors[door];
    return {
      ...{ door, answers, withoutIfs, refused, undecided, policyOpen, policyClosed, policyBackOrder },
      perMinute: Math.round((lately(door) / minutes) * 10) / 10,
      ...{ p50Ms: times.total.p50Ms, p99Ms: times.total.p99Ms },
      ...{ oursP99Ms: times.ours.p99Ms, ctP99Ms: times.ct.p99Ms, ifsP99Ms: times.ifs.p99Ms },
    };
  };
  const { refused, refusedAt, rightAt } = total.extensionCalls;
  const isoOf = (at: number) => (at === 0 ? null : new Date(at).toISOString());
  const { ifsReads, cached, coalesced, breakerOpened, corrections, policyReasons } = total;
  return {
    ...{ guard, holds, ifsReads, cached, coalesced, breakerOpened, corrections },
    doors: doors.map(doorOf),
    extensionCalls: { refused, lastRefusedAt: isoOf(refusedAt), lastRightAt: isoOf(rightAt) },
    policyReasons: Object.entries(policyReasons)
      .map(([reason, lines]) => ({ reason, lines }))
      .sort((a, b) => b.lines - a.lines)
      .slice(0, SHOWN_REASONS),
  };
}

async function known<T, U>({ logger }: Needs, otherwise: U, read: () => Promise<T> | U): Promise<T | U> {
  try {
    return await read();
  } catch (error) {
    logger.warn({ flow: "atp-check", error }, "checkout-not-shown");
    return otherwise;
  }
}

async function guardOf({ ct }: Needs, wanted: "off" | "armed"): Promise<GuardState> {
  const found = await absentAsUndefined(ct.root.extensions().withKey({ key: extensionKey }).get().execute());
  if (!found) return wanted === "armed" ? "missing" : "off";
  return isParked(found) ? "parked" : "armed";
}

async function liveHolds({ store, clock }: Needs): Promise<{ carts: number; orders: number }> {
  const now = clock.now();
  // Of one whose binding is over nobody here knows whether its cart was ordered.
  const live = (await store.holds.all()).flatMap(({ holds }) =>
    holds.filter((hold) => isLive(hold, now) && !isBindingOver(hold, now)),
  );
  const ofOrders = live.filter(({ order }) => order !== undefined);
  const owners = (list: typeof live) => new Set(list.map(({ owner }) => owner)).size;
  return { carts: owners(live.filter(({ order }) => order === undefined)), orders: owners(ofOrders) };
}
