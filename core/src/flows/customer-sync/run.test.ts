/** One customer whose changes flow: what is asked for, what is written, and what is told. */
import { describe, expect, test } from "vitest";
import { chosenAddressId } from "../customer-number.ts";
import { syncParty } from "./run.ts";
import {
  cardOf,
  citiesOf,
  complete,
  defaultsOf,
  type Given,
  home,
  ID,
  look,
  lostIn,
  messages,
  numbers,
  OURS,
  ref,
  rowId,
  seen,
  shopper,
  work,
  worldOf,
} from "./testing/shopper.ts";
import type { Hook, World } from "./testing/world.ts";

describe("a look", () => {
  test("brings card, addresses and defaults to what commercetools says, with one journal entry without values", async () => {
    const world = worldOf();
    expect(await look(world)).toEqual({ kind: "changed", customerNo: OURS });
    expect(seen(world)).toEqual(complete);
    const [entry, ...others] = world.journal.filter(({ event }) => event === "customer-changed");
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      flow: "customer-sync",
      recordType: "customer",
      recordId: ID,
      detail: { customerNo: OURS, fields: "name, email, phone, vatNo, defaultLanguage", card: 1, addressesAdded: 2 },
    });
    expect(JSON.stringify(entry)).not.toMatch(/example\.com|Muster|Kiel/);
  });

  test("that finds all as it should be asks for the card, the addresses and the types of the defaults, and writes nothing", async () => {
    const world = worldOf();
    await look(world);
    const asked: string[] = [];
    const before = JSON.stringify([[...world.cards], world.journal.length]);
    const hook: Hook = (name, phase) => void (phase === "before" && asked.push(name));
    expect(await look(world, hook, "event")).toEqual({ kind: "unchanged" });
    expect(asked).toEqual([
      "ct.customer",
      "ifs.readCard",
      "ifs.addresses",
      "ifs.ensureTypes",
      "ifs.ensureTypes",
      "ct.closeException",
    ]);
    expect(JSON.stringify([[...world.cards], world.journal.length])).toBe(before);
  });

  test.each<[string, Given, string]>([
    ["without IFS customer", { shopper: { externalId: undefined } }, "unlinked"],
    ["of which IFS knew before", { shopper: { externalId: "10001" } }, "notOurs"],
    [
      "of a country that no own route takes",
      { shopper: { addresses: [{ ...home, country: "US" }] }, route: {} },
      "notOurs",
    ],
  ])("at a customer %s asks nothing of IFS", async (_, given, kind) => {
    const world = worldOf(given);
    world.putCard("10001", { name: "Werft" });
    for (const route of world.state.config.routes) Object.assign(route.when, { country: "DE" });
    const asked: string[] = [];
    const outcome = await look(world, (name) => void (name.startsWith("ifs.") && asked.push(name)));
    expect([outcome.kind, asked]).toEqual([kind, []]);
  });

  test("of a customer that was deleted closes its exception and leaves IFS alone", async () => {
    const world = worldOf();
    world.state.refuse = /card/;
    await look(world);
    expect(messages(world).length).toBe(1);
    world.customers.clear();
    const outcome = await syncParty(world.deps(), ref, {
      mode: "sweep",
      deadlineAt: world.state.now + 60_000,
      open: true,
    });
    expect([outcome.kind, messages(world), cardOf(world)?.name]).toEqual(["gone", [], "Kim Alt"]);
  });
});

describe("the map", () => {
  test("country, language and further fields by the tables of the configuration", async () => {
    const world = worldOf({
      customers: { changes: { flow: "created", languages: { "de-AT": "de_at" } } },
      addresses: { countries: { DE: "D" } },
      route: {
        fields: {
          Cf_Segment: { field: "customer.group" },
          Cf_Kind: { field: "customer.kind", values: { customer: "B2C" } },
          Cf_Source: "SHOP",
          Cf_None: { field: "customer.custom.absent" },
        },
        taxLiability: { field: "customer.custom.exempt", values: { true: "EXEMPT", none: "TAX" } },
      },
      shopper: { customerGroup: { id: "g1" }, custom: { fields: { exempt: true } } },
    });
    await look(world);
    expect(cardOf(world)).toMatchObject({ country: "D", defaultLanguage: "de_at" });
    expect(world.cards.get(OURS)?.extra).toEqual({ Cf_Segment: "key-of-g1", Cf_Kind: "B2C", Cf_Source: "SHOP" });
    expect(world.tax.get(`10 ${OURS}`)?.taxLiability).toBe("EXEMPT");
  });

  test("an address with a number of IFS is that row; one that IFS does not have is told", async () => {
    const world = worldOf({
      shopper: {
        addresses: [
          { ...home, externalId: "01" },
          { ...work, externalId: "99" },
        ],
      },
    });
    const texts = {
      name: "Kim",
      address1: "Alt 1",
      address2: "",
      zipCode: "",
      city: "Hamburg",
      state: "",
      country: "DE",
    };
    world.addresses.get(OURS)?.set("01", { texts, validTo: null, etag: 7, types: new Map() });
    expect((await look(world)).kind).toBe("rejected");
    expect(citiesOf(world)).toEqual(["Kiel"]);
    expect(messages(world)).toEqual([["customerConflict", expect.stringContaining("number 99")]]);
  });

  test("a field that the tenant does not have is neither written nor missed", async () => {
    const world = worldOf({ customers: { changes: { flow: "created", owners: { email: "ifs" } } } });
    world.state.unbound.add("email");
    await look(world);
    expect([cardOf(world)?.email, lostIn(world)]).toEqual(["alt@example.com", [["name", "ifs", "Kim Alt"]]]);
  });
});

describe("values that lose", () => {
  test("are kept before anything is written, whole or masked, once each", async () => {
    const masked = { changes: { flow: "created", lostValues: "masked", owners: { email: "ifs" } } };
    const world = worldOf({ customers: masked });
    let told = -1;
    await look(world, (name) => {
      if (name === "ifs.writeCard" && told < 0) told = lostIn(world).length;
    });
    expect(told).toBe(2);
    await look(world);
    expect(lostIn(world)).toEqual([
      ["name", "ifs", "K… (7)"],
      ["email", "commercetools", "k… (15)"],
    ]);
  });

  test("are not those that the connector wrote itself", async () => {
    const world = worldOf();
    await look(world);
    const before = lostIn(world).length;
    for (const email of ["a@example.com", "b@example.com"]) {
      world.customers.set(ID, { ...shopper, email });
      await look(world);
    }
    expect([cardOf(world)?.email, lostIn(world).length]).toEqual(["b@example.com", before]);
  });

  test("of an address is kept as one line", async () => {
    const world = worldOf();
    await look(world);
    const row = world.addresses.get(OURS)?.get(rowId(home));
    if (row) Object.assign(row, { texts: { ...row.texts, city: "Clerksdorp" }, etag: 99 });
    await look(world);
    expect(citiesOf(world)).toEqual(["Kiel", "Bremen"]);
    expect(lostIn(world).at(-1)).toEqual([`address ${rowId(home)}`, "ifs", "Muster, Kai 1, 24103, Clerksdorp, DE"]);
  });
});

test("an address that an order has brought is not there a second time, until it says something else", async () => {
  const world = worldOf();
  const texts = { name: "Muster", address1: "Kai 1", zipCode: "24103", city: "Kiel", country: "DE" };
  const ofOrder = chosenAddressId(texts, numbers);
  const row = {
    texts: { ...texts, address2: "", state: "" },
    validTo: null,
    etag: 7,
    types: new Map([["Delivery", false]]),
  };
  world.addresses.get(OURS)?.set(ofOrder, row);
  await look(world);
  expect([citiesOf(world), defaultsOf(world).Delivery]).toEqual([["Kiel", "Bremen"], "Kiel"]);
  world.customers.set(ID, { ...shopper, addresses: [{ ...home, city: "Lübeck" }, work] });
  await look(world);
  expect([citiesOf(world), defaultsOf(world).Delivery]).toEqual([["Kiel", "Bremen", "Lübeck"], "Lübeck"]);
});

describe("an address that was removed in commercetools", () => {
  const endDate = { changes: { flow: "created", removedAddresses: "endDate" } };
  const endOf = (world: World, address: { id: string; key?: string }) =>
    world.addresses.get(OURS)?.get(rowId(address))?.validTo;

  test("ends by the clock of its site, and is valid again when it comes back", async () => {
    const world = worldOf({ customers: endDate });
    await look(world);
    world.customers.set(ID, { ...shopper, addresses: [home] });
    world.state.now = Date.parse("2026-11-02T23:30:00Z");
    await look(world);
    expect([endOf(world, home), endOf(world, work)]).toEqual([null, "2026-11-03"]);
    world.customers.set(ID, shopper);
    await look(world);
    expect(endOf(world, work)).toBeNull();
  });

  test("is not one that cannot be written any more", async () => {
    const world = worldOf({ customers: endDate });
    await look(world);
    world.customers.set(ID, { ...shopper, addresses: [home, { ...work, lastName: "" }] });
    expect((await look(world)).kind).toBe("rejected");
    expect(endOf(world, work)).toBeNull();
  });

  test("stays where addresses are IFS's, and nothing of the book is written there", async () => {
    const world = worldOf({ customers: { changes: { flow: "created", owners: { addresses: "ifs" } } } });
    await look(world);
    expect(citiesOf(world)).toEqual([]);
  });
});

describe("a refusal", () => {
  test("of one address by IFS stops nothing else, is told, and closes by itself", async () => {
    const world = worldOf();
    world.state.refuse = /Bremen/;
    expect(await look(world)).toMatchObject({
      kind: "rejected",
      rejection: { code: "ifsRefused", owner: "ifsAdministrator" },
    });
    expect([cardOf(world)?.name, citiesOf(world)]).toEqual(["Kim Muster", ["Kiel"]]);
    expect(messages(world)[0]?.[1]).toContain("address Bremen is wrong");
    world.state.refuse = undefined;
    expect((await look(world)).kind).toBe("changed");
    expect([citiesOf(world), messages(world)]).toEqual([["Kiel", "Bremen"], []]);
  });

  test("of several things is one exception that names all of them", async () => {
    const world = worldOf({
      shopper: {
        addresses: [
          { ...home, streetName: "", streetNumber: "" },
          { ...work, lastName: "" },
        ],
      },
    });
    await look(world);
    expect(messages(world)).toEqual([
      [
        "addressMissing",
        expect.stringMatching(
          /at addresses\[adr1\] an address without street.* at addresses\[work\] an address without name/,
        ),
      ],
    ]);
  });

  test("a number that IFS does not show, and one that is another's", async () => {
    const world = worldOf();
    world.cards.delete(OURS);
    await look(world);
    expect(messages(world)).toEqual([["customerConflict", expect.stringContaining("which IFS does not show")]]);
    world.putCard(OURS, { name: "X", reference: "somebody-else" });
    await look(world);
    expect([messages(world), cardOf(world)?.name]).toEqual([
      [["customerConflict", expect.stringContaining("belongs to commercetools customer somebody-else")]],
      "X",
    ]);
  });
});
