/** What the parts of a simulation share: its world, its chance, what was done to whom, and what is told of it. */

import type { Chance } from "../chance.ts";
import type { World } from "../world.ts";

/** What people did to one order of their own will, beside buying it. */
export type Deeds = {
  /** Something that IFS has to learn of was changed. */
  readonly changed: boolean;
  readonly cancelled: boolean;
};

export type Story = {
  readonly world: World;
  readonly chance: Chance;
  /** What happens, with its time, for the one who reads a trace. */
  readonly told: string[];
  /** By the id of the order. */
  readonly deeds: Map<string, Deeds>;
  /** Processes of an installation that is no more. */
  readonly gone: Set<string>;
  /** What takes the misfortunes away that lie in wait on the wire. */
  readonly hooks: (() => void)[];
  /** True while things go wrong. */
  trouble: boolean;
  /** Milliseconds until which something that went wrong may still take effect. */
  busyUntil: number;
};

export const tell = ({ world, told }: Pick<Story, "world" | "told">, what: string): void => {
  told.push(`${Math.round(world.time.elapsed())} ${what}`);
};

/** Whose request fails tries again another day; what is no outage is a defect of the simulation. */
export function ignoring(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
}
