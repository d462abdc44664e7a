/** What is known of an order that its route asks for. */
import { expect, test } from "vitest";
import { parseBatch, parseExtension, parseQuestion } from "./parse.ts";

const factsOf = (fields: object, lines: object[] = [{}]) => {
  const lineItems = lines.map((line, index) => ({ id: `l${index}`, quantity: 1, variant: { sku: "BOLT" }, ...line }));
  const totalPrice = { currencyCode: "EUR", centAmount: 100, fractionDigits: 2 };
  const obj = { totalPrice, lineItems, ...fields };
  const parsed = parseExtension({ action: "Create", resource: { typeId: "order", obj } });
  return parsed.ok ? parsed.value.facts : parsed.error;
};
const plain = {
  ...{ store: [], businessUnit: [], country: [], currency: ["EUR"], buyer: ["guest"] },
  ...{ customerGroup: [], shippingMethod: [], channel: [""] },
};

test("of an order: what it has, and what it surely has not", () => {
  expect(factsOf({})).toEqual(plain);
  const store = { typeId: "store", key: "de" };
  expect(factsOf({ store, country: "AT", shippingAddress: { country: "DE" }, customerId: "c" })).toEqual({
    ...plain,
    ...{ store: ["de"], country: ["AT"], buyer: ["customer"] },
  });
  expect(factsOf({ shippingAddress: { country: "DE" }, businessUnit: { key: "bu" } })).toEqual({
    ...plain,
    ...{ country: ["DE"], businessUnit: ["bu"], buyer: ["business"] },
  });
});

test("what comes as an id is not known, and is not taken for nothing", () => {
  const { customerGroup: _, shippingMethod: __, channel: ___, ...rest } = plain;
  const fields = { customerGroup: { id: "g" }, shippingInfo: { shippingMethodName: "DHL" } };
  expect(factsOf(fields, [{ distributionChannel: { id: "c" } }, {}])).toEqual(rest);
});

test("what cannot be read tells nothing, and the order is judged all the same", () => {
  expect(factsOf({ store: "de" })).toBeUndefined();
  expect(factsOf({ totalPrice: "1 EUR" })).toBeUndefined();
});

test("of a question: what its caller tells", () => {
  const lines = [{ sku: "BOLT" }];
  const told = { store: "de", country: "AT", currency: "EUR" };
  const known = { store: ["de"], country: ["AT"], currency: ["EUR"] };
  expect(parseQuestion({ lines, ...told })).toMatchObject({ ok: true, value: { facts: known } });
  expect(parseBatch({ questions: [{ lines, ...told }] })).toMatchObject({ value: [{ request: { facts: known } }] });
  expect(parseQuestion({ lines, store: "" })).toMatchObject({ ok: false, error: { field: "store" } });
});
