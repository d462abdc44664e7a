import { describe, expect, it } from "vitest";
import { createAdmission } from "./admission.ts";

describe("a check is judged by IFS", () => {
  const make = (behindMs: number) => {
    const breather = { breathe: () => undefined, behindMs: () => behindMs };
    const admission = createAdmission({ monotonic: () => 1000, breather });
    // What it is used to: half a second for both systems.
    for (let n = 0; n < 200; n += 1) admission.waited(500);
    return admission;
  };

  it("unless it would go on six times so late that its time is over", () => {
    expect(make(50).isInTime(1000 + 500 + 300)).toBe(true);
    expect(make(50).isInTime(1000 + 500 + 290)).toBe(false);
  });

  it("in a process that is not behind, however little time it has, and however slow the systems are", () => {
    expect(make(0).isInTime(1001)).toBe(true);
    expect(make(10).isInTime(1001)).toBe(true);
    expect(createAdmission({ monotonic: () => 1000 }).isInTime(1001)).toBe(true);
  });
});
