import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { createLateness } from "./lateness.ts";

/** Alarms ring when the process is told to look at its clock. */
function process() {
  let now = 500;
  let alarms: { readonly at: number; readonly ring: () => void }[] = [];
  const clock: Pick<Clock, "after" | "monotonic"> = {
    monotonic: () => now,
    after(ms, ring) {
      alarms.push({ at: now + ms, ring });
      return () => {};
    },
  };
  return {
    late: createLateness(clock),
    alarms: () => alarms.length,
    /** Without a look at the alarms. */
    busy(ms: number) {
      now += ms;
    },
    ring() {
      const due = alarms.filter(({ at }) => at <= now);
      alarms = alarms.filter(({ at }) => at > now);
      for (const { ring } of due) ring();
    },
    rest(ms: number) {
      for (const until = now + ms; now < until; ) {
        now += 1;
        this.ring();
      }
    },
  };
}

test("a process that is in time is not late", () => {
  const it = process();
  expect(it.late()).toBe(0);
  it.rest(200);
  expect(it.late()).toBe(0);
});

test("an alarm that rings late tells, for a second at least and two at most", () => {
  const it = process();
  it.late();
  it.busy(320);
  it.ring();
  expect(it.late()).toBe(300);
  it.rest(1000);
  expect(it.late()).toBe(300);
  it.rest(1000);
  expect(it.late()).toBe(0);
});

test("an alarm that has not rung yet tells already", () => {
  const it = process();
  it.late();
  it.busy(120);
  expect(it.late()).toBe(100);
});

test("nothing rings while nobody asks", () => {
  const it = process();
  for (let n = 0; n < 5; n += 1) it.late();
  expect(it.alarms()).toBe(1);
  it.rest(5000);
  expect(it.alarms()).toBe(0);
  expect(it.late()).toBe(0);
});
