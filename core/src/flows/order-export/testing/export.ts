/** Runs the export of one order of a world, as an event or in the sweep. */
import type { OrderId } from "../../../domain/ids.ts";
import { type ExportContext, exportOrder } from "../run.ts";
import { netOrder, type OrderJson } from "./orders.ts";
import { createWorld, type Hook, type World, type WorldOptions } from "./world.ts";

export const MINUTE = 60_000;
export const ID = netOrder().id as OrderId;

export function worldWith(order: OrderJson = netOrder(), options: WorldOptions = {}): World {
  const world = createWorld(options);
  world.putOrder(order);
  return world;
}

export const run = (world: World, mode: ExportContext["mode"] = "event", hook?: Hook) =>
  exportOrder(world.worker(hook), ID, { mode, deadlineAt: world.clock.at + (mode === "event" ? 9500 : MINUTE) });

/** Throws once, at the first such effect. */
export function once(effect: string, phase: "before" | "after", error: () => Error): Hook {
  let done = false;
  return (name, when) => {
    if (done || name !== effect || when !== phase) return;
    done = true;
    throw error();
  };
}

export const claimOf = (world: World) => {
  const { claim } = world.linkOf(ID);
  if (claim.kind !== "claim") throw new Error(`no claim: ${claim.kind}`);
  return claim.claim;
};
export const codes = (world: World) => [...world.exceptions.values()].map(({ code }) => code);
export const ifsStates = (world: World) => [...world.documents.values()].map(({ order }) => order.state);
