import { describe, expect, test } from "vitest";
import { routeSchema } from "../../domain/route-config.ts";
import { mappingFindings } from "./check-mapping.ts";
import { configWith } from "./testing/config.ts";
import { draftOf, mapped, mappedOrder } from "./testing/mapped.ts";
import { eur, lineOf, netOrder, orderOf, taxedOf } from "./testing/orders.ts";

const withMapping = (mapping: object, route: object = {}) => configWith({ route: { mapping, ...route } });
const draft = (order: object, mapping: object, route: object = {}) =>
  draftOf(mapped(netOrder(order), withMapping(mapping, route)));
const refusal = (order: object, mapping: object) => {
  const result = mapped(netOrder(order), withMapping(mapping));
  return result.ok ? "accepted" : result.error;
};

describe("a mapping per route", () => {
  test("sets logical fields and adds all others by their IFS name, for header, lines and charges", () => {
    const order = { custom: { fields: { deliverOn: "2026-12-24", note: "Ring twice" } }, locale: "de-DE" };
    const { header, lines, charges } = draft(
      order,
      {
        header: {
          Cf_Channel: "WEB",
          Priority: 5,
          B2bOrderDb: false,
          languageCode: { expression: 'order.locale.startsWith("de") ? "de" : "en"' },
          noteText: { expression: 'order.custom.note + " / " + order.orderNumber', type: "text" },
          wantedDeliveryDate: { field: "order.custom.deliverOn", type: "date" },
          TaxLiability: { expression: 'order.buyer == "business" ? "EXEMPT" : "TAX"' },
        },
        line: {
          Cf_Position: { field: "line.sku" },
          PriceFreeze: "Free",
          NoteText: { expression: '"gift: " + string(line.gift)' },
          Cf_Net: { field: "line.net", type: "number" },
        },
        charge: { Cf_Kind: { field: "charge.kind" }, chargeType: { expression: '"F-" + order.country' } },
      },
      { extra: { Cf_Old: 1 } },
    );
    const { languageCode, noteText, wantedDeliveryDate, taxLiability, extra } = header;
    expect({ languageCode, noteText, wantedDeliveryDate, taxLiability, extra }).toEqual({
      languageCode: "de",
      noteText: "Ring twice / W-1001",
      wantedDeliveryDate: "2026-12-24",
      taxLiability: "TAX",
      extra: { Cf_Old: 1, Cf_Channel: "WEB", Priority: { decimal: "5" }, B2bOrderDb: false },
    });
    expect(lines.map(({ noteText: note, wantedDeliveryDate: wanted, extra: more }) => [note, wanted, more])).toEqual([
      ["gift: false", "2026-12-24", { Cf_Position: "A-1", PriceFreeze: "Free", Cf_Net: { decimal: "59.97" } }],
      ["gift: false", "2026-12-24", { Cf_Position: "B-2", PriceFreeze: "Free", Cf_Net: { decimal: "15" } }],
    ]);
    expect(charges.map(({ chargeType, extra: more }) => [chargeType, more])).toEqual([
      ["F-DE", { Cf_Kind: "shipping" }],
    ]);
  });

  test("constants of `extra` go on as they did", () => {
    const { header } = draft({}, {}, { extra: { Cf_A: "x", Cf_B: 1.5, Cf_C: true } });
    expect(header.extra).toEqual({ Cf_A: "x", Cf_B: 1.5, Cf_C: true });
  });

  test("all payments of an order can go into a field of their own", () => {
    const payment = (id: string, cents: number, type: string, state: string) => ({
      typeId: "payment",
      id,
      obj: {
        interfaceId: `psp-${id}`,
        amountPlanned: eur(cents),
        paymentMethodInfo: { paymentInterface: "PSP", method: "card" },
        transactions: [{ type, state, amount: eur(cents) }],
      },
    });
    const payments = [payment("1", 5000, "Charge", "Success"), payment("2", 4324, "Refund", "Pending")];
    const { header } = draft(
      { paymentInfo: { payments } },
      {
        header: {
          Cf_Pay: { expression: 'order.payments.map(p, p.interfaceId + "=" + p.amount + p.currency).join(",")' },
        },
      },
    );
    expect(header.extra).toEqual({ Cf_Pay: "psp-1=50EUR,psp-2=43.24EUR" });
  });

  test("a value that the order does not have is left out, or refused where it is required", () => {
    const field = { field: "order.custom.costCentre", type: "text" };
    expect(draft({}, { header: { Cf_Cost: field } }).header.extra).toBe(undefined);
    expect(refusal({}, { header: { Cf_Cost: { ...field, required: true } } })).toEqual({
      code: "mappingFailed",
      owner: "merchant",
      message:
        'The mapping of the header field Cf_Cost of route "web shop" fails: the order has no value for it (order.custom.costCentre).',
      action: 'Correct `routes["web shop"].mapping.header.Cf_Cost`, or the value in commercetools that it reads.',
      field: 'routes["web shop"].mapping.header.Cf_Cost',
      value: "order.custom.costCentre",
    });
  });

  test("a custom field of another type, a missing key and a text that is too long stop the order by name", () => {
    const order = { custom: { fields: { floor: "third", text: "x".repeat(30) } } };
    const messages = [
      { header: { Cf_Floor: { field: "order.custom.floor", type: "number" } } },
      { line: { Cf_A: { expression: "line.custom.engraving", type: "text" } } },
      { charge: { Cf_B: { expression: "order.custom.text", type: "text", maxLength: 20 } } },
    ].map((mapping) => {
      const found = refusal(order, mapping);
      return typeof found === "string" ? found : [found.code, found.message.slice(found.message.indexOf("fails: "))];
    });
    expect(messages).toEqual([
      ["mappingFailed", "fails: it gives a text of 5 characters, which is no number (order.custom.floor)."],
      ["mappingFailed", "fails: No such key: engraving (line.custom.engraving)."],
      ["mappingFailed", "fails: the text has 30 characters, 20 are allowed (order.custom.text)."],
    ]);
  });

  test("a text is cut only where the mapping says so, and that is told", () => {
    const order = netOrder({ custom: { fields: { text: "x".repeat(30) } } });
    const value = { field: "order.custom.text", type: "text", maxLength: 20, shorten: true };
    const result = mappedOrder(order, withMapping({ header: { Cf_Text: value } }));
    if (!result.ok) throw new Error(result.error.message);
    expect([result.value.draft.header.extra, result.value.shortened]).toEqual([
      { Cf_Text: `${"x".repeat(19)}…` },
      ["Cf_Text: 30 characters cut to 20"],
    ]);
  });
});

describe("a mapping that cannot work is found before an order needs it", () => {
  const fields = {
    header: { externalRef: "Cf_Ref", noteText: "NoteText", marketCode: "MarketCode", labelNote: null },
    line: { priceFreeze: "PriceFreeze" },
    charge: {},
  };
  const findings = (mapping: object) => {
    const route = {
      name: "r",
      company: "1",
      site: "1",
      orderType: "W",
      coordinator: "C",
      customerNo: "1",
      addressNo: "1",
    };
    return mappingFindings({ routes: [routeSchema.parse({ ...route, mapping })] }, fields);
  };

  test.each<[string, object, string, string]>([
    ["syntax", { header: { Cf_A: { expression: "order." } } }, "header.Cf_A", "Expected IDENTIFIER"],
    ["unknown field", { line: { Cf_A: { expression: "line.skuu" } } }, "line.Cf_A", "No such key: skuu"],
    [
      "wrong type for the field",
      { header: { noteText: { field: "order.custom.x", type: "number" } } },
      "header.noteText",
      "it gives a number, the IFS field takes a text",
    ],
    ["identity", { header: { ExternalRef: "a" } }, "header.ExternalRef", "is set by the connector"],
    ["amounts by logical name", { line: { saleUnitPrice: 1 } }, "line.saleUnitPrice", "is set by the connector"],
    ["quantities", { line: { BuyQtyDue: { field: "line.quantity" } } }, "line.BuyQtyDue", "is set by the connector"],
    ["tax", { charge: { TaxCode: "0" } }, "charge.TaxCode", "is set by the connector"],
  ])("%s", (_, mapping, path, message) => {
    expect(findings(mapping)).toEqual([
      { path: `routes[0].mapping.${path}`, message: expect.stringContaining(message) },
    ]);
    const result = mapped(netOrder(), withMapping(mapping));
    expect(result.ok ? "accepted" : result.error.code).toBe("mappingFailed");
  });

  test.each<[string, string]>([
    ["notetext", "there is no field of this name; IFS property names begin with a capital letter"],
    ["labelNote", "the tenant has no property for it (`ifs.binding`)"],
    ["Cf_Ref", "Cf_Ref is the tenant's property for externalRef, which is set by the connector and cannot be mapped"],
  ])("no field of the tenant: %s", (target, message) => {
    expect(findings({ header: { [target]: "a" } })).toEqual([{ path: `routes[0].mapping.header.${target}`, message }]);
  });

  test("any logical field of the tenant can be named", () => {
    expect(findings({ header: { marketCode: "M" }, line: { priceFreeze: "Free" } })).toEqual([]);
    expect(draft({}, { header: { marketCode: "M" } }).header.extra).toEqual({ marketCode: "M" });
  });

  test("a good one has no findings", () => {
    expect(findings({ header: { Cf_A: { field: "order.store" }, deliveryTerms: "DAP" } })).toEqual([]);
  });
});

test("five hundred lines with ten mapped fields each are mapped within three seconds", () => {
  const lineItems = Array.from({ length: 500 }, (_, index) =>
    lineOf(
      { id: `l${index}`, sku: "A-1", quantity: 1, price: 100, total: 100, net: 100, gross: 119, rate: 0.19 },
      false,
    ),
  );
  const order = orderOf({ lineItems, totalPrice: eur(50_000), taxedPrice: taxedOf(50_000, 59_500) });
  const line = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `Cf_${index}`,
      { expression: 'line.sku + order.store + (line.gift ? "g" : "")' },
    ]),
  );
  const config = withMapping({ line });
  mapped(order, config);
  const begun = performance.now();
  const { lines } = draftOf(mapped(order, config));
  expect([lines.length, lines[499]?.extra?.Cf_9, performance.now() - begun < 3000]).toEqual([500, "A-1", true]);
});
