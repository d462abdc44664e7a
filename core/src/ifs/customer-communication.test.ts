/** What goes over the wire for the communication methods of a customer. */
import { afterEach, expect, test } from "vitest";
import { ConflictError, UnknownOutcomeError } from "../domain/failure.ts";
import { createCustomers } from "./customers.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked) => Answer, binding: object = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, customers: createCustomers(tenant.client({ ifs: { binding } })) };
}
const MS = 5000;
const ARRAY = "CustomerHandling.svc/CustomerInfoSet(CustomerId='C1')/CommunicationMethods";
const json = {
  "@odata.etag": 'W/"4"',
  CommId: 12,
  MethodId: "EMail",
  Value: "kim@example.com",
  Description: "Web shop",
  ValidTo: null,
};
const row = {
  commId: "12",
  etag: 'W/"4"',
  methodId: "EMail",
  value: "kim@example.com",
  mark: "Web shop",
  validTo: null,
};
const sent = ({ asked }: Tenant) =>
  asked
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, headers, body }) => [method, path, headers["if-match"], body && JSON.parse(body)]);
const draft = { methodId: "EMail", value: "kim@example.com", mark: "Web shop", isDefault: true };
const noContent: Answer = { status: 204 };

test("rows are read as an array of the customer, and changed at the ETag of each", async () => {
  const { it, customers } = await start(({ method }) => (method === "GET" ? { json: { value: [json] } } : noContent));
  const [read] = await customers.communication("C1", MS);
  expect([read, it.asked[0]?.path, it.asked[0]?.query.$select]).toEqual([
    row,
    ARRAY,
    "CommId,MethodId,Value,Description,ValidTo",
  ]);
  await customers.writeCommunication("C1", { row, change: { value: "neu@example.com", validTo: null } }, MS);
  await customers.writeCommunication("C1", { row, change: { validTo: "2026-11-02" } }, MS);
  expect(sent(it)).toEqual([
    ["PATCH", `${ARRAY}(CommId=12)`, 'W/"4"', { Value: "neu@example.com", ValidTo: null }],
    ["PATCH", `${ARRAY}(CommId=12)`, 'W/"4"', { ValidTo: "2026-11-02" }],
  ]);
});

test("a row that somebody else wrote meanwhile is a conflict", async () => {
  const { it, customers } = await start(() => ({
    status: 412,
    json: { error: { code: "PRECONDITION_FAILED", message: "modified" } },
  }));
  const write = customers.writeCommunication("C1", { row, change: { value: "x" } }, MS);
  await expect(write).rejects.toBeInstanceOf(ConflictError);
  expect(sent(it).length).toBe(1);
});

test("a new row has no number; without an answer it is in doubt and not sent again", async () => {
  const { it, customers } = await start(() => ({ status: 201, json }));
  await customers.addCommunication("C1", draft, MS);
  await customers.addCommunication("C1", { ...draft, isDefault: false }, MS);
  const body = { CustomerId: "C1", MethodId: "EMail", Value: "kim@example.com", Description: "Web shop" };
  expect(sent(it)).toEqual([
    ["POST", ARRAY, undefined, { ...body, MethodDefault: true }],
    ["POST", ARRAY, undefined, body],
  ]);
  await it.close();
  const lost = await start(() => ({ status: 502, json: {} }));
  await expect(lost.customers.addCommunication("C1", draft, MS)).rejects.toBeInstanceOf(UnknownOutcomeError);
  expect(sent(lost.it).length).toBe(1);
});

test("a tenant has other names, another key, and neither end nor default", async () => {
  const binding = {
    customerCommMethod: {
      key: ["customerId", "commId"],
      keyTypes: {},
      fields: { customerId: "Identity", mark: "Name", methodDefault: null, validTo: null },
    },
  };
  const { it, customers } = await start(
    ({ method }) =>
      method === "GET" ? { json: { value: [{ ...json, Identity: "C1", Name: "Web shop" }] } } : noContent,
    binding,
  );
  const [read] = await customers.communication("C1", MS);
  expect(read).toEqual({ ...row, validTo: undefined });
  if (!read) return;
  await customers.writeCommunication("C1", { row: read, change: { value: "x", validTo: "2026-11-02" } }, MS);
  await customers.addCommunication("C1", draft, MS);
  expect(sent(it).map(([method, path, , body]) => [method, path, body])).toEqual([
    ["PATCH", `${ARRAY}(Identity='C1',CommId=12)`, { Value: "x" }],
    ["POST", ARRAY, { Identity: "C1", MethodId: "EMail", Value: "kim@example.com", Name: "Web shop" }],
  ]);
});
