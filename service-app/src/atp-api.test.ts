/** docs/atp-api.openapi.yaml against the application: every address, status, reason and example of it, and every answer of the application. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { TransientError } from "core/domain/failure.ts";
import type { LineDecision } from "core/flows/atp-check/decide.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api, apiText, documented, mismatches, operations, undocumented } from "./testing/api-document.ts";
import { EVENT_SECRET, EXTENSION_SECRET, type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

let service: Running;
beforeAll(async () => {
  service = await startService({ doors: { tokenScopes: ["view_products", "manage_orders"] } });
});
afterAll(() => service.stop());

test("it is an OpenAPI document", async () => {
  const validator = new Validator();
  expect(await validator.validate(apiText)).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("every address but the Merchant Center's is in it, and no other", () => {
  const inCode = service.routes
    .filter(({ path }) => !path.startsWith("/service/mc/"))
    .map(({ method, path }) => `${method} ${path.replace("/service", "")}`);
  expect(operations.map(({ name }) => name).sort()).toEqual(inCode.sort());
});

/** A reason that is missing here does not compile. */
const reasons: Record<LineDecision["reason"], true> = {
  aboveThreshold: true,
  available: true,
  backOrder: true,
  untracked: true,
  notStocked: true,
  partlyAvailable: true,
  outOfStock: true,
  leftToShop: true,
  promised: true,
  deadline: true,
  busy: true,
  ifsUnavailable: true,
  breakerOpen: true,
  shopUnavailable: true,
  unmappedSku: true,
  noSupplyChannel: true,
  ifsRefused: true,
  demandUnseen: true,
  holdsUnavailable: true,
  defect: true,
};

test("every reason is in it, and no other", () => {
  expect([...(api.components.schemas.Reason?.enum ?? [])].sort()).toEqual(Object.keys(reasons).sort());
});

const examples = operations.flatMap(({ name, operation }) => [
  ...Object.entries(operation.requestBody?.content["application/json"]?.examples ?? {}).map(([title, { value }]) => ({
    of: `${name}, request "${title}"`,
    schema: operation.requestBody?.content["application/json"]?.schema ?? {},
    value,
  })),
  ...Object.keys(operation.responses).flatMap((status) => {
    const media = documented(name, Number(status));
    return Object.entries(media?.examples ?? {}).map(([title, { value }]) => ({
      of: `${name}, ${status} "${title}"`,
      schema: media?.schema ?? {},
      value,
    }));
  }),
]);

test.each(examples)("the example of $of is as its schema says", ({ schema, value }) => {
  expect(mismatches(schema, value)).toEqual([]);
});

test("every answer has an example", () => {
  const without = operations.flatMap(({ name, operation }) =>
    Object.keys(operation.responses)
      .filter((status) => Object.keys(documented(name, Number(status))?.examples ?? {}).length === 0)
      .map((status) => `${name} ${status}`),
  );
  expect(without).toEqual([]);
});

const server = { authorization: "Bearer token-server" };
const session = { "x-session-id": "session-right" };
const key = { "x-storefront-key": STOREFRONT_KEY };
const extension = { authorization: EXTENSION_SECRET };
const asText = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

async function ask(url: string, name: string, given: { headers?: Record<string, string>; body?: unknown }) {
  const [method = "", address = ""] = name.split(" ");
  const response = await fetch(`${url}/service${address}`, {
    method: method.toUpperCase(),
    headers: given.headers ?? {},
    ...(method === "get" ? {} : { body: asText(given.body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

const line = { sku: "BOLT", quantity: 1 };
const scarce = { sku: "FEW", quantity: 2 };
const order = (sku: string) => ({
  action: "Create",
  resource: { typeId: "order", id: "o", obj: { lineItems: [{ id: "l1", quantity: 2, variant: { sku } }] } },
});

type Asked = [name: string, status: number, given: { headers?: Record<string, string>; body?: unknown }];
const questions = ["post /atp", "post /atp/batch"].flatMap((name): Asked[] => {
  const body =
    name === "post /atp" ? { lines: [line, scarce] } : { questions: [{ lines: [line] }, { lines: [scarce] }] };
  return [
    [name, 200, { headers: server, body }],
    [name, 200, { headers: session, body }],
    [name, 200, { headers: key, body }],
    [name, 400, { headers: server, body: "{broken" }],
    [name, 401, { body }],
    [name, 403, { headers: { authorization: "Bearer token-wrong-scope" }, body }],
    [name, 422, { headers: server, body: { lines: [] } }],
  ];
});
const asked: Asked[] = [
  ...questions,
  ["post /extension", 200, { headers: extension, body: order("BOLT") }],
  ["post /extension", 200, { headers: extension, body: "{broken" }],
  ["post /extension", 401, { body: order("BOLT") }],
  ["post /ifs-events", 400, { headers: { "x-ifs-event-secret": EVENT_SECRET }, body: "" }],
  ["post /ifs-events", 401, { body: "{}" }],
  [
    "post /ifs-events",
    200,
    { headers: { "x-ifs-event-secret": EVENT_SECRET }, body: { object: "order", keys: [{ orderNo: "1001" }] } },
  ],
  ["get /health", 200, {}],
  ["get /health/ready", 200, {}],
];

describe("answers are as documented", () => {
  const met = new Set<string>();
  const note = (name: string, status: number, body: unknown) => {
    met.add(`${name} ${status}`);
    return undocumented(name, status, body);
  };

  test.each(asked)("%s: %i", async (name, status, given) => {
    const answer = await ask(service.url, name, given);
    expect([answer.status, note(name, answer.status, answer.body)]).toEqual([status, []]);
  });

  test("also where the policy is closed, callers ask too often, or the application fails", async () => {
    const closed = await startService({
      defaultFailPolicy: "closed",
      doors: { requestsPer10Seconds: { client: 2 }, languages: ["de-CH"] },
    });
    const answers: [string, { status: number; body: unknown }][] = [];
    const seen = async (name: string, given: object, url = closed.url) =>
      answers.push([name, await ask(url, name, given)]);
    await seen("post /extension", { headers: extension, body: order("FEW") });
    await seen("post /extension", { headers: extension, body: "{broken" });
    for (const name of ["post /atp", "post /atp/batch", "post /atp"]) {
      const body = name === "post /atp" ? { lines: [line] } : { questions: [{ lines: [line] }] };
      await seen(name, { headers: server, body });
    }
    await seen("post /atp/batch", { headers: server, body: { questions: [{ lines: [line] }] } });
    closed.faults.configuration = new TypeError("private detail");
    await seen("post /atp", { headers: server, body: { lines: [line] } });
    await seen("post /atp/batch", { headers: server, body: { questions: [{ lines: [line] }] } });
    await seen("post /extension", { headers: extension, body: order("BOLT") });
    closed.faults.configuration = new TransientError("private detail", { retryAfterMs: 2000 });
    await seen("post /atp", { headers: server, body: { lines: [line] } });
    await seen("post /atp/batch", { headers: server, body: { questions: [{ lines: [line] }] } });
    await closed.stop();
    expect(answers.map(([name, { status }]) => `${name} ${status}`)).toEqual([
      "post /extension 400",
      "post /extension 400",
      "post /atp 200",
      "post /atp/batch 200",
      "post /atp 429",
      "post /atp/batch 429",
      "post /atp 500",
      "post /atp/batch 500",
      "post /extension 400",
      "post /atp 503",
      "post /atp/batch 503",
    ]);
    expect(JSON.stringify(answers)).not.toContain("private");
    expect(answers.flatMap(([name, { status, body }]) => note(name, status, body))).toEqual([]);
  });

  test("and every documented status of the availability check was met above", () => {
    const named = operations.flatMap(({ name, operation }) =>
      name.includes("/atp") || name.includes("/extension")
        ? Object.keys(operation.responses).map((status) => `${name} ${status}`)
        : [],
    );
    expect(named.filter((one) => !met.has(one))).toEqual([]);
  });
});
