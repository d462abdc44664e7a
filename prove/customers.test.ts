/** Shoppers with an IFS customer of their own: first orders on several replicas, processes that die and sleep, one IFS customer. */
import { expect, test } from "vitest";
import { flag, maybeText, text } from "../sandbox/ifs/rows.ts";
import { configurationOf, type Document, installConnector, pushConfiguration } from "./install.ts";
import type { Interruption, Moment } from "./life.ts";
import { buy, germany, openExceptions, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const fields = { email: "Cf_Email", vatNo: "Cf_Vat_No", reference: "Cf_Shop_Customer" };

/** Orders alone, and every shopper with a customer of its own. */
function changesOf(world: World, customers: object = {}): Document {
  const { routes } = configurationOf(world) as { routes: object[] };
  return {
    stock: { pools: [] },
    prices: { lists: [] },
    orders: { claimSeconds: 15, lateCommitWaitSeconds: 30 },
    routes: routes.map((route) => ({ ...route, customers: { policy: "own", template: "TEMPLATE" } })),
    customers,
    ifs: { binding: { customer: { fields } } },
  };
}

type Shopper = { readonly id: string; readonly externalId?: string };

const signUp = async (world: World, extra: object = {}): Promise<Shopper> => {
  const answer = await world.drive(
    world.shop.post("/customers", {
      email: "kim@example.com",
      password: "secret",
      firstName: "Kim",
      lastName: "Muster",
      isEmailVerified: true,
      ...extra,
    }),
  );
  return answer.customer as Shopper;
};

const shopperById = async (world: World, id: string): Promise<Shopper> =>
  (await world.drive(world.shop.get(`/customers/${id}`))) as unknown as Shopper;

/** IFS customers that were not there before, by its own tables. */
function newCustomers(world: World) {
  const ifs = world.ifs.model.world();
  return [...ifs.table("CustomerInfo").all()]
    .filter((row) => maybeText(row, "Cf_Shop_Customer") !== null || text(row, "CustomerId").startsWith("CT"))
    .map((row) => ({
      id: text(row, "CustomerId"),
      name: text(row, "Name"),
      email: maybeText(row, "Cf_Email"),
      shopper: maybeText(row, "Cf_Shop_Customer"),
      addresses: [...(ifs.table("CustomerInfoAddress").find("CustomerId", text(row, "CustomerId")) ?? [])].length,
      types: [...(ifs.table("CustomerInfoAddressType").find("CustomerId", text(row, "CustomerId")) ?? [])]
        .map((type) => `${text(type, "AddressTypeCode")} ${flag(type, "DefAddress")}`)
        .toSorted(),
    }));
}

async function shopWorld<T>(story: (world: World) => Promise<T>, customers?: object): Promise<T> {
  const world = await openWorld();
  try {
    await installConnector(world, changesOf(world, customers));
    return await story(world);
  } finally {
    world.close();
  }
}

/** Both orders of the shopper and the customer, once each, and linked both ways. */
async function expectOnce(world: World, shopperId: string, orderIds: readonly string[]): Promise<void> {
  const orders = orderIds.flatMap((id) => ordersInIfs(world, id).map((orderNo) => orderInIfs(world, orderNo)));
  const [customer, ...others] = newCustomers(world);
  expect(others).toEqual([]);
  expect(customer).toEqual({
    id: expect.stringMatching(/^CT.{18}$/),
    name: "Kim Muster",
    email: "kim@example.com",
    shopper: shopperId,
    addresses: 1,
    types: ["Delivery true", "Document true", "Pay true"],
  });
  expect(orders.map(({ state, customerNo }) => [state, customerNo])).toEqual(
    orderIds.map(() => ["Released", customer?.id]),
  );
  expect((await shopperById(world, shopperId)).externalId).toBe(customer?.id);
  expect(await openExceptions(world)).toEqual([]);
}

const twoFirstOrders = async (world: World, customerId: string): Promise<string[]> => {
  const orders = await world.drive(
    Promise.all([
      buy(world, germany, { ...wish, customerId, customerEmail: "kim@example.com" }),
      buy(world, germany, { ...wish, customerId, customerEmail: "kim@example.com" }),
    ]),
  );
  return orders.map(({ id }) => String(id));
};

test("two first orders on two replicas make one IFS customer, linked on both sides, findable by name", async () => {
  await shopWorld(async (world) => {
    world.start("event-app");
    const shopper = await signUp(world);
    const orders = await twoFirstOrders(world, shopper.id);
    // What events had no time for is the sweep's.
    const end = world.schedule(10_000);
    await world.run(60_000);
    end();
    await expectOnce(world, shopper.id, orders);
    const ifs = world.ifs.model.world();
    const names = [...ifs.table("CustomerOrder").all()].filter((row) => text(row, "CustomerName") === "Kim Muster");
    expect(names.length).toBe(2);
    // The number on the shopper is no change of an order: nothing was exported again.
    expect(orders.flatMap((id) => ordersInIfs(world, id)).length).toBe(2);
  });
});

const posts =
  (kind: Moment["kind"], path: RegExp) =>
  ({ kind: is, what }: Moment) =>
    is === kind && path.test(what);
const steps = {
  copy: /POST .*CopyExistingCustomer/,
  fields: /PATCH .*CustomerInfoSet/,
  address: /POST .*CustomerInfoAddresses$/,
  "address type": /POST .*AddressTypes/,
  link: /POST .*\/customers\//,
};
const SLEEP = { pauseMs: 60_000 };

/** Death before a request and after it; sleep where what is asked was decided long ago. */
const blows: [string, keyof typeof steps, Moment["kind"], Interruption][] = [
  ["dies before the copy", "copy", "send", "die"],
  ["dies with the answer to the copy", "copy", "answer", "die"],
  ["dies with the answer to the fields", "fields", "answer", "die"],
  ["dies with the answer to the address", "address", "answer", "die"],
  ["dies with the answer to an address type", "address type", "answer", "die"],
  ["dies with the answer to the link", "link", "answer", "die"],
  ["sleeps before the copy", "copy", "send", SLEEP],
  ["sleeps before the fields", "fields", "send", SLEEP],
  ["sleeps before the address", "address", "send", SLEEP],
  ["sleeps before the link", "link", "send", SLEEP],
];

test.each(blows)("a process that %s: one customer, both orders", async (_, step, kind, interruption) => {
  const fits = posts(kind, steps[step]);
  await shopWorld(async (world) => {
    for (const process of world.processes("event-app")) process.life.kill();
    const struck: string[] = [];
    world.start("event-app", {
      replicas: 2,
      interrupt: (moment) => {
        if (struck.length > 0 || !fits(moment)) return "go";
        struck.push(moment.process);
        return interruption;
      },
    });
    const shopper = await signUp(world);
    const orders = await twoFirstOrders(world, shopper.id);
    await world.run(2000);
    world.start("event-app");
    const end = world.schedule(10_000);
    await world.run(100_000);
    end();
    expect(struck.length).toBe(1);
    await expectOnce(world, shopper.id, orders);
  });
});

test("IFS's answer to the copy is lost: the customer is found by the number that was asked for", async () => {
  await shopWorld(async (world) => {
    const shopper = await signUp(world);
    world.ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: "CopyExistingCustomer", times: 1 });
    const orders = await twoFirstOrders(world, shopper.id);
    const end = world.schedule(10_000);
    await world.run(120_000);
    end();
    await expectOnce(world, shopper.id, orders);
  });
});

test("two IFS customers of one VAT number are an exception until a person decides, then the order leaves by itself", async () => {
  await shopWorld(async (world) => {
    const ifs = world.ifs.model.world();
    for (const id of ["10001", "10002"]) {
      const row = ifs.table("CustomerInfo").get(id);
      if (row) ifs.table("CustomerInfo").update(row, { Cf_Vat_No: "DE811234501" });
    }
    const shopper = await signUp(world, { vatId: "DE811234501" });
    const order = await world.drive(buy(world, germany, { ...wish, customerId: shopper.id }));
    await world.run(5000);
    expect(await openExceptions(world)).toMatchObject([
      { code: "customerConflict", message: expect.stringContaining("10001, 10002") },
    ]);
    expect(ordersInIfs(world, String(order.id))).toEqual([]);
    const { version } = (await world.drive(world.shop.get(`/customers/${shopper.id}`))) as { version: number };
    const actions = [{ action: "setExternalId", externalId: "10002" }];
    await world.drive(world.shop.post(`/customers/${shopper.id}`, { version, actions }));
    const end = world.schedule(10_000);
    await world.run(120_000);
    end();
    const [orderNo = ""] = ordersInIfs(world, String(order.id));
    expect([orderInIfs(world, orderNo).customerNo, await openExceptions(world), newCustomers(world).length]).toEqual([
      "10002",
      [],
      0,
    ]);
  });
});

test("guests stay on the webshop's customer, and so does everybody on a route without the policy", async () => {
  await shopWorld(async (world) => {
    const guest = await world.drive(buy(world, germany, wish));
    await world.run(5000);
    await pushConfiguration(world, configurationOf(world, { stock: { pools: [] }, prices: { lists: [] } }));
    await world.run(15_000);
    const shopper = await signUp(world);
    const known = await world.drive(buy(world, germany, { ...wish, customerId: shopper.id }));
    await world.run(5000);
    const carriers = [guest, known].map(
      ({ id }) => orderInIfs(world, ordersInIfs(world, String(id))[0] ?? "").customerNo,
    );
    expect([carriers, newCustomers(world)]).toEqual([["WEB-DE", "WEB-DE"], []]);
  });
});
