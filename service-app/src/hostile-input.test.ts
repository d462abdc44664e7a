/** Whatever somebody sends, door (b) never fails with 500, and door (a) says nothing but 200 and 400 to commercetools. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { undocumented } from "./testing/api-document.ts";
import { EXTENSION_SECRET, type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

let services: Record<"open" | "closed", Running>;
beforeAll(async () => {
  const many = {
    session: 1_000_000,
    shopper: 1_000_000,
    client: 1_000_000,
    key: 1_000_000,
    keyAddress: 1_000_000,
    refused: 1_000_000,
  };
  const doors = { requestsPer10Seconds: many };
  const [open, closed] = await Promise.all([
    startService({ doors }),
    startService({ doors, defaultFailPolicy: "closed" }),
  ]);
  services = { open, closed };
});
afterAll(() => Promise.all(Object.values(services).map((service) => service.stop())));

/** Something that is nearly right: each part is mostly what it should be, now and then absent, or anything. */
const orAnything = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });
const partly = (parts: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.record(parts) },
    { weight: 2, arbitrary: fc.record({ ...parts, ...optional }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

const sku = orAnything(
  fc.constantFrom("BOLT", "BOLT", "BOLT", "FEW", "NO-SUCH", "__proto__", "constructor", "\u0000", "🔩"),
);
const quantity = orAnything(fc.constantFrom(1, 1, 1, 2, 2, 0, -1, 0.5, 1e9, 1e12, Number.MAX_SAFE_INTEGER, 1e308));
const channel = orAnything(fc.constantFrom("web", "moon", "toString"));
const questionLines = orAnything(
  fc.array(partly({ sku, quantity }, { id: fc.string(), supplyChannel: channel }), { maxLength: 5 }),
);
/** Right in its form, so that what is behind the reading of bodies is met as often as the reading itself. */
const rightLines = fc.array(
  fc.record({
    sku: fc.constantFrom("BOLT", "FEW", "NO-SUCH", "__proto__", "🔩"),
    quantity: fc.constantFrom(1, 2, 1e9),
  }),
  { minLength: 1, maxLength: 5 },
);
const question = fc.oneof(
  fc.record({ lines: rightLines }),
  partly({ lines: questionLines }, { cart: fc.string(), hold: fc.boolean() }),
);
const batch = fc.oneof(
  fc.record({
    questions: fc
      .array(rightLines, { minLength: 1, maxLength: 4 })
      .map((all) => all.map((lines, at) => ({ id: String(at), lines }))),
  }),
  partly({
    questions: orAnything(fc.array(partly({ lines: questionLines }, { id: fc.string() }), { maxLength: 4 })),
  }),
);
const lineItem = partly(
  {
    id: fc.stringMatching(/^[a-z]{1,3}$/),
    quantity,
    variant: partly({ sku }),
  },
  {
    supplyChannel: partly({ typeId: fc.constant("channel"), id: channel }),
    reservation: partly({ id: fc.string(), obj: partly({ quantity }) }),
  },
);
const rightCall = fc.record({
  action: fc.constant("Create"),
  resource: fc.record({
    typeId: fc.constant("order"),
    obj: fc.record({
      cart: fc.record({ id: fc.uuid() }),
      lineItems: fc.array(
        fc.record({
          id: fc.uuid(),
          quantity: fc.constantFrom(1, 2),
          variant: fc.record({ sku: fc.constantFrom("BOLT", "FEW") }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  }),
});
const call = fc.oneof(
  rightCall,
  partly({
    action: fc.constantFrom("Create", "Create", "Update", "Delete"),
    resource: partly({
      typeId: fc.constantFrom("order", "order", "cart", "payment"),
      obj: partly({
        id: fc.string(),
        cart: partly({ id: fc.string() }),
        lineItems: fc.array(lineItem, { maxLength: 5 }),
      }),
    }),
  }),
);

/** As bytes of a body: JSON of it mostly, else a text that may be anything. */
const bodyOf = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 5, arbitrary: value.map((one) => JSON.stringify(one)) }, { weight: 1, arbitrary: fc.string() });

const headerValue = fc.stringMatching(/^[\x21-\x7e\u00a1-\u00ff]{1,40}$/);
const manyHeaders = fc.record(
  {
    "content-type": fc.oneof(
      headerValue,
      fc.constantFrom("application/json; charset=utf-7", "multipart/form-data", ";;;"),
    ),
    "content-encoding": fc.constantFrom("gzip", "br", "deflate", "rot13", "identity"),
    "x-correlation-id": headerValue,
    "x-forwarded-for": fc.oneof(headerValue, fc.constantFrom("::1", "1.2.3.4, garbage", ",,,", "[::]:80")),
    origin: headerValue,
    "accept-encoding": headerValue,
    "x-http-method-override": fc.constant("DELETE"),
  },
  { requiredKeys: [] },
);
const oddHeaders = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: manyHeaders });
const credential = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({ authorization: "Bearer token-server" }) },
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({ "x-session-id": "session-right" }) },
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({ "x-storefront-key": STOREFRONT_KEY }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ name: fc.constantFrom("authorization", "x-session-id", "x-storefront-key"), value: headerValue })
      .map(({ name, value }): Record<string, string> => ({ [name]: value })),
  },
);

async function post(service: Running, address: string, given: { body: string; headers: Record<string, string> }) {
  const response = await fetch(`${service.url}/service${address}`, { method: "POST", ...given });
  const answer = (await response.json()) as unknown;
  expect(undocumented(`post ${address}`, response.status, answer)).toEqual([]);
  return response.status;
}

const policy = fc.constantFrom("open" as const, "closed" as const);
// Not ended by a clock: on a busy machine a test that ends early may have met too little to say anything.
const bounds = { numRuns: 300 };
const TIMEOUT = 120_000;

test.each([
  ["/atp", question],
  ["/atp/batch", batch],
])("no request makes %s fail", { timeout: TIMEOUT }, async (address, value) => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(policy, bodyOf(value), oddHeaders, credential, async (of, body, headers, who) => {
      const status = await post(services[of], address, { body, headers: { ...headers, ...who } });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // 503 says that a busy machine did not verify a caller in time; what the answers must never be is 500.
      expect([200, 400, 401, 422, 503]).toContain(status);
    }),
    bounds,
  );
  // It was neither all refused nor all understood.
  expect([200, 400, 422].filter((status) => !statuses.has(status))).toEqual([]);
});

test("no request makes the extension say anything but 200 and 400", { timeout: TIMEOUT }, async () => {
  const statuses = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(policy, bodyOf(call), oddHeaders, async (of, body, headers) => {
      const given = { body, headers: { ...headers, authorization: EXTENSION_SECRET } };
      const status = await post(services[of], "/extension", given);
      statuses.set(`${of} ${status}`, (statuses.get(`${of} ${status}`) ?? 0) + 1);
      expect([200, 400]).toContain(status);
    }),
    bounds,
  );
  expect([...statuses.keys()].sort()).toEqual(["closed 200", "closed 400", "open 200"]);
});
