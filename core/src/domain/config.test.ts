import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "./config.ts";
import { configInconsistencies } from "./config-findings.ts";

type Raw = Record<string, unknown>;
const site = { site: "S1", company: "10", timeZone: "Europe/Berlin" };
const document = (rest: Raw = {}): Raw => ({
  schemaVersion: 1,
  orders: { exportFrom: "2026-01-01T00:00:00Z" },
  routes: [{ name: "r", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" }],
  sites: [site, { ...site, site: "S2" }],
  ...rest,
});
const findings = (rest: Raw) => configInconsistencies(connectorConfigSchema.parse(document(rest)));
const pools = (...given: { site?: string; warehouses?: string[]; locations?: string[] }[]): Raw => ({
  stock: {
    pools: given.map((pool, index) => ({
      name: `P${index}`,
      site: "S1",
      ...pool,
      channels: [{ supplyChannel: `c${index}` }],
    })),
  },
});

describe("pools", () => {
  test("of different sites, or of warehouses of their own, are fine", () => {
    expect(findings(pools({}, { site: "S2" }))).toEqual([]);
    expect(findings(pools({ warehouses: ["A", "B"] }, { warehouses: ["C"] }, { warehouses: ["D"] }))).toEqual([]);
    expect(findings(pools({ locations: ["1", "2"] }, { warehouses: ["A"], locations: ["3"] }))).toEqual([]);
  });
  test("that hold the same units are refused", () => {
    const twice = (what: string, index: number) => ({
      path: `stock.pools[${index}].warehouses`,
      message: `${what} of site "S1" is in pool "P0" as well: the same units would be offered twice`,
    });
    expect(findings(pools({}, {}))).toEqual([twice("stock", 1)]);
    expect(findings(pools({ warehouses: ["A"] }, {}))).toEqual([twice("stock", 1)]);
    expect(findings(pools({}, { site: "S2" }, { warehouses: ["A"] }))).toEqual([twice("stock", 2)]);
    expect(findings(pools({ warehouses: ["A", "B"] }, { warehouses: ["C", "B"] }))).toEqual([
      twice('warehouse "B"', 1),
    ]);
    expect(findings(pools({ locations: ["1", "2"] }, { locations: ["3", "2"] }))).toEqual([twice("stock", 1)]);
    expect(findings(pools({ warehouses: ["A"] }, { warehouses: ["A"], locations: ["3"] }))).toEqual([
      twice('warehouse "A"', 1),
    ]);
  });
});

test("channels that a route offers have to be fed, by a site that the route may sell from", () => {
  const offering = (route: Raw) => {
    const [first = {}] = document().routes as Raw[];
    return findings({ ...pools({}, { site: "S2" }), routes: [{ ...first, ...route }] });
  };
  const finding = (message: string) => [{ path: "routes[0].alternatives", message }];
  expect(offering({ alternatives: ["c0"] })).toEqual([]);
  expect(offering({ alternatives: ["moon"] })).toEqual(finding('no pool feeds supply channel "moon"'));
  expect(offering({ alternatives: ["c1"] })).toEqual(
    finding('supply channel "c1" is of site "S2", and the route refuses what is not of "S1" (supply: site)'),
  );
  expect(offering({ alternatives: ["c1"], supply: "any" })).toEqual([]);
});

describe("a channel that several pools feed", () => {
  const web = { supplyChannel: "web" };
  const of = (second: object, rest: object = {}) =>
    findings({
      stock: {
        pools: [
          { name: "A", site: "S1", channels: [web] },
          { name: "B", site: "S2", ...second },
        ],
        ...rest,
      },
    });
  test("is fine where they are of different sites", () => {
    expect(of({ channels: [web] })).toEqual([]);
  });
  test("is refused where two are of one site, or one names it twice", () => {
    const apart = { name: "B", site: "S1", warehouses: ["W2"], channels: [web] };
    expect(
      findings({ stock: { pools: [{ name: "A", site: "S1", warehouses: ["W1"], channels: [web] }, apart] } }),
    ).toEqual([
      {
        path: "stock.pools[1].channels",
        message:
          'pool "A" of site "S1" feeds supply channel "web" as well; name the warehouses and locations of both in one pool',
      },
    ]);
    expect(of({ channels: [web, web] }).map(({ message }) => message)).toEqual([
      'supply channel "web" is listed twice',
    ]);
  });
  test("cannot be loaded, and tells of no expected supply", () => {
    expect(of({ channels: [{ ...web, live: false }] })).toEqual([
      {
        path: "stock.pools[1].channels",
        message:
          'supply channel "web" is fed by pools of several sites, and cannot be loaded with live: false: a load sets what one pool has, and would overwrite what the others give. Leave live: false out; the next run fills the channel with the sum. Until then no store should name it as supply channel',
      },
    ]);
    const supply = { supply: { sources: ["shopOrders"] }, classes: [{ name: "c", restockableInDays: "supply" }] };
    expect(of({ channels: [web] }, supply)).toEqual([
      {
        path: "stock.classes[0].restockableInDays",
        message:
          'supply channel "web" is fed by pools of several sites, which expect goods each for itself: which of them delivers an order is not known before it is routed, and so neither is its date. Give a number of days, or name the supplyChannels of the class without it',
      },
    ]);
    // What the message says to do is enough.
    const elsewhere = (classes: object) => ({ ...supply, classes: [{ name: "c", ...classes }] });
    const both = { channels: [web, { supplyChannel: "store" }] };
    expect(of(both, elsewhere({ restockableInDays: 14 }))).toEqual([]);
    expect(of(both, elsewhere({ restockableInDays: "supply", supplyChannels: ["store"] }))).toEqual([]);
    expect(of({ channels: [{ supplyChannel: "store" }] }, supply)).toEqual([]);
  });
});

test("the order check can be made slower, and not switched off by the slowest interval there is", () => {
  const sweep = (sweepSeconds: number) => connectorConfigSchema.safeParse(document({ schedules: { sweepSeconds } }));
  expect([60, 3600, 3601, 31_536_000].map((seconds) => sweep(seconds).success)).toEqual([true, true, false, false]);
});

test("a class of a site or channel that no pool has is refused", () => {
  const stock = {
    pools: [{ name: "P", site: "S1", channels: [{ supplyChannel: "web" }] }],
    classes: [
      { name: "a", sites: ["S1", "S2"], supplyChannels: ["web", "wep"], minCartQuantity: 3, maxCartQuantity: 2 },
      { name: "b", minCartQuantity: 3, maxCartQuantity: null },
    ],
  };
  expect(findings({ stock })).toEqual([
    { path: "stock.classes[0].minCartQuantity", message: "it is more than maxCartQuantity" },
    { path: "stock.classes[0].sites", message: 'no pool is of site "S2"' },
    { path: "stock.classes[0].supplyChannels", message: 'no pool feeds supply channel "wep"' },
  ]);
});

test("a site that is listed twice is refused", () => {
  expect(findings({ sites: [site, { ...site, site: "S2" }, { ...site, timeZone: "Asia/Tokyo" }] })).toEqual([
    { path: "sites[2].site", message: 'site "S1" is listed twice' },
  ]);
});

describe("a tracking link", () => {
  const parse = (trackingUrl: string) =>
    connectorConfigSchema.safeParse(document({ statuses: { carriers: { DHL: { name: "DHL", trackingUrl } } } }));
  test.each(["https://track.example/{trackingNumber}", "http://track.example/?n={trackingNumber}"])("%s", (url) => {
    expect(parse(url).success).toBe(true);
  });
  test.each(["javascript:alert(1)", "data:text/html,x", "//track.example/1", "track.example", "https://a b"])(
    "not %s",
    (url) => {
      expect(parse(url).error?.issues.map(({ path }) => path.join("."))).toEqual(["statuses.carriers.DHL.trackingUrl"]);
    },
  );
});

describe("customers of their own", () => {
  const [route] = document().routes as Raw[];
  const withPolicy = (customers: Raw, all: Raw = {}): Raw => ({ routes: [{ ...route, customers }], customers: all });

  test("are copied from a template, or created by people", () => {
    expect(findings(withPolicy({ policy: "own" })).map(({ path }) => path)).toEqual(["routes[0].customers.template"]);
    expect(findings(withPolicy({ policy: "own", template: "T" }))).toEqual([]);
    expect(findings(withPolicy({ policy: "own" }, { create: "never" }))).toEqual([]);
    expect(findings({})).toEqual([]);
  });

  test.each<[Raw, boolean]>([
    [{}, true],
    [{ numberPrefix: "SHOP-1", numberLength: 20 }, true],
    [{ numberPrefix: "SHOP-1", numberLength: 19 }, false],
    [{ numberPrefix: "ct" }, false],
    [{ numberPrefix: "" }, false],
    [{ numberLength: 21 }, false],
  ])("have numbers of enough digits that IFS takes: %j", (customers, good) => {
    expect(connectorConfigSchema.safeParse(document({ customers })).success).toBe(good);
  });
});
