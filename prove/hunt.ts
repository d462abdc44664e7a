/** Plants each mutation in turn, and looks how many seeds it takes until a proof notices. */
export type Hunted = {
  readonly name: string;
  /** So many seeds that do not notice it are left out: it takes a rare schedule, and every test run would walk through them again. */
  readonly skips?: number;
};

export type Noticed = { readonly seed: number; readonly finding: string };

export type Hunt = {
  readonly base: number;
  /** A mutation that this many seeds do not notice is a hole in the simulation. */
  readonly mostSeeds: number;
  /** One child, until the first of the seeds that notices the mutation. */
  readonly seek: (
    name: string,
    seeds: { readonly base: number; readonly seeds: number },
  ) => Promise<Noticed | undefined>;
};

/** All at a time, as far as there are cores. Tells of each when it is known; whether all were noticed. */
export async function huntMutants(mutations: readonly Hunted[], { base, mostSeeds, seek }: Hunt): Promise<boolean> {
  const caught = mutations.map(async ({ name, skips = 0 }) => {
    const noticed = await seek(name, { base: base + skips, seeds: mostSeeds - skips });
    const when = noticed ? `noticed at seed ${noticed.seed}` : "NOT noticed";
    process.stdout.write(`planted "${name}": ${when}; ${noticed?.finding ?? "nothing"}\n`);
    return noticed !== undefined;
  });
  return (await Promise.all(caught)).every(Boolean);
}
