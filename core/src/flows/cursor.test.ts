import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConflictError } from "../domain/failure.ts";
import { type Cursors, openCursor } from "./cursor.ts";

const schema = z.object({ after: z.string() });

function aStore() {
  const documents = new Map<string, { value: unknown; version: number }>();
  const cursors: Cursors = {
    read: async (name) => documents.get(name),
    async write(name, value, version) {
      // As the platform: without a version to compare with, the document is created or replaced.
      const known = documents.get(name)?.version ?? 0;
      if (version !== 0 && known !== version) throw new ConflictError("another run moved the cursor");
      documents.set(name, { value, version: known + 1 });
      return known + 1;
    },
  };
  return { cursors, documents };
}

describe("a cursor", () => {
  test("goes on where the last run stopped", async () => {
    const { cursors, documents } = aStore();
    const first = await openCursor(cursors, "orders", schema);
    expect(first.value()).toBe(undefined);
    await first.move({ after: "a" });
    await first.move({ after: "b" });
    expect(first.value()).toEqual({ after: "b" });
    expect((await openCursor(cursors, "orders", schema)).value()).toEqual({ after: "b" });
    expect([...documents]).toEqual([["orders", { value: { after: "b" }, version: 2 }]]);
  });

  test("of two runs at once, the later write of the lost one is refused", async () => {
    const { cursors, documents } = aStore();
    await (await openCursor(cursors, "orders", schema)).move({ after: "a" });
    const lost = await openCursor(cursors, "orders", schema);
    const winner = await openCursor(cursors, "orders", schema);
    await winner.move({ after: "m" });
    await expect(lost.move({ after: "b" })).rejects.toBeInstanceOf(ConflictError);
    await expect(lost.move({ after: "c" })).rejects.toBeInstanceOf(ConflictError);
    await winner.move({ after: "n" });
    expect([lost.value(), documents.get("orders")]).toEqual([{ after: "a" }, { value: { after: "n" }, version: 3 }]);
  });

  test("the very first write compares with nothing, the second one tells", async () => {
    const { cursors, documents } = aStore();
    const lost = await openCursor(cursors, "orders", schema);
    const winner = await openCursor(cursors, "orders", schema);
    await lost.move({ after: "a" });
    await winner.move({ after: "m" });
    await expect(lost.move({ after: "b" })).rejects.toBeInstanceOf(ConflictError);
    expect(documents.get("orders")).toEqual({ value: { after: "m" }, version: 2 });
  });

  test("a damaged document is named", async () => {
    const { cursors, documents } = aStore();
    documents.set("orders", { value: { after: 7 }, version: 1 });
    await expect(openCursor(cursors, "orders", schema)).rejects.toThrow(/^cursor "orders" is damaged: .*after/s);
  });
});
