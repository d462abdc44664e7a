import { afterEach, describe, expect, test } from "vitest";
import { AuthenticationError, RefusedError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import { systemClock } from "../runtime/clock.ts";
import { within } from "../runtime/limit.ts";
import { metered, noRequests } from "../runtime/request-meter.ts";
import { createIfsAdapter } from "./adapter.ts";
import { toBody } from "./json.ts";
import { type Answer, type Asked, collectingLogger, startTenant, type Tenant, testConfig } from "./testing/tenant.ts";
import { createSend } from "./transport.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked, count: number) => Answer, token?: (count: number) => Answer) {
  tenant = await startTenant(answer, token);
  return tenant;
}
const site = (tenantOf: Tenant, ifs: Record<string, unknown> = {}, logs: object[] = []) => {
  const client = tenantOf.client({ ifs, logs });
  return {
    client,
    read: () => client.list(client.binding.site, {}),
    create: (ms = 2000) =>
      client.within(ms, (signal) =>
        client.create(client.binding.order, "CustomerOrderSet", toBody({ A: "x" }), signal),
      ),
  };
};
const rows = { json: { value: [{ Contract: "S1", Company: "10" }] } };
const stale = { status: 500, json: { error: { code: "MI_MODIFIED_ERROR", message: "Projection was modified." } } };

test("a read carries token, no cookie, and blanks as %20", async () => {
  const it = await start(() => ({ ...rows, headers: { "set-cookie": "session=1" } }));
  const { client } = site(it);
  const { site: object } = client.binding;
  await client.list(object, { filter: "Contract eq 'A B+C'" as never });
  await client.list(object, {});
  expect(
    it.asked.map(({ method, path, rawQuery, headers }) => ({
      method,
      path,
      rawQuery,
      auth: headers.authorization,
      cookie: headers.cookie,
    })),
  ).toEqual([
    {
      method: "GET",
      path: "SitesHandling.svc/Reference_CompanySite",
      rawQuery:
        "$select=Contract,Description,Company&$filter=Contract%20eq%20%27A%20B%2BC%27&$orderby=Contract&$top=500",
      auth: "Bearer token-1",
      cookie: undefined,
    },
    {
      method: "GET",
      path: "SitesHandling.svc/Reference_CompanySite",
      rawQuery: "$select=Contract,Description,Company&$orderby=Contract&$top=500",
      auth: "Bearer token-1",
      cookie: undefined,
    },
  ]);
});

test("a 401 is answered with one fresh token", async () => {
  const it = await start(({ headers }) => (headers.authorization === "Bearer token-1" ? { status: 401 } : rows));
  expect(await site(it).read()).toEqual([{ etag: undefined, contract: "S1", company: "10" }]);
  expect(it.tokens()).toBe(2);
});

test("a grant that is missing pauses nothing", async () => {
  const it = await start((_asked, count) => (count === 1 ? { status: 403 } : rows));
  const { read } = site(it);
  await expect(read()).rejects.toMatchObject({ name: "RefusedError", code: "grantMissing" });
  expect(await read()).toHaveLength(1);
  expect(it.tokens()).toBe(1);
});

test("a second 401 pauses the flows", async () => {
  const it = await start(() => ({ status: 401 }));
  const { client, read, create } = site(it);
  await expect(read()).rejects.toBeInstanceOf(AuthenticationError);
  expect({ requests: it.asked.length, tokens: it.tokens() }).toEqual({ requests: 2, tokens: 2 });
  // From now on nobody is asked, neither by those who wait.
  const later = await Promise.allSettled([read(), create(), client.metadata(client.binding.order)]);
  expect(later.map((one) => one.status === "rejected" && one.reason.constructor)).toEqual(
    Array(3).fill(AuthenticationError),
  );
  expect({ requests: it.asked.length, tokens: it.tokens() }).toEqual({ requests: 2, tokens: 2 });
});

describe("stale metadata of the server", () => {
  test("the identical request is sent again, twice at most", async () => {
    const logs: object[] = [];
    const it = await start((_asked, count) => (count <= 2 ? stale : { status: 201, json: { OrderNo: "A" } }));
    expect(await site(it, {}, logs).create()).toEqual({ OrderNo: "A" });
    expect(new Set(it.asked.map(({ body }) => body))).toEqual(new Set(['{"A":"x"}']));
    expect(logs).toEqual([
      {
        level: "warn",
        event: "ifs.staleMetadata",
        request: "POST CustomerOrderHandling.svc/CustomerOrderSet",
        resend: 1,
      },
      {
        level: "warn",
        event: "ifs.staleMetadata",
        request: "POST CustomerOrderHandling.svc/CustomerOrderSet",
        resend: 2,
      },
    ]);
  });

  test("then it is an outage, in which nothing was committed", async () => {
    const it = await start(() => stale);
    await expect(site(it).create()).rejects.toBeInstanceOf(TransientError);
    expect(it.asked).toHaveLength(3);
  });
});

describe("a create whose answer is lost is in doubt, a read is not", () => {
  const lost: [string, Answer][] = [
    ["reset", "reset"],
    ["silence", "silence"],
    ["body that never ends", "stallBody"],
    ["bare 502", { status: 502, text: "<html>" }],
    ["bare 500", { status: 500 }],
  ];
  test.each(lost)("%s", async (_name, answer) => {
    const it = await start(() => answer);
    const { read, create } = site(it, { readTimeoutMs: 500 });
    const results = await Promise.allSettled([create(300), read()]);
    expect(results.map((result) => (result.status === "rejected" ? result.reason.constructor : result.value))).toEqual([
      UnknownOutcomeError,
      TransientError,
    ]);
    expect(it.asked.map(({ method }) => method).sort()).toEqual(["GET", "POST"]);
  });

  test("nothing was sent to an address that refuses connections", async () => {
    const it = await start(() => rows);
    const gone = await startTenant(() => rows);
    await gone.close();
    const client = it.client({ baseUrl: gone.origin });
    const body = toBody({ A: "x" });
    const created = client.within(2000, (signal) =>
      client.create(client.binding.order, "CustomerOrderSet", body, signal),
    );
    await expect(created).rejects.toBeInstanceOf(TransientError);
  });

  test("nothing was sent when the deadline passes while the token is awaited", async () => {
    const it = await start(
      () => rows,
      () => ({ json: { access_token: "t", expires_in: 180 }, delayMs: 400 }),
    );
    await expect(site(it).create(100)).rejects.toBeInstanceOf(TransientError);
    expect(it.asked).toEqual([]);
  });

  test("nothing is sent late by a process that slept, although its alarms have not rung yet", async () => {
    const it = await start(
      () => rows,
      () => ({ json: { access_token: "t", expires_in: 180 }, delayMs: 400 }),
    );
    const { client } = site(it);
    const notAfter = systemClock.monotonic() + 100;
    const overslept = Object.assign(new AbortController().signal, { notAfter, turn: "next" as const });
    const created = client.create(client.binding.order, "CustomerOrderSet", toBody({ A: "x" }), overslept);
    await expect(created).rejects.toBeInstanceOf(TransientError);
    expect(it.asked).toEqual([]);
  });

  test("nothing was sent when the deadline passes in the queue", async () => {
    const it = await start((_asked, count) => (count === 1 ? { ...rows, delayMs: 500 } : { status: 201, json: {} }));
    const { read, create } = site(it, { concurrency: 1 });
    const first = read();
    const begun = performance.now();
    await expect(create(100)).rejects.toBeInstanceOf(TransientError);
    const waited = performance.now() - begun;
    await first;
    expect({ methods: it.asked.map(({ method }) => method), early: waited < 400 }).toEqual({
      methods: ["GET"],
      early: true,
    });
  });
});

test("a create that gets its place when a third of its time is left is not begun: it would end in doubt", async () => {
  const it = await start((_asked, count) => (count === 1 ? { ...rows, delayMs: 700 } : { status: 201, json: {} }));
  const { read, create } = site(it, { concurrency: 1 });
  const first = read();
  const [late, inTime] = [create(900), create(3000)];
  await expect(late).rejects.toBeInstanceOf(TransientError);
  await Promise.all([first, inTime]);
  expect(it.asked.map(({ method }) => method)).toEqual(["GET", "POST"]);
});

test("no more requests at once than configured", async () => {
  let inAir = 0;
  let most = 0;
  const it = await start(() => rows);
  const counting = await startTenant(async () => {
    inAir += 1;
    most = Math.max(most, inAir);
    await new Promise((done) => setTimeout(done, 20));
    inAir -= 1;
    return rows;
  });
  const { client } = site(counting, { concurrency: 3 });
  await Promise.all(Array.from({ length: 12 }, () => client.list(client.binding.site, {})));
  await counting.close();
  expect({ most, asked: counting.asked.length, other: it.asked.length }).toEqual({ most: 3, asked: 12, other: 0 });
});

test("every request passes the budget in its lane, a resend too, and tells how it ended", async () => {
  const it = await start((_asked, count) =>
    count === 1 ? stale : count === 2 ? rows : { status: 429, headers: { "retry-after": "7" } },
  );
  const passed: string[] = [];
  const adapter = createIfsAdapter({
    connection: {
      baseUrl: it.origin,
      tokenUrl: `${it.origin}/token`,
      clientId: "connector",
      clientSecret: "sandbox-secret",
    },
    config: testConfig(),
    clock: systemClock,
    logger: collectingLogger([]),
    lane: "orders",
    budget: {
      run(lane, _signal, work) {
        passed.push(`${lane} begins`);
        return work();
      },
      observe({ status, read, retryAfterMs }) {
        passed.push(`${status}, read ${read}, retry after ${retryAfterMs}`);
      },
    },
  });
  expect((await adapter.ping()).visible).toEqual(["S1"]);
  await expect(adapter.inLane("prices").ping()).rejects.toBeInstanceOf(TransientError);
  expect(passed).toEqual([
    "orders begins",
    "500, read true, retry after undefined",
    "orders begins",
    "200, read true, retry after undefined",
    // Is there a row behind the only one?
    "orders begins",
    "200, read true, retry after undefined",
    "prices begins",
    "429, read true, retry after 7000",
  ]);
  expect(it.tokens()).toBe(1);
});

test("a redirect is not followed", async () => {
  const it = await start(() => ({ status: 302, headers: { location: "/elsewhere" } }));
  await expect(site(it).read()).rejects.toMatchObject({ name: "RefusedError", code: "redirected" });
  expect(it.asked).toHaveLength(1);
});

test("a gateway's page with status 200 is an outage", async () => {
  const it = await start(() => ({ text: "<html>login</html>" }));
  await expect(site(it).read()).rejects.toBeInstanceOf(TransientError);
});

describe("a tenant that fails with $select", () => {
  test("is asked without it, once found out", async () => {
    const logs: object[] = [];
    const it = await start(({ query }) =>
      query.$select ? { status: 400, json: { error: { code: "X", message: "Malformed Request." } } } : rows,
    );
    const { read } = site(it, {}, logs);
    await read();
    await read();
    expect(it.asked.map(({ query }) => query.$select ?? "none")).toEqual([
      "Contract,Description,Company",
      "none",
      "none",
    ]);
    expect(logs).toEqual([
      {
        level: "warn",
        event: "ifs.selectRefused",
        set: "SitesHandling/Reference_CompanySite",
        refusal: "Malformed Request.",
      },
    ]);
  });

  test("is not suspected when the request is refused either way", async () => {
    const it = await start((_asked, count) =>
      count <= 2 ? { status: 400, json: { error: { code: "X", message: "Malformed Request." } } } : rows,
    );
    const { read } = site(it);
    await expect(read()).rejects.toBeInstanceOf(RefusedError);
    await read();
    expect(it.asked.map(({ query }) => query.$select ?? "none")).toEqual([
      "Contract,Description,Company",
      "none",
      "Contract,Description,Company",
    ]);
  });
});

test("a wrong binding does not start and names every word", async () => {
  const it = await start(() => rows);
  expect(() =>
    site(it, { binding: { order: { fields: { externRef: "X" } }, shipment: { fields: { tracking: "X" } } } }),
  ).toThrow(
    new RangeError(
      'ifs.binding.order.fields.externRef: "order" has no field "externRef"; did you mean "externalRef"?; ' +
        'ifs.binding.shipment.fields.tracking: "shipment" has no field "tracking"; did you mean "trackingNumber"?',
    ),
  );
});

test("requests count for the work that asked, each resend once more, also where another's turn sends them", async () => {
  const answers = [500, 200, 200, 200];
  const waiting: (() => void)[] = [];
  const send = createSend({
    tokens: {
      get: async () => "token",
      accept: () => {},
      reject: () => {},
      refuse: (_token, why) => new AuthenticationError("ifs", why),
      pause: () => undefined,
    },
    fetch: async () => {
      const status = answers.shift() ?? 200;
      return new Response(JSON.stringify(status === 500 ? stale.json : {}), { status });
    },
    clock: systemClock,
    logger: collectingLogger([]),
    lane: "stock",
    gate: {
      run: (_lane, _signal, work) =>
        new Promise((resolve, reject) => waiting.push(() => void work().then(resolve, reject))),
      observe: () => undefined,
    },
  });
  const read = () =>
    within({ clock: systemClock, ms: 5000 }, (signal) =>
      send({ method: "GET", url: "https://ifs.test/X.svc/Set", effect: "read", signal }),
    );
  const counts = noRequests();
  const mine = metered(counts, () => Promise.all([read(), read()]));
  const others = Promise.all([read()]);
  // Nobody's turn: outside of both.
  while (answers.length > 0) {
    waiting.shift()?.();
    await systemClock.sleep(1);
  }
  await Promise.all([mine, others]);
  expect(counts).toEqual({ ctRequests: 0, ifsRequests: 3 });
});
