import { expect, test } from "vitest";
import { isSameLine, readLineReference, writeLineReference } from "./line-reference.ts";

const lineRef = "0f4a5f4e-8d0c-4a3c-9d55-0123456789ab";
const field = { field: "customerPoLineNo", maxLength: 20 } as const;
const read = (written: { customerPoLineNo?: string; noteText?: string }) =>
  readLineReference({ customerPoLineNo: written.customerPoLineNo ?? null, noteText: written.noteText ?? null });

test("a line id that is too long goes into the note, its position into the field", () => {
  const written = writeLineReference(field, { lineRef }, 3);
  expect(written).toEqual({ customerPoLineNo: "3", noteText: `[ref ${lineRef}]` });
  expect(read(written)).toBe(lineRef);
});

test("the note's own text stays, cut so that the reference is never lost", () => {
  const written = writeLineReference(field, { lineRef, noteText: "n".repeat(5000) }, 1);
  expect(written.noteText).toHaveLength(2000);
  expect(read(written)).toBe(lineRef);
});

test("a reference that fits is written as it is", () => {
  const written = writeLineReference(field, { lineRef: "L-7", noteText: "gift" }, 1);
  expect(written).toEqual({ customerPoLineNo: "L-7", noteText: "gift" });
  expect(read(written)).toBe("L-7");
  expect(writeLineReference({ ...field, maxLength: 36 }, { lineRef }, 1)).toEqual({ customerPoLineNo: lineRef });
});

test("a tenant may keep the reference in the note only", () => {
  expect(read(writeLineReference({ field: "noteText", maxLength: 2000 }, { lineRef: "L-7" }, 2))).toBe("L-7");
});

test("lines of others have none", () => {
  expect(read({ noteText: "call before delivery" })).toBeNull();
});

test("a line whose note was cleared is still the one at its position", () => {
  expect([
    isSameLine(lineRef, lineRef, 1),
    isSameLine("1", lineRef, 1),
    isSameLine("2", lineRef, 1),
    isSameLine(null, lineRef, 1),
  ]).toEqual([true, true, false, false]);
});
