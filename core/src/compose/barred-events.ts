/**
 * An event that IFS lets nobody through for opens the exception at once, as the sweep does within a minute. Whose it is already stays
 * as the sweep tells it, with the number of orders that wait.
 */
import type { BarredError } from "../domain/failure.ts";
import { barringId, barringRow } from "../flows/order-export/barred.ts";
import type { Connector } from "./connector.ts";

export type Barred = { readonly error: BarredError; readonly orderId: string };

type BarredEventDeps = Pick<Connector, "clock"> & {
  readonly store: { readonly exceptions: Pick<Connector["store"]["exceptions"], "get" | "open"> };
  readonly settings: Pick<Connector["settings"], "IFS_CLIENT_ID">;
};

/** Of all the events that are refused meanwhile, one asks. */
const ASK_MS = 60_000;

export function createBarredEvents({ store, clock, settings }: BarredEventDeps): (barred: Barred) => Promise<void> {
  const asked = new Map<string, number>();
  return async ({ error, orderId }) => {
    const id = barringId(error);
    const now = clock.monotonic();
    if (now - (asked.get(id) ?? Number.NEGATIVE_INFINITY) < ASK_MS) return;
    // Projections are few, and names of a binding too.
    asked.set(id, now);
    if (await store.exceptions.get(id)) return;
    await store.exceptions.open({ id, ...barringRow({ error, first: orderId, orders: 1 }, settings.IFS_CLIENT_ID) });
  };
}
