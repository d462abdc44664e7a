/** Orders of shoppers and business units that have an IFS customer of their own: found, created once, linked last. */
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { chosenNumber, isChosen } from "../customer-number.ts";
import { exportOrder } from "./run.ts";
import { configWith } from "./testing/config.ts";
import { codes, MINUTE, run } from "./testing/export.ts";
import { addressOf, netOrder } from "./testing/orders.ts";
import { createWorld, type Hook, type World } from "./testing/world.ts";

const shopper = {
  id: "11111111-1111-4111-8111-111111111111",
  version: 4,
  email: "erika@example.com",
  isEmailVerified: true,
  firstName: "Erika",
  lastName: "Muster",
};
const unit = { id: "22222222-2222-4222-8222-222222222222", version: 2, key: "werft", name: "Werft GmbH" };
const numbers = { numberPrefix: "CT", numberLength: 20 };
const OURS = chosenNumber({ kind: "customer", id: shopper.id }, numbers);

type Options = { readonly customers?: object; readonly route?: object; readonly order?: object };

function worldOf({ customers = {}, route = {}, order = {} }: Options = {}): World {
  const config = configWith({
    customers,
    route: { customers: { policy: "own", template: "TEMPLATE", businessTemplate: "TEMPLATE-B", ...route } },
  });
  const world = createWorld({ config });
  world.customers.put({ customerId: "TEMPLATE", name: "Template", country: "SE" });
  world.customers.put({ customerId: "TEMPLATE-B", name: "Template B" });
  world.customers.shoppers.set(shopper.id, { ...shopper });
  world.putOrder(netOrder({ customerId: shopper.id, ...order }));
  return world;
}

const customersOf = (world: World) =>
  [...world.customers.customers.values()].filter(({ customerId }) => !customerId.startsWith("TEMPLATE"));
const headerOf = (world: World) => [...world.sent.values()].map(({ header }) => header);
const messageOf = (world: World) => [...world.exceptions.values()].map(({ message }) => message).join(" ");
const numberOf = (world: World) => world.customers.shoppers.get(shopper.id)?.externalId;

describe("a shopper without IFS customer", () => {
  test("gets one with name, country, e-mail and reference, an address for the invoice, and its number", async () => {
    const world = worldOf();
    expect(await run(world)).toMatchObject({ kind: "linked" });
    const [header] = headerOf(world);
    expect(customersOf(world)).toEqual([
      {
        customerId: OURS,
        name: "Erika Muster",
        country: "DE",
        email: "erika@example.com",
        vatNo: null,
        reference: shopper.id,
      },
    ]);
    expect(header?.customerNo).toBe(OURS);
    expect([...(world.customers.addresses.get(OURS)?.keys() ?? [])]).toEqual([header?.billAddrNo]);
    expect([...world.sent.values()][0]?.shipTo).toBeDefined();
    expect(numberOf(world)).toBe(OURS);
    expect(world.journal.map(({ event }) => event)).toContain("customer-created");
  });

  test("orders again: the same customer and the same address", async () => {
    const world = worldOf();
    await run(world);
    const second = "99999999-9999-4999-8999-999999999999";
    world.putOrder(netOrder({ id: second, orderNumber: "W-2", customerId: shopper.id }));
    await exportOrder(world.worker(), second as OrderId, { mode: "event", deadlineAt: world.clock.at + 9500 });
    expect(new Set(headerOf(world).map(({ customerNo, billAddrNo }) => `${customerNo} ${billAddrNo}`)).size).toBe(1);
    expect([world.documents.size, world.customers.state.copies]).toEqual([2, 1]);
    expect(world.customers.addresses.get(OURS)?.size).toBe(1);
  });

  test("moved: the new address stands beside the old one, which older orders still name", async () => {
    const world = worldOf();
    await run(world);
    const second = "99999999-9999-4999-8999-999999999999";
    const moved = addressOf({ streetName: "Neue Allee" });
    world.putOrder(netOrder({ id: second, customerId: shopper.id, billingAddress: moved }));
    await exportOrder(world.worker(), second as OrderId, { mode: "event", deadlineAt: world.clock.at + 9500 });
    expect(world.customers.addresses.get(OURS)?.size).toBe(2);
    expect(new Set(headerOf(world).map(({ billAddrNo }) => billAddrNo)).size).toBe(2);
  });

  test("delivery to an address of the customer", async () => {
    const world = worldOf({
      customers: { delivery: "customer" },
      order: { billingAddress: addressOf({ city: "Kiel" }) },
    });
    expect(await run(world)).toMatchObject({ kind: "linked" });
    const [draft] = [...world.sent.values()];
    const known = world.customers.addresses.get(OURS);
    expect(draft?.shipTo).toBeUndefined();
    expect(known?.get(draft?.header.shipAddrNo ?? "")?.city).not.toBe("Kiel");
    expect(known?.get(draft?.header.billAddrNo ?? "")?.city).toBe("Kiel");
  });

  test("no customer for an order that cannot leave", async () => {
    const world = worldOf();
    world.state.salesParts = [];
    expect(await run(world)).toMatchObject({ kind: "rejected", rejection: { code: "unmappedSku" } });
    expect([customersOf(world), numberOf(world)]).toEqual([[], undefined]);
  });
});

describe("nothing is asked", () => {
  test.each([
    ["on a route with a webshop customer", { route: { policy: "webshop" } }],
    ["for a guest", { order: { customerId: undefined } }],
  ])("%s", async (_, options) => {
    const world = worldOf(options);
    expect(await run(world)).toMatchObject({ kind: "linked" });
    expect([headerOf(world)[0]?.customerNo, world.customers.state.requests]).toEqual(["C-WEB", 0]);
  });
});

describe("an IFS customer is found", () => {
  const found = { customerId: "10001", name: "Erika Muster" };
  const vat = { vatId: "DE 811234501" };

  test.each<[string, object, Parameters<World["customers"]["put"]>[0]]>([
    ["by its number on the commercetools customer", { externalId: "10001" }, found],
    ["by VAT number, however it is spaced", vat, { ...found, vatNo: "DE811234501" }],
    ["by a verified e-mail address", {}, { ...found, email: "erika@example.com" }],
  ])("%s", async (_, fields, customer) => {
    const world = worldOf();
    world.customers.shoppers.set(shopper.id, { ...shopper, ...fields });
    world.customers.put(customer);
    expect(await run(world)).toMatchObject({ kind: "linked" });
    expect([headerOf(world)[0]?.customerNo, numberOf(world), world.customers.state.copies]).toEqual([
      "10001",
      "10001",
      0,
    ]);
    // Its name and address are its owner's.
    expect(world.customers.customers.get("10001")).toMatchObject({ ...customer, country: null });
  });

  test("a name alone never links", async () => {
    const world = worldOf();
    world.customers.put(found);
    await run(world);
    expect(headerOf(world)[0]?.customerNo).toBe(OURS);
  });
});

describe("a person decides", () => {
  const both = { externalId: "10001" };
  const alike = { customerId: "10001", name: "X", email: "erika@example.com" };

  test.each<[string, (world: World) => void, string]>([
    [
      "two candidates",
      (world) => {
        world.customers.put(alike);
        world.customers.put({ ...alike, customerId: "10002" });
      },
      "10001, 10002",
    ],
    [
      "VAT number of one, e-mail address of another",
      (world) => {
        world.customers.shoppers.set(shopper.id, { ...shopper, vatId: "DE1" });
        world.customers.put({ customerId: "10002", vatNo: "DE1" });
        world.customers.put(alike);
      },
      "10002, 10001",
    ],
    [
      "an unverified e-mail address",
      (world) => {
        world.customers.shoppers.set(shopper.id, { ...shopper, isEmailVerified: false });
        world.customers.put(alike);
      },
      "nobody has verified",
    ],
    [
      "a customer that belongs to another shopper",
      (world) => {
        world.customers.put(alike);
        world.customers.shoppers.set("other", { id: "other", version: 1, ...both });
      },
      "belongs to commercetools customer other",
    ],
    [
      "a customer that was created for another shopper, whose number is not written yet",
      (world) =>
        world.customers.put({ ...alike, customerId: chosenNumber({ kind: "customer", id: "other" }, numbers) }),
      "another customer of the shop",
    ],
    [
      "our number with another reference",
      (world) => world.customers.put({ customerId: OURS, reference: "somebody-else" }),
      "somebody-else",
    ],
    [
      "a number that IFS does not show",
      (world) => world.customers.shoppers.set(shopper.id, { ...shopper, externalId: "4711" }),
      "4711, which IFS does not show",
    ],
  ])("%s", async (_, prepare, told) => {
    const world = worldOf();
    prepare(world);
    const before = structuredClone([...world.customers.customers.values()]);
    expect(await run(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerConflict" } });
    expect(messageOf(world)).toContain(told);
    expect([world.documents.size, [...world.customers.customers.values()]]).toEqual([0, before]);
  });

  test("and the order goes on by itself once it was decided", async () => {
    const world = worldOf();
    world.customers.put(alike);
    world.customers.put({ ...alike, customerId: "10002" });
    await run(world);
    world.customers.shoppers.set(shopper.id, { ...shopper, version: 5, externalId: "10002" });
    world.advance(2 * MINUTE);
    expect(await run(world, "sweep")).toMatchObject({ kind: "linked" });
    expect([headerOf(world)[0]?.customerNo, codes(world)]).toEqual(["10002", []]);
  });
});

describe("no customer is created", () => {
  test.each<[string, Options, (world: World) => void, string]>([
    ["where a person does that", { customers: { create: "never" } }, () => {}, "none is created"],
    [
      "where the template is not visible",
      {},
      (world) => void world.customers.customers.delete("TEMPLATE"),
      "does not show the template customer TEMPLATE",
    ],
    [
      "for a customer that was deleted",
      {},
      (world) => void world.customers.shoppers.delete(shopper.id),
      "does not exist in commercetools any more",
    ],
  ])("%s", async (_, options, prepare, told) => {
    const world = worldOf(options);
    prepare(world);
    expect(await run(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerMissing" } });
    expect(messageOf(world)).toContain(told);
    expect([customersOf(world), world.documents.size]).toEqual([[], 0]);
  });

  test("twice where IFS numbers customers itself: the first is linked, and told", async () => {
    const world = worldOf();
    world.customers.state.numberSeries = true;
    expect(await run(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerConflict" } });
    expect([messageOf(world).includes("20001 instead of"), numberOf(world)]).toEqual([true, "20001"]);
    expect(await run(world)).toMatchObject({ kind: "linked" });
    expect([headerOf(world)[0]?.customerNo, world.customers.state.copies]).toEqual(["20001", 1]);
  });
});

describe("a business unit", () => {
  const order = { businessUnit: { typeId: "business-unit", key: unit.key } };
  const ofUnit = (custom: object | undefined, options: Options = {}): World => {
    const world = worldOf({ ...options, order });
    world.customers.units.set(unit.key, { ...unit, ...(custom && { custom: { fields: custom } }) });
    return world;
  };

  test("gets a customer of the business template, with the number in its field", async () => {
    const world = ofUnit({});
    expect(await run(world)).toMatchObject({ kind: "linked" });
    const number = chosenNumber({ kind: "businessUnit", id: unit.id }, numbers);
    expect(customersOf(world)).toMatchObject([{ customerId: number, name: "Werft GmbH", reference: unit.id }]);
    expect(world.customers.units.get(unit.key)?.custom).toEqual({ fields: { ifsCustomerNumber: number } });
    expect(numberOf(world)).toBeUndefined();
  });

  test("without a field for its number is told before anything is created", async () => {
    const world = ofUnit(undefined);
    expect(await run(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerMissing" } });
    expect(customersOf(world)).toEqual([]);
  });

  test("whose key is the number", async () => {
    const world = ofUnit(undefined, { customers: { businessUnits: { number: "key" } } });
    world.customers.put({ customerId: unit.key });
    expect(await run(world)).toMatchObject({ kind: "linked" });
    expect(headerOf(world)[0]?.customerNo).toBe(unit.key);
  });
});

/** Steps that a run of the first order has. */
async function stepsOf(): Promise<number> {
  let steps = 0;
  await run(worldOf(), "sweep", () => {
    steps += 1;
  });
  return steps;
}

class Killed extends Error {}

describe("exactly once", () => {
  const once = (world: World, at: object) => {
    expect({
      ...at,
      customers: customersOf(world).map(({ customerId, reference }) => [customerId, reference]),
    }).toEqual({
      ...at,
      customers: [[OURS, shopper.id]],
    });
    expect({ ...at, addresses: world.customers.addresses.get(OURS)?.size, number: numberOf(world) }).toEqual({
      ...at,
      addresses: 1,
      number: OURS,
    });
  };
  async function finish(world: World): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      world.advance(11 * MINUTE);
      await run(world, "sweep");
    }
    expect([...world.documents.values()].map(({ order }) => [order.state, order.customerNo])).toEqual([
      ["Released", OURS],
    ]);
    expect(codes(world)).toEqual([]);
  }

  test("killed at every step of the first order", async () => {
    const steps = await stepsOf();
    expect(steps).toBeGreaterThan(20);
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = () => {
        step += 1;
        if (step > at) throw new Killed("dead");
      };
      await run(world, "sweep", hook).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await finish(world);
      once(world, { at });
    }
  });

  test("every answer lost once", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = (name, phase) => {
        step += 1;
        if (step !== at + 1) return;
        const creates = name === "ifs.create" || name === "ifs.copyCustomer" || name === "ifs.addAddress";
        throw creates ? new UnknownOutcomeError(`${name} lost`) : new TransientError(`${name} failed ${phase}`);
      };
      await run(world, "sweep", hook).catch((error: unknown) => {
        if (!(error instanceof TransientError)) throw error;
      });
      await finish(world);
      once(world, { at });
    }
  });

  test("another first order of the same shopper goes through between any two steps", async () => {
    const second = "99999999-9999-4999-8999-999999999999";
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      world.putOrder(netOrder({ id: second, orderNumber: "W-2", customerId: shopper.id }));
      let step = 0;
      await run(world, "sweep", async () => {
        step += 1;
        if (step !== at + 1) return;
        await exportOrder(world.worker(), second as OrderId, { mode: "sweep", deadlineAt: world.clock.at + MINUTE });
      });
      once(world, { at });
      expect([world.customers.state.copies, world.documents.size]).toEqual([1, 2]);
      expect(new Set(headerOf(world).map(({ customerNo }) => customerNo))).toEqual(new Set([OURS]));
    }
  });

  test("a number that a person writes meanwhile stays, and is told", async () => {
    const world = worldOf();
    const hook: Hook = (name, phase) => {
      if (name !== "ifs.addAddress" || phase !== "after") return;
      world.customers.shoppers.set(shopper.id, { ...shopper, version: 5, externalId: "10001" });
    };
    expect(await run(world, "event", hook)).toMatchObject({ rejection: { code: "customerConflict" } });
    expect([numberOf(world), world.documents.size]).toEqual(["10001", 0]);
  });
});

describe("chosen numbers", () => {
  test("depend on the id alone, are told apart from others, and legal in IFS", () => {
    expect(OURS).toMatch(/^CT[0-9A-HJKMNP-TV-Z]{18}$/);
    expect(chosenNumber({ kind: "businessUnit", id: shopper.id }, numbers)).not.toBe(OURS);
    expect(["10001", "CT", OURS, `${OURS}X`, `XX${OURS.slice(2)}`].map((one) => isChosen(one, numbers))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});
