/** Customers that change after their first order: name, addresses, contact and tax reach their IFS customer, on every kind of tenant. */
import { describe, expect, test } from "vitest";
import { flag, maybeText, text } from "../sandbox/ifs/rows.ts";
import type { Row } from "../sandbox/ifs/store.ts";
import { configurationOf, type Document, installConnector } from "./install.ts";
import { buy, consultDoctor, germany, openExceptions, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
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

async function shopWorld<T>(
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
  await world.run(15_000);
  const { externalId = "" } = await partyById(world, id);
  expect(externalId).toMatch(/^CT/);
  return { id, customerNo: externalId };
}

const renamed = [{ action: "setLastName", lastName: "Beispiel" }];
const moved = { ...home, streetName: "Neue Allee", city: "Kiel" };

/** Sweeps of customers, and nothing else that matters here. */
async function swept(world: World, ms = 65_000): Promise<void> {
  const end = world.schedule(30_000);
  await world.run(ms);
  end();
}

const twoRows = async (world: World, customerNo: string): Promise<void> => {
  expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Neue Allee 5, Kiel"]);
  const types = [...(ifsOf(world).table("CustomerInfoAddressType").find("CustomerId", customerNo) ?? [])];
  expect(types.length).toBe(6);
  expect(await openExceptions(world)).toEqual([]);
};

const addMoved = [{ action: "addAddress", address: moved }];

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
        const end = world.schedule(30_000);
        await world.run(95_000);
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

  test("an edit in IFS between the connector's read and its write survives: the write is planned again", async () => {
    await shopWorld(
      async (world) => {
        const { id, customerNo } = await shopper(world);
        for (const process of world.processes("event-app")) process.life.kill();
        let edited = 0;
        world.start("event-app", {
          interrupt: ({ kind, what }) => {
            if (kind === "send" && /PATCH .*CustomerInfoSet/.test(what) && edited === 0) {
              edited += 1;
              ifsOf(world).table("CustomerInfo").update(cardOf(world, customerNo), { CorporateForm: "GMBH" });
            }
            return "go";
          },
        });
        await change(world, id, renamed);
        await world.run(10_000);
        const card = cardOf(world, customerNo);
        expect([edited, text(card, "Name"), maybeText(card, "CorporateForm")]).toEqual([1, "Kim Beispiel", "GMBH"]);
      },
      { tenant },
    );
  });

  test.each([
    ["the answer to a new address is lost", /CustomerInfoAddresses$/],
    ["the answer to an address type is lost", /AddressTypes$/],
  ])("%s: one row", async (_, path) => {
    await shopWorld(
      async (world) => {
        const { id, customerNo } = await shopper(world);
        world.ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: path.source, times: 1 });
        await change(world, id, addMoved);
        await swept(world, 100_000);
        await twoRows(world, customerNo);
      },
      { tenant },
    );
  });

  test("a business unit: created, renamed, moved, exempt from tax", async () => {
    await shopWorld(
      async (world) => {
        const definition = (name: string, type: string) => ({
          name,
          type: { name: type },
          label: { en: name },
          required: false,
        });
        await world.drive(
          world.shop.post("/types", {
            key: "unit",
            name: { en: "unit" },
            resourceTypeIds: ["business-unit"],
            fieldDefinitions: [definition("ifsCustomerNumber", "String"), definition("taxExempt", "Boolean")],
          }),
        );
        const created = await world.drive(
          world.shop.post("/business-units", {
            key: "werft",
            unitType: "Company",
            name: "Werft GmbH",
            contactEmail: "einkauf@example.com",
            addresses: [home],
            custom: { type: { typeId: "type", key: "unit" }, fields: {} },
          }),
        );
        const id = String(created.id);
        await world.run(15_000);
        const unit = (await partyById(world, id, "business-units")) as Party & {
          custom: { fields: Record<string, string> };
        };
        const customerNo = unit.custom.fields.ifsCustomerNumber ?? "";
        expect(text(cardOf(world, customerNo), "Name")).toBe("Werft GmbH");
        const liability = () => {
          const row = ifsOf(world).table("CustomerInvoiceCompany").get("10", customerNo);
          return row && text(row, "TaxLiability");
        };
        expect(liability()).toBe("TAX");
        await change(
          world,
          id,
          [
            { action: "changeName", name: "Werft AG" },
            { action: "changeAddress", addressId: unit.addresses[0]?.id, address: moved },
            { action: "setCustomField", name: "taxExempt", value: true },
          ],
          "business-units",
        );
        await world.run(15_000);
        expect([text(cardOf(world, customerNo), "Name"), streetsOf(world, customerNo), liability()]).toEqual([
          "Werft AG",
          ["Neue Allee 5, Kiel"],
          "EXEMPT",
        ]);
        expect(await openExceptions(world)).toEqual([]);
      },
      {
        tenant,
        route: {
          createAt: "signUp",
          taxLiability: { field: "customer.custom.taxExempt", values: { true: "EXEMPT", false: "TAX", none: "TAX" } },
        },
      },
    );
  });
});

describe("both sides at once", () => {
  const edits = [
    ["commercetools", "kim.beispiel@example.com", { side: "ifs", value: "clerk@example.com" }],
    ["ifs", "clerk@example.com", { side: "commercetools", value: "kim.beispiel@example.com" }],
    ["firstWins", "clerk@example.com", { side: "commercetools", value: "kim.beispiel@example.com" }],
  ] as const;
  test.each(edits)(
    "of an e-mail address that belongs to %s, its owner's counts, and the other is kept in the journal once",
    async (owner, stands, lost) => {
      await shopWorld(
        async (world) => {
          const { id, customerNo } = await shopper(world);
          const end = world.schedule(5000);
          ifsOf(world).table("CustomerInfo").update(cardOf(world, customerNo), { Cf_Email: "clerk@example.com" });
          await change(world, id, [{ action: "changeEmail", email: "kim.beispiel@example.com" }, ...renamed]);
          await world.run(70_000);
          end();
          const card = cardOf(world, customerNo);
          expect([maybeText(card, "Cf_Email"), text(card, "Name")]).toEqual([stands, "Kim Beispiel"]);
          const told = (await lostIn(world, id)).filter(({ field }) => field === "email");
          expect(told).toEqual([{ field: "email", ...lost }]);
        },
        { customers: { changes: { flow: "created", owners: { email: owner } } } },
      );
    },
  );

  test("what the connector wrote itself is no value that loses", async () => {
    await shopWorld(async (world) => {
      const { id } = await shopper(world);
      for (const email of ["a@example.com", "b@example.com", "c@example.com"]) {
        await change(world, id, [{ action: "changeEmail", email }]);
        await world.run(10_000);
      }
      // Only the first one may have been a clerk's.
      expect((await lostIn(world, id)).map(({ value }) => value)).toEqual(["kim@example.com"]);
    });
  });
});

describe("exactly once", () => {
  test("IFS commits a new address late: one row", async () => {
    await shopWorld(async (world) => {
      const { id, customerNo } = await shopper(world);
      world.ifs.faults.add({
        kind: "lateCommit",
        methods: ["POST"],
        path: "CustomerInfoAddresses$",
        times: 1,
        delayMs: 20_000,
      });
      await change(world, id, addMoved);
      await swept(world, 160_000);
      await twoRows(world, customerNo);
    });
  });

  test("four replicas with the same news at once, and the sweep beside them: one row", async () => {
    await shopWorld(async (world) => {
      const { id, customerNo } = await shopper(world);
      world.start("event-app", { replicas: 3 });
      const end = world.schedule(5000);
      await change(world, id, addMoved);
      await change(world, id, [{ action: "setFirstName", firstName: "Kim" }]);
      await change(world, id, renamed);
      await world.run(60_000);
      end();
      await twoRows(world, customerNo);
      expect(text(cardOf(world, customerNo), "Name")).toBe("Kim Beispiel");
    });
  });

  const steps = {
    card: /PATCH .*CustomerInfoSet\([^)]*\)$/,
    address: /POST .*CustomerInfoAddresses$/,
    "address type": /POST .*AddressTypes$/,
  };
  const blows = Object.keys(steps).flatMap((step) =>
    (["send", "answer"] as const).map((kind) => [kind, step as keyof typeof steps] as const),
  );
  test.each(blows)(
    "a process dies at the %s of the %s: nothing is missing, nothing is there twice",
    async (kind, step) => {
      await shopWorld(async (world) => {
        const { id, customerNo } = await shopper(world);
        for (const process of world.processes("event-app")) process.life.kill();
        let struck = 0;
        world.start("event-app", {
          interrupt: (moment) => {
            if (struck > 0 || moment.kind !== kind || !steps[step].test(moment.what)) return "go";
            struck += 1;
            return "die";
          },
        });
        await change(world, id, [...addMoved, ...renamed]);
        await world.run(5000);
        expect(struck).toBe(1);
        world.start("event-app");
        await swept(world, 100_000);
        await twoRows(world, customerNo);
        expect(text(cardOf(world, customerNo), "Name")).toBe("Kim Beispiel");
      });
    },
  );
});

describe("nothing is missed, and nobody else is touched", () => {
  test("a change without event is found by the sweep", async () => {
    await shopWorld(async (world) => {
      const { id, customerNo } = await shopper(world);
      await swept(world);
      for (const process of world.processes("event-app")) process.life.kill();
      await change(world, id, [...renamed, { action: "setVatId", vatId: "DE811234501" }]);
      await swept(world);
      const card = cardOf(world, customerNo);
      expect([text(card, "Name"), maybeText(card, "Cf_Vat_No")]).toEqual(["Kim Beispiel", "DE811234501"]);
    });
  });

  test("IFS is down for minutes: the change arrives afterwards", async () => {
    await shopWorld(async (world) => {
      const { id, customerNo } = await shopper(world);
      const down = world.ifs.faults.add({ kind: "status", status: 503, path: "CustomerHandling" });
      await change(world, id, renamed);
      await swept(world, 120_000);
      expect(text(cardOf(world, customerNo), "Name")).toBe("Kim Muster");
      world.ifs.faults.remove(down);
      await swept(world, 120_000);
      expect(text(cardOf(world, customerNo), "Name")).toBe("Kim Beispiel");
    });
  });

  test("guests, customers without IFS customer, and customers that IFS knew before stay as they are", async () => {
    await shopWorld(async (world) => {
      const cards = () => [...ifsOf(world).table("CustomerInfo").all()].map(({ values }) => ({ ...values }));
      const before = cards();
      const guest = await world.drive(buy(world, germany, wish));
      const unlinked = await signUp(world, { addresses: [home] });
      const known = await signUp(world, { email: "werft@example.com", externalId: "10001" });
      await world.run(10_000);
      for (const { id } of [unlinked, known]) await change(world, id, renamed);
      await swept(world);
      const [orderNo = ""] = ordersInIfs(world, String(guest.id));
      expect(orderInIfs(world, orderNo).customerNo).toBe("WEB-DE");
      expect([cards(), await openExceptions(world)]).toEqual([before, []]);
    });
  });

  test("switched off, as it is by default, no change flows and no run is shown", async () => {
    await shopWorld(
      async (world) => {
        const { id, customerNo } = await shopper(world);
        const before = { ...cardOf(world, customerNo).values };
        await change(world, id, renamed);
        await swept(world);
        expect(cardOf(world, customerNo).values).toEqual(before);
        const runs = await world.drive(world.shop.get("/custom-objects/ifs-connector-runs", { limit: "100" }));
        const flows = (runs.results as { key: string }[]).map(({ key }) => key);
        expect(flows.includes("customer-sync")).toBe(false);
        expect(flows.includes("order-sweep")).toBe(true);
      },
      { customers: { changes: {} } },
    );
  });

  test("with flow: linked, a customer that IFS knew before follows too, and learns whose it is", async () => {
    await shopWorld(
      async (world) => {
        const { id } = await signUp(world, { externalId: "10001", addresses: [home] });
        await change(world, id, renamed);
        await swept(world);
        const card = cardOf(world, "10001");
        expect([text(card, "Name"), maybeText(card, "Cf_Email"), maybeText(card, "Cf_Shop_Customer")]).toEqual([
          "Werft am Südkai GmbH",
          "kim@example.com",
          id,
        ]);
        // Somebody else who carries the same number gets nothing through.
        const other = await signUp(world, { email: "other@example.com", externalId: "10001" });
        await change(world, other.id, [{ action: "setFirstName", firstName: "Other" }]);
        await swept(world);
        expect(maybeText(cardOf(world, "10001"), "Cf_Email")).toBe("kim@example.com");
        expect(await openExceptions(world)).toMatchObject([
          { flow: "customer-sync", code: "customerConflict", recordId: other.id },
        ]);
      },
      { customers: { changes: { flow: "linked", owners: { name: "ifs" } } } },
    );
  });
});

test("the doctor finds nothing to say about a good configuration, and names a field that IFS does not have", async () => {
  const aboutCustomers = async (fields: object) =>
    shopWorld(
      async (world) => {
        const { findings } = await consultDoctor(world);
        return findings
          .filter(({ subject }) => /customer/i.test(subject))
          .map(({ severity, subject, message }) => ({ severity, subject, message }));
      },
      { route: { fields, taxLiability: "TAX" } },
    );
  expect(await aboutCustomers({ CustomerTaxUsageType: "OWN" })).toEqual([]);
  expect(await aboutCustomers({ Cf_Nowhere: "OWN" })).toEqual([
    {
      severity: "error",
      subject: "routes[0].customers.fields.Cf_Nowhere",
      message: "CustomerInfo has no property Cf_Nowhere.",
    },
    {
      severity: "error",
      subject: "routes[1].customers.fields.Cf_Nowhere",
      message: "CustomerInfo has no property Cf_Nowhere.",
    },
  ]);
});

describe("addresses", () => {
  test("a region that is none is refused with its reason; the others go, and the exception closes when the address is right", async () => {
    await shopWorld(
      async (world) => {
        const { id, customerNo } = await shopper(world);
        await change(world, id, [
          { action: "addAddress", address: { ...moved, key: "wrong", country: "US", region: "Nowhere" } },
          { action: "addAddress", address: { ...home, streetName: "Kai", city: "Bremen" } },
          ...renamed,
        ]);
        await world.run(10_000);
        expect(await openExceptions(world)).toMatchObject([
          {
            flow: "customer-sync",
            code: "invalidInput",
            recordId: id,
            message: 'addresses[wrong].region is "Nowhere", which is no region of US in the configuration.',
          },
        ]);
        expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Kai 5, Bremen"]);
        expect(text(cardOf(world, customerNo), "Name")).toBe("Kim Beispiel");
        const wrong = (await partyById(world, id)).addresses.find(({ key }) => key === "wrong");
        const right = { ...moved, key: "wrong", country: "US", region: "New York" };
        await change(world, id, [{ action: "changeAddress", addressId: wrong?.id, address: right }]);
        await world.run(10_000);
        expect(await openExceptions(world)).toEqual([]);
        expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Kai 5, Bremen", "Neue Allee 5, Kiel"]);
      },
      { addresses: { regions: { US: { "New York": "NY" } } } },
    );
  });

  test.each(["keep", "report", "endDate"] as const)(
    "a removed address is never deleted in IFS: %s",
    async (removedAddresses) => {
      await shopWorld(
        async (world) => {
          const { id, customerNo } = await shopper(world);
          const added = await change(world, id, [{ action: "addAddress", address: moved }]);
          await world.run(10_000);
          await change(world, id, [{ action: "removeAddress", addressId: added.addresses.at(-1)?.id }]);
          await world.run(10_000);
          await swept(world);
          expect(streetsOf(world, customerNo)).toEqual(["Hafenstraße 5, Hamburg", "Neue Allee 5, Kiel"]);
          const gone = addressesOf(world, customerNo).find((row) => text(row, "City") === "Kiel");
          const today = new Date(world.time.clock.now()).toISOString().slice(0, 10);
          const told = (await journalOf(world, id)).filter(({ event }) => event === "customer-address-removed").length;
          const seen = [
            gone && maybeText(gone, "ValidTo"),
            told,
            (await openExceptions(world)).map(({ code }) => code),
          ];
          expect(seen).toEqual(
            { keep: [null, 1, []], report: [null, 0, ["heldForReview"]], endDate: [today, 0, []] }[removedAddresses],
          );
          if (removedAddresses !== "report" || !gone) return;
          // A person ends it in IFS: the exception closes.
          ifsOf(world).table("CustomerInfoAddress").update(gone, { ValidTo: today });
          await swept(world);
          expect(await openExceptions(world)).toEqual([]);
        },
        { customers: { changes: { flow: "created", removedAddresses } } },
      );
    },
  );
});

describe("customers at sign-up", () => {
  test("get an IFS customer with all that is known of them, once on three replicas, and their first order finds it", async () => {
    await shopWorld(
      async (world) => {
        world.start("event-app", { replicas: 2 });
        const { id } = await signUp(world, { addresses: [home], vatId: "DE999999999", defaultBillingAddress: 0 });
        await change(world, id, [{ action: "setFirstName", firstName: "Kim" }]);
        await swept(world);
        const { externalId = "" } = await partyById(world, id);
        const card = cardOf(world, externalId);
        expect([
          text(card, "Name"),
          maybeText(card, "Cf_Email"),
          maybeText(card, "Cf_Vat_No"),
          maybeText(card, "Cf_Shop_Customer"),
        ]).toEqual(["Kim Muster", "kim@example.com", "DE999999999", id]);
        expect(streetsOf(world, externalId)).toEqual(["Hafenstraße 5, Hamburg"]);
        const order = await world.drive(
          buy(world, germany, { ...wish, customerId: id, customerEmail: "kim@example.com" }),
        );
        await world.run(20_000);
        const [orderNo = ""] = ordersInIfs(world, String(order.id));
        expect(orderInIfs(world, orderNo).customerNo).toBe(externalId);
        const shops = [...ifsOf(world).table("CustomerInfo").all()].filter(
          (row) => maybeText(row, "Cf_Shop_Customer") === id,
        );
        expect([shops.length, await openExceptions(world)]).toEqual([1, []]);
      },
      { route: { createAt: "signUp" }, customers: { changes: {} } },
    );
  });
});
