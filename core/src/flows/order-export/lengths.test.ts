import { describe, expect, test } from "vitest";
import { firstLine, shortened } from "../lengths.ts";
import { configWith } from "./testing/config.ts";
import { draftOf, mapped, refusalOf } from "./testing/mapped.ts";
import { addressOf, netOrder } from "./testing/orders.ts";

const shipTo = (fields: object, limits: object = {}) =>
  draftOf(mapped(netOrder({ shippingAddress: addressOf(fields) }), configWith({ orders: { maxLengths: limits } })))
    .shipTo;
const refusal = (order: object, limits: object = {}) => {
  const result = mapped(netOrder(order), configWith({ orders: { maxLengths: limits } }));
  return result.ok ? "accepted" : result.error;
};

describe("an address line that is too long", () => {
  const street = { streetName: "Bürgermeisterchristianhansemannstraße", streetNumber: "112" };

  test("goes on in the second line, at a word", () => {
    expect(shipTo({ streetName: "Platz der Vereinten Nationen am Alten Hafen", streetNumber: "112" })).toEqual({
      name: "Erika Beispiel",
      address1: "Platz der Vereinten Nationen am",
      address2: "Alten Hafen 112",
      zipCode: "20095",
      city: "Hamburg",
      countryCode: "DE",
    });
  });

  test("of one long word goes on behind its hyphen", () => {
    expect(shipTo({ streetName: "Bürgermeister-Christian-Hansemann-Straße", streetNumber: "112" })).toMatchObject({
      address1: "Bürgermeister-Christian-Hansemann-",
      address2: "Straße 112",
    });
  });

  test("of one long word is refused with field, length and maximum", () => {
    expect(refusal({ shippingAddress: addressOf(street) })).toEqual({
      code: "invalidInput",
      owner: "merchant",
      message:
        'shippingAddress.streetName has 41 characters ("Bürgermeisterchristianhansemannstraße 112"); IFS holds 35.',
      action:
        "Shorten it in commercetools. If the column of your IFS is longer, correct `orders.maxLengths.addressLine`.",
      field: "shippingAddress.streetName",
      value: "41",
    });
  });

  test("fits where the tenant's column is longer", () => {
    expect(shipTo(street, { addressLine: 50 })?.address1).toBe("Bürgermeisterchristianhansemannstraße 112");
  });

  test("lets the person move to the company before it is refused", () => {
    const company = { company: "Muster Maschinenbau GmbH", department: "Einkauf und Materialwirtschaft" };
    expect(shipTo(company)).toMatchObject({
      name: "Muster Maschinenbau GmbH, Erika Beispiel",
      address1: "Beispielweg 7",
      address2: "Einkauf und Materialwirtschaft",
    });
    const long = { ...company, additionalStreetInfo: "Tor 4, Halle 12, Rampe 3" };
    expect(refusalOf(mapped(netOrder({ shippingAddress: addressOf(long) })))).toEqual({
      code: "invalidInput",
      field: "shippingAddress.department",
      value: "72",
    });
  });
});

test.each([
  ["shippingAddress.lastName", { shippingAddress: addressOf({ lastName: "n".repeat(95) }) }, "101"],
  ["shippingAddress.company", { shippingAddress: addressOf({ company: "c".repeat(101) }) }, "101"],
  ["shippingAddress.city", { shippingAddress: addressOf({ city: "c".repeat(36) }) }, "36"],
  ["shippingAddress.postalCode", { shippingAddress: addressOf({ postalCode: "1".repeat(36) }) }, "36"],
  ["shippingAddress.region", { shippingAddress: addressOf({ region: "r".repeat(36) }) }, "36"],
  ["purchaseOrderNumber", { purchaseOrderNumber: "P".repeat(51) }, "51"],
  ["orderNumber", { orderNumber: "W".repeat(31) }, "31"],
])("%s is refused by its name", (field, order, value) => {
  expect(refusal(order)).toMatchObject({ code: "invalidInput", owner: "merchant", field, value });
});

test("what only informs is cut: the contact, the note; an order number may be left out", () => {
  const order = netOrder({
    orderNumber: "W".repeat(40),
    shippingAddress: addressOf({ lastName: "von und zu Beispiel-Musterhausen" }),
    paymentInfo: {
      payments: Array.from({ length: 60 }, (_, index) => ({
        typeId: "payment",
        id: `payment-${index}-${"x".repeat(36)}`,
      })),
    },
  });
  const { header } = draftOf(mapped(order, configWith({ orders: { maxLengths: { internalRef: 0 } } })));
  expect([header.custRef, header.internalRef, header.customerPoNo, header.noteText?.length]).toEqual([
    "Erika von und zu Beispiel-Mus…",
    undefined,
    "W".repeat(40),
    2000,
  ]);
});

test("texts are divided between words and between characters", () => {
  expect([
    firstLine("a b", 3),
    firstLine("ab cd", 2),
    firstLine("ab cd", 4),
    firstLine("abc", 2),
    firstLine("ab-cd", 3),
    firstLine("-abc", 2),
  ]).toEqual([
    { line: "a b", rest: "" },
    { line: "ab", rest: "cd" },
    { line: "ab", rest: "cd" },
    undefined,
    { line: "ab-", rest: "cd" },
    undefined,
  ]);
  expect([shortened("ab", 2), shortened("abc", 2), shortened("a😀b", 3), shortened("abc", 0)]).toEqual([
    "ab",
    "a…",
    "a…",
    "",
  ]);
});
