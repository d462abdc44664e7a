/** Decisions drawn from one seed. */
import { seededRandom } from "../sandbox/kernel/types.ts";

export type Chance = {
  /** True with this probability. */
  happens(probability: number): boolean;
  between(least: number, most: number): number;
  whole(least: number, most: number): number;
  pick<T>(all: readonly [T, ...T[]]): T;
};

export function chanceOf(seed: number): Chance {
  const random = seededRandom(seed);
  const between = (least: number, most: number) => least + random() * (most - least);
  const whole = (least: number, most: number) => Math.floor(between(least, most + 1));
  return {
    happens: (probability) => random() < probability,
    between,
    whole,
    pick: (all) => all[whole(0, all.length - 1)] ?? all[0],
  };
}
