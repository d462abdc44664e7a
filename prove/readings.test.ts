/** What reads from IFS, and what writes to commercetools, under many readings of both platforms at a time. */
import { describe, expect, test } from "vitest";
import type { CommercetoolsSettings } from "../sandbox/commercetools/settings.ts";
import type { IfsSettings } from "../sandbox/ifs/settings.ts";
import { type Document, installConnector } from "./install.ts";
import {
  buy,
  entriesOf,
  germany,
  madeOf,
  openExceptions,
  orderById,
  orderInIfs,
  ordersInIfs,
  pricesNow,
  sellable,
  shownOf,
  simpleParts,
  type Wish,
} from "./people.ts";
import { openWorld, type World } from "./world.ts";

/** One warehouse and one price list: every part of the site, and half of the work. */
const oneMarket: Document = {
  stock: { pools: [{ name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg" }] }] },
  sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
  routes: [
    {
      name: "Germany",
      company: "10",
      site: "101",
      orderType: "WEB",
      coordinator: "WEBSHOP",
      customerNo: "WEB-DE",
      addressNo: "01",
      deliveryTerms: "DAP",
      defaultShipVia: "PAR",
    },
  ],
  prices: { lists: [{ priceListNo: "WEB-EUR", currency: "EUR", timeZone: "Europe/Berlin" }] },
};

const ON_THE_PHONE = "BAT.18V.2AH";
const PLENTY = "BAT.12V.2AH";

async function expectShopAsIfs(world: World): Promise<void> {
  const parts = simpleParts(world, germany.site);
  const entries = await entriesOf(world, germany.supplyChannel);
  const shown = parts.map((partNo) => [partNo, shownOf(madeOf(world, germany.site, partNo), entries).shown]);
  expect(shown).toEqual(parts.map((part) => [part, sellable(world, germany.site, part)]));
}

const ifsReadings: readonly [string, Partial<IfsSettings>][] = [
  [
    "what filters and options mean",
    {
      nextLinkWithoutTop: false,
      inOperator: "accept",
      nullComparison: "odata",
      encodedOptionNames: "accept",
      countSupport: "all",
      decimalsAsStrings: true,
      etagHeader: false,
      objversionResolution: "seconds",
      timeZoneAwareProjections: [],
      tokenSeconds: 35,
      selectRefusedOn: ["InventoryPartInStockHandling/InventoryPartInStockSet", "SalesPartHandling/SalesPartSet"],
    },
  ],
  [
    "how long lists come",
    {
      pageSize: 50,
      nextLinkForm: "relative",
      maxTop: 100,
      countSupport: "none",
      maxUrlLength: 4096,
      staleMetadataFailures: 2,
      notImplementedStatus: 500,
      encodedSlashInKeys: "refuse",
      missingRowCode: "ITEM_NOT_EXIST",
      reservationMovesLastActivityDate: false,
      unindexedFilterDelayMs: 300,
    },
  ],
];

const shopReadings: readonly [string, Partial<CommercetoolsSettings>][] = [
  [
    "late sales and other answers",
    {
      stockLagMs: 10_000,
      orderStockRaisesVersion: false,
      absoluteWriteDuringLag: "saleLost",
      negativeChangeQuantity: "refuse",
      versionStep: "perAction",
      notEqualMatchesMissing: false,
      syncInfoSameChannel: "append",
      syncInfoPredicates: false,
      customObjectVersionZero: "noVersion",
      customObjectSameValueRaisesVersion: false,
      businessErrorStatus: 409,
      accessTokenSeconds: 35,
    },
  ],
];

const readings = [
  ...ifsReadings.map(([name, ifs]) => ({ name: `IFS: ${name}`, options: { ifs } })),
  ...shopReadings.map(([name, commercetools]) => ({ name: `commercetools: ${name}`, options: { commercetools } })),
];

describe("stock and prices are those of IFS, at first and after something was sold on either side", () => {
  test.each(readings)("$name", async ({ options }) => {
    const world = await openWorld(options);
    try {
      await installConnector(world, oneMarket);
      expect((await world.tick()).status).toBe(200);
      await expectShopAsIfs(world);
      world.ifs.model.clerk("sell", { site: germany.site, part: ON_THE_PHONE, qty: 2 });
      world.ifs.model.clerk("set-price", { priceList: "WEB-EUR", part: PLENTY, amount: "49.50" });
      await world.drive(buy(world, germany, { lines: [{ sku: ON_THE_PHONE, quantity: 1 }] }));
      // The order's event, the late booking of its sale, and the age below which an order counts in full.
      await world.run(60_000);
      expect((await world.tick()).status).toBe(200);
      await expectShopAsIfs(world);
      expect(await pricesNow(world, PLENTY, "EUR")).toEqual([4950]);
      // The price list also has parts that other sites sell, and more is owed of one part than there is.
      const told = ["unmappedUnit", "availabilityNegative"];
      const others = (await openExceptions(world)).filter(({ code }) => !told.includes(code));
      expect(others).toEqual([]);
    } finally {
      world.close();
    }
  });
});

/** A discount on the whole order is a charge in IFS, and nobody knows which sign it has there. */
describe("a discount on the order is exact in IFS, or the order is held with a name on it", () => {
  const wish: Wish = {
    lines: [{ sku: PLENTY, quantity: 1, externalPrice: 4990 }],
    inventoryMode: "None",
    discountCode: "MINUS5",
  };
  test.each(["asSent", "negated", "negativeRefused"] as const)("discountChargeSign %s", async (discountChargeSign) => {
    const world = await openWorld({ ifs: { discountChargeSign } });
    try {
      await installConnector(world, { stock: { pools: [] }, prices: { lists: [] } });
      const order = await world.drive(buy(world, germany, wish));
      await world.run(60_000);
      await world.tick();
      const numbers = ordersInIfs(world, String(order.id));
      const live = numbers
        .map((orderNo) => orderInIfs(world, orderNo))
        .filter(({ state }) => !["Cancelled", "Planned"].includes(state));
      const { taxedPrice } = await orderById(world, String(order.id));
      const named = (await openExceptions(world)).map(({ recordId }) => recordId);
      if (discountChargeSign === "asSent") {
        expect(live.map(({ totalGross }) => Math.round(Number(totalGross) * 100))).toEqual([
          taxedPrice.totalGross.centAmount,
        ]);
        expect(named).toEqual([]);
      } else {
        expect(live).toEqual([]);
        expect(named).toEqual([order.id]);
      }
    } finally {
      world.close();
    }
  });
});
