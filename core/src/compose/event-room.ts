/** How many orders the event path has under way: no more than the budget of IFS ends within the time of an event. */
import type { ConnectorConfig } from "../domain/config.ts";
import { BusyError } from "../domain/failure.ts";

/** The platform waits ten seconds for a push; half of that may be spent on waiting for one's turn. */
const WAIT_MS = 4500;
/** Create and release. Where a tenant takes no change sets it is more, and the deadline of each request decides. */
const REQUESTS = 2;
const LEAST = 4;
/** When a refused push may come again, where the sender honours it. */
const AGAIN_MS = 2000;

export const roomOf = ({ ifs }: Pick<ConnectorConfig, "ifs">): number =>
  Math.max(LEAST, Math.floor((ifs.budget.requestsPerMinute * WAIT_MS) / (60_000 * REQUESTS)));

/** One per process. `enter` throws BusyError where the room is taken; its answer gives the place back, once. */
export function createEventRoom(): { enter(room: number): () => void } {
  let inside = 0;
  return {
    enter(room) {
      if (inside >= room) {
        throw new BusyError(`${inside} orders are under way, as many as the budget of IFS ends in time`, AGAIN_MS);
      }
      inside += 1;
      let left = false;
      return () => {
        if (!left) inside -= 1;
        left = true;
      };
    },
  };
}
