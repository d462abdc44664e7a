/** Who is exempt from tax, with VAT number and tax class: on the customer and on the order in IFS, and in the tax that IFS itself computes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../sandbox/commercetools/api-caller.ts";
import { canonical } from "../sandbox/ifs/decimal.ts";
import { maybeText, num, text } from "../sandbox/ifs/rows.ts";
import { ifsOf, partyById, signUp, swept } from "./customer-stories.ts";
import { configurationOf, type Document, installConnector } from "./install.ts";
import { home, openExceptions, orderInIfs, ordersInIfs } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const exemption = { field: "customer.custom.taxExempt", values: { true: "EXEMPT", false: "TAX", none: "TAX" } };

const changesOf = (world: World): Document => {
  const { routes } = configurationOf(world) as { routes: object[] };
  return {
    stock: { pools: [] },
    prices: { lists: [] },
    orders: { claimSeconds: 15, lateCommitWaitSeconds: 30 },
    routes: routes.map((route) => ({
      ...route,
      customers: {
        policy: "own",
        template: "TEMPLATE",
        createAt: "signUp",
        taxLiability: exemption,
        fields: { CustomerTaxUsageType: { field: "customer.custom.taxClass" } },
      },
      mapping: {
        header: {
          TaxIdNo: { field: "order.vatId" },
          taxLiability: {
            expression: 'has(order.buyerCustom.taxExempt) && order.buyerCustom.taxExempt ? "EXEMPT" : "TAX"',
          },
        },
        line: {},
        charge: {},
      },
    })),
    tax: { untaxedCode: "DE0" },
    customers: { changes: { flow: "created" } },
    schedules: { customerSeconds: 30 },
    ifs: {
      binding: { customer: { fields: { email: "Cf_Email", vatNo: "Cf_Vat_No", reference: "Cf_Shop_Customer" } } },
    },
  };
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await installConnector(world, changesOf(world));
  await world.drive(
    world.shop.post("/types", {
      key: "tax",
      name: { en: "Tax" },
      resourceTypeIds: ["customer"],
      fieldDefinitions: [
        { name: "taxExempt", label: { en: "exempt" }, required: false, type: { name: "Boolean" } },
        { name: "taxClass", label: { en: "class" }, required: false, type: { name: "String" } },
      ],
    }),
  );
  await swept(world);
});
afterAll(() => world?.close());

type Buyer = { readonly id: string; readonly customerNo: string };

async function buyer(email: string, fields: object, extra: object = {}): Promise<Buyer> {
  const custom = { type: { typeId: "type", key: "tax" }, fields };
  const addresses = { addresses: [home], defaultShippingAddress: 0, defaultBillingAddress: 0 };
  const { id } = await signUp(world, { email, custom, ...addresses, ...extra });
  await world.run(15_000);
  const { externalId = "" } = await partyById(world, id);
  return { id, customerNo: externalId };
}

/** The storefront decides by its own means whether tax is charged: as usual, none at all, or a rate of zero. */
async function order(customerId: string, tax: "Platform" | "Disabled" | "reverse charge"): Promise<string> {
  const rate = { name: "reverse charge", amount: 0, country: "DE", includedInPrice: false };
  const zero = tax === "reverse charge" ? { externalTaxRate: rate } : {};
  const draft: Json = {
    currency: "EUR",
    country: "DE",
    customerId,
    shippingAddress: home,
    billingAddress: home,
    inventoryMode: "None",
    taxMode: tax === "reverse charge" ? "External" : tax,
    lineItems: ["BAT.12V.2AH", "BAT.18V.2AH"].map((sku, index) => ({
      sku,
      quantity: 3 - index,
      externalPrice: { currencyCode: "EUR", centAmount: 4990 },
      ...zero,
    })),
    shippingMethod: { typeId: "shipping-method", key: "express" },
    ...(tax === "reverse charge" && { externalTaxRateForShippingMethod: rate }),
  };
  const cart = await world.drive(world.shop.post("/carts", draft));
  const made = await world.drive(
    world.shop.post("/orders", { cart: { typeId: "cart", id: cart.id }, version: cart.version }),
  );
  await world.run(15_000);
  return String(made.id);
}

/** By IFS's own tables. */
const customerIn = ({ customerNo }: Buyer) => {
  const card = ifsOf(world).table("CustomerInfo").get(customerNo);
  const company = ifsOf(world).table("CustomerInvoiceCompany").get("10", customerNo);
  return {
    liability: company && text(company, "TaxLiability"),
    vatNo: card && maybeText(card, "Cf_Vat_No"),
    taxClass: card && maybeText(card, "CustomerTaxUsageType"),
  };
};
async function orderIn(id: string) {
  const [orderNo = "", ...others] = ordersInIfs(world, id);
  const { state, customerNo, totalGross } = orderInIfs(world, orderNo);
  const header = ifsOf(world).table("CustomerOrder").get(orderNo);
  const rows = [...(ifsOf(world).table("CustomerOrderLine").find("OrderNo", orderNo) ?? [])];
  const charges = [...(ifsOf(world).table("CustomerOrderCharge").find("OrderNo", orderNo) ?? [])];
  const shop = await world.drive(world.shop.get(`/orders/${id}`));
  const total = (shop.taxedPrice as { totalGross: { centAmount: number } } | undefined)?.totalGross ?? shop.totalPrice;
  return {
    others,
    state,
    customerNo,
    liability: header && text(header, "TaxLiability"),
    vatNo: header && maybeText(header, "TaxIdNo"),
    lines: rows.map(
      (row) => `${text(row, "TaxLiability")} ${text(row, "TaxCode")} ${canonical(num(row, "TaxAmountCurr"))}`,
    ),
    charges: charges.map(
      (row) => `${text(row, "TaxLiability")} ${text(row, "TaxCode")} ${canonical(num(row, "TaxAmountCurrency"))}`,
    ),
    equal: Math.round(Number(totalGross) * 100) === (total as { centAmount: number }).centAmount,
  };
}

describe("two buyers of one basket", () => {
  test("who is not exempt pays tax, in the shop and in IFS", async () => {
    const kim = await buyer("kim@example.com", { taxClass: "B2C" });
    expect(customerIn(kim)).toEqual({ liability: "TAX", vatNo: null, taxClass: "B2C" });
    expect(await orderIn(await order(kim.id, "Platform"))).toEqual({
      others: [],
      state: "Released",
      customerNo: kim.customerNo,
      liability: "TAX",
      vatNo: null,
      lines: ["TAX DE19 28.44", "TAX DE19 18.96"],
      charges: ["TAX DE19 2.45"],
      equal: true,
    });
  });

  test.each(["Disabled", "reverse charge"] as const)("who is exempt pays none (%s)", async (tax) => {
    const vatId = tax === "Disabled" ? "DE811999001" : "DE811999002";
    const fields = { taxExempt: true, taxClass: "GOV" };
    const werft = await buyer(`${vatId}@example.com`, fields, { companyName: `Werft ${vatId}`, vatId });
    expect(customerIn(werft)).toEqual({ liability: "EXEMPT", vatNo: vatId, taxClass: "GOV" });
    expect(await orderIn(await order(werft.id, tax))).toEqual({
      others: [],
      state: "Released",
      customerNo: werft.customerNo,
      liability: "EXEMPT",
      vatNo: vatId,
      lines: ["EXEMPT DE0 0", "EXEMPT DE0 0"],
      charges: ["EXEMPT DE0 0"],
      equal: true,
    });
  });

  test("an exemption that ends counts from the next order on, and leaves earlier ones as they are", async () => {
    const werft = await buyer("ends@example.com", { taxExempt: true }, { vatId: "DE811999003" });
    const before = await order(werft.id, "Disabled");
    const { version } = await partyById(world, werft.id);
    const actions = [{ action: "setCustomField", name: "taxExempt", value: false }];
    await world.drive(world.shop.post(`/customers/${werft.id}`, { version, actions }));
    await swept(world);
    const after = await order(werft.id, "Platform");
    expect([customerIn(werft).liability, (await orderIn(before)).lines, (await orderIn(after)).lines]).toEqual([
      "TAX",
      ["EXEMPT DE0 0", "EXEMPT DE0 0"],
      ["TAX DE19 28.44", "TAX DE19 18.96"],
    ]);
    expect(await openExceptions(world)).toEqual([]);
  });
});
