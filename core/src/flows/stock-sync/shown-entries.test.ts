import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createShownEntries } from "./shown-entries.ts";

test("what was added is known; of what was not hardly one in a thousand is taken for it, another one in each run", () => {
  const [added, others] = [0, 1].map(() => Array.from({ length: 200_000 }, () => randomUUID()));
  const mistaken = [1, 2].map((salt) => {
    const shown = createShownEntries(salt);
    for (const id of added ?? []) shown.add(id);
    expect((added ?? []).every((id) => shown.has(id))).toBe(true);
    return (others ?? []).filter((id) => shown.has(id));
  });
  expect(mistaken.map((ids) => ids.length < 200)).toEqual([true, true]);
  expect(mistaken[0]?.filter((id) => mistaken[1]?.includes(id)).length).toBeLessThan(3);
});
