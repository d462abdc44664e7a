import { answerSeeds } from "../child.ts";
import { simulate } from "./simulate.ts";

answerSeeds(({ seed, trace }) => simulate(seed, { trace }));
