/**
 * One day of a shop, told to every kind of tenant by the same code: what differs is the configuration. Where a grant is missing, the
 * connector has to say so and wait; once it is given, everything that waited happens.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectorClient } from "../sandbox/ifs/connector-client.ts";
import { appNames } from "./addresses.ts";
import { configurationOf, deploy, installConnector, pushConfiguration } from "./install.ts";
import {
  askForPromise,
  buy,
  consultDoctor,
  entriesOf,
  germany,
  isGranted,
  type Market,
  madeOf,
  markets,
  openExceptions,
  orderById,
  orderInIfs,
  ordersInIfs,
  pricesNow,
  sellable,
  shownOf,
  simpleParts,
  sweden,
} from "./people.ts";
import { tenantNamed } from "./tenants.ts";
import { openWorld, type World } from "./world.ts";

/** A part with plenty of stock in both markets. */
const PLENTY = "BAT.12V.2AH";
/** Nobody buys this one in the shop: its stock moves for one reason only. */
const ON_THE_PHONE = "BAT.18V.2AH";
/** In minor units; as the storefront's own price where no list gives one. */
const SWEDISH_PRICE = 49_900;

const armed = { atp: { extension: "armed" } };

export function tellStories(name: string): void {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ tenant: tenantNamed(name) });
    await installConnector(world, armed);
  });
  afterAll(() => world?.close());

  const ticked = async () => {
    const { status, body } = await world.tick();
    expect([status, body]).toEqual([200, expect.anything()]);
  };
  const wishIn = (market: Market, quantity: number) => ({
    lines: [{ sku: PLENTY, quantity, ...(market === sweden ? { externalPrice: SWEDISH_PRICE } : {}) }],
    // Without a grant there is no stock entry, and the shop sells all the same.
    ...(market === sweden ? { inventoryMode: "None" as const } : {}),
  });
  const linkOf = async (orderId: string): Promise<string | undefined> => {
    const { syncInfo } = await orderById(world, orderId);
    return ordersInIfs(world, orderId).find((orderNo) => syncInfo.some(({ externalId }) => externalId === orderNo));
  };
  /** Once in IFS, in the right site, released, equal to the cent, and linked. */
  async function expectExported(orderId: string, market: Market): Promise<string> {
    const orderNo = await linkOf(orderId);
    expect(ordersInIfs(world, orderId)).toEqual([orderNo]);
    const inIfs = orderInIfs(world, String(orderNo));
    const { taxedPrice } = await orderById(world, orderId);
    expect([inIfs.state, inIfs.site, inIfs.customerNo, Math.round(Number(inIfs.totalGross) * 100)]).toEqual([
      "Released",
      market.site,
      market.customerNo,
      taxedPrice.totalGross.centAmount,
    ]);
    return String(orderNo);
  }
  async function expectStockOf(market: Market): Promise<void> {
    const parts = simpleParts(world, market.site);
    expect(parts.length).toBeGreaterThan(50);
    const entries = await entriesOf(world, market.supplyChannel);
    const shown: [string, number][] = [];
    const wanted: [string, number][] = [];
    for (const part of parts) {
      const together = shownOf(madeOf(world, market.site, part), entries, market.buffer);
      shown.push([part, together.shown]);
      wanted.push([part, Math.max(0, sellable(world, market.site, part) - together.held)]);
    }
    expect(shown).toEqual(wanted);
  }

  describe(`the ${name} tenant`, () => {
    test("a second deployment arms the check, says which sites cannot be seen, and a third changes nothing", async () => {
      const hidden = world.tenant.profile.grants?.sites ? "102, 201" : undefined;
      // The check of orders is armed by a deployment that finds the service running, whatever else it finds.
      const armament = deploy(world, "service-app");
      if (hidden) await expect(armament).rejects.toThrow(`IFS does not show site ${hidden} to the service user`);
      else expect((await armament).map(({ done }) => done)).toContain("created");
      for (const app of hidden ? [] : appNames) {
        const lines = await deploy(world, app);
        expect(lines.filter(({ done }) => done !== "unchanged")).toEqual([]);
      }
    });

    test("stock comes in as IFS can sell it; of what cannot be seen there is no entry, and no zero", async () => {
      await ticked();
      for (const market of markets) {
        if (isGranted(world, market)) await expectStockOf(market);
        else expect((await entriesOf(world, market.supplyChannel)).size).toBe(0);
      }
    });

    test("prices come in", async () => {
      for (const { currency, priceList, site, ...market } of markets) {
        const granted = isGranted(world, { currency, priceList, site, ...market });
        const list = world.ifs.model.world().table("SalesPriceListPart");
        const rows = [...(list.find("CatalogNo", PLENTY) ?? [])].filter(
          ({ values }) => values.PriceListNo === priceList && Number(values.MinQuantity) <= 1,
        );
        const inForce = rows.map(({ values }) => Math.round(Number(values.SalesPrice) * 100));
        const [price, ...more] = await pricesNow(world, PLENTY, currency);
        expect(more).toEqual([]);
        if (granted) expect(inForce).toContain(price);
        else expect(price).toBeUndefined();
      }
    });

    test("the checkout is promised what IFS has, and told what nobody knows", async () => {
      // As where a process begins to listen once there is a configuration: the first shopper finds what it rests on read.
      for (const { connector } of world.processes("service-app")) await world.drive(connector.life.start());
      const has = sellable(world, germany.site, PLENTY);
      const [most] = (await askForPromise(world, germany, PLENTY, has)).lines;
      const [tooMuch] = (await askForPromise(world, germany, PLENTY, has + 1)).lines;
      expect([most?.outcome, tooMuch?.outcome, tooMuch?.available]).toEqual(["confirm", "partial", has]);
      const [swedish] = (await askForPromise(world, sweden, PLENTY, 100_000)).lines;
      expect([swedish?.outcome, swedish?.policy]).toEqual(
        isGranted(world, sweden) ? ["partial", null] : ["unknown", "open"],
      );
    });

    test("an order beyond what IFS has is refused by the check at its creation", async () => {
      const has = sellable(world, germany.site, PLENTY);
      await expect(world.drive(buy(world, germany, wishIn(germany, has + 1)))).rejects.toMatchObject({ status: 400 });
    });

    const orders = new Map<Market, string>();
    test("orders reach IFS by their event, once and to the cent, or wait with a name on them", async () => {
      for (const market of markets) {
        const order = await world.drive(buy(world, market, wishIn(market, 3)));
        orders.set(market, String(order.id));
      }
      await world.run(30_000);
      for (const [market, orderId] of orders) {
        if (isGranted(world, market)) await expectExported(orderId, market);
        else {
          expect([ordersInIfs(world, orderId), (await orderById(world, orderId)).orderState]).toEqual([[], "Open"]);
          const named = (await openExceptions(world)).filter(({ recordId }) => recordId === orderId);
          expect(named).toHaveLength(1);
        }
      }
    });

    test("an order whose event finds no process is exported by the sweep", async () => {
      for (const process of world.processes("event-app")) process.life.kill();
      const order = await world.drive(buy(world, germany, wishIn(germany, 1)));
      await world.run(30_000);
      expect(ordersInIfs(world, String(order.id))).toEqual([]);
      await ticked();
      await expectExported(String(order.id), germany);
      world.start("event-app");
    });

    test("a delivery with its tracking number and the state come back", async () => {
      const orderId = orders.get(germany) ?? "";
      const orderNo = await linkOf(orderId);
      world.ifs.model.clerk("ship", { orderNo, trackingNumber: "SBX-TRACK-1" });
      world.ifs.model.clerk("invoice", { orderNo });
      await world.run(10_000);
      await ticked();
      const { orderState, shipmentState, shippingInfo } = await orderById(world, orderId);
      const [delivery, ...more] = shippingInfo?.deliveries ?? [];
      expect(more).toEqual([]);
      expect([orderState, shipmentState, delivery?.items.map(({ quantity }) => quantity)]).toEqual([
        "Complete",
        "Shipped",
        [3],
      ]);
      expect(delivery?.parcels[0]?.trackingData?.trackingId).toBe("SBX-TRACK-1");
    });

    test("an order that the shop cancels is cancelled in IFS", async () => {
      const order = await world.drive(buy(world, germany, wishIn(germany, 1)));
      await world.run(10_000);
      const orderNo = await expectExported(String(order.id), germany);
      const { id, version } = await orderById(world, String(order.id));
      const actions = [{ action: "changeOrderState", orderState: "Cancelled" }];
      await world.drive(world.shop.post(`/orders/${id}`, { version, actions }));
      await world.run(30_000);
      expect(orderInIfs(world, orderNo).state).toBe("Cancelled");
    });

    test("a telephone sale lowers the stock, and a new price in IFS becomes the price of the shop", async () => {
      const before = (await entriesOf(world, germany.supplyChannel)).get(ON_THE_PHONE)?.quantityOnStock ?? 0;
      world.ifs.model.clerk("sell", { site: germany.site, part: ON_THE_PHONE, qty: 2 });
      world.ifs.model.clerk("set-price", { priceList: germany.priceList, part: PLENTY, amount: "49.50" });
      await world.run(60_000);
      await ticked();
      const after = (await entriesOf(world, germany.supplyChannel)).get(ON_THE_PHONE)?.quantityOnStock;
      expect([after, sellable(world, germany.site, ON_THE_PHONE)]).toEqual([before - 2, before - 2]);
      expect(await pricesNow(world, PLENTY, germany.currency)).toEqual([4950]);
    });

    test("the doctor finds what is wrong with the tenant, and nothing else", async () => {
      const { findings } = await consultDoctor(world);
      const errors = findings
        .filter(({ severity }) => severity === "error")
        .map(({ check, subject }) => [check, subject]);
      const { sites, companies } = world.tenant.profile.grants ?? {};
      expect(errors).toEqual([
        ...(sites ? [["ifs.site-grant", "site 102"]] : []),
        ...(companies ? [["ifs.company-grant", "company 20"]] : []),
      ]);
    });

    test("once everything is granted, what waited happens and no exception stays", async () => {
      world.ifs.grants.change(connectorClient.clientId, connectorClient);
      // A full run looks at every part again.
      await pushConfiguration(world, configurationOf(world, armed, { schedules: { stockFullSeconds: 60 } }));
      await world.run(120_000);
      await ticked();
      await world.run(15_000);
      await ticked();
      for (const market of markets) await expectStockOf(market);
      await expectExported(orders.get(sweden) ?? "", sweden);
      // More is owed of one seeded part than there is: that is told for as long as it is so.
      expect((await openExceptions(world)).filter(({ code }) => code !== "availabilityNegative")).toEqual([]);
      expect((await consultDoctor(world)).errors).toBe(0);
    });

    test("nothing waited for the clock of this machine", () => {
      expect(world.realTimers()).toEqual([]);
    });
  });
}
