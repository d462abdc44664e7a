/** What the channels of one pool should show of a SKU. Pure. */
import { type Availability, availabilityOf } from "../../domain/availability.ts";
import { drawsOn, inFlightOf } from "../../domain/in-flight.ts";
import { createAllotments } from "./allotments.ts";
import type { Shown } from "./current.ts";
import type { Desired } from "./map.ts";

/** What each channel of the pool should show of the SKU. */
export function targetsOf(desired: Desired, current: Shown, allotments = createAllotments(current)): Availability[] {
  const { figure, channels, part, pool } = desired;
  const inFlight = inFlightOf(current.inFlight, part.partNo, drawsOn(pool, current.channelIds));
  const sold = { inFlight, factor: part.factor, ...(part.ended !== undefined && { ended: part.ended }) };
  if (!desired.group) return availabilityOf(figure, channels, sold);
  const allotted = allotments.of(desired, desired.group);
  return availabilityOf(allotted?.figure ?? figure, channels, { ...sold, ...allotted });
}
