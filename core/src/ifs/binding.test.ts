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

describe("words that would do nothing are refused", () => {
  test.each([
    [{ orders: {} }, [{ path: "", message: 'Unrecognized key: "orders"' }]],
    [
      { order: { fields: { shoeSize: "ShoeSize" } } },
      [{ path: "order.fields.shoeSize", message: '"order" has no field "shoeSize"' }],
    ],
    [{ stock: { key: ["nope"] } }, [{ path: "stock.key.nope", message: '"stock" has no field "nope"' }]],
  ])("%j", (overrides, error) => {
    expect(resolveBinding(overrides)).toEqual({ ok: false, error });
  });

  test.each([
    { order: { set: "A/B" } },
    { order: { fields: { orderNo: "x' or 'y" } } },
    { actions: { release: "Release()" } },
    { baseAmounts: { rates: { "10": { SEK: "about 10" } } } },
  ])("%j", (overrides) => {
    expect(bindingOverridesSchema.safeParse(overrides).success).toBe(false);
  });
});

test("rows are read under logical names", () => {
  const { site } = resolved({ site: { fields: { company: null } } });
  expect(logicalRow(site, { "@odata.etag": "W/1", Contract: "S1", Company: "10", luname: "x" })).toEqual({
    etag: "W/1",
    contract: "S1",
  });
});
