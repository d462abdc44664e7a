/** What the stories of changed customers share: a shop whose buyers have IFS customers of their own, its shopper, and what IFS shows of her. */
import { expect } from "vitest";
import { flag, text } from "../sandbox/ifs/rows.ts";
import type { Row } from "../sandbox/ifs/store.ts";
import { configurationOf, type Document, installConnector } from "./install.ts";
import { buy, germany, home, openExceptions, type Wish } from "./people.ts";
import { tenantNamed } from "./tenants.ts";
import { openWorld, type World } from "./world.ts";

export const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
export const fields = { email: "Cf_Email", vatNo: "Cf_Vat_No", reference: "Cf_Shop_Customer" };

type Wanted = { readonly customers?: object; readonly route?: object; readonly addresses?: object };

function changesOf(world: World, { customers = {}, route: more = {}, addresses = {} }: Wanted = {}): Document {
  const { routes } = configurationOf(world) as { routes: object[] };
  return {
    stock: { pools: [] },
    prices: { lists: [] },
    orders: { claimSeconds: 15, lateCommitWaitSeconds: 30 },
    routes: routes.map((route) => ({ ...route, customers: { policy: "own", template: "TEMPLATE", ...more } })),
    customers: { changes: { flow: "created" }, ...customers },
    addresses,
    schedules: { customerSeconds: 30 },
    ifs: { binding: { customer: { fields } } },
  };
}

export async function shopWorld<T>(
  story: (world: World) => Promise<T>,
  given: Wanted & { readonly tenant?: string } = {},
): Promise<T> {
  const world = await openWorld({ tenant: tenantNamed(given.tenant ?? "standard") });
  try {
    await installConnector(world, changesOf(world, given));
    return await story(world);
  } finally {
    world.close();
  }
}

export type Party = {
  readonly id: string;
  readonly version: number;
  readonly externalId?: string;
  readonly addresses: { readonly id: string; readonly key?: string }[];
};

export const signUp = async (world: World, extra: object = {}): Promise<Party> => {
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

export const partyById = async (world: World, id: string, path = "customers"): Promise<Party> =>
  (await world.drive(world.shop.get(`/${path}/${id}`))) as unknown as Party;

export async function change(world: World, id: string, actions: object[], path = "customers"): Promise<Party> {
  const { version } = await partyById(world, id, path);
  return (await world.drive(world.shop.post(`/${path}/${id}`, { version, actions }))) as unknown as Party;
}

export const ifsOf = (world: World) => world.ifs.model.world();
export const cardOf = (world: World, customerNo: string): Row => {
  const row = ifsOf(world).table("CustomerInfo").get(customerNo);
  if (!row) throw new Error(`there is no customer ${customerNo}`);
  return row;
};
export const addressesOf = (world: World, customerNo: string): Row[] => [
  ...(ifsOf(world).table("CustomerInfoAddress").find("CustomerId", customerNo) ?? []),
];
export const streetsOf = (world: World, customerNo: string): string[] =>
  addressesOf(world, customerNo)
    .map((row) => `${text(row, "Address1")}, ${text(row, "City")}`)
    .toSorted();
/** Address that is the default of each type. */
export const defaultsOf = (world: World, customerNo: string): Record<string, string> =>
  Object.fromEntries(
    [...(ifsOf(world).table("CustomerInfoAddressType").find("CustomerId", customerNo) ?? [])]
      .filter((row) => flag(row, "DefAddress"))
      .map((row) => {
        const address = addressesOf(world, customerNo).find((one) => text(one, "AddressId") === text(row, "AddressId"));
        return [text(row, "AddressTypeCode"), address ? text(address, "Address1") : ""];
      }),
  );

type Entry = {
  readonly event: string;
  readonly recordId: string;
  readonly detail: Readonly<Record<string, unknown>>;
};
export async function journalOf(world: World, id: string): Promise<Entry[]> {
  const page = await world.drive(
    world.shop.get("/custom-objects/ifs-connector-journal", { limit: "500", sort: "key asc" }),
  );
  return (page.results as { value: Entry }[]).map(({ value }) => value).filter(({ recordId }) => recordId === id);
}
export const lostIn = async (world: World, id: string) =>
  (await journalOf(world, id))
    .filter(({ event }) => event === "customer-value-lost")
    .map(({ detail: { field, side, value } }) => ({ field, side, value }));

/** A shopper with a first order, and the IFS customer that it made. */
export async function shopper(world: World, extra: object = {}): Promise<{ id: string; customerNo: string }> {
  const { id } = await signUp(world, {
    addresses: [home],
    defaultShippingAddress: 0,
    defaultBillingAddress: 0,
    ...extra,
  });
  await world.drive(buy(world, germany, { ...wish, customerId: id, customerEmail: "kim@example.com" }));
  await world.run(15_000);
  const { externalId = "" } = await partyById(world, id);
  expect(externalId).toMatch(/^CT/);
  return { id, customerNo: externalId };
}

export const renamed = [{ action: "setLastName", lastName: "Beispiel" }];
export const moved = { ...home, streetName: "Neue Allee", city: "Kiel" };

/** Sweeps of customers, and nothing else that matters here. */
export async function swept(world: World, ms = 65_000): Promise<void> {
  const end = world.schedule(30_000);
  await world.run(ms);
  end();
}

export const twoRows = async (world: World, customerNo: string): Promise<void> => {
  expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Neue Allee 5, Kiel"]);
  const types = [...(ifsOf(world).table("CustomerInfoAddressType").find("CustomerId", customerNo) ?? [])];
  expect(types.length).toBe(6);
  expect(await openExceptions(world)).toEqual([]);
};

export const addMoved = [{ action: "addAddress", address: moved }];
