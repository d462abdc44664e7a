/** What only a write can show, found out with an order that is gone afterwards; each of IFS's open points in both positions. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConnector } from "../../core/src/compose/connector.ts";
import { serverSettings } from "../../core/src/compose/settings.ts";
import { createCt } from "../../core/src/ct/client.ts";
import { createStore } from "../../core/src/ct/store.ts";
import { PROBE_PREFIX, type ProbeRequest, planProbe } from "../../core/src/doctor/probe-plan.ts";
import { runWriteProbe, type WriteProbeResult } from "../../core/src/doctor/write-probe.ts";
import type { CapabilitiesDocument, CapabilityName } from "../../core/src/domain/capabilities.ts";
import type { ConnectorConfig } from "../../core/src/domain/config.ts";
import { type Clock, systemClock } from "../../core/src/runtime/clock.ts";
import {
  access,
  closeSandboxes,
  config,
  connection,
  diagnose,
  ifs,
  openSandboxes,
  resetIfs,
  SECRET,
  sandbox,
  shop,
} from "./doctor-fixture.ts";

beforeAll(openSandboxes);
afterAll(closeSandboxes);
beforeEach(resetIfs);

const logger = { info: () => {}, warn: () => {}, error: () => {} };
type Calls = { method: string; path: string; body: string }[];

type More = {
  config?: ConnectorConfig;
  fetch?: typeof fetch;
  minutesLater?: number;
  clock?: Clock;
  earlier?: CapabilitiesDocument;
};
async function probe(over: Partial<ProbeRequest> = {}, more: More = {}) {
  const value = more.config ?? config;
  const plan = planProbe({ company: "10", site: "101", release: false, ...over }, value);
  if (!plan.ok) throw new Error(plan.error);
  return runWriteProbe({
    connection: connection(),
    config: value,
    plan: plan.value,
    clock: more.clock ?? { ...systemClock, now: () => systemClock.now() + (more.minutesLater ?? 0) * 60_000 },
    logger,
    earlier: more.earlier,
    ...(more.fetch ? { fetch: more.fetch } : {}),
  });
}

const answersOf = ({ document }: WriteProbeResult): Record<string, string> =>
  Object.fromEntries(Object.entries(document?.facts ?? {}).map(([name, fact]) => [name, fact?.answer ?? ""]));
const errorsOf = ({ findings }: WriteProbeResult) =>
  findings.filter(({ severity }) => severity === "error").map(({ check, subject }) => `${check} ${subject}`);

let token = "";
async function ask(path: string, init: RequestInit = {}) {
  if (token === "") {
    const { tokenUrl, clientId, clientSecret } = connection();
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    token = ((await (await fetch(tokenUrl, { method: "POST", body: form })).json()) as { access_token: string })
      .access_token;
  }
  const url = `${ifs.url}/main/ifsapplications/projection/v1/CustomerOrderHandling.svc/${path}`;
  return fetch(url, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
}
type Row = { OrderNo: string; ExternalRef: string | null; Objstate: string };
async function orders(): Promise<Row[]> {
  return ((await (await ask("CustomerOrderSet")).json()) as { value: Row[] }).value;
}
const probeOrders = async () => (await orders()).filter(({ ExternalRef }) => ExternalRef?.startsWith(PROBE_PREFIX));
const openProbeOrders = async () => (await probeOrders()).filter(({ Objstate }) => Objstate !== "Cancelled");

test("a standard tenant: everything but the release is settled with one Planned order, which is cancelled", async () => {
  const before = await orders();
  const result = await probe();
  expect(answersOf(result)).toEqual({
    changeSets: "yes",
    changeSetsAtomic: "yes",
    childKeysOptional: "yes",
    orderNoChosen: "yes",
    negativeCharge: "yes",
    negativeChargeKept: "yes",
    positiveChargeTurned: "no",
    taxCodeKept: "yes",
    priceInclTaxKept: "no",
    release: "unknown",
    releaseInChangeSet: "unknown",
    missingEtagRefused: "yes",
    staleEtagRefused: "yes",
    cancel: "yes",
    cancelReasonParameter: "yes",
  });
  expect(result.findings).toEqual([]);
  const after = await orders();
  const added = after.filter(({ OrderNo }) => !before.some((row) => row.OrderNo === OrderNo));
  expect(added.map(({ Objstate }) => Objstate)).toEqual(["Cancelled"]);
  expect(after.filter((row) => !added.includes(row))).toEqual(before);
});

test("nothing is written but the probe's own orders", async () => {
  const calls: Calls = [];
  const counting: typeof fetch = (input, init) => {
    calls.push({
      method: init?.method ?? "GET",
      path: new URL(String(input)).pathname.replace(/^.*\.svc\//, ""),
      body: String(init?.body ?? ""),
    });
    return fetch(input, init);
  };
  await probe({ release: true }, { fetch: counting });
  const own = new Set((await probeOrders()).map(({ OrderNo }) => OrderNo));
  const writes = calls.filter(({ method, path }) => method !== "GET" && !path.startsWith("/auth/"));
  const foreign = writes.filter(({ path, body }) => {
    const addressed = /^CustomerOrderSet\(OrderNo='([^']*)'\)/.exec(decodeURIComponent(path))?.[1];
    if (addressed !== undefined) return !own.has(addressed);
    return !((path === "$batch" || path === "CustomerOrderSet") && body.includes(PROBE_PREFIX));
  });
  expect(foreign).toEqual([]);
  expect(writes.length).toBeGreaterThan(8);
});

/** Settings of the tenant -> answers that differ from the standard tenant's. */
const positions: [string, Record<string, unknown>, Partial<Record<CapabilityName, string>>, string[]][] = [
  ["order numbers are IFS's own: refused", { orderNoInsertable: "refuse" }, { orderNoChosen: "no" }, []],
  ["order numbers are IFS's own: passed over", { orderNoInsertable: "ignore" }, { orderNoChosen: "no" }, []],
  [
    "change sets are refused",
    { changeSets: "refuse" },
    { changeSets: "no", changeSetsAtomic: "unknown", childKeysOptional: "unknown" },
    [],
  ],
  [
    "change sets are refused as HTTP 400",
    { changeSets: "refuse", notImplementedStatus: 400 },
    { changeSets: "no", changeSetsAtomic: "unknown", childKeysOptional: "unknown" },
    [],
  ],
  [
    "change sets leave a part",
    { changeSets: "nonAtomic" },
    { changeSets: "no", changeSetsAtomic: "no", childKeysOptional: "unknown", orderNoChosen: "unknown" },
    [],
  ],
  ["rows must name their order", { childKeysOptional: false }, { changeSets: "no", childKeysOptional: "no" }, []],
  [
    "rows must name their order, whose number is IFS's own",
    { childKeysOptional: false, orderNoInsertable: "refuse" },
    { changeSets: "no", childKeysOptional: "unknown", orderNoChosen: "no" },
    [],
  ],
  [
    "discounts are positive amounts",
    { discountChargeSign: "negated" },
    { negativeChargeKept: "no", positiveChargeTurned: "yes" },
    [],
  ],
  [
    "no charge may be negative",
    { discountChargeSign: "negativeRefused" },
    { negativeCharge: "no", negativeChargeKept: "unknown" },
    ["ifs.discount-sign charge type DISCOUNT"],
  ],
  ["a price that no tax explains is refused", { taxPriceMismatch: "refuse" }, {}, []],
  ["a stale ETag is an Oracle error", { stalePrecondition: "500-modified" }, {}, []],
  ["a missing ETag is HTTP 400", { missingPrecondition: "400-code" }, {}, []],
  ["lines move the ETag of the order", { lineInsertTouchesHeader: true }, {}, []],
  ["ETags are of whole seconds", { objversionResolution: "seconds" }, {}, []],
  ["the cancel action takes no reason", { cancelReasonParameter: false }, { cancelReasonParameter: "no" }, []],
  ["answers of a failed change set come per request", { changeSetFailureForm: "perRequest" }, {}, []],
];

describe("each point is found", () => {
  const standard = {
    changeSets: "yes",
    changeSetsAtomic: "yes",
    childKeysOptional: "yes",
    orderNoChosen: "yes",
    negativeCharge: "yes",
    negativeChargeKept: "yes",
    positiveChargeTurned: "no",
    taxCodeKept: "yes",
    priceInclTaxKept: "no",
    release: "unknown",
    releaseInChangeSet: "unknown",
    missingEtagRefused: "yes",
    staleEtagRefused: "yes",
    cancel: "yes",
    cancelReasonParameter: "yes",
  };
  test.each(positions)("%s", async (_words, settings, differing, errors) => {
    await sandbox("settings", settings);
    const result = await probe();
    expect(answersOf(result)).toEqual({ ...standard, ...differing });
    expect(errorsOf(result)).toEqual(errors);
    expect(await openProbeOrders()).toEqual([]);
  });

  test.each([
    ["allow", "yes"],
    ["refuse", "no"],
  ])("release, in the change set: %s", async (position, expected) => {
    await sandbox("settings", { releaseInChangeSet: position });
    const result = await probe({ release: true });
    expect(answersOf(result)).toMatchObject({ release: "yes", releaseInChangeSet: expected });
    expect(errorsOf(result)).toEqual([]);
    expect(await openProbeOrders()).toEqual([]);
  });

  test("release and cancel actions of other names", async () => {
    await sandbox("settings", {
      releaseActionName: "CustomerOrder_SetReleased",
      cancelActionName: "CustomerOrder_SetCancelled",
    });
    const result = await probe({ release: true });
    expect(answersOf(result)).toMatchObject({ release: "no", cancel: "no" });
    const [one, two, ...rest] = await openProbeOrders();
    expect(errorsOf(result).toSorted()).toEqual(
      [
        "ifs.cancel actions.cancel",
        "ifs.release actions.release",
        `ifs.probe-order IFS order ${one?.OrderNo}`,
        `ifs.probe-order IFS order ${two?.OrderNo}`,
      ].toSorted(),
    );
    expect(rest).toEqual([]);
    // What was left is found and cancelled by the next probe.
    await resetIfs();
    const next = await probe({}, { minutesLater: 6 });
    expect(next.seen[0]).toBe(`2 orders left by an earlier probe: ${one?.OrderNo}, ${two?.OrderNo}`);
    expect(await openProbeOrders()).toEqual([]);
  });
});

test("tax codes that IFS replaces, and one code alone, which may be the part's own", async () => {
  const fetched = { constants: { taxedLine: { FetchTaxFromDefaults: "TRUE" } } };
  const binding = { ...config.ifs.binding, ...fetched };
  const replaced = await probe({}, { config: { ...config, ifs: { ...config.ifs, binding } } });
  expect(answersOf(replaced).taxCodeKept).toBe("no");
  expect(replaced.findings.map(({ check, severity }) => `${severity} ${check}`)).toEqual(["warning ifs.tax-code"]);
  const alone = await probe({}, { config: { ...config, tax: { ...config.tax, rules: config.tax.rules.slice(0, 1) } } });
  expect(answersOf(alone).taxCodeKept).toBe("unknown");
});

test("a gateway that lets every ETag pass", async () => {
  const passing: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (String(input).includes("_Cancel")) headers.set("if-match", "*");
    return fetch(input, { ...init, headers });
  };
  const result = await probe({}, { fetch: passing });
  expect(answersOf(result)).toMatchObject({ staleEtagRefused: "no", missingEtagRefused: "unknown", cancel: "yes" });
  expect(result.findings.map(({ check, severity }) => `${severity} ${check}`)).toEqual(["warning ifs.precondition"]);
  expect(await openProbeOrders()).toEqual([]);
});

test("a change set of which a part stays is a warning", async () => {
  await sandbox("settings", { changeSets: "nonAtomic" });
  const { findings } = await probe();
  expect(findings.map(({ check, severity }) => `${severity} ${check}`)).toEqual([
    "info ifs.change-sets",
    "warning ifs.change-sets",
  ]);
});

test("a line that IFS refuses in every form says nothing about change sets", async () => {
  await sandbox("settings", { lineMandatory: ["DistrictCode"] });
  const result = await probe();
  expect(errorsOf(result)).toEqual(["ifs.write-probe company 10, site 101"]);
  expect([result.document, await openProbeOrders()]).toEqual([undefined, []]);
});

test("a probe that dies after the order was created: the next one finds and cancels it", async () => {
  let creates = 0;
  const dying: typeof fetch = async (input, init) => {
    if (creates > 0) throw new Error("the machine is gone");
    const answer = await fetch(input, init);
    if (String(input).endsWith("$batch") && (await answer.clone().text()).includes("HTTP/1.1 201")) creates += 1;
    return answer;
  };
  const died = await probe({}, { fetch: dying });
  expect(errorsOf(died)).toContain("ifs.write-probe company 10, site 101");
  const left = await openProbeOrders();
  expect(left.length).toBe(1);
  const next = await probe({}, { minutesLater: 6 });
  expect(next.seen[0]).toContain(left[0]?.OrderNo);
  expect(await openProbeOrders()).toEqual([]);
});

test("a tenant that passes over the filter: orders that are not of a probe are not touched", async () => {
  const before = await orders();
  const unfiltered: typeof fetch = (input, init) =>
    fetch(String(input).replace(/(?<=[?&])\$filter=[^&]*startswith[^&]*&?/, ""), init);
  const { document, seen } = await probe({}, { fetch: unfiltered });
  expect([document?.facts.changeSets?.answer, seen[0]]).toEqual([
    "yes",
    expect.stringContaining("IFS orders of this probe"),
  ]);
  const after = new Map((await orders()).map((row) => [row.OrderNo, row]));
  expect(before.filter((row) => JSON.stringify(after.get(row.OrderNo)) !== JSON.stringify(row))).toEqual([]);
});

test("orders that are not of a probe are never cancelled, whatever their reference", async () => {
  const before = await orders();
  await probe();
  await probe();
  const after = new Map((await orders()).map((row) => [row.OrderNo, row]));
  expect(before.filter((row) => JSON.stringify(after.get(row.OrderNo)) !== JSON.stringify(row))).toEqual([]);
});

test.each([
  [{ customer: "NOBODY" }, 'Customer "NOBODY"'],
  [{ part: "NOTHING" }, "no sales part NOTHING"],
  [{ orderType: "NONE" }, "NONE"],
])("%j: IFS's refusal is the finding, and nothing is left", async (over, words) => {
  const result = await probe(over);
  expect(errorsOf(result)).toEqual(["ifs.write-probe company 10, site 101"]);
  expect(result.findings.find(({ severity }) => severity === "error")?.message).toContain(words);
  expect(result.document).toBeUndefined();
  expect(await openProbeOrders()).toEqual([]);
});

test("what was found is kept with the tenant's address, and the doctor speaks of it", async () => {
  const store = createStore(createCt({ ...access(), logger }), systemClock);
  const notes = async () =>
    (await diagnose()).findings.filter(({ check }) => check === "ifs.write-probe").map(({ message }) => message);
  expect((await notes())[0]).toContain("No write probe ran");
  await sandbox("settings", { discountChargeSign: "negativeRefused" });
  const { document } = await probe();
  if (!document) throw new Error("nothing was found");
  await store.capabilities.write(document);
  expect(await store.capabilities.read()).toEqual(document);
  const report = await diagnose();
  expect(report.findings.map(({ check }) => check)).toContain("ifs.discount-sign");
  expect(report.seen.some((line) => line.startsWith("orderNoChosen: yes"))).toBe(true);
  // The metadata alone would call it an error.
  await sandbox("settings", { cancelReasonParameter: false });
  expect((await diagnose()).findings.map(({ check }) => check)).toContain("ifs.action-parameter");
  const { document: next } = await probe();
  if (!next) throw new Error("nothing was found");
  await store.capabilities.write(next);
  expect((await diagnose()).findings.map(({ check }) => check)).not.toContain("ifs.action-parameter");
  await store.capabilities.write({ ...document, ifsBaseUrl: "https://another.example" });
  expect((await notes())[0]).toContain("https://another.example");
});

test("a running application takes up what was found, and lets it go with the tenant", async () => {
  const documents = createStore(createCt({ ...access(), logger }), systemClock).capabilities;
  await sandbox("settings", { changeSets: "refuse" });
  const { document } = await probe();
  if (!document) throw new Error("nothing was found");
  let passed = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + passed };
  const { baseUrl, tokenUrl, clientId, clientSecret } = connection();
  const settings = serverSettings.parse({
    CTP_API_URL: shop.url,
    CTP_AUTH_URL: shop.url,
    CTP_PROJECT_KEY: access().projectKey,
    CTP_CLIENT_ID: "connector",
    CTP_CLIENT_SECRET: SECRET,
    IFS_BASE_URL: baseUrl,
    IFS_TOKEN_URL: tokenUrl,
    IFS_CLIENT_ID: clientId,
    IFS_CLIENT_SECRET: clientSecret,
  });
  const { active } = createConnector({ app: "event-app", settings, clock, logger });
  const seen = async () => {
    passed += 11_000;
    const { answers } = (await active()).ifs.capabilities;
    return [answers.changeSets, answers.orderNoChosen];
  };
  await documents.write({ ...document, ifsBaseUrl: "https://another.example" });
  expect(await seen()).toEqual(["unknown", "unknown"]);
  await documents.write({ ...document, probedAt: "2026-03-01T08:00:00.000Z" });
  expect(await seen()).toEqual(["no", "yes"]);
  const orderNoChosen = { answer: "no", evidence: "another probe" } as const;
  await documents.write({ ...document, facts: { ...document.facts, orderNoChosen } });
  expect(await seen()).toEqual(["no", "no"]);
});

test("two probes at once: the second leaves the first one's order alone, and writes nothing", async () => {
  let second: WriteProbeResult | undefined;
  let begun = false;
  const interrupted: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (!begun && (await openProbeOrders()).length > 0) {
      begun = true;
      second = await probe();
    }
    return answer;
  };
  const first = await probe({}, { fetch: interrupted });
  expect(errorsOf(first)).toEqual([]);
  expect(answersOf(first)).toMatchObject({ changeSets: "yes", cancel: "yes" });
  expect(second?.findings.map(({ message }) => message)).toEqual([
    "Another write probe began less than five minutes ago, and its order is still open. Nothing was written.",
  ]);
  expect([second?.document, await openProbeOrders()]).toEqual([undefined, []]);
});

test("a defect in the middle: what was created is cancelled before the error is thrown", async () => {
  await sandbox("settings", { objversionResolution: "seconds" });
  const known = (await probeOrders()).length;
  const defect = new RangeError("a defect");
  const clock: Clock = { ...systemClock, sleep: () => Promise.reject(defect) };
  // A busy machine may write twice in two different seconds: that probe has nothing to wait for, and is made again.
  let thrown: unknown;
  for (let attempt = 0; attempt < 10 && thrown === undefined; attempt += 1) {
    thrown = await probe({}, { clock }).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
  expect(thrown).toBe(defect);
  expect((await probeOrders()).length).toBeGreaterThan(known);
  expect(await openProbeOrders()).toEqual([]);
});

test("a probe without release keeps what an earlier one found out about it, of this tenant and company alone", async () => {
  const { document: earlier } = await probe({ release: true });
  if (!earlier) throw new Error("the probe came to no end");
  expect(answersOf(await probe({}, { earlier }))).toMatchObject({ release: "yes", releaseInChangeSet: "yes" });
  const unknown = { release: "unknown", releaseInChangeSet: "unknown" };
  expect(answersOf(await probe({}, { earlier: { ...earlier, company: "20" } }))).toMatchObject(unknown);
  const ifsBaseUrl = "https://other.example";
  expect(answersOf(await probe({}, { earlier: { ...earlier, ifsBaseUrl } }))).toMatchObject(unknown);
});
