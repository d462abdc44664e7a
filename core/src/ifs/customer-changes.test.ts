/** What goes over the wire when a customer of IFS changes. */
import { afterEach, describe, expect, test } from "vitest";
import { ConflictError } from "../domain/failure.ts";
import { createCustomers } from "./customers.ts";
import { type Answer, type Asked, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

const binding = { customer: { fields: { email: "Cf_Email", reference: "Cf_Shop" } } };
async function start(answer: (asked: Asked, count: number) => Answer, words: object = binding) {
  tenant = await startTenant(answer);
  return { it: tenant, customers: createCustomers(tenant.client({ ifs: { binding: words } })) };
}
const CARD = "CustomerHandling.svc/CustomerInfoSet(CustomerId='C1')";
const ADDRESS = `${CARD}/CustomerInfoAddresses(CustomerId='C1',AddressId='CT-1')`;
const card = {
  "@odata.etag": 'W/"7"',
  CustomerId: "C1",
  Name: "Kim",
  Country: "DE",
  DefaultLanguage: "",
  Cf_Email: null,
  Cf_Shop: "p1",
};
const sent = ({ asked }: Tenant) =>
  asked
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, headers, body }) => [method, path, headers["if-match"], body && JSON.parse(body)]);
const gone: Answer = { status: 404, json: { error: { code: "ODP_RESOURCE_NOTFOUND", message: "not there" } } };
const noContent: Answer = { status: 204 };
const MS = 5000;

describe("the card", () => {
  test("tells what is empty from what the tenant does not have, with the further fields that were asked for", async () => {
    const { it, customers } = await start(() => ({ json: { ...card, Cf_Segment: "A", Cf_Flag: true } }));
    expect(await customers.readCard("C1", ["Cf_Segment", "Cf_Flag"], MS)).toEqual({
      customerId: "C1",
      etag: 'W/"7"',
      name: "Kim",
      country: "DE",
      email: null,
      phone: undefined,
      vatNo: undefined,
      defaultLanguage: null,
      reference: "p1",
      extra: { Cf_Segment: "A", Cf_Flag: "true" },
    });
    expect(it.asked[0]?.query.$select).toBe(
      "CustomerId,Name,Country,Cf_Email,DefaultLanguage,Cf_Shop,Cf_Segment,Cf_Flag",
    );
  });

  test("is written at the ETag that was read, under the tenant's names; a text can be emptied", async () => {
    const { it, customers } = await start(({ method }) => (method === "GET" ? { json: card } : noContent));
    const read = await customers.readCard("C1", [], MS);
    if (!read) throw new Error("no card");
    await customers.writeCard(
      read,
      { fields: { name: "Kim B", email: "" }, extra: { Cf_Level: 3, Cf_Flag: false } },
      MS,
    );
    expect(sent(it)).toEqual([["PATCH", CARD, 'W/"7"', { Name: "Kim B", Cf_Email: "", Cf_Level: 3, Cf_Flag: false }]]);
  });

  test("that somebody else wrote meanwhile is a conflict, and is not sent again", async () => {
    const { it, customers } = await start(({ method }) =>
      method === "GET"
        ? { json: card }
        : { status: 412, json: { error: { code: "PRECONDITION_FAILED", message: "modified" } } },
    );
    const read = await customers.readCard("C1", [], MS);
    if (!read) throw new Error("no card");
    await expect(customers.writeCard(read, { fields: { name: "X" }, extra: {} }, MS)).rejects.toBeInstanceOf(
      ConflictError,
    );
    expect(sent(it).length).toBe(1);
  });

  test("that is not there, or not visible, is none", async () => {
    const { customers } = await start(() => gone);
    expect(await customers.readCard("C1", [], MS)).toBeUndefined();
  });
});

describe("an address", () => {
  const row = {
    "@odata.etag": 'W/"3"',
    CustomerId: "C1",
    AddressId: "CT-1",
    Name: "Kim",
    Address1: "Kai 1",
    Address2: null,
    ZipCode: "1",
    City: "Kiel",
    State: null,
    Country: "DE",
    ValidTo: "2026-11-03",
  };

  test("is read with its end, and valid again by null", async () => {
    const { it, customers } = await start(({ method }) => (method === "GET" ? { json: { value: [row] } } : noContent));
    const [read] = await customers.addresses("C1", MS);
    if (!read) throw new Error("no address");
    const texts = {
      name: "Kim",
      address1: "Kai 1",
      address2: "",
      zipCode: "1",
      city: "Kiel",
      state: "",
      country: "DE",
    };
    expect(read).toEqual({ addressId: "CT-1", etag: 'W/"3"', texts, validTo: "2026-11-03" });
    await customers.writeAddress("C1", { row: read, change: { city: "Bremen", validTo: null } }, MS);
    expect(sent(it)).toEqual([["PATCH", ADDRESS, 'W/"3"', { City: "Bremen", ValidTo: null }]]);
  });

  test("never ends where the tenant has no field for it", async () => {
    const words = { ...binding, customerAddress: { fields: { validTo: null } } };
    const { it, customers } = await start(
      ({ method }) => (method === "GET" ? { json: { value: [row] } } : noContent),
      words,
    );
    const [read] = await customers.addresses("C1", MS);
    expect(read?.validTo).toBeUndefined();
    if (read) await customers.writeAddress("C1", { row: read, change: { city: "Bremen", validTo: "2026-11-03" } }, MS);
    expect(sent(it)[0]?.[3]).toEqual({ City: "Bremen" });
  });

  test.each<[string, Answer]>([
    [
      "refused because another replica was first",
      { status: 500, json: oracle("ORA-20112: CustomerInfoAddress.EXIST: The object already exists.") },
    ],
    ["without an answer", "reset"],
  ])("whose insert is %s is looked up: it is there, and nothing is added twice", async (_, answer) => {
    let posted = false;
    const { it, customers } = await start(({ method }) => {
      if (method === "GET") return posted ? { json: row } : gone;
      posted = true;
      return answer;
    });
    const address = { addressId: "CT-1", name: "Kim", address1: "Kai 1", country: "DE" };
    expect(await customers.addAddress("C1", address, { types: [], deadlineMs: MS })).toBe(true);
    expect(sent(it).length).toBe(1);
  });
});

describe("address types", () => {
  const typeRow = (AddressTypeCode: string, DefAddress: boolean) => ({
    "@odata.etag": 'W/"1"',
    CustomerId: "C1",
    AddressId: "CT-1",
    AddressTypeCode,
    DefAddress,
  });
  const path = (type: string) => `${ADDRESS}/AddressTypes(CustomerId='C1',AddressId='CT-1',AddressTypeCode='${type}')`;
  const types = ["Delivery", "Document", "Pay"];
  const known = (...rows: object[]) =>
    start(({ method, path: at }) => {
      if (method !== "GET") return method === "POST" ? { status: 201, json: {} } : noContent;
      return at.endsWith("AddressTypes") ? { json: { value: rows } } : { json: typeRow("Document", false) };
    });

  test("only missing ones are added, only others made the default", async () => {
    const { it, customers } = await known(typeRow("Document", false), typeRow("Pay", true));
    const wanted = { addressId: "CT-1", types, defaults: ["Delivery", "Document", "Pay"] };
    expect(await customers.ensureTypes("C1", wanted, MS)).toBe(true);
    expect(sent(it)).toEqual([
      [
        "POST",
        `${ADDRESS}/AddressTypes`,
        undefined,
        { CustomerId: "C1", AddressId: "CT-1", AddressTypeCode: "Delivery", DefAddress: true },
      ],
      ["PATCH", path("Document"), 'W/"1"', { DefAddress: true }],
    ]);
  });

  test("as they should be are one read", async () => {
    const { it, customers } = await known(...types.map((type) => typeRow(type, true)));
    expect(await customers.ensureTypes("C1", { addressId: "CT-1", types, defaults: types }, MS)).toBe(false);
    expect(it.asked.length).toBe(1);
  });
});

test("the tax liability of a company; none where the company does not know the customer", async () => {
  const path = `${CARD}/CustomerInvoiceCompanies(Company='10',Identity='C1')`;
  const { it, customers } = await start(({ method, path: at }) => {
    if (method !== "GET") return noContent;
    return at === path
      ? { json: { "@odata.etag": 'W/"2"', Company: "10", Identity: "C1", TaxLiability: "TAX" } }
      : gone;
  });
  const row = await customers.readTaxLiability("C1", "10", MS);
  expect([row?.taxLiability, await customers.readTaxLiability("C1", "20", MS)]).toEqual(["TAX", undefined]);
  if (row) await customers.writeTaxLiability(row, "EXEMPT", MS);
  expect(sent(it)).toEqual([["PATCH", path, 'W/"2"', { TaxLiability: "EXEMPT" }]]);
});

describe("whose customer it is", () => {
  const fields = { reference: "p2", email: "kim@example.com" };

  test("is written once, at the ETag of the read that showed none", async () => {
    const { it, customers } = await start(({ method }) =>
      method === "GET" ? { json: { ...card, Cf_Shop: null } } : noContent,
    );
    expect(await customers.write("C1", fields, MS)).toEqual({
      kind: "written",
      fields: [
        { field: "reference", was: null },
        { field: "email", was: null },
      ],
    });
    expect(sent(it)).toEqual([["PATCH", CARD, 'W/"7"', { Cf_Shop: "p2", Cf_Email: "kim@example.com" }]]);
  });

  test("stays, where another was there first", async () => {
    const { it, customers } = await start(() => ({ json: card }));
    expect(await customers.write("C1", fields, MS)).toEqual({ kind: "held", reference: "p1" });
    expect(sent(it)).toEqual([]);
  });

  test("stays, where another came between the read and the write", async () => {
    let reads = 0;
    const { it, customers } = await start(({ method }) => {
      if (method !== "GET")
        return { status: 412, json: { error: { code: "PRECONDITION_FAILED", message: "modified" } } };
      reads += 1;
      return { json: { ...card, Cf_Shop: reads === 1 ? null : "p1" } };
    });
    expect(await customers.write("C1", fields, MS)).toEqual({ kind: "held", reference: "p1" });
    expect([reads, sent(it).length]).toEqual([2, 1]);
  });
});
