/** Customers that change after their first order: name, addresses, contact and tax reach their IFS customer, on every kind of tenant. */
import { describe, expect, test } from "vitest";
import { flag, maybeText, text } from "../sandbox/ifs/rows.ts";
import type { Row } from "../sandbox/ifs/store.ts";
import { configurationOf, type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { tenantNamed, tenants } from "./tenants.ts";
import { openWorld, type World } from "./world.ts";

const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const fields = { email: "Cf_Email", vatNo: "Cf_Vat_No", reference: "Cf_Shop_Customer" };
const home = {
  country: "DE",
  firstName: "Kim",
  lastName: "Muster",
  streetName: "Hafenstraße",
  streetNumber: "5",
  postalCode: "20457",
  city: "Hamburg",
};

function changesOf(
  world: World,
  { customers = {}, route: more = {} }: { customers?: object; route?: object } = {},
): Document {
  const { routes } = configurationOf(world) as { routes: object[] };
  return {
    stock: { pools: [] },
    prices: { lists: [] },
    orders: { claimSeconds: 15, lateCommitWaitSeconds: 30 },
    routes: routes.map((route) => ({ ...route, customers: { policy: "own", template: "TEMPLATE", ...more } })),
    customers: { changes: { flow: "created" }, ...customers },
    schedules: { customerSeconds: 30 },
    ifs: { binding: { customer: { fields } } },
  };
}

async function shopWorld<T>(
  story: (world: World) => Promise<T>,
  given: { readonly tenant?: string; readonly customers?: object; readonly route?: object } = {},
): Promise<T> {
  const world = await openWorld({ tenant: tenantNamed(given.tenant ?? "standard") });
  try {
    await installConnector(world, changesOf(world, given));
    return await story(world);
  } finally {
    world.close();
  }
}

type Party = {
  readonly id: string;
  readonly version: number;
  readonly externalId?: string;
  readonly addresses: { readonly id: string; readonly key?: string }[];
};

const signUp = async (world: World, extra: object = {}): Promise<Party> => {
  const draft = {
    email: "kim@example.com",
    password: "secret",
    firstName: "Kim",
    lastName: "Muster",
    isEmailVerified: true,
  };
  const answer = await world.drive(world.shop.post("/customers", { ...draft, ...extra }));
  return answer.customer as unknown as Party;
};

const partyById = async (world: World, id: string, path = "customers"): Promise<Party> =>
  (await world.drive(world.shop.get(`/${path}/${id}`))) as unknown as Party;

async function change(world: World, id: string, actions: object[], path = "customers"): Promise<Party> {
  const { version } = await partyById(world, id, path);
  return (await world.drive(world.shop.post(`/${path}/${id}`, { version, actions }))) as unknown as Party;
}

const ifsOf = (world: World) => world.ifs.model.world();
const cardOf = (world: World, customerNo: string): Row => {
  const row = ifsOf(world).table("CustomerInfo").get(customerNo);
  if (!row) throw new Error(`there is no customer ${customerNo}`);
  return row;
};
const addressesOf = (world: World, customerNo: string): Row[] => [
  ...(ifsOf(world).table("CustomerInfoAddress").find("CustomerId", customerNo) ?? []),
];
const streetsOf = (world: World, customerNo: string): string[] =>
  addressesOf(world, customerNo)
    .map((row) => `${text(row, "Address1")}, ${text(row, "City")}`)
    .toSorted();
/** Address that is the default of each type. */
const defaultsOf = (world: World, customerNo: string): Record<string, string> =>
  Object.fromEntries(
    [...(ifsOf(world).table("CustomerInfoAddressType").find("CustomerId", customerNo) ?? [])]
      .filter((row) => flag(row, "DefAddress"))
      .map((row) => {
        const address = addressesOf(world, customerNo).find((one) => text(one, "AddressId") === text(row, "AddressId"));
        return [text(row, "AddressTypeCode"), address ? text(address, "Address1") : ""];
      }),
  );

type Entry = { readonly event: string; readonly recordId: string; readonly detail: Readonly<Record<string, unknown>> };
async function journalOf(world: World, id: string): Promise<Entry[]> {
  const page = await world.drive(
    world.shop.get("/custom-objects/ifs-connector-journal", { limit: "500", sort: "key asc" }),
  );
  return (page.results as { value: Entry }[]).map(({ value }) => value).filter(({ recordId }) => recordId === id);
}
const lostIn = async (world: World, id: string) =>
  (await journalOf(world, id))
    .filter(({ event }) => event === "customer-value-lost")
    .map(({ detail: { field, side, value } }) => ({ field, side, value }));

/** A shopper with a first order, and the IFS customer that it made. */
async function shopper(world: World, extra: object = {}): Promise<{ id: string; customerNo: string }> {
  const { id } = await signUp(world, {
    addresses: [home],
    defaultShippingAddress: 0,
    defaultBillingAddress: 0,
    ...extra,
  });
  await world.drive(buy(world, germany, { ...wish, customerId: id, customerEmail: "kim@example.com" }));
  await world.run(5000);
  const { externalId = "" } = await partyById(world, id);
  expect(externalId).toMatch(/^CT/);
  return { id, customerNo: externalId };
}

describe.each(tenants.map(({ name }) => name))("on tenant %s", (tenant) => {
  test("name, e-mail, VAT number and addresses follow the shopper; a second look changes nothing", async () => {
    await shopWorld(
      async (world) => {
        const { id, customerNo } = await shopper(world);
        const [first] = (await partyById(world, id)).addresses;
        expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg"]);
        await change(world, id, [
          { action: "setLastName", lastName: "Beispiel" },
          { action: "changeEmail", email: "kim.beispiel@example.com" },
          { action: "setVatId", vatId: "DE811234501" },
          {
            action: "changeAddress",
            addressId: first?.id,
            address: { ...home, lastName: "Beispiel", streetName: "Neue Allee", city: "Kiel" },
          },
          {
            action: "addAddress",
            address: { ...home, key: "work", company: "Werft GmbH", streetName: "Kai", city: "Bremen" },
          },
        ]);
        await world.run(10_000);
        const card = cardOf(world, customerNo);
        expect([text(card, "Name"), maybeText(card, "Cf_Email"), maybeText(card, "Cf_Vat_No")]).toEqual([
          "Kim Beispiel",
          "kim.beispiel@example.com",
          "DE811234501",
        ]);
        // What the first order names stays as it was.
        expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Kai 5, Bremen", "Neue Allee 5, Kiel"]);
        expect(defaultsOf(world, customerNo)).toEqual({
          Delivery: "Neue Allee 5",
          Document: "Neue Allee 5",
          Pay: "Neue Allee 5",
        });
        const before = addressesOf(world, customerNo).map(({ values }) => values);
        const end = world.schedule(10_000);
        await world.run(100_000);
        end();
        expect(addressesOf(world, customerNo).map(({ values }) => values)).toEqual(before);
        expect(await openExceptions(world)).toEqual([]);
        // The first row of the address book is changed in place from now on.
        await change(world, id, [
          {
            action: "changeAddress",
            addressId: first?.id,
            address: { ...home, lastName: "Beispiel", streetName: "Alte Allee", city: "Kiel" },
          },
        ]);
        await world.run(10_000);
        expect(streetsOf(world, customerNo)).toEqual(["Alte Allee 5, Kiel", "Hafenstraße 5, Hamburg", "Kai 5, Bremen"]);
      },
      { tenant },
    );
  });
});
