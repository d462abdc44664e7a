import fc from "fast-check";
import { expect, test } from "vitest";
import { closest } from "./near-miss.ts";

test.each([
  ["ShipmentId", ["Objstate", "CShipmentId", "ShipmentType"], "CShipmentId"],
  ["ConsignmentNoteId", ["ProNo", "Cf_Consignment_Note_Id", "ConsignmentNote"], "Cf_Consignment_Note_Id"],
  ["LocationType", ["LocationNo", "LocationTypeDb"], "LocationTypeDb"],
  ["CustomerOrder_Release", ["CustomerOrder_SetReleased", "CustomerOrder_Cancel"], "CustomerOrder_SetReleased"],
  ["InventOrder", ["PurchOrderDirect", "InventoryOrder", "NonInventory"], "InventoryOrder"],
  ["Invoiced", ["Delivered", "InvoicedClosed"], "InvoicedClosed"],
])("%s of %o", (name, candidates, expected) => {
  expect(closest(name, candidates)).toBe(expected);
});

test("what is not close is not proposed", () => {
  expect(closest("ShipmentId", ["WarehouseNo", "Objstate", "Description"])).toBeUndefined();
  expect(closest("ShipmentId", [])).toBeUndefined();
});

test("the name itself is no proposal", () => {
  expect(closest("OrderNo", ["OrderNo"])).toBeUndefined();
});

test("a name of the customer's layer is always found among names of another kind", () => {
  const words = fc.stringMatching(/^[A-Z][a-z]{3,8}[A-Z][a-z]{2,6}$/);
  const others = fc.array(fc.stringMatching(/^[0-9]{6,12}$/), { maxLength: 8 });
  fc.assert(
    fc.property(words, others, (name, rest) => {
      expect(closest(name, [...rest, `C${name}`])).toBe(`C${name}`);
    }),
  );
});
