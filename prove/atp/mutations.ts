/**
 * Defects that the simulation has to notice, made while the product's modules are loaded, so that it knows nothing of them. Text
 * that is not found makes the run fail: the list has to follow the code.
 */
import type { Hunted } from "../hunt.ts";
import type { Mutation } from "../plant.ts";

const flow = (file: string): string => `core/src/flows/atp-check/${file}`;

export const mutations: readonly (Mutation & Hunted)[] = [
  {
    name: "in flight judged against now",
    edits: [
      {
        file: flow("site-read.ts"),
        find: "  return found.orders;\n",
        replace:
          "  return found.orders.filter(({ orderNo, createdAt }) => orderNo === undefined || now() - createdAt < 30_000);\n",
      },
    ],
  },
  {
    name: "promise without hold",
    edits: [
      {
        file: flow("judge.ts"),
        find: "if (!access || wanted.length === 0) return {",
        replace: "if (!access || wanted.length === 0 || holder.order === undefined) return {",
      },
      {
        file: flow("promise.ts"),
        find: "if (heldDigest(holds, owner, now) !== digest) return undefined;",
        replace: "void digest;",
      },
      { file: flow("promise.ts"), find: "isKept(demand, bound.value ?? []) ?", replace: "true ?" },
    ],
  },
  {
    name: "hold released at order creation",
    edits: [
      {
        file: flow("judge.ts"),
        find: "(isOrder ? boundSeconds : seconds) * 1000",
        replace: "(isOrder ? 0 : seconds) * 1000",
      },
    ],
  },
  {
    name: "no holds",
    edits: [
      {
        file: flow("judge.ts"),
        find: "if (!deps.holds) return without(judge(noHolds));",
        replace: "return without(judge(noHolds));",
      },
    ],
  },
  {
    name: "hold ended with its binding",
    edits: [
      {
        file: "core/src/domain/stock-hold.ts",
        find: "  until <= bound.until ? bound : {",
        replace: "  until <= bound.until || bound ? bound : {",
      },
    ],
  },
  {
    name: "own cart reservation counted against the line",
    edits: [
      {
        file: flow("decide.ts"),
        find: "Math.max(0, reserved - demand.ownReserved)",
        replace: "Math.max(0, reserved)",
      },
    ],
  },
];
