import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, compare, type DecimalString, decimal, multiply, ZERO } from "./decimal.ts";
import type { PartNo } from "./ids.ts";
import { type Draw, divideAmongSharers, mergeDraws, type Sharer } from "./shared-pool.ts";

const draw = (partNo: string, factor: number | string = 1, inverted: number | string = 1): Draw => ({
  partNo: partNo as PartNo,
  factor: { factor: decimal(factor), inverted: decimal(inverted) },
});
const sharer = (sku: string, draws: Draw[], weight = 1): Sharer => ({ sku, weight, draws });
const has = (units: Record<string, number | string>): Map<PartNo, DecimalString> =>
  new Map(Object.entries(units).map(([partNo, quantity]) => [partNo as PartNo, decimal(quantity)]));

describe("divideAmongSharers", () => {
  const bolt = sharer("BOLT", [draw("B")]);
  const box = sharer("BOX", [draw("B", 12)]);
  const kit = sharer("KIT", [draw("A", 2), draw("B")]);
  const a = sharer("A", [draw("A")]);
  it.each<[string, Sharer[], Record<string, number | string>, Record<string, number>]>([
    ["alone: all of it", [bolt], { B: "40.9" }, { BOLT: 40 }],
    ["alone, a fraction a unit", [sharer("M", [draw("B", "0.3")])], { B: 1 }, { M: 3 }],
    ["pieces and boxes: half each, pieces fill the gap", [bolt, box], { B: 40 }, { BOLT: 28, BOX: 1 }],
    ["too few for a box", [bolt, box], { B: 11 }, { BOLT: 11, BOX: 0 }],
    ["the last piece is somebody's", [sharer("X", [draw("B")]), sharer("Y", [draw("B")])], { B: 1 }, { X: 0, Y: 1 }],
    [
      "by weight",
      [
        { ...bolt, weight: 1 },
        { ...box, weight: 3 },
      ],
      { B: 48 },
      { BOLT: 12, BOX: 3 },
    ],
    ["weight 0 takes what is left", [{ ...bolt, weight: 0 }, box], { B: 40 }, { BOLT: 4, BOX: 3 }],
    [
      "nobody has a weight",
      [
        { ...bolt, weight: 0 },
        { ...box, weight: 0 },
      ],
      { B: 40 },
      { BOLT: 4, BOX: 3 },
    ],
    ["less than nothing is nothing", [bolt, box], { B: -5 }, { BOLT: 0, BOX: 0 }],
    ["a kit alone: the scarcest component", [kit], { A: 9, B: 100 }, { KIT: 4 }],
    ["a kit beside its component: what it cannot use is given back", [a, kit], { A: 20, B: 2 }, { A: 16, KIT: 2 }],
    ["a kit without one of its components", [a, kit], { A: 20, B: 0 }, { A: 20, KIT: 0 }],
    [
      "two kits on one part",
      [kit, sharer("LOT", [draw("B", 5), draw("C")])],
      { A: 100, B: 20, C: 1 },
      { KIT: 10, LOT: 1 },
    ],
    ["parts that nobody looked at limit nothing", [a, kit], { A: 20 }, { A: 10, KIT: 5 }],
  ])("%s", (_, sharers, available, expected) => {
    expect(Object.fromEntries(divideAmongSharers(sharers, has(available)))).toEqual(expected);
  });

  it("never gives out more of a part than there is, whoever draws on what", () => {
    const parts = ["A", "B", "C"];
    const anyDraw = fc.record({
      part: fc.constantFrom(...parts),
      factor: fc.constantFrom("1", "2", "12", "0.5", "7.25"),
      inverted: fc.constantFrom("1", "3"),
    });
    const anySharer = fc.record({
      weight: fc.nat(4),
      draws: fc.uniqueArray(anyDraw, { minLength: 1, maxLength: 3, selector: ({ part }) => part }),
    });
    const quantity = fc.oneof(fc.integer({ min: -5, max: 60 }).map(String), fc.constantFrom("0.7", "11.999"));
    fc.assert(
      fc.property(
        fc.array(anySharer, { minLength: 1, maxLength: 7 }),
        fc.tuple(quantity, quantity, quantity),
        (raw, quantities) => {
          const sharers = raw.map(({ weight, draws }, index) =>
            sharer(
              `S${index}`,
              draws.map(({ part, factor, inverted }) => draw(part, factor, inverted)),
              weight,
            ),
          );
          const available = has(Object.fromEntries(parts.map((part, index) => [part, quantities[index] ?? "0"])));
          const given = divideAmongSharers(sharers, available);
          for (const [partNo, units] of available) {
            // In thirds, so that nothing is rounded.
            const taken = sharers.flatMap(({ sku, draws }) =>
              draws
                .filter((one) => one.partNo === partNo)
                .map(({ factor }) =>
                  multiply(
                    multiply(decimal(given.get(sku) ?? 0), factor.factor),
                    decimal(factor.inverted === "3" ? 1 : 3),
                  ),
                ),
            );
            const most = compare(units, ZERO) < 0 ? ZERO : multiply(units, decimal(3));
            expect(compare(add(ZERO, ...taken), most)).toBeLessThanOrEqual(0);
          }
          expect([...given.values()].every((units) => units >= 0)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("mergeDraws", () => {
  it("adds up a component that is named twice, exactly", () => {
    expect(mergeDraws([draw("A", 1, 3), draw("B"), draw("A", 1, 2)])).toEqual([draw("A", 5, 6), draw("B")]);
  });
});
