import { expect, test } from "vitest";
import { virtualTime } from "./testing/virtual-time.ts";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((done) => setImmediate(done));
};

test("alarms ring in the order of their time, those of one moment in the order in which they were set", async () => {
  const time = virtualTime();
  const rung: string[] = [];
  const set = (ms: number, name: string) => time.clock.after(ms, () => void rung.push(`${time.elapsed()} ${name}`));
  set(50, "c");
  set(10, "a");
  const callOff = set(20, "never");
  set(50, "d");
  set(20, "b");
  callOff();
  await time.run(49);
  expect([rung, time.pending()]).toEqual([["10 a", "20 b"], 2]);
  await time.run(1);
  expect([rung, time.elapsed()]).toEqual([["10 a", "20 b", "50 c", "50 d"], 50]);
});

test("time waits for work that takes several turns of the event loop between its alarms", async () => {
  const time = virtualTime();
  const log: number[] = [];
  const work = async () => {
    for (let step = 0; step < 3; step += 1) {
      await time.clock.sleep(10);
      await turns(2);
      log.push(time.elapsed());
    }
  };
  time.clock.after(1000, () => undefined);
  await Promise.all([work(), time.run(2000)]);
  expect(log).toEqual([10, 20, 30]);
});

test("it runs until something has happened, and not longer than it may", async () => {
  const time = virtualTime();
  let seen = false;
  time.clock.after(300, () => {
    seen = true;
  });
  time.clock.after(400, () => undefined);
  expect([await time.until(() => seen, 200), time.elapsed()]).toEqual([false, 200]);
  expect([await time.until(() => seen, 10_000), time.elapsed()]).toEqual([true, 300]);
});

test("a sleep that is aborted leaves no alarm, and a killed machine never wakes", async () => {
  const time = virtualTime();
  const abort = new AbortController();
  const sleeping = time.clock.sleep(1000, abort.signal);
  abort.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  expect(time.pending()).toBe(0);
  const { clock, kill } = time.mortal(time.clock);
  let awake = false;
  void clock.sleep(10).then(() => {
    awake = true;
  });
  kill();
  await time.run(100);
  expect(awake).toBe(false);
});
