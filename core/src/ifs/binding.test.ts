import { setFlagsFromString } from "node:v8";
import { describe, expect, test } from "vitest";
import { bindingOverridesSchema, logicalRow, membersOf, property, resolveBinding, servicePath } from "./binding.ts";

function resolved(overrides: unknown) {
  const result = resolveBinding(overrides);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

test("without overrides the defaults hold", () => {
  const binding = resolved({});
  expect(servicePath(binding.order)).toBe("/main/ifsapplications/projection/v1/CustomerOrderHandling.svc");
  expect(property(binding.order, "externalRef")).toBe("ExternalRef");
  expect(membersOf(binding.states.order, ["Blocked"])).toEqual(["Blocked", "CreditBlocked"]);
});

test("overrides are merged name by name and leave the defaults alone", () => {
  const binding = resolved({
    order: { projection: "CSalesHandling", group: "int", fields: { externalRef: "Cf_Shop_Id", internalRef: null } },
    states: { order: { Stopped: "Blocked", CreditBlocked: null } },
    constants: { orderLine: { PriceFreeze: "FrozenPrice", Cost: null } },
    finalLineStates: ["Cancelled"],
  });
  expect(servicePath(binding.order)).toBe("/int/ifsapplications/projection/v1/CSalesHandling.svc");
  expect(property(binding.order, "externalRef")).toBe("Cf_Shop_Id");
  expect(property(binding.order, "customerNo")).toBe("CustomerNo");
  expect(() => property(binding.order, "internalRef")).toThrow(RangeError);
  expect(membersOf(binding.states.order, ["Blocked"])).toEqual(["Blocked", "Stopped"]);
  expect(binding.constants.orderLine).toMatchObject({
    PriceFreeze: "FrozenPrice",
    Cost: null,
    Source: "CUSTOMERORDER",
  });
  expect(binding.finalLineStates).toEqual(["Cancelled"]);
  expect(resolved({}).constants.orderLine).toMatchObject({ PriceFreeze: "Frozen", Cost: 0 });
});

describe("a name is a name, and no way to another address", () => {
  test.each(["Set?$top=1", "../Other.svc/Set", "a:b", "Set Two", "Set/Other", ""])(
    "%j is refused everywhere",
    (word) => {
      const paths = (overrides: object): string[] => {
        const result = resolveBinding(overrides);
        return result.ok ? [] : result.error.map(({ path }) => path);
      };
      expect(paths({ order: { set: word } })).toEqual(["order.set"]);
      expect(paths({ order: { projection: word } })).toEqual(["order.projection"]);
      expect(paths({ order: { fields: { contract: word } } })).toEqual(["order.fields.contract"]);
      expect(paths({ actions: { release: word } })).toEqual(["actions.release"]);
      expect(paths({ linesArray: word })).toEqual(["linesArray"]);
    },
  );
});

describe("words that would do nothing are refused, with what was probably meant", () => {
  test.each([
    [{ orders: {} }, "orders", 'there is no such part of the binding; did you mean "order"?'],
    [{ order: { sett: "X" } }, "order.sett", 'there is no such part of the binding; did you mean "set"?'],
    [{ actions: { releas: "X" } }, "actions.releas", 'there is no such part of the binding; did you mean "release"?'],
    [
      { order: { fields: { ExternalRef: "Cf_Shop_Id" } } },
      "order.fields.ExternalRef",
      '"order" has no field "ExternalRef"; did you mean "externalRef"?',
    ],
    [{ stock: { key: ["partno"] } }, "stock.key.partno", '"stock" has no field "partno"; did you mean "partNo"?'],
    [
      { site: { enums: { shoeSize: "X" } } },
      "site.enums.shoeSize",
      '"site" has no field "shoeSize"; known here: contract, description, company',
    ],
  ])("%j", (overrides, path, message) => {
    expect(resolveBinding(overrides)).toEqual({ ok: false, error: [{ path, message }] });
  });

  test.each([
    { order: { set: "A/B" } },
    { order: { fields: { orderNo: "x' or 'y" } } },
    { order: { group: "internal" } },
    { order: { confidence: "seen" } },
    { orderCharge: { parent: "orders" } },
    { actions: { release: "Release()" } },
    { baseAmounts: { rates: { "10": { SEK: "about 10" } } } },
  ])("%j", (overrides) => {
    expect(bindingOverridesSchema.safeParse(overrides).success).toBe(false);
  });
});

test("objects that are arrays of each other are refused, and not followed for ever", () => {
  expect(resolveBinding({ order: { parent: "orderCharge" } })).toMatchObject({
    ok: false,
    error: expect.arrayContaining([{ path: "order.parent", message: '"order" is its own parent: orderCharge, order' }]),
  });
  expect(resolveBinding({ site: { parent: "site" } }).ok).toBe(false);
});

test("names that every object of the language has are names like any other", () => {
  const { constants } = resolved({ constants: { order: { toString: "A", constructor: "B" } } });
  expect(Object.entries(constants.order)).toEqual(
    expect.arrayContaining([
      ["toString", "A"],
      ["constructor", "B"],
    ]),
  );
});

test("rows are read under logical names", () => {
  const { site } = resolved({ site: { fields: { company: null } } });
  expect(logicalRow(site, { "@odata.etag": "W/1", Contract: "S1", Company: "10", luname: "x" })).toEqual({
    etag: "W/1",
    contract: "S1",
  });
});

test("rows of many fields have one shape, and are no dictionaries: a list keeps a thousand of them", () => {
  setFlagsFromString("--allow-natives-syntax");
  const isFast = new Function("row", "return %HasFastProperties(row)") as (row: object) => boolean;
  const { stock } = resolved({});
  expect(Object.keys(stock.fields).length).toBeGreaterThan(16);
  expect(isFast(logicalRow(stock, { Contract: "S1", PartNo: "A", QtyOnhand: "1" }))).toBe(true);
});

test("null takes a field away only where the connector works without it", () => {
  expect(resolved({ order: { fields: { internalRef: null } } }).order.fields.internalRef).toBeNull();
  expect(resolveBinding({ order: { fields: { orderNo: null } } })).toEqual({
    ok: false,
    error: [
      {
        path: "order.fields.orderNo",
        message: '"order" cannot be used without "orderNo": name the tenant\'s property instead of null',
      },
    ],
  });
});

describe("where an object lives", () => {
  test.each([
    ["main", "/main/ifsapplications/projection/v1/CustomerOrderEntity.svc"],
    ["int", "/int/ifsapplications/projection/v1/CustomerOrderEntity.svc"],
    ["b2b", "/b2b/ifsapplications/projection/v1/CustomerOrderEntity.svc"],
    // Entity services have a path of their own, below `int`.
    ["entity", "/int/ifsapplications/entity/v1/CustomerOrderEntity.svc"],
  ])("%s", (group, path) => {
    expect(servicePath(resolved({ order: { group, projection: "CustomerOrderEntity" } }).order)).toBe(path);
  });

  test("an array follows its parent to another projection, unless it is named itself", () => {
    const moved = resolved({
      customer: { projection: "CCustomerHandling", group: "int" },
      order: { projection: "CSalesHandling" },
      orderCharge: { projection: "CChargeHandling" },
    });
    expect(servicePath(moved.customerAddressType)).toBe("/int/ifsapplications/projection/v1/CCustomerHandling.svc");
    expect(moved.customerSales.projection).toBe("CustomerHandling");
    expect(moved.orderAddress.projection).toBe("CSalesHandling");
    expect(moved.orderCharge.projection).toBe("CChargeHandling");
  });

  test("a flat set may become an array, and an array a flat set", () => {
    const { priceListPart, customerAddress } = resolved({
      priceListPart: { parent: "priceList", set: "SalesPriceListParts" },
      customerAddress: { parent: null, set: "CustomerInfoAddressSet" },
    });
    expect([priceListPart.parent, customerAddress.parent]).toEqual(["priceList", null]);
  });
});

test("constants go by logical name or by property, and follow a renamed field", () => {
  const { constants, singleOccurrence } = resolved({
    order: { fields: { isNewCustomer: null } },
    orderLine: { fields: { priceFreeze: "CPriceFreeze", addrFlag: "CAddrFlag" } },
    constants: { orderLine: { cost: null, Cf_Channel: "WEB", priceSource: "PriceList" }, charge: { chargeCost: 1 } },
  });
  expect(constants.order).toEqual({});
  expect(constants.orderLine).toMatchObject({
    CPriceFreeze: "Frozen",
    Cost: null,
    Cf_Channel: "WEB",
    PriceSource: "PriceList",
  });
  expect(constants.orderLine).not.toHaveProperty("PriceFreeze");
  expect(constants.charge).toMatchObject({ ChargeCost: 1, InvoicedQty: 0 });
  expect(singleOccurrence.line).toEqual({ CAddrFlag: "Yes", DefaultAddrFlag: "No" });
});
