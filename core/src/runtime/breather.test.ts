import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createBreather } from "./breather.ts";

/** Work takes time by a clock of its own; `soon` is Node's. */
function worker() {
  let now = 0;
  const breather = createBreather({ monotonic: () => now, soon: (next) => void setImmediate(next) });
  const done: string[] = [];
  const work = async (name: string, ms: number) => {
    const breath = breather.breathe();
    if (breath) await breath;
    // What follows without another wait belongs to the same turn.
    await Promise.resolve();
    now += ms;
    done.push(name);
  };
  return {
    breather,
    done,
    work,
    pass(ms: number) {
      now += ms;
    },
  };
}

describe("a breather", () => {
  it("lets go on at once who is alone, or while little was done", async () => {
    const { breather, pass } = worker();
    expect(breather.breathe()).toBeUndefined();
    pass(3);
    await new Promise((done) => process.nextTick(done));
    expect(breather.breathe()).toBeUndefined();
    await turn();
    pass(100);
    // Waiting is no work.
    expect(breather.breathe()).toBeUndefined();
    expect(breather.behindMs()).toBe(0);
  });

  it("lets what is due come between those that were woken together, and keeps their order", async () => {
    const { done, work } = worker();
    let isDone = false;
    const due = () => {
      done.push("|");
      if (!isDone) setImmediate(due);
    };
    setImmediate(due);
    await Promise.all(["a", "b", "c", "d", "e"].map((name) => work(name, 3)));
    isDone = true;
    expect(done).toEqual(["a", "b", "|", "c", "d", "|", "e"]);
  });

  it("tells for how long the next one has been waiting", async () => {
    const { breather, pass } = worker();
    expect(breather.breathe()).toBeUndefined();
    pass(5);
    const late = breather.breathe();
    expect(late).toBeInstanceOf(Promise);
    pass(7);
    expect(breather.behindMs()).toBe(7);
    await late;
    expect(breather.behindMs()).toBe(0);
  });
});
