import { afterAll, beforeAll, expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import { entriesOf, germany, openExceptions, sellable, simpleParts } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const MINUTE = 60_000;
/** What moves is read by its keys: no full run in the time of the story. */
const stockOnly: Document = {
  prices: { lists: [] },
  schedules: {
    stockSeconds: 60,
    stockFullSeconds: 86_400,
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

function setPriceFactor(part: string, factor: string | null): void {
  const table = world.ifs.model.world().table("SalesPart");
  const row = [...(table.find("Contract", site) ?? [])].find(({ values }) => values.CatalogNo === part);
  if (!row) throw new Error(`no sales part ${part}`);
  table.update(row, { PriceConvFactor: factor });
}

test("a sales part that cannot be read stands still by name, all others go on, and it follows once it is repaired", async () => {
  const [odd, other] = simpleParts(world, site).filter((part) => sellable(world, site, part) > 0) as [string, string];
  const [before, otherBefore] = [sellable(world, site, odd), sellable(world, site, other)];
  setPriceFactor(odd, null);
  receive(odd, 7);
  receive(other, 5);
  await world.run(5 * MINUTE);
  expect(await shown(odd, other)).toEqual([before, otherBefore + 5]);
  const open = (await openExceptions(world)).filter(({ code }) => code === "ifsRefused");
  expect(open).toMatchObject([
    { recordType: "sku", recordId: `${site}/${odd}`, message: expect.stringContaining('field "priceConvFactor"') },
  ]);
  expect(world.log.filter(({ event }) => event === "run-failed")).toEqual([]);

  setPriceFactor(odd, "1");
  await world.run(5 * MINUTE);
  expect(await shown(odd, other)).toEqual([before + 7, otherBefore + 5]);
  expect((await openExceptions(world)).filter(({ code }) => code === "ifsRefused")).toEqual([]);
}, 120_000);
