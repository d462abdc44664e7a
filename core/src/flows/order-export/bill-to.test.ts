/** Invoice address, VAT id and product type: where an order says them, and where IFS gets them. */
import { describe, expect, test } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import { configWith } from "./testing/config.ts";
import { codes, ID, run, worldWith } from "./testing/export.ts";
import { draftOf, mapped } from "./testing/mapped.ts";
import { addressOf, netOrder } from "./testing/orders.ts";

const billTo = (base: ConnectorConfig = configWith()): ConnectorConfig => ({
  ...base,
  ifs: { ...base.ifs, binding: { singleOccurrence: { billAddress: { name: "Cf_Bill_Name", city: "Cf_Bill_City" } } } },
});
const office = addressOf({ company: "Muster GmbH", city: "Kiel" });
const order = (fields: object = {}) => netOrder({ billingAddress: office, ...fields });

describe("the invoice address", () => {
  test("goes to its own properties where the binding names them, and not to the note", () => {
    const { billTo: address, header } = draftOf(mapped(order(), billTo()));
    expect([address?.name, address?.city, header.noteText?.includes("Invoice to")]).toEqual([
      "Muster GmbH",
      "Kiel",
      false,
    ]);
  });

  test("is a line of the note otherwise", () => {
    const { billTo: address, header } = draftOf(mapped(order()));
    expect([address, header.noteText?.includes("Invoice to: Muster GmbH")]).toEqual([undefined, true]);
  });

  test("that does not fit is refused by its own field", () => {
    const tooLong = mapped(order({ billingAddress: addressOf({ company: "x".repeat(101) }) }), billTo());
    expect(tooLong.ok ? "" : tooLong.error.field).toBe("billingAddress.company");
  });

  test("that is changed after the export asks, because it is not read in IFS", async () => {
    const world = worldWith(order(), { config: billTo() });
    expect([(await run(world)).kind, (await run(world)).kind]).toEqual(["linked", "unchanged"]);
    world.editOrder(ID, { billingAddress: addressOf({ company: "Muster GmbH", city: "Bremen" }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
    expect([...world.exceptions.values()][0]?.message).toContain("(invoice address)");
  });
});

describe("a mapping of VAT id and product type", () => {
  const config = configWith({
    route: {
      mapping: {
        header: { Cf_Vat: { field: "order.vatId" } },
        line: { Cf_Type: { field: "line.productType" } },
        charge: {},
      },
    },
  });
  const [first, ...others] = netOrder().lineItems as [object, ...object[]];
  const typed = (obj?: object) => ({
    lineItems: [{ ...first, productType: { typeId: "product-type", id: "type-1", ...(obj && { obj }) } }, ...others],
  });

  test("reads the buyer's customer, and the key of the product type", async () => {
    const world = worldWith(netOrder({ customerId: "buyer-1", ...typed({ key: "tools" }) }), { config });
    world.customers.shoppers.set("buyer-1", {
      id: "buyer-1",
      version: 1,
      email: "kim@example.com",
      vatId: "DE811234501",
    });
    expect((await run(world)).kind).toBe("linked");
    const sent = world.sent.get("P1000");
    expect([sent?.header.extra, sent?.lines.map(({ extra }) => extra)]).toEqual([
      { Cf_Vat: "DE811234501" },
      [{ Cf_Type: "tools" }, undefined],
    ]);
  });

  test("leaves out what a guest, or a customer that is gone, does not have", async () => {
    for (const customerId of [undefined, "gone"]) {
      const world = worldWith(netOrder({ customerId, ...typed() }), { config });
      expect((await run(world)).kind).toBe("linked");
      const sent = world.sent.get("P1000");
      expect([sent?.header.extra, sent?.lines[0]?.extra]).toEqual([undefined, { Cf_Type: "type-1" }]);
    }
  });

  test("asks for no customer where no mapping names the VAT id", async () => {
    const world = worldWith(netOrder({ customerId: "buyer-1" }));
    const asked: string[] = [];
    await run(world, "event", (name) => void asked.push(name));
    expect(asked.filter((name) => name === "ct.customer")).toEqual([]);
  });

  test("a customer that changes its VAT id changes none of its orders", async () => {
    const world = worldWith(netOrder({ customerId: "buyer-1" }), { config });
    world.customers.shoppers.set("buyer-1", {
      id: "buyer-1",
      version: 1,
      email: "kim@example.com",
      vatId: "DE811234501",
    });
    await run(world);
    world.customers.shoppers.set("buyer-1", {
      id: "buyer-1",
      version: 2,
      email: "kim@example.com",
      vatId: "DE999999999",
    });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});

describe("a mapping of what the buyer says about tax", () => {
  const config = configWith({
    route: {
      mapping: {
        header: {
          TaxIdNo: { field: "order.vatId" },
          taxLiability: {
            expression: 'has(order.buyerCustom.taxExempt) && order.buyerCustom.taxExempt ? "EXEMPT" : "TAX"',
          },
          Cf_Tax_Class: { field: "order.buyerCustom.taxClass", type: "text" },
        },
        line: {},
        charge: {},
      },
    },
  });
  const custom = (fields: object) => ({ type: { typeId: "type", id: "t" }, fields });
  const taxOf = (world: ReturnType<typeof worldWith>) => {
    const header = world.sent.get("P1000")?.header;
    return [header?.taxLiability, header?.extra];
  };

  test("reads the customer, else the business unit and not its associate; a guest says nothing", async () => {
    const world = worldWith(netOrder({ customerId: "buyer-1" }), { config });
    world.customers.shoppers.set("buyer-1", {
      id: "buyer-1",
      version: 1,
      email: "kim@example.com",
      vatId: "DE811234501",
      custom: custom({ taxExempt: true, taxClass: { key: "AUTHORITY", label: "public authority" } }),
    });
    await run(world);
    expect(taxOf(world)).toEqual(["EXEMPT", { TaxIdNo: "DE811234501", Cf_Tax_Class: "AUTHORITY" }]);

    const unit = worldWith(
      netOrder({ customerId: "buyer-1", businessUnit: { typeId: "business-unit", key: "werft" } }),
      {
        config,
      },
    );
    unit.customers.shoppers.set("buyer-1", { id: "buyer-1", version: 1, custom: custom({ taxExempt: true }) });
    unit.customers.units.set("werft", {
      id: "u-1",
      version: 1,
      key: "werft",
      custom: custom({ taxClass: "INDUSTRY" }),
    });
    await run(unit);
    expect(taxOf(unit)).toEqual(["TAX", { Cf_Tax_Class: "INDUSTRY" }]);

    const guest = worldWith(netOrder(), { config });
    await run(guest);
    expect(taxOf(guest)).toEqual(["TAX", undefined]);
  });

  test("is no change of an exported order when the buyer says otherwise later", async () => {
    const world = worldWith(netOrder({ customerId: "buyer-1" }), { config });
    const buyer = { id: "buyer-1", version: 1, email: "kim@example.com" };
    world.customers.shoppers.set("buyer-1", buyer);
    await run(world);
    world.customers.shoppers.set("buyer-1", { ...buyer, version: 2, custom: custom({ taxExempt: true }) });
    world.editOrder(ID, { paymentState: "Pending" });
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });
});
