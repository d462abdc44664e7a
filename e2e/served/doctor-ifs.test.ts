/** What the service user may not do or see in IFS, and how IFS answers. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import {
  closeSandboxes,
  config,
  connection,
  diagnose,
  ifs,
  named,
  openSandboxes,
  resetIfs,
  rewriting,
  sandbox,
  withIfs,
} from "./doctor-fixture.ts";

beforeAll(openSandboxes);
afterAll(closeSandboxes);
beforeEach(resetIfs);

const merchant = "merchant";
const ifsAdministrator = "ifsAdministrator";
const operator = "operator";

describe("what the service user may and sees", () => {
  test("a site that is not granted", async () => {
    await sandbox("grants/ctconnector", { sites: ["101", "201"] });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.site-grant", subject: "site 102", owner: ifsAdministrator },
    ]);
  });

  test("a company that is not granted", async () => {
    await sandbox("grants/ctconnector", { companies: ["10"] });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.company-grant", subject: "company 20", owner: ifsAdministrator },
    ]);
  });

  test("a site of another company", async () => {
    const sites = config.sites.map((site) => (site.site === "102" ? { ...site, company: "20" } : site));
    expect(named(await diagnose({ config: { name: "test", value: { ...config, sites } } }))).toEqual([
      { check: "ifs.site-company", subject: "site 102", owner: merchant },
    ]);
  });

  test("a projection that is not granted", async () => {
    const granted = [
      "CustomerOrderHandling",
      "InventoryPartInStockHandling",
      "SalesPartHandling",
      "SalesPriceListHandling",
      "SitesHandling",
    ];
    await sandbox("grants/ctconnector", { projections: granted });
    const report = await diagnose();
    expect(named(report)).toEqual([
      { check: "ifs.projection-grant", subject: "projection ShipmentHandling", owner: ifsAdministrator },
    ]);
    // None is needed by a flow that is enabled.
    expect(named(report, "info").map(({ check, subject }) => `${check} ${subject}`)).toEqual([
      "ifs.catalogue AllProjections",
      "ifs.projection-grant projection CustomerOrdersHandling",
      // Kits and shop orders, which this tenant does not have.
      "ifs.projection projection PackagePartHandling",
      "ifs.projection-grant projection PurchaseOrderHandling",
      "ifs.projection projection ShopOrderHandling",
      "ifs.projection-grant projection InventoryPartHandling",
      "ifs.projection-grant projection CustomerHandling",
      "ifs.projection-grant projection ArCustomerInvoicesAnalysis",
      "ifs.projection-grant projection ReturnMaterialHandling",
      "ifs.projection-grant projection HistoryLogHandling",
      "ifs.projection-grant projection PaymentTermsHandling",
      "ifs.projection-grant projection AllProjections",
      "ifs.write-probe write probe",
    ]);
  });

  test("the history log, where orders are watched by it: not granted, and silent", async () => {
    const changes = {
      ...config.ifs.changes,
      orders: { ...config.ifs.changes.orders, strategy: "historyLog" as const },
    };
    const value = { ...config, ifs: { ...config.ifs, changes } };
    const silent = named(await diagnose({ config: { name: "test", value } }), "warning");
    expect(silent.filter(({ subject }) => subject.startsWith("historyLog"))).toEqual(
      ["CustomerOrder", "CustomerOrderLine"].map((unit) => ({
        check: "ifs.empty",
        subject: `historyLog, logical unit ${unit}`,
        owner: ifsAdministrator,
      })),
    );
    await sandbox("grants/ctconnector", {
      projections: [
        "CustomerOrderHandling",
        "InventoryPartInStockHandling",
        "SalesPartHandling",
        "SalesPriceListHandling",
        "ShipmentHandling",
        "SitesHandling",
      ],
    });
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([
      { check: "ifs.projection-grant", subject: "projection HistoryLogHandling", owner: ifsAdministrator },
    ]);
    expect(named(await diagnose())).toEqual([]);
  });

  test("no $metadata is read twice", async () => {
    const read: string[] = [];
    await diagnose({
      fetch: (input, init) => {
        if (String(input).includes("$metadata")) read.push(String(input));
        return fetch(input, init);
      },
    });
    expect(read.length).toBeGreaterThan(10);
    expect(new Set(read).size).toBe(read.length);
  });

  test("lines that cannot be read across orders", async () => {
    await sandbox("settings", { linesAcrossOrders: false });
    expect(named(await diagnose())).toEqual(
      ["101", "102", "201"].map((site) => ({
        check: "ifs.read",
        subject: `openDemand, site ${site}`,
        owner: ifsAdministrator,
      })),
    );
  });

  test("one projection out of order does not hide the rest", async () => {
    const broken: typeof fetch = async (input, init) =>
      /AllProjections|SalesPartHandling/.test(String(input)) ? new Response("", { status: 503 }) : fetch(input, init);
    const report = await diagnose({ fetch: broken });
    expect(named(report)).toEqual([
      { check: "ifs.metadata", subject: "projection SalesPartHandling", owner: ifsAdministrator },
    ]);
    expect(report.seen).toContain("IFS sites shown: 101, 102, 201");
  });

  test("a wrong secret", async () => {
    expect(named(await diagnose({ ifs: { ...connection(), clientSecret: "not-this-one" } }))).toEqual([
      { check: "ifs.sign-in", subject: "IFS Cloud", owner: ifsAdministrator },
    ]);
  });

  test("a token that the API does not accept", async () => {
    const refusing: typeof fetch = async (input, init) =>
      String(input).includes(".svc") ? new Response("", { status: 401 }) : fetch(input, init);
    expect(named(await diagnose({ fetch: refusing }))).toEqual([
      { check: "ifs.token-accepted", subject: "IFS Cloud", owner: ifsAdministrator },
    ]);
  });

  test("reads that take longer than the checkout can wait", async () => {
    const slow: typeof fetch = async (input, init) => {
      if (String(input).includes(".svc")) await new Promise((done) => setTimeout(done, 100));
      return fetch(input, init);
    };
    const value = { ...config, atp: { ...config.atp, deadlineMs: 150 } };
    expect(named(await diagnose({ fetch: slow, config: { name: "test", value } }), "warning")).toEqual([
      { check: "ifs.latency", subject: "IFS round trip", owner: operator },
    ]);
  });

  test("no cancellation reason of the tenant is bound", async () => {
    const { cancelReasons: _reasons, ...binding } = config.ifs.binding;
    expect(named(await diagnose(withIfs({ binding })), "warning")).toEqual([
      { check: "ifs.cancel-reason", subject: "cancelReasons", owner: merchant },
    ]);
  });

  test("nobody there", async () => {
    const nowhere = "http://127.0.0.1:9";
    expect(named(await diagnose({ ifs: { ...connection(), baseUrl: nowhere, tokenUrl: `${nowhere}/token` } }))).toEqual(
      [{ check: "ifs.reachable", subject: "IFS Cloud", owner: operator }],
    );
  });

  test("tokens that live 5 seconds", async () => {
    await sandbox("settings", { tokenSeconds: 5 });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.token-life", subject: "IFS token", owner: ifsAdministrator },
    ]);
  });

  test("the clock of IFS is wrong", async () => {
    const late: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).startsWith(ifs.url)) return response;
      const headers = new Headers(response.headers);
      headers.set("date", new Date(Date.now() - 600_000).toUTCString());
      return new Response(await response.text(), { status: response.status, headers });
    };
    expect(named(await diagnose({ fetch: late }))).toEqual([
      { check: "ifs.clock", subject: "IFS clock", owner: operator },
    ]);
  });

  test("rows without ETags", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/CustomerOrder/, (text) =>
      text.replaceAll(/"@odata\.etag":"(?:[^"\\]|\\.)*",?/g, ""),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.etag", subject: "projection CustomerOrderHandling", owner: ifsAdministrator },
    ]);
  });

  test("a projection that is bound as time-zone aware and is not", async () => {
    const binding = { ...config.ifs.binding, stock: { timeZoneAware: true } };
    expect(named(await diagnose(withIfs({ binding })))).toEqual([
      { check: "ifs.time-zone", subject: "stock", owner: merchant },
    ]);
  });

  test("a site whose time zone is not the one of IFS", async () => {
    const sites = config.sites.map((site) => (site.site === "101" ? { ...site, timeZone: "Asia/Tokyo" } : site));
    expect(named(await diagnose({ config: { name: "test", value: { ...config, sites } } }))).toEqual([
      { check: "ifs.site-time-zone", subject: "site 101", owner: merchant },
    ]);
  });

  test("a sentinel order that cannot be seen, and a price list without rows", async () => {
    const lists = [...config.prices.lists, { ...config.prices.lists[0], priceListNo: "WEB-USD", currency: "USD" }];
    const value = connectorConfigSchema.parse({
      ...config,
      prices: { ...config.prices, lists },
      ifs: { ...config.ifs, sentinelOrders: { "101": "GONE" } },
    });
    const report = await diagnose({ config: { name: "test", value } });
    expect(named(report)).toEqual([{ check: "ifs.sentinel", subject: "site 101", owner: merchant }]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.empty", subject: "priceListPart, price list WEB-USD", owner: merchant },
    ]);
  });
});
