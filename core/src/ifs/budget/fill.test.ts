import fc from "fast-check";
import { expect, test } from "vitest";
import { fill } from "./fill.ts";

const shares = (wants: Record<string, number[]>, total: number) =>
  Object.fromEntries(fill(new Map(Object.entries(wants)), total));

test("a more urgent level of anybody comes before a less urgent one", () => {
  expect(shares({ job: [6, 0, 600], events: [6, 80, 0] }, 100)).toEqual({ job: 14, events: 86 });
});

test("too little is shared evenly, and the remainder goes by name", () => {
  expect(shares({ b: [600], a: [600], c: [2] }, 11)).toEqual({ a: 5, b: 4, c: 2 });
});

test("who got more for an urgent want does not get as much again for the rest", () => {
  expect(shares({ a: [0, 30, 600], b: [0, 0, 600] }, 100)).toEqual({ a: 50, b: 50 });
});

test("what nobody wants is left over; nothing can be shared of nothing", () => {
  expect(shares({ a: [3, 4], b: [] }, 100)).toEqual({ a: 7, b: 0 });
  expect(shares({ a: [3] }, -5)).toEqual({ a: 0 });
  expect(shares({}, 5)).toEqual({});
});

test("never more than there is, never more than is wanted, and all of it where it is wanted", () => {
  const levels = fc.array(fc.nat(50), { maxLength: 4 });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 3 }), levels, { maxKeys: 8 }), fc.nat(300), (wants, total) => {
      const result = fill(new Map(Object.entries(wants)), total);
      const wanted = Object.values(wants).map((ofOne) => ofOne.reduce((sum, want) => sum + want, 0));
      const sum = [...result.values()].reduce((all, share) => all + share, 0);
      expect(sum).toBe(
        Math.min(
          total,
          wanted.reduce((all, want) => all + want, 0),
        ),
      );
      expect(Object.keys(wants).every((id, index) => (result.get(id) as number) <= (wanted[index] as number))).toBe(
        true,
      );
    }),
  );
});
