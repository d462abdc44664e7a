import { answerSeeds } from "../child.ts";
import type { Task } from "./seeds.ts";
import { simulate } from "./simulate.ts";
import { interruptedAt } from "./steps.ts";

answerSeeds(({ suite, seed, trace }: Task) =>
  suite === "steps" ? interruptedAt(seed, { trace }) : simulate(seed, { trace }),
);
