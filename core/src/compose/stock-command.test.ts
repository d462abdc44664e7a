import { expect, test } from "vitest";
import type { Sku } from "../domain/ids.ts";
import type { Loaded } from "../flows/stock-sync/load.ts";
import { runStockCommand, STOCK_USAGE } from "./stock-command.ts";

const loaded: Loaded = {
  ...{ processed: 400, changed: 20, failed: 0, submitted: 380, moved: 2, waiting: 0 },
  failures: [],
};

async function run(args: string[], load: Partial<Loaded> = {}) {
  const lines: string[] = [];
  const released: object[] = [];
  const status = await runStockCommand(args, {
    print: (line) => void lines.push(line),
    complain: (line) => void lines.push(line),
    async sync(skus) {
      lines.push(skus.join(" "));
      return {
        processed: 2,
        changed: 1,
        failed: 0,
        waiting: skus.length > 2 ? 1 : 0,
        elsewhere: skus.includes("NUT" as Sku) ? 1 : 0,
        ...(skus.length > 2 && { message: "One waits." }),
      };
    },
    async release(release) {
      released.push(release);
      const { site, kind, most } = release;
      return { site, kind, most, until: "2026-08-01T10:00:00.000Z" };
    },
    async load(channel, progress) {
      released.push({ channel });
      progress({ done: 200, total: 400, perSecond: 50, remainingSeconds: 4, waiting: 30 });
      return { ...loaded, ...load };
    },
  });
  return { status, lines, released };
}

test("releases, and says what that permits", async () => {
  expect(await run(["release", "101", "--zeros", "40", "--by", "kim"])).toEqual({
    status: 0,
    lines: ["The next run may set at most 40 entries of site 101 to zero, once, until 2026-08-01T10:00:00.000Z."],
    released: [{ site: "101", kind: "zeros", most: 40, by: "kim" }],
  });
  expect(await run(["release", "101", "--cuts", "3", "--by", "kim"])).toEqual({
    status: 0,
    lines: [
      "The next run may lower at most 3 entries of site 101 by a large part, once, until 2026-08-01T10:00:00.000Z.",
    ],
    released: [{ site: "101", kind: "cuts", most: 3, by: "kim" }],
  });
  expect(await run(["release", "101", "--ended", "3", "--by", "kim"])).toEqual({
    status: 0,
    lines: [
      "The next run may set at most 3 entries of site 101 to zero whose sales part has ended, once, until 2026-08-01T10:00:00.000Z.",
    ],
    released: [{ site: "101", kind: "ended", most: 3, by: "kim" }],
  });
});

test("synchronises named SKUs, and says what came of it", async () => {
  expect(await run(["sync", "BOLT", "NUT"])).toEqual({
    status: 0,
    lines: [
      "BOLT NUT",
      "2 sales parts looked at, 1 entries written, 0 refused, 0 waiting.",
      "1 findings are about other SKUs that share these parts, or about other supply channels: npm run exceptions -- list tells them.",
    ],
    released: [],
  });
  expect(await run(["sync", "A", "B", "C"])).toMatchObject({
    status: 1,
    lines: ["A B C", expect.any(String), "One waits."],
  });
});

test("loads a channel, and says how far it is and what comes next", async () => {
  expect(await run(["load", "hamburg"])).toEqual({
    status: 0,
    lines: [
      "200 of 400 sales parts, 50 a second, 4 s left; 30 entries wait in the Import API",
      "400 sales parts looked at in this run. Supply channel hamburg: 380 entries handed over, 2 moved, 0 findings. Set live: true for it under stock.pools when people may buy: the next run then looks at every entry.",
    ],
    released: [{ channel: "hamburg" }],
  });
  const failures = [{ key: "inv-BOLT-hamburg", state: "rejected", message: "DuplicateField: exists" }];
  expect((await run(["load", "hamburg"], { failures })).status).toBe(1);
  const early = await run(["load", "hamburg"], { waiting: 3 });
  expect([early.status, early.lines.some((line) => line.includes("Set live: true"))]).toEqual([1, false]);
  expect(early.lines[1]).toMatch(/^3 entries are not worked off yet.* Leave the channel at live: false until they are/);
});

test.each([
  [["load"]],
  [["load", "hamburg", "munich"]],
  [["sync"]],
  [["sync", "--zeros"]],
  [["release", "101", "--zeros", "40"]],
  [["release", "101", "--by", "kim"]],
  [["release", "101", "--zeros", "0", "--by", "kim"]],
  [["release", "101", "--zeros", "many", "--by", "kim"]],
  [["release", "101", "--zeros", "4", "--cuts", "4", "--by", "kim"]],
  [["release", "101", "--by", "kim"]],
  [["release", "--zeros", "4", "--by", "kim"]],
  [["hold", "101", "--zeros", "4", "--by", "kim"]],
])("%o is not understood, and nothing is released", async (args) => {
  const { status, lines, released } = await run(args);
  expect([status, lines[0]?.endsWith(STOCK_USAGE), released]).toEqual([2, true, []]);
});
