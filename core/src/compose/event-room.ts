/** How many orders the event path has under way: no more than are ended within the time of an event. */
import type { ConnectorConfig } from "../domain/config.ts";
import { BusyError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";

/** The platform waits ten seconds for a push; less than half of that may be spent on waiting for one's turn. */
const WAIT_MS = 4000;
/** An order that took longer than this nearly came too late; one that took half as long left room for others. */
const SLOW_MS = 6000;
const LEAST = 2;
/** Orders that were under way together are slow together: one sign, not many. */
const SIGN_MS = 2000;
/** When a refused push may come again, where the sender honours it. */
const AGAIN_MS = 2000;

/** What the budget of IFS ends in time: an order is a create and, where it is released here, the release. */
export const roomOf = ({ ifs, orders }: Pick<ConnectorConfig, "ifs" | "orders">): number =>
  Math.max(LEAST, Math.floor((ifs.budget.requestsPerMinute * WAIT_MS) / (60_000 * (orders.release ? 2 : 1))));

export type EventRoom = {
  /** Throws BusyError where the room is taken: asked before anything is read, so that a refused push costs nothing. */
  look(most: number): void;
  /** The same, and takes a place; the answer gives it back, once. */
  enter(most: number): () => void;
};

/**
 * One per process. The room shrinks while orders take too long, whatever the reason (a tenant without change sets, a share of the
 * budget that others use, a slow IFS, a slow machine), and grows back while they do not.
 */
export function createEventRoom(clock: Pick<Clock, "monotonic">): EventRoom {
  let inside = 0;
  let learned = Number.POSITIVE_INFINITY;
  let shrunkAt = Number.NEGATIVE_INFINITY;

  const look = (most: number): void => {
    if (inside < Math.min(most, learned)) return;
    throw new BusyError(`${inside} orders are under way, as many as are ended in time`, AGAIN_MS);
  };

  function learn(tookMs: number, most: number): void {
    const now = clock.monotonic();
    if (tookMs > SLOW_MS && now - shrunkAt > SIGN_MS) {
      learned = Math.max(LEAST, Math.min(most, learned) * 0.7);
      shrunkAt = now;
    } else if (tookMs < SLOW_MS / 2 && learned < most) learned += 1 / learned;
  }

  return {
    look,
    enter(most) {
      look(most);
      inside += 1;
      const enteredAt = clock.monotonic();
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inside -= 1;
        learn(clock.monotonic() - enteredAt, most);
      };
    },
  };
}
