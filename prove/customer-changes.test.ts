/** Customers that change after their first order: name, addresses, contact and tax reach their IFS customer, on every kind of tenant. */
import { describe, expect, test } from "vitest";
import { maybeText, text } from "../sandbox/ifs/rows.ts";
import {
  addMoved,
  addressesOf,
  cardOf,
  change,
  defaultsOf,
  ifsOf,
  lostIn,
  moved,
  type Party,
  partyById,
  renamed,
  shopper,
  shopWorld,
  streetsOf,
  swept,
  twoRows,
} from "./customer-stories.ts";
import { home, openExceptions } from "./people.ts";
import { tenants } from "./tenants.ts";

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
