import { expect, it } from "vitest";
import { decimal } from "./decimal.ts";
import { expectedSupply, type SuppliedPart } from "./supply.ts";

const part = (left: number, ...lines: [number, string][]): SuppliedPart => ({
  left: decimal(left),
  lines: lines.map(([quantity, date]) => ({ quantity: decimal(quantity), date })),
});
const expected = (parts: SuppliedPart[], given: { handlingDays?: number; horizonDays?: number } = {}) => {
  const supply = { handlingDays: 0, horizonDays: 30, ...given };
  const found = expectedSupply(parts, { localDate: "2026-08-01", supply });
  return found && `${found.date} in ${found.days}`;
};

it.each<[string, SuppliedPart[], string | undefined]>([
  ["the first line, whatever order they come in", [part(0, [5, "2026-08-20"], [5, "2026-08-08"])], "2026-08-08 in 7"],
  ["not the one that earlier buyers take", [part(-5, [5, "2026-08-08"], [1, "2026-08-20"])], "2026-08-20 in 19"],
  ["none: everything on its way is sold", [part(-5, [5, "2026-08-08"])], undefined],
  ["none at all", [part(0)], undefined],
  ["while there is stock, the next one", [part(3, [5, "2026-08-08"])], "2026-08-08 in 7"],
  ["overdue: today", [part(0, [5, "2026-07-01"])], "2026-08-01 in 0"],
  ["beyond the horizon", [part(0, [5, "2026-09-01"])], undefined],
  [
    "a kit waits for the last that it lacks",
    [part(0, [5, "2026-08-08"]), part(-1, [5, "2026-08-09"]), part(9)],
    "2026-08-09 in 8",
  ],
  ["a kit that lacks what nobody ordered", [part(0, [5, "2026-08-08"]), part(0)], undefined],
  ["a kit that lacks nothing", [part(9), part(9, [5, "2026-08-09"]), part(9, [5, "2026-08-08"])], "2026-08-08 in 7"],
])("%s", (_, parts, date) => {
  expect(expected(parts)).toBe(date);
});

it("takes the days until goods can be sold into account", () => {
  expect(expected([part(0, [5, "2026-08-08"])], { handlingDays: 3 })).toBe("2026-08-11 in 10");
  expect(expected([part(0, [5, "2026-08-08"])], { handlingDays: 3, horizonDays: 9 })).toBeUndefined();
});
