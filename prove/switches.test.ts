import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../sandbox/commercetools/settings.ts";
import { defaultSettings } from "../sandbox/ifs/settings.ts";
import { type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { commercetoolsElsewhere, commercetoolsPositions, ifsElsewhere, ifsPositions } from "./switches.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** Orders alone: no stock and no prices to wait for. */
const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const wish: Wish = {
  lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }],
  inventoryMode: "None",
};

async function inWorld(options: WorldOptions, configuration: Document, story: (world: World) => Promise<void>) {
  const world = await openWorld(options);
  try {
    await installConnector(world, ordersOnly, configuration);
    // Some settings of commercetools let a new Subscription act late.
    await world.run(options.commercetools?.subscriptionDelayMs ?? 0);
    await story(world);
  } finally {
    world.close();
  }
}

async function exported(world: World, orderId: string): Promise<string> {
  const { syncInfo, taxedPrice } = await orderById(world, orderId);
  const numbers = ordersInIfs(world, orderId);
  expect(numbers).toHaveLength(1);
  const orderNo = numbers[0] ?? "";
  const { state, totalGross } = orderInIfs(world, orderNo);
  expect([state, Math.round(Number(totalGross) * 100)]).toEqual(["Released", taxedPrice.totalGross.centAmount]);
  expect(syncInfo.map(({ externalId }) => externalId)).toContain(orderNo);
  return orderNo;
}

/** An order comes and leaves the house; another one comes and is cancelled. */
async function ordersComeAndGo(world: World): Promise<void> {
  const order = await world.drive(buy(world, germany, wish));
  const regretted = await world.drive(buy(world, germany, wish));
  await world.run(40_000);
  const orderNo = await exported(world, String(order.id));
  const cancelledNo = await exported(world, String(regretted.id));
  world.ifs.model.clerk("ship", { orderNo, trackingNumber: "SBX-1" });
  world.ifs.model.clerk("invoice", { orderNo });
  const { id, version } = await orderById(world, String(regretted.id));
  const actions = [{ action: "changeOrderState", orderState: "Cancelled" }];
  await world.drive(world.shop.post(`/orders/${id}`, { version, actions }));
  await world.run(60_000);
  expect((await world.tick()).status).toBe(200);
  const { orderState, shippingInfo } = await orderById(world, String(order.id));
  const parcels = (shippingInfo?.deliveries ?? []).flatMap((delivery) => delivery.parcels);
  expect([orderState, parcels.map(({ trackingData }) => trackingData?.trackingId)]).toEqual(["Complete", ["SBX-1"]]);
  expect(orderInIfs(world, cancelledNo).state).toBe("Cancelled");
  expect(await openExceptions(world)).toEqual([]);
}

const named = <P>(position: P) => ({ name: JSON.stringify(position), position });

describe("orders come and go in every position of the switches of IFS", () => {
  test.each(ifsPositions.map(({ settings, configuration = {} }) => ({ ...named(settings), configuration })))(
    "$name",
    async ({ position, configuration }) => {
      await inWorld({ ifs: position }, configuration, ordersComeAndGo);
    },
  );
});

describe("orders come and go in every position of the switches of commercetools", () => {
  test.each(commercetoolsPositions.map(named))("$name", async ({ position }) => {
    await inWorld({ commercetools: position }, {}, ordersComeAndGo);
  });
});

test("every switch has a position here or a reason to have none", () => {
  const unknown = (all: object, positions: readonly object[], elsewhere: object) =>
    Object.keys(all).filter((name) => !(name in elsewhere) && !positions.some((position) => name in position));
  expect(
    unknown(
      defaultSettings,
      ifsPositions.map(({ settings }) => settings),
      ifsElsewhere,
    ),
  ).toEqual([]);
  expect(unknown(DEFAULT_SETTINGS, commercetoolsPositions, commercetoolsElsewhere)).toEqual([]);
});
