import { describe, expect, it } from "vitest";
import { rememberedOf } from "./remembered.ts";

describe("what a process remembers", () => {
  it("is what was used last, and no more than so many", () => {
    const cache = rememberedOf<{ readonly value: number }>(3);
    for (const value of [1, 2, 3]) cache.set(String(value), { value });
    cache.get("1");
    cache.set("4", { value: 4 });
    expect([...cache.entries()]).toEqual([
      ["4", { value: 4 }],
      ["1", { value: 1 }],
      ["3", { value: 3 }],
    ]);
    for (let value = 5; value < 5000; value += 1) cache.set(String(value), { value });
    expect([...cache.keys()]).toEqual(["4999", "4998", "4997"]);
  });

  it("takes no place before there is something to remember", () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const all = Array.from({ length: 1000 }, () => rememberedOf(20_000));
    // By places that are taken at once these would be 400 MB.
    expect((process.memoryUsage().heapUsed - before) / all.length).toBeLessThan(20_000);
  });
});
