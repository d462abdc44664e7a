/** How many changes of a kind are too many at once. */
import { describe, expect, it } from "vitest";
import { stockSchema } from "../../domain/stock-config.ts";
import { isTooMany } from "./holds.ts";

describe("zeros", () => {
  const stock = stockSchema.parse({ maxChangePercent: 60, minEntriesForHold: 50 });
  it.each<[number, number, boolean]>([
    [60, 100, false],
    [61, 100, true],
    [49, 49, false],
    [50, 50, true],
    [0, 0, false],
  ])("%i of %i", (changes, entries, held) => {
    expect(isTooMany("zeros", { changes, entries }, stock)).toBe(held);
  });
  it("can be switched off", () => {
    const judged = (changes: number, entries: number, bounds: object) =>
      isTooMany("zeros", { changes, entries }, { ...stock, ...bounds });
    expect(judged(100, 100, { maxChangePercent: 100 })).toBe(false);
    expect(judged(3, 3, { maxZeros: 3 })).toBe(false);
    expect(judged(4, 100_000, { maxZeros: 3 })).toBe(true);
    expect(judged(1, 1, { maxZeros: 0 })).toBe(true);
  });
});
