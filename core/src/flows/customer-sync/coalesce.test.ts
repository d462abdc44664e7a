import { expect, test } from "vitest";
import { createCoalesce } from "./coalesce.ts";

/** Works that end when they are told to. */
function works() {
  const ends: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve, reject) => {
      ends.push(() => (name === "bad" ? reject(new Error(name)) : resolve(name)));
    });
  };
  const end = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, work, end };
}

test("what comes while work is under way waits, and shares one look that begins afterwards", async () => {
  const { begun, work, end } = works();
  const coalesce = createCoalesce<string>();
  const all = ["first", "second", "third"].map((name) => coalesce("a", work(name)));
  const other = coalesce("b", work("other"));
  expect(begun).toEqual(["first", "other"]);
  await end();
  expect(begun).toEqual(["first", "other", "second"]);
  // News of now begins after the one that is under way.
  const late = coalesce("a", work("late"));
  await end();
  await end();
  await end();
  expect(await Promise.all([...all, other, late])).toEqual(["first", "second", "second", "other", "late"]);
});

test("a failure is told to those who share it, and stops nobody else", async () => {
  const { work, end } = works();
  const coalesce = createCoalesce<string>();
  const bad = coalesce("a", work("bad"));
  const next = coalesce("a", work("next"));
  const refused = expect(bad).rejects.toThrow("bad");
  await end();
  await refused;
  await end();
  expect(await next).toBe("next");
  const again = coalesce("a", work("again"));
  await end();
  expect(await again).toBe("again");
});
