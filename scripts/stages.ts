/** Runs the stages of a test run: one after another, or beside each other, each with its own outcome and its own output. */

/** What a stage counted, and the failures by name: a log that is cut to its end still says what failed. */
export type Outcome = { readonly passed: number; readonly failed: number; readonly failures?: readonly string[] };

/** Shown as it comes where nothing else runs; kept to the stage's end where something does, so that a failure can be read. */
export type Output = "live" | "kept";
export type Stage = {
  readonly name: string;
  /** `output` is what it wrote where that was kept. */
  readonly run: (output: Output) => Promise<Outcome & { readonly output?: string }>;
};

/** Rounds follow each other. The tracks of a round run beside each other, the stages of a track one after another. */
export type Round = readonly (readonly Stage[])[];

export type Ran = { readonly stage: string; readonly outcome: Outcome; readonly ms: number };

/** All of them, also after a failure, in the order in which they ended. A stage that ran nothing counts as failed. */
export async function runStages(rounds: readonly Round[], write: (text: string) => void): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const round of rounds) {
    const output = round.flat().length === 1 ? "live" : "kept";
    const track = async (stages: readonly Stage[]): Promise<void> => {
      for (const stage of stages) ran.push(await runStage(stage, output, write));
    };
    await Promise.all(round.map(track));
  }
  return ran;
}

async function runStage({ name, run }: Stage, output: Output, write: (text: string) => void): Promise<Ran> {
  write(output === "live" ? `\n== ${name}\n` : `\n   begins: ${name}\n`);
  const begun = performance.now();
  const { output: kept = "", ...counted } = await run(output);
  if (output === "kept") write(`\n== ${name}\n${kept}`);
  const outcome = counted.passed + counted.failed === 0 ? { passed: 0, failed: 1 } : counted;
  return { stage: name, outcome, ms: performance.now() - begun };
}
