/** A shopper with two addresses, the IFS customer that a first order made of an earlier state, and what is to be seen of both. */
import { bookAddressId, chosenNumber } from "../../customer-number.ts";
import { type PartyOutcome, syncParty } from "../run.ts";
import { configWith, createWorld, type Hook, type World } from "./world.ts";

export const numbers = { numberPrefix: "CT", numberLength: 20 };
export const ID = "11111111-1111-4111-8111-111111111111";
export const OURS = chosenNumber({ kind: "customer", id: ID }, numbers);
export const ref = { kind: "customer", id: ID } as const;
export const home = {
  id: "adr1",
  country: "DE",
  lastName: "Muster",
  streetName: "Kai",
  streetNumber: "1",
  city: "Kiel",
  postalCode: "24103",
};
export const work = { ...home, id: "adr2", key: "work", city: "Bremen", phone: "0421 1" };
export const rowId = (address: { id: string; key?: string }) => bookAddressId(ref, address, numbers);

export const shopper = {
  id: ID,
  version: 3,
  lastModifiedAt: "2026-11-02T09:59:00.000Z",
  externalId: OURS,
  email: "kim@example.com",
  firstName: "Kim",
  lastName: "Muster",
  locale: "de-AT",
  vatId: "DE811234501",
  addresses: [home, work],
  defaultBillingAddressId: "adr2",
  defaultShippingAddressId: "adr1",
};

export type Given = {
  readonly customers?: object;
  readonly route?: object;
  readonly addresses?: object;
  readonly shopper?: object;
};

/** The shopper as above, and an IFS customer that a first order has made of an earlier state. */
export function worldOf(given: Given = {}): World {
  const world = createWorld(configWith(given));
  world.customers.set(ID, { ...shopper, ...given.shopper });
  world.putCard(OURS, { name: "Kim Alt", country: "DE", email: "alt@example.com", reference: ID });
  world.tax.set(`10 ${OURS}`, { taxLiability: "TAX", etag: 1 });
  return world;
}

export const look = (world: World, hook?: Hook, mode: "event" | "sweep" = "sweep"): Promise<PartyOutcome> =>
  syncParty(world.deps(hook), ref, { mode, deadlineAt: world.state.now + 60_000 });
export const cardOf = (world: World, customerNo = OURS) => world.cards.get(customerNo)?.fields;
export const citiesOf = (world: World) =>
  [...(world.addresses.get(OURS)?.values() ?? [])].map(({ texts }) => texts.city);
export const defaultsOf = (world: World) =>
  Object.fromEntries(
    [...(world.addresses.get(OURS)?.values() ?? [])].flatMap(({ texts, types }) =>
      [...types].flatMap(([type, isDefault]) => (isDefault ? [[type, texts.city]] : [])),
    ),
  );
export const messages = (world: World) => [...world.exceptions.values()].map(({ code, message }) => [code, message]);
export const lostIn = (world: World) =>
  world.journal
    .filter(({ event }) => event === "customer-value-lost")
    .map(({ detail: { field, side, value } }) => [field, side, value]);

export const complete = {
  card: {
    name: "Kim Muster",
    country: "DE",
    email: "kim@example.com",
    phone: "0421 1",
    vatNo: "DE811234501",
    defaultLanguage: "de",
    reference: ID,
  },
  cities: ["Kiel", "Bremen"],
  defaults: { Delivery: "Kiel", Document: "Bremen", Pay: "Bremen" },
};
export const seen = (world: World) => ({ card: cardOf(world), cities: citiesOf(world), defaults: defaultsOf(world) });
