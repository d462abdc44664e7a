import { expect, test } from "vitest";
import { askedWithout, RefusedError, RefusedKeysError } from "./failure.ts";

test("asking without what is refused ends, also where the memory of refusals forgets at once", async () => {
  const asked: (readonly string[])[] = [];
  const forgetful = { has: () => false, set: () => undefined };
  const answers = await askedWithout(["A", "B"], forgetful, async (keys) => {
    asked.push(keys);
    if (asked.length > 3) throw new Error("asked again and again");
    const cause = new RefusedError("ifs", "invalidInput", 400, "no");
    if (keys.includes("B")) throw new RefusedKeysError(["B"], { cause, asked: "Set" });
    return keys;
  });
  expect([answers, asked]).toEqual([["A"], [["A", "B"], ["A"]]]);
});
