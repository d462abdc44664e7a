/**
 * IFS cuts its lists: a page is shorter than it should be, the link to the next one is missing, a page in the middle is empty. Whatever
 * of it a run notices, it never takes what it was not shown for "no stock".
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InventoryEntry } from "../sandbox/commercetools/stock.ts";
import type { SandboxResponse } from "../sandbox/kernel/types.ts";
import { entriesOf, seedCatalogue } from "../sandbox/seed/seed-any-catalogue.ts";
import { addresses } from "./addresses.ts";
import { configurationOf, deploy, pushConfiguration } from "./install.ts";
import type { Seen, Tampering } from "./network.ts";
import { channelId } from "./stock/books.ts";
import { openWorld, type World } from "./world.ts";

const SITE = "101";
const size = { entries: 360, rows: 480, lines: 180 };
/** Pages of so many rows, so that a list of ninety parts has several. */
const PAGE = 25;
const MINUTE = 60_000;

let world: World;
beforeAll(async () => {
  world = await openWorld({ size: "small", seedIfs: (ifs) => seedCatalogue(ifs, size), ifs: { maxTop: PAGE } });
  for (const app of ["event-app", "job-app"] as const) await deploy(world, app);
  const day = 86_400;
  const pools = [{ name: "Hamburg", site: SITE, channels: [{ supplyChannel: "hamburg" }] }];
  // No bound hides what a run would write by a list that was cut, and each run is a full one too.
  const stock = { pools, maxChangePercent: 100, bounds: { maxCutsPercent: 100 } };
  const schedules = {
    stockSeconds: 60,
    stockFullSeconds: 60,
    sweepSeconds: 3600,
    statusSeconds: day,
    customerSeconds: day,
  };
  const sites = (configurationOf(world).sites as { site: string }[]).filter(({ site }) => site === SITE);
  const base = configurationOf(world, { stock, schedules, sites, prices: { lists: [] } });
  const routes = (base.routes as { site: string }[]).filter(({ site }) => site === SITE);
  await pushConfiguration(world, { ...base, routes });
  for (const draft of entriesOf(size)) await world.drive(world.shop.post("/inventory", draft));
  world.start("job-app");
  await settle();
}, 120_000);
afterAll(() => world.close());

async function settle(): Promise<void> {
  for (let runs = 0; runs < 2; runs += 1) {
    await world.run(2 * MINUTE);
    await world.tick();
  }
}

/** Of the site's channel, by SKU. */
function shown(): Map<string, number> {
  const hamburg = channelId(world, "hamburg");
  const all = [...world.commercetools.model.world.collection<InventoryEntry>("inventory-entry").values()];
  const own = all.filter(({ supplyChannel }) => supplyChannel?.id === hamburg);
  return new Map(own.map(({ sku, quantityOnStock }) => [sku, quantityOnStock]));
}

type Body = { value?: unknown[]; "@odata.nextLink"?: string };
const bodyOf = ({ body }: SandboxResponse): Body => JSON.parse(body.toString("utf8")) as Body;
const answered = (answer: SandboxResponse, body: Body): SandboxResponse => ({
  ...answer,
  body: Buffer.from(JSON.stringify(body), "utf8"),
});

/** What a figure is made of: lists by number, each page of which is cut, and all of their kind, of which one in three is. */
const byNumber = (set: string): RegExp =>
  new RegExp(`${set}\\?.*%20and%20\\(?(PartNo|CatalogNo)%20eq%20%27P-\\d+%27(%20or|\\)|&)`);
const sets = {
  "stock rows": "InventoryPartInStockSet",
  "open demand": "CustomerOrderLineSet",
  "sales parts": "SalesPartSet",
};
const lists = Object.entries(sets).flatMap(([name, set]) => [
  { list: `${name} by number`, pattern: byNumber(set), each: 1 },
  { list: name, pattern: new RegExp(`${set}\\?`), each: 3 },
]);
const topOf = ({ path }: Seen): number => Number(/[&?]\$top=(\d+)/.exec(path)?.[1] ?? 0);
const skipOf = ({ path }: Seen): number => Number(/[&?]\$skip=(\d+)/.exec(path)?.[1] ?? 0);

/** Of a page with several rows only the first ones arrive. */
const truncated: Change = (_seen, body) => ({ ...body, value: body.value.slice(0, Math.ceil(body.value.length / 2)) });
/** The page is linked to another one of one row, and that one to nothing, though rows follow. */
const linkedShort: Change = (seen, body) => {
  const half = Math.ceil(body.value.length / 2);
  if (half + 1 >= body.value.length) return body;
  const [, list = "", query = ""] = /([^/?]+)\?(.*)$/.exec(seen.path) ?? [];
  const bare = query.replace(/&\$(top|skip)=\d+/g, "");
  const next = `${list}?${bare}&$top=1&$skip=${skipOf(seen) + half}`;
  return { value: body.value.slice(0, half), "@odata.nextLink": next };
};
/** A page that is neither the first nor the last arrives without a row. */
const emptied: Change = (seen, body) => {
  const isFirst = skipOf(seen) === 0 && !seen.path.includes("%20gt%20");
  return isFirst || body.value.length < 3 ? body : { ...body, value: [] };
};

type Change = (seen: Seen, body: Body & { readonly value: unknown[] }) => Body;
const changes = {
  "a truncated page": truncated,
  "links that end early": linkedShort,
  "an empty page in the middle": emptied,
};

/** Pages of one kind of list, each of them or one in three; `struck` counts what reached the connector otherwise. */
function cut(list: RegExp, change: Change, each: number) {
  const state = { met: 0, struck: 0 };
  const tampering: Tampering = (seen, answer) => {
    if (seen.origin !== addresses.ifs || seen.method !== "GET" || answer.status !== 200 || !list.test(seen.path))
      return answer;
    const body = bodyOf(answer);
    if (!body.value || body.value.length < 2 || topOf(seen) <= 2) return answer;
    state.met += 1;
    if (state.met % each !== 0) return answer;
    const now = change(seen, { ...body, value: body.value });
    if (JSON.stringify(now) !== JSON.stringify(body)) state.struck += 1;
    return answered(answer, now);
  };
  return { state, off: world.network.tamper(tampering) };
}

/** Something moves in every second part, so that runs read figures by their keys as well. */
function goodsComeIn(): void {
  const parts = [...shown().keys()].toSorted().filter((_, index) => index % 2 === 0);
  for (const part of parts) world.ifs.model.clerk("receive", { site: SITE, part, qty: 1, location: "PICK-01" });
}

const cases = lists.flatMap((list) => Object.entries(changes).map(([what, change]) => ({ ...list, what, change })));

describe("while IFS cuts its lists, no entry is lowered, nor raised beyond what came in", () => {
  test.each(cases)(
    "$list: $what, one of $each",
    async ({ pattern, change, each }) => {
      const before = shown();
      expect(before.size).toBeGreaterThan(100);
      goodsComeIn();
      const { state, off } = cut(pattern, change, each);
      try {
        for (let runs = 0; runs < 2; runs += 1) {
          await world.run(2 * MINUTE);
          await world.tick();
        }
      } finally {
        off();
      }
      expect(state.struck).toBeGreaterThan(0);
      const changed = [...shown()].map(([sku, quantity]) => ({ sku, by: quantity - (before.get(sku) ?? 0) }));
      expect(changed.filter(({ by }) => by !== 0 && by !== 1)).toEqual([]);
      await settle();
      // What came in is there, once.
      const risen = [...shown()].flatMap(([sku, quantity]) => quantity - (before.get(sku) ?? 0));
      expect(new Set(risen)).toEqual(new Set([0, 1]));
    },
    120_000,
  );
});
