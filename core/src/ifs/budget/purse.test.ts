import fc from "fast-check";
import { expect, test } from "vitest";
import { createPurse, REST_MS } from "./purse.ts";

const none = { leave: 0, soon: 0 };

test("a token that was used rests for a minute", () => {
  const purse = createPurse();
  purse.add([0, 5, 0]);
  expect([purse.rested(0), purse.rested(5), purse.restedAt(3), purse.restedAt(4)]).toEqual([2, 3, 5, undefined]);
  purse.take(5);
  purse.take(5);
  purse.take(6);
  expect([purse.rested(5 + REST_MS - 1), purse.rested(5 + REST_MS), purse.rested(6 + REST_MS)]).toEqual([0, 2, 3]);
  expect(() => purse.take(7)).toThrow(new RangeError("no token has rested"));
});

test("tokens are given away from all phases of rest, with their rest", () => {
  const purse = createPurse();
  purse.add([10, 20, 30, 40, 50, 60]);
  expect(purse.give(2, none)).toEqual([30, 60]);
  expect([purse.size(), purse.restedAt(1), purse.restedAt(4)]).toEqual([4, 10, 50]);
  expect(purse.give(9, none)).toEqual([10, 20, 40, 50]);
  expect([purse.size(), purse.give(1, none)]).toEqual([0, []]);
});

test("the even distance is the one at which no start waits for its token", () => {
  const purse = createPurse();
  expect(purse.evenly(0)).toBe(0);
  purse.add([0, 0, 0, 900]);
  // The fourth start may not come before 900.
  expect([purse.evenly(0), purse.evenly(100), purse.evenly(900)]).toEqual([225, 200, 0]);
});

test("those that are usable soon go first, but for what is kept", () => {
  const purse = createPurse();
  purse.add([10, 20, 30, 40, 50, 60]);
  expect(purse.give(3, { leave: 1, soon: 30 })).toEqual([20, 30, 60]);
  expect([purse.size(), purse.restedAt(1), purse.restedAt(3)]).toEqual([3, 10, 50]);
});

test("between two purses too, no minute has more starts than there are tokens", () => {
  const step = fc.record({ wait: fc.nat(20_000), purse: fc.nat(1), gives: fc.nat(3) });
  fc.assert(
    fc.property(fc.nat(6), fc.array(step, { maxLength: 60 }), (size, steps) => {
      const purses = [createPurse(), createPurse()];
      purses[0]?.add(Array<number>(size).fill(0));
      const starts: number[] = [];
      let now = 0;
      for (const { wait, purse, gives } of steps) {
        now += wait;
        const [mine, other] = purse === 0 ? purses : [...purses].reverse();
        other?.add(mine?.give(gives, none) ?? []);
        while (other && other.rested(now) > 0) {
          other.take(now);
          starts.push(now);
        }
      }
      const most = Math.max(
        0,
        ...starts.map((from) => starts.filter((at) => at >= from && at < from + REST_MS).length),
      );
      expect(most).toBeLessThanOrEqual(size);
    }),
  );
});
