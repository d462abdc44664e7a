/** One customer whose changes flow: what is asked for, what is written, and what becomes of it wherever it is interrupted. */
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import { bookAddressId, chosenAddressId, chosenNumber } from "../customer-number.ts";
import { type PartyOutcome, syncParty } from "./run.ts";
import { configWith, createWorld, type Hook, type World } from "./testing/world.ts";

const numbers = { numberPrefix: "CT", numberLength: 20 };
const ID = "11111111-1111-4111-8111-111111111111";
const OURS = chosenNumber({ kind: "customer", id: ID }, numbers);
const ref = { kind: "customer", id: ID } as const;
const home = {
  id: "adr1",
  country: "DE",
  lastName: "Muster",
  streetName: "Kai",
  streetNumber: "1",
  city: "Kiel",
  postalCode: "24103",
};
const work = { ...home, id: "adr2", key: "work", city: "Bremen", phone: "0421 1" };
const rowId = (address: { id: string; key?: string }) => bookAddressId(ref, address, numbers);

const shopper = {
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

type Given = {
  readonly customers?: object;
  readonly route?: object;
  readonly addresses?: object;
  readonly shopper?: object;
};

/** The shopper as above, and an IFS customer that a first order has made of an earlier state. */
function worldOf(given: Given = {}): World {
  const world = createWorld(configWith(given));
  world.customers.set(ID, { ...shopper, ...given.shopper });
  world.putCard(OURS, { name: "Kim Alt", country: "DE", email: "alt@example.com", reference: ID });
  world.tax.set(`10 ${OURS}`, { taxLiability: "TAX", etag: 1 });
  return world;
}

const look = (world: World, hook?: Hook, mode: "event" | "sweep" = "sweep"): Promise<PartyOutcome> =>
  syncParty(world.deps(hook), ref, { mode, deadlineAt: world.state.now + 60_000 });
const cardOf = (world: World, customerNo = OURS) => world.cards.get(customerNo)?.fields;
const citiesOf = (world: World) => [...(world.addresses.get(OURS)?.values() ?? [])].map(({ texts }) => texts.city);
const defaultsOf = (world: World) =>
  Object.fromEntries(
    [...(world.addresses.get(OURS)?.values() ?? [])].flatMap(({ texts, types }) =>
      [...types].flatMap(([type, isDefault]) => (isDefault ? [[type, texts.city]] : [])),
    ),
  );
const messages = (world: World) => [...world.exceptions.values()].map(({ code, message }) => [code, message]);
const lostIn = (world: World) =>
  world.journal
    .filter(({ event }) => event === "customer-value-lost")
    .map(({ detail: { field, side, value } }) => [field, side, value]);

const complete = {
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
const seen = (world: World) => ({ card: cardOf(world), cities: citiesOf(world), defaults: defaultsOf(world) });

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

class Killed extends Error {}

/** Steps that the longest look has. */
async function stepsOf(): Promise<number> {
  let steps = 0;
  await look(worldOf(), () => {
    steps += 1;
  });
  return steps;
}

async function finish(world: World, at: object): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await look(world);
    world.state.now += 60_000;
  }
  expect({ ...at, ...seen(world) }).toEqual({ ...at, ...complete });
  expect(world.addresses.get(OURS)?.size).toBe(2);
  expect(messages(world)).toEqual([]);
}

describe("whatever happens in between", () => {
  test("killed at every step", async () => {
    const steps = await stepsOf();
    expect(steps).toBeGreaterThan(20);
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = () => {
        step += 1;
        if (step > at) throw new Killed("dead");
      };
      await look(world, hook, "event").catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await finish(world, { at });
    }
  });

  test("every answer lost once", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = (name) => {
        step += 1;
        if (step !== at + 1) return;
        throw name === "ifs.addAddress" ? new UnknownOutcomeError("lost") : new TransientError("lost");
      };
      await look(world, hook, "event").catch((error: unknown) => {
        if (!(error instanceof TransientError)) throw error;
      });
      await finish(world, { at });
    }
  });

  test("another replica looks between any two steps", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      await look(world, async () => {
        step += 1;
        if (step === at + 1) await look(world, undefined, "event");
      });
      await finish(world, { at });
    }
  });

  test("a clerk edits what is not ours between any two steps: it stays, and the change arrives", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf({ customers: { changes: { flow: "created", owners: { email: "ifs" } } } });
      let step = 0;
      await look(world, () => {
        step += 1;
        if (step === at + 1) world.edit(OURS, { email: "clerk@example.com" });
      });
      await look(world);
      expect({ at, email: cardOf(world)?.email, name: cardOf(world)?.name }).toEqual({
        at,
        email: "clerk@example.com",
        name: "Kim Muster",
      });
    }
  });

  test("a clerk who never stops is told as an outage, so that it is tried again", async () => {
    const world = worldOf();
    const hook: Hook = (name, phase) => {
      if (name === "ifs.writeCard" && phase === "before") world.edit(OURS, { email: `${Math.random()}` });
    };
    await expect(look(world, hook)).rejects.toBeInstanceOf(TransientError);
  });

  test("time that is up ends it between two requests; what was written is in the journal", async () => {
    const world = worldOf();
    const hook: Hook = (name, phase) => {
      if (name === "ifs.addAddress" && phase === "after") world.state.now += 59_800;
    };
    await expect(look(world, hook, "event")).rejects.toThrow("no time left");
    expect(
      world.journal.filter(({ event }) => event === "customer-changed").map(({ detail }) => detail.addressesAdded),
    ).toEqual([1]);
    await finish(world, {});
  });
});

describe("sign-up", () => {
  const policy: Given = { route: { createAt: "signUp" }, customers: {}, shopper: { externalId: undefined } };
  const fresh = (given: Given = policy): World => {
    const world = worldOf(given);
    world.cards.clear();
    world.addresses.clear();
    world.putCard("TEMPLATE", { name: "Template" });
    return world;
  };
  const numberOf = (world: World) => world.customers.get(ID)?.externalId;

  test("makes the IFS customer with all that is known, and links it last", async () => {
    const world = fresh();
    const linkedAt: unknown[] = [];
    const outcome = await look(world, (name, phase) => {
      if (name === "ct.updateCustomer" && phase === "before") linkedAt.push(seen(world));
    });
    expect([outcome, numberOf(world)]).toEqual([{ kind: "created", customerNo: OURS }, OURS]);
    expect(linkedAt).toEqual([complete]);
  });

  test("killed at every step, and seen by two replicas at once: one customer, complete", async () => {
    let steps = 0;
    await look(fresh(), () => {
      steps += 1;
    });
    for (let at = 0; at < steps; at += 1) {
      const world = fresh();
      let step = 0;
      const hook: Hook = async () => {
        step += 1;
        if (step === at) await look(world, undefined, "event").catch(() => undefined);
        if (step > at) throw new Killed("dead");
      };
      await look(world, hook).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await look(world);
      expect({ at, number: numberOf(world), customers: [...world.cards.keys()] }).toEqual({
        at,
        number: OURS,
        customers: ["TEMPLATE", OURS],
      });
      expect({ at, ...seen(world) }).toEqual({ at, ...complete });
    }
  });

  test("does not happen where another route might take the orders, or where two IFS customers fit", async () => {
    const elsewhere = fresh({ ...policy, shopper: { externalId: undefined, addresses: [] } });
    for (const route of elsewhere.state.config.routes) Object.assign(route.when, { country: "DE" });
    expect((await look(elsewhere)).kind).toBe("unlinked");
    const world = fresh();
    for (const number of ["10001", "10002"]) world.putCard(number, { vatNo: "DE811234501" });
    expect(await look(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerConflict" } });
    expect([numberOf(world), world.cards.size]).toEqual([undefined, 3]);
  });
});
