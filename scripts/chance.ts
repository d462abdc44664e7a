/** Chance from a seed, in streams by name, for simulations that anybody can repeat. */
import { createHash } from "node:crypto";
import { randomGamma, randomGeometric, randomPoisson } from "d3-random";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Streams } from "../core/src/flows/threshold-simulation/world.ts";

export const streamsOf =
  (seed: number): Streams =>
  (name) => {
    const start = createHash("sha256").update(`${seed}/${name}`).digest().readInt32LE(0);
    const generator = xoroshiro128plus(start);
    const uniform = () => uniformFloat64(generator);
    const poissons = randomPoisson.source(uniform);
    const gammas = randomGamma.source(uniform);
    const geometrics = randomGeometric.source(uniform);
    return {
      uniform,
      poisson: (mean) => (mean > 0 ? poissons(mean)() : 0),
      gamma: (shape) => gammas(shape, 1 / shape)(),
      // d3 counts the tries until the first success.
      geometric: (mean) => (mean > 0 ? geometrics(1 / (1 + mean))() - 1 : 0),
    };
  };
