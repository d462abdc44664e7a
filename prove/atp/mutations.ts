/**
 * Defects that the simulation has to notice, made while the product's modules are loaded, so that it knows nothing of them. Text
 * that is not found makes the run fail: the list has to follow the code.
 */
import type { Hunted } from "../hunt.ts";
import type { Mutation } from "../plant.ts";

export const mutations: readonly (Mutation & Hunted)[] = [
  {
    name: "own cart reservation counted against the line",
    edits: [
      {
        file: "core/src/flows/atp-check/decide.ts",
        find: "Math.max(0, reserved - demand.ownReserved)",
        replace: "Math.max(0, reserved)",
      },
    ],
  },
];
