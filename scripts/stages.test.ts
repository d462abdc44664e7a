import { expect, test } from "vitest";
import { type Outcome, type Output, runStages, type Stage } from "./stages.ts";

const once = { passed: 1, failed: 0 };

function stageOf(name: string, outcome: Outcome & { output?: string }, until?: Promise<unknown>) {
  const asked: Output[] = [];
  const run = async (output: Output) => {
    asked.push(output);
    await until;
    return outcome;
  };
  return { name, run, asked } satisfies Stage & { asked: Output[] };
}

test("tracks run beside each other, each stage's output in one piece; a stage that is alone shows its own as it comes", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = stageOf("waits", { ...once, output: "of the waiting one\n" }, promise);
  const ends: Stage = {
    name: "ends",
    run: async () => {
      resolve();
      return { ...once, output: "of the other\n" };
    },
  };
  const alone = stageOf("alone", once);
  let text = "";
  const write = (piece: string) => {
    text += piece;
  };
  const ran = await runStages([[[waits], [ends]], [[alone]]], write);
  expect(ran.map(({ stage }) => stage).toSorted()).toEqual(["alone", "ends", "waits"]);
  expect([waits.asked, alone.asked]).toEqual([["kept"], ["live"]]);
  expect(text).toContain("== waits\nof the waiting one\n");
  expect(text).toContain("== ends\nof the other\n");
  expect(text.endsWith("\n== alone\n")).toBe(true);
});

test("a failure ends nothing, and a stage that ran nothing has failed", async () => {
  const stages = [stageOf("fails", { passed: 2, failed: 1 }), stageOf("nothing", { passed: 0, failed: 0 })];
  const ran = await runStages([[stages], [[stageOf("later", once)]]], () => undefined);
  expect(ran.map(({ stage, outcome }) => [stage, outcome])).toEqual([
    ["fails", { passed: 2, failed: 1 }],
    ["nothing", { passed: 0, failed: 1 }],
    ["later", once],
  ]);
});
