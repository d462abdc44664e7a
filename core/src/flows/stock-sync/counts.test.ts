/** What a run tells of itself. */
import { expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { countFull, noCounts, type StockCounts } from "./counts.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld } from "./testing/world.ts";

it("counts what it read, found, wrote, met again, refused and held, page by page", async () => {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), maxZeros: 1 };
    }),
  );
  const told: StockCounts[] = [];
  const sync = (mode: "delta" | "full") =>
    runStockSync(world.deps, {
      now: world.time.now,
      mode,
      progress: async (counts) => void told.push({ ...counts }),
    });
  for (let index = 0; index < 250; index += 1) {
    world.happen.sku(`P${String(index).padStart(3, "0")}`);
    world.happen.stock(`P${String(index).padStart(3, "0")}`, 5);
  }
  await sync("full");
  // All is scanned while what its first page found is written, in pages that share the places; and the end.
  const steps = told.map(({ read, written }) => `${read} read, ${written} written`);
  expect([...new Set(steps)]).toEqual([
    "0 read, 0 written",
    "250 read, 104 written",
    "250 read, 192 written",
    "250 read, 200 written",
    "250 read, 250 written",
  ]);
  world.happen.wait(30 * 60_000);
  for (const sku of ["P001", "P002"]) world.happen.count(sku, 0);
  world.happen.count("P003", 7);
  world.happen.count("P004", 8);
  world.happen.sku("ODD", { convFactor: decimal(0), partNo: "P004" as never });
  let contested = true;
  world.interfere((call) => {
    if (call === "update" && contested) world.happen.sale("P003", 1);
    if (call === "update") contested = false;
  });
  await sync("delta");
  expect(told.at(-1)).toEqual({
    // The time stamps of all rows lie within the overlap of the windows.
    read: 251,
    changed: 4,
    unchanged: 246,
    written: 2,
    conflicts: 1,
    rejected: 1,
    held: 2,
    belowZero: 0,
  });
});

it("is up to date with a run that saw the site, and not with one that did not", async () => {
  const world = createWorld();
  const caughtUpAt = () => (world.cursor("stock-site-S1") as { caughtUpAt?: number } | null)?.caughtUpAt;
  const sync = () => runStockSync(world.deps, { now: world.time.now, mode: "delta" });
  world.happen.sku("BOLT");
  world.happen.stock("BOLT", 5);
  await sync();
  const first = world.time.now;
  expect(caughtUpAt()).toBe(first);
  world.happen.wait(30 * 60_000);
  world.knobs.siteHidden = true;
  await sync();
  expect(caughtUpAt()).toBe(first);
  world.knobs.siteHidden = false;
  await sync();
  expect(caughtUpAt()).toBe(world.time.now);
});

it("tells of a full run how much is done, and how much it was the last time", async () => {
  const world = createWorld();
  for (let index = 0; index < 250; index += 1) {
    world.happen.sku(`P${String(index).padStart(3, "0")}`);
    world.happen.stock(`P${String(index).padStart(3, "0")}`, 5);
  }
  const sync = async (mode: "delta" | "full") => {
    const told: StockCounts[] = [];
    const progress = async (counts: StockCounts) => void told.push({ ...counts });
    await runStockSync(world.deps, { now: world.time.now, mode, progress });
    return told.at(-1);
  };
  // Nothing is known of the first one's size.
  expect(await sync("full")).toMatchObject({ fullDone: 250, fullBefore: 0, fullUncounted: 1 });
  world.happen.wait(30 * 60_000);
  expect(await sync("delta")).not.toHaveProperty("fullDone");
  world.happen.wait(30 * 60_000);
  const second = await sync("full");
  expect(second).toMatchObject({ fullDone: 250, fullBefore: 0, fullTotal: 250 });
  expect(second).not.toHaveProperty("fullUncounted");
});

it("adds up the full runs of several sites, with what earlier runs have done of them", () => {
  const counts = noCounts();
  const [first, second] = [
    countFull(counts, { before: 400, total: 1000 }),
    countFull(counts, { before: 0, total: 500 }),
  ];
  expect(counts).toMatchObject({ fullDone: 400, fullBefore: 400, fullTotal: 1500 });
  first(600);
  second(100);
  first(1000);
  expect(counts).toMatchObject({ fullDone: 1100, fullBefore: 400, fullTotal: 1500 });
});
