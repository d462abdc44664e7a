import { afterEach, expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { SentRequest } from "../domain/sent.ts";
import { createOrders } from "./orders.ts";
import { withSentListener } from "./sent.ts";
import { batch } from "./testing/batch-answer.ts";
import { aDraft } from "./testing/draft.ts";
import { chargeRow, lineRow, orderRow } from "./testing/order-rows.ts";
import { type Answer, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

const created: Answer = batch(
  [orderRow(), { OrderNo: "A1", Addr1: "Ada" }, lineRow(1), lineRow(2), chargeRow()].map((body, index) => ({
    id: String(index + 1),
    status: 201,
    body,
  })),
);

async function sentBy(answer: Answer, ifs: object = {}, work?: (orders: ReturnType<typeof createOrders>) => unknown) {
  tenant = await startTenant(() => answer);
  const orders = createOrders(tenant.client({ ifs: { binding: { baseAmounts: { mode: "never" } }, ...ifs } }));
  const sent: SentRequest[] = [];
  const ended = await withSentListener(
    (request) => void sent.push(request),
    async () => (work ?? (() => orders.create(draft, 2000)))(orders),
  ).catch((error: Error) => error);
  return { sent, ended, asked: tenant.asked };
}

const draft = {
  ...aDraft(),
  header: {
    ...aDraft().header,
    custRef: "Ada Lovelace",
    noteText: "ring twice at Ada's",
    customerPoNo: "ada@example.org",
    extra: { Cf_Source: "shop", Cf_Gift: "for Charles", Cf_Points: 12 },
  },
};

test("a change set is told row by row as it was sent, and of personal texts the length alone", async () => {
  const { sent, asked } = await sentBy(created, { journalFields: ["Cf_Source"] });
  expect(sent).toHaveLength(1);
  const [{ request, answer, counts, rows = [] } = {}] = sent;
  expect([request, answer, counts]).toEqual(["change set, POST CustomerOrderHandling.svc/$batch", "accepted", true]);
  expect(rows.map(({ into }) => into)).toEqual([
    "CustomerOrderSet",
    "CustomerOrderAddressArray",
    "OrderLinesArray",
    "OrderLinesArray",
    "CustomerOrderChargeArray",
  ]);
  expect(rows[0]?.values).toMatchObject({
    ExternalRef: "order-1",
    CustomerNo: "C1",
    CustomerPoNo: "(15 characters)",
    CustRef: "(12 characters)",
    NoteText: "(19 characters)",
    Cf_Source: "shop",
    Cf_Gift: "(11 characters)",
    Cf_Points: "12",
    UsePriceInclTax: "false",
  });
  expect(rows[1]?.values).toEqual({
    Addr1: "(3 characters)",
    Address1: "(8 characters)",
    ZipCode: "(3 characters)",
    City: "(4 characters)",
    CountryCode: "DE",
  });
  expect(rows[2]?.values).toMatchObject({
    CatalogNo: "BOX",
    BuyQtyDue: "2",
    SaleUnitPrice: "9.5",
    RevisedQtyDue: "24",
  });
  expect(rows[4]?.values).toMatchObject({ ChargeType: "FREIGHT", ChargeAmount: "5", ChargedQty: "1" });
  // Nothing that was sent is left out.
  for (const { values } of rows) for (const name of Object.keys(values)) expect(asked[0]?.body).toContain(`"${name}":`);
  expect(JSON.stringify(sent)).not.toMatch(/Ada|ada@|Street|Town|Charles|ring/);
});

test.each([
  [
    { status: 500, json: oracle("ORA-20110: CustomerOrder.CLOSED: Ada is closed.") },
    "refused: ORA-20110 CustomerOrder.CLOSED",
    false,
  ],
  ["reset", "in doubt: no answer that tells", true],
  [{ status: 429 }, "not done: IFS was not reached, or busy", false],
] as const)("how it ended is told without IFS's words: %j", async (answer, told, counts) => {
  const { sent, ended } = await sentBy(answer as Answer, { changeSets: "never" });
  expect(ended).toBeInstanceOf(Error);
  expect(sent.map((one) => [one.request, one.answer, one.counts])).toEqual([
    ["POST CustomerOrderHandling.svc/CustomerOrderSet", told, counts],
  ]);
});

test.each([
  ["PO-4711", "PO-4711"],
  ["Ada Lovelace", "(12 characters)"],
  ["Lovelace", "(8 characters)"],
  ["Ada, 12 Main Street", "(19 characters)"],
  ["ada99@example.org", "(17 characters)"],
  ["ada99%40example.org", "(19 characters)"],
  ["https://shop.example/o?mail=ada%40example.org", "(45 characters)"],
])("a buyer's number is told where it is one: %s", async (customerPoNo, told) => {
  const header = { ...draft.header, customerPoNo };
  const { sent } = await sentBy(created, {}, (orders) => orders.create({ ...draft, header }, 2000));
  expect(sent[0]?.rows[0]?.values.CustomerPoNo).toBe(told);
});

test.each([
  [
    "ring twice\n[ref 0b0c4c3c-0000-4000-8000-000000000001]",
    "[ref 0b0c4c3c-0000-4000-8000-000000000001] (53 characters)",
  ],
  ["[ref Ada Lovelace, Main Street 5]", "(33 characters)"],
  ["[ref ada1@example.org]", "(22 characters)"],
  ["[ref Lovelace]", "(14 characters)"],
  ["[ref 4711] DE999999999", "(22 characters)"],
])("of a note only the reference that the connector puts behind it is told: %s", async (noteText, told) => {
  const header = { ...draft.header, noteText };
  const { sent } = await sentBy(created, {}, (orders) => orders.create({ ...draft, header }, 2000));
  expect(sent[0]?.rows[0]?.values.NoteText).toBe(told);
});

test.each([
  ["none", "none"],
  ["Ada Lovelace", "(12 characters)"],
])("of a constant that a mapping overwrites only the constant is told: %s", async (written, told) => {
  const header = { ...draft.header, extra: { Cf_Contact: written } };
  const binding = { baseAmounts: { mode: "never" }, constants: { order: { Cf_Contact: "none" } } };
  const { sent } = await sentBy(created, { binding }, (orders) => orders.create({ ...draft, header }, 2000));
  expect(sent[0]?.rows[0]?.values.Cf_Contact).toBe(told);
});

test("of a customer neither the number at the register nor that of the tax office is told", async () => {
  tenant = await startTenant(() => ({ status: 204 }));
  const fields = { email: "Cf_Email", vatNo: "Cf_Vat_No", phone: "Cf_Phone" };
  const client = tenant.client({ ifs: { binding: { customer: { fields } } } });
  const sent: SentRequest[] = [];
  const body = {
    Name: "Ada",
    Cf_Email: "ada(at)example.org",
    Cf_Vat_No: "DE999999999",
    Cf_Phone: "0401234567",
    AssociationNo: "18151210-1234",
    CountryCode: "DE",
  };
  await withSentListener(
    (one) => void sent.push(one),
    () => client.patch(client.binding.customer, "CustomerInfoSet(CustomerId='C1')", { ifMatch: 'W/"1"', body }),
  );
  expect(sent[0]?.rows[0]?.values).toEqual({
    Name: "(3 characters)",
    Cf_Email: "(18 characters)",
    Cf_Vat_No: "(11 characters)",
    Cf_Phone: "(10 characters)",
    AssociationNo: "(13 characters)",
    CountryCode: "DE",
  });
});

test.each(["reset", { status: 504 }] as const)(
  "a change whose answer is lost may be done, and is not told as undone: %j",
  async (answer) => {
    tenant = await startTenant(() => answer as Answer);
    const client = tenant.client({});
    const sent: SentRequest[] = [];
    const work = () =>
      client.patch(client.binding.order, "CustomerOrderSet(OrderNo='A1')", { ifMatch: 'W/"1"', body: {} });
    await expect(withSentListener((one) => void sent.push(one), work)).rejects.toBeInstanceOf(TransientError);
    expect(sent.map((one) => [one.request, one.answer])).toEqual([
      [
        "PATCH CustomerOrderHandling.svc/CustomerOrderSet(OrderNo='A1')",
        "not known to be done: no answer that tells, or IFS was not reached, or busy",
      ],
    ]);
  },
);

test("reads are not told, and nobody is told of what others send", async () => {
  const { sent } = await sentBy({ json: orderRow() }, {}, (orders) => orders.ordersByReference(["order-1"]));
  expect(sent).toEqual([]);
  const other: SentRequest[] = [];
  const { sent: own } = await sentBy(created, {}, async (orders) => {
    const [one] = await Promise.all([
      orders.create(draft, 2000),
      withSentListener(
        (request) => void other.push(request),
        () => orders.create(draft, 2000),
      ),
    ]);
    return one.order.orderNo satisfies OrderNo;
  });
  expect([own.length, other.length]).toEqual([1, 1]);
});
