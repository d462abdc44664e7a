/** A process that dies at a step: from then on nothing that it does has an effect. */
import type { Hook } from "./world.ts";

export class Killed extends Error {}

export type Life = { steps: number; dead: boolean };

/** The hook for `World.worker`; `at` is the number of the hook call (before and after each effect) at which the process dies. */
export function mortalHook(at: number | undefined): { readonly hook: Hook; readonly life: Life } {
  const life: Life = { steps: 0, dead: false };
  const hook: Hook = () => {
    if (life.dead) throw new Killed("dead");
    if (life.steps === at) {
      life.dead = true;
      throw new Killed("killed");
    }
    life.steps += 1;
  };
  return { hook, life };
}
