/** Changes of customers, whatever happens meanwhile: each arrives once, none is missed, and nobody else is touched. */
import { describe, expect, test } from "vitest";
import { maybeText, text } from "../sandbox/ifs/rows.ts";
import {
  addMoved,
  addressesOf,
  cardOf,
  change,
  ifsOf,
  journalOf,
  moved,
  partyById,
  renamed,
  shopper,
  shopWorld,
  signUp,
  streetsOf,
  swept,
  twoRows,
  wish,
} from "./customer-stories.ts";
import { buy, consultDoctor, germany, home, openExceptions, orderInIfs, ordersInIfs } from "./people.ts";

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
