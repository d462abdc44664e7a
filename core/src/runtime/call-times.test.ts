import { expect, test } from "vitest";
import { newCallTimes, type System, splitTime, timed, timing, waiting } from "./call-times.ts";
import { virtualTime } from "./testing/virtual-time.ts";

test("each millisecond counts once, whatever overlaps, and nothing outside of the work", () => {
  const times = newCallTimes();
  timing(times, () => {
    const record = (system: System, from: number, to: number) => waiting(() => [{ system, from, to }])(1000);
    record("ifs", 30, 60);
    record("ct", 10, 40);
    record("ct", 15, 20);
    record("ifs", 90, 500);
  });
  expect(splitTime(times, 5, 100)).toEqual({ oursMs: 95 - 60, ctMs: 30, ifsMs: 30 });
  expect(splitTime(newCallTimes(), 5, 100)).toEqual({ oursMs: 95, ctMs: 0, ifsMs: 0 });
});

test("a call counts for the work that waits for it, also where it fails, and for nobody else", async () => {
  const { clock, run } = virtualTime();
  const read = timed("ct", clock, async (ms: number) => {
    await clock.sleep(ms);
    if (ms > 50) throw new Error("late");
    return ms;
  });
  const [first, second] = [newCallTimes(), newCallTimes()];
  const both = Promise.allSettled([timing(first, () => read(40)), timing(second, () => read(60)), read(10)]);
  await run(100);
  expect((await both).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect([first, second].map((times) => splitTime(times, 0, 100).ctMs)).toEqual([40, 60]);
});

test("who gives up has waited for a call that goes on, and not for what is waited for later", async () => {
  const { clock, run } = virtualTime();
  const read = timed("ifs", clock, () => clock.sleep(500));
  const times = newCallTimes();
  void timing(times, read);
  await run(100);
  expect(splitTime(times, 0, 100)).toEqual({ oursMs: 0, ctMs: 0, ifsMs: 100 });
  await run(900);
  expect(splitTime(times, 0, 1000)).toEqual({ oursMs: 500, ctMs: 0, ifsMs: 500 });
});
