import { afterAll, beforeAll, expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import { entriesOf, germany, openExceptions, sellable, simpleParts } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const MINUTE = 60_000;
const stockOnly: Document = {
  prices: { lists: [] },
  schedules: {
    stockSeconds: 60,
    stockFullSeconds: 600,
    statusSeconds: 86_400,
    sweepSeconds: 3600,
    customerSeconds: 86_400,
  },
};

let world: World;
let end = () => {};
beforeAll(async () => {
  world = await openWorld({ size: "small" });
  await installConnector(world, stockOnly);
  await world.run(5000);
  end = world.schedule(20_000);
  await world.run(3 * MINUTE);
}, 120_000);
afterAll(() => {
  end();
  world.close();
});

const { site, supplyChannel } = germany;
async function shown(...parts: readonly string[]): Promise<(number | undefined)[]> {
  const entries = await entriesOf(world, supplyChannel);
  return parts.map((part) => entries.get(part)?.quantityOnStock);
}
const receive = (part: string, qty: number) => world.ifs.model.clerk("receive", { site, part, qty: String(qty) });

test("a part that IFS refuses every list for stands still by name, through full runs, and all others go on", async () => {
  const [odd, other] = simpleParts(world, site).filter((part) => sellable(world, site, part) > 0) as [string, string];
  const [before, otherBefore] = [sellable(world, site, odd), sellable(world, site, other)];
  expect(await shown(odd, other)).toEqual([before, otherBefore]);

  world.ifs.model.changeSettings({ refusedFilterValues: [odd] });
  receive(odd, 7);
  receive(other, 5);
  await world.run(25 * MINUTE);
  expect(await shown(odd, other)).toEqual([before, otherBefore + 5]);
  const open = await openExceptions(world);
  expect(open.map(({ code, recordType, recordId }) => [code, recordType, recordId])).toContainEqual([
    "ifsRefused",
    "sku",
    `${site}/${odd}`,
  ]);
  const runs = world.log.filter(({ event }) => event === "run-failed");
  expect(runs).toEqual([]);

  world.ifs.model.changeSettings({ refusedFilterValues: [] });
  await world.run(5 * MINUTE);
  expect(await shown(odd, other)).toEqual([before + 7, otherBefore + 5]);
  expect((await openExceptions(world)).filter(({ code }) => code === "ifsRefused")).toEqual([]);
}, 120_000);
