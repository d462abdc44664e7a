import { expect, test } from "vitest";
import { afterLook, type GuardLooks, type Look, lookOf } from "./guard-looks.ts";

/** What is done after each look, while the Extension stays as it is. */
function acts(looks: readonly Look[], armed: boolean) {
  let known: GuardLooks | undefined;
  return looks.map((look) => {
    const next = afterLook(known, { look, armed });
    known = next.looks;
    return next.act ?? "-";
  });
}
const times = (count: number, look: Look): Look[] => Array.from({ length: count }, () => look);

test("three looks in a row without an answer disarm, two do not", () => {
  expect(acts(times(3, "unanswered"), true)).toEqual(["-", "-", "disarm"]);
  const interrupted: Look[] = ["unanswered", "unanswered", "slow", "unanswered", "unanswered", "good", "unanswered"];
  expect(acts(interrupted, true)).not.toContain("disarm");
});

test("ten good answers in a row arm, nine do not, and a slow one among them begins the row anew", () => {
  expect(acts(times(10, "good"), false)).toEqual([...Array.from({ length: 9 }, () => "-"), "arm"]);
  expect(acts([...times(9, "good"), "slow", ...times(9, "good")], false)).not.toContain("arm");
  expect(acts([...times(9, "good"), "unanswered", ...times(9, "good")], false)).not.toContain("arm");
});

test("what was seen before somebody else armed or disarmed does not count", () => {
  expect(afterLook({ armed: true, inARow: 2 }, { look: "good", armed: false }).looks).toEqual({
    armed: false,
    inARow: 1,
  });
  expect(afterLook({ armed: false, inARow: 9 }, { look: "unanswered", armed: true })).toEqual({
    looks: { armed: true, inARow: 1 },
    act: undefined,
  });
});

test("good is an answer within half of the time-out", () => {
  expect([999, 1000, 1999, 2000].map((ms) => lookOf({ ms }, 2000))).toEqual(["good", "slow", "slow", "unanswered"]);
  expect(lookOf(undefined, 2000)).toBe("unanswered");
});
