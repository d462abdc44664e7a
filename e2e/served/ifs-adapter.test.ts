/** The IFS adapter against the sandbox's IFS Cloud over real HTTP, with tokens of a real OIDC server. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ConnectorConfig, connectorConfigSchema } from "../../core/src/domain/config.ts";
import { decimal } from "../../core/src/domain/decimal.ts";
import { RefusedError, UnknownOutcomeError } from "../../core/src/domain/failure.ts";
import type { CatalogNo, Contract, PartNo } from "../../core/src/domain/ids.ts";
import type { IfsOrderDraft } from "../../core/src/domain/ifs-records.ts";
import { createIfsAdapter, type IfsAdapter } from "../../core/src/ifs/adapter.ts";
import { systemClock as connectorClock } from "../../core/src/runtime/clock.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const config = connectorConfigSchema.parse(parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8")));
const HAMBURG = "101" as Contract;
const PART = "BAT.12V.2AH";

let ifs: IfsServer;
let adapter: IfsAdapter;

const connect = (ifsConfig: Partial<ConnectorConfig["ifs"]> = {}): IfsAdapter =>
  createIfsAdapter({
    connection: {
      baseUrl: ifs.url,
      tokenUrl: `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`,
      clientId: "ctconnector",
      clientSecret: "sandbox-secret",
    },
    config: { ...config, ifs: { ...config.ifs, ...ifsConfig } },
    clock: connectorClock,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  });

beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(7) });
  adapter = connect();
});
afterAll(() => ifs.close());

const LINE = "11111111-2222-4333-8444-555555555555";

function draft(externalRef: string, change: (draft: IfsOrderDraft) => IfsOrderDraft = (d) => d): IfsOrderDraft {
  return change({
    header: {
      externalRef,
      contract: HAMBURG,
      company: "10",
      orderId: "WEB",
      authorizeCode: "WEBSHOP",
      customerNo: "WEB-DE",
      currencyCode: "EUR",
      wantedDeliveryDate: "2026-12-01",
      billAddrNo: "01",
      shipAddrNo: "01",
      deliveryTerms: "DAP",
      shipViaCode: "PAR",
      payTermId: "PREPAID",
      usePriceInclTax: false,
    },
    shipTo: { name: "Hafenbedarf", address1: "Kai 7", zipCode: "20457", city: "Hamburg", countryCode: "DE" },
    lines: [
      {
        lineRef: LINE,
        contract: HAMBURG,
        catalogNo: PART as CatalogNo,
        partNo: PART as PartNo,
        buyQtyDue: decimal("3"),
        convFactor: decimal("1"),
        priceConvFactor: decimal("1"),
        salesUnitMeas: "PCS",
        priceUnitMeas: "PCS",
        saleUnitPrice: decimal("9.99"),
        unitPriceInclTax: decimal("11.8881"),
        discount: decimal("0"),
        taxCode: "DE19",
        wantedDeliveryDate: "2026-12-01",
      },
    ],
    charges: [
      {
        chargeRef: "shipping",
        chargeType: "FREIGHT",
        contract: HAMBURG,
        chargeAmount: decimal("4.9"),
        chargeAmountInclTax: decimal("5.831"),
        chargedQty: decimal("1"),
        taxCode: "DE19",
      },
    ],
  });
}

const bothWays = [
  ["one change set", "auto"],
  ["single requests", "never"],
] as const;

describe.each(bothWays)("an order by %s", (_name, changeSets) => {
  const reference = `order-${changeSets}`;

  test("is created with amounts that IFS computes, found by our reference, released, shipped and read back", async () => {
    const through = connect({ changeSets });
    const created = await through.orders.create(draft(reference), 8000);
    expect(created.order.state).toBe("Planned");
    expect(
      created.lines.map((l) => [l.lineRef, l.buyQtyDue, l.netAmountCurr, l.taxAmountCurr, l.grossAmountCurr]),
    ).toEqual([[LINE, "3", "29.97", "5.69", "35.66"]]);
    expect(created.charges.map((c) => [c.chargeType, c.netAmountCurr, c.taxAmountCurr, c.grossAmountCurr])).toEqual([
      ["FREIGHT", "4.9", "0.93", "5.83"],
    ]);
    const { orderNo } = created.order;
    const found = await through.orders.findByExternalRef(reference, HAMBURG);
    expect(found.kind === "found" && found.orders.map((order) => order.orderNo)).toEqual([orderNo]);
    expect((await through.orders.release(orderNo)).state).toBe("Released");
    const shipped = await fetch(`${ifs.url}/sandbox/clerk/ship`, { method: "POST", body: JSON.stringify({ orderNo }) });
    expect(shipped.status).toBe(200);
    const [document] = await through.orders.documents([orderNo]);
    expect(document?.lines.map((line) => [line.state, line.qtyShipped])).toEqual([["Delivered", "3"]]);
    const [shipment] = await through.shipments.shipmentsOf([orderNo]);
    expect(shipment?.actualShipDate).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(shipment?.lines.map((line) => [line.orderNo, line.qtyShipped])).toEqual([[orderNo, "3"]]);
  });
});

test("nothing there is proven to be absent, and is unknown where the site is not granted", async () => {
  expect(await adapter.orders.findByExternalRef("nobody", HAMBURG)).toEqual({ kind: "absent" });
  const grants = (body: unknown) =>
    fetch(`${ifs.url}/sandbox/grants/ctconnector`, { method: "POST", body: JSON.stringify(body) });
  expect((await grants({ companies: ["20"], sites: ["201"], projections: "all" })).status).toBe(200);
  try {
    const lookup = await adapter.orders.findByExternalRef("nobody", HAMBURG);
    expect(lookup.kind).toBe("unknown");
    expect((await adapter.ping()).missing).toEqual(["101", "102"]);
  } finally {
    await grants({ companies: ["10", "20"], sites: ["101", "102", "201"], projections: "all" });
  }
});

test("a refusal carries IFS's own words and leaves nothing behind, with and without change sets", async () => {
  for (const [, changeSets] of bothWays) {
    const wrong = draft(`refused-${changeSets}`, (d) => ({
      ...d,
      charges: d.charges.map((charge) => ({ ...charge, chargeType: "NO-SUCH" })),
    }));
    const failure = await connect({ changeSets })
      .orders.create(wrong, 8000)
      .catch((error: unknown) => error);
    if (changeSets === "auto") {
      expect(failure).toBeInstanceOf(RefusedError);
      expect((failure as RefusedError).message).toContain("NO-SUCH");
      expect(await adapter.orders.findByExternalRef("refused-auto", HAMBURG)).toEqual({ kind: "absent" });
    } else {
      // Header and line are there already: the adapter must not claim that nothing was committed.
      expect(failure).toBeInstanceOf(Error);
      expect((await adapter.orders.findByExternalRef("refused-never", HAMBURG)).kind).toBe("found");
    }
  }
});

test("a lost answer is an unknown outcome, and the look-up finds what was committed", async () => {
  ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: "batch", times: 1 });
  await expect(adapter.orders.create(draft("lost"), 8000)).rejects.toBeInstanceOf(UnknownOutcomeError);
  const found = await adapter.orders.findByExternalRef("lost", HAMBURG);
  expect(found.kind === "found" && found.orders.length).toBe(1);
});

test("all parts of a site are paged once, and their stock and prices can be read", async () => {
  const seen: CatalogNo[] = [];
  for (let after: CatalogNo | undefined; ; ) {
    const page = await adapter.parts.pageSalesParts(HAMBURG, after, 37);
    seen.push(...page.map((part) => part.catalogNo));
    if (page.length < 37) break;
    after = page.at(-1)?.catalogNo;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(200);
  const rows = await adapter.stock.stockRows(HAMBURG, [PART as PartNo]);
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map((row) => `${row.contract} ${row.partNo}`))).toEqual(new Set([`101 ${PART}`]));
  const { rows: prices } = await adapter.prices.pagePriceListParts("WEB-EUR", undefined, 50);
  expect(new Set(prices.map((price) => price.priceListNo))).toEqual(new Set(["WEB-EUR"]));
});

const copyOf = (customerId: string) => ({ template: "TEMPLATE", customerId, name: "Kim Muster", category: "Customer" });
const home = {
  addressId: "CTHOME",
  name: "Kim Muster",
  address1: "Kai 7",
  city: "Hamburg",
  zipCode: "20457",
  country: "DE",
};
const own = { email: "Cf_Email", vatNo: "Cf_Vat_No", reference: "Cf_Shop_Customer" };

test("a customer is copied once under the number that was chosen, completed, found, and can be ordered for", async () => {
  const { customers, orders } = connect({ binding: { customer: { fields: own } } });
  expect(await customers.get("CT-1")).toBeUndefined();
  expect(await customers.copy(copyOf("CT-1"), 5000)).toBe("CT-1");
  await expect(customers.copy(copyOf("CT-1"), 5000)).rejects.toBeInstanceOf(RefusedError);
  const fields = { email: "kim@example.com", reference: "shopper-1", country: "SE" };
  const first = await customers.write("CT-1", fields);
  expect(first.kind === "written" && first.fields.map(({ field, was }) => [field, was]).toSorted()).toEqual([
    ["country", "DE"],
    ["email", null],
    ["reference", null],
  ]);
  expect(await customers.write("CT-1", fields)).toEqual({ kind: "written", fields: [] });
  const held = { kind: "held", reference: "shopper-1" };
  expect(await customers.write("CT-1", { reference: "shopper-2", country: "NO" })).toEqual(held);
  const known = { customerId: "CT-1", name: "Kim Muster", vatNo: null, ...fields };
  expect(await customers.get("CT-1")).toEqual(known);
  expect(await customers.findBy("email", ["KIM@EXAMPLE.COM", "kim@example.com"], { limit: 5 })).toEqual([known]);
  const types = ["Delivery", "Document", "Pay"];
  expect(await customers.addAddress("CT-1", home, { types })).toBe(true);
  expect(await customers.addAddress("CT-1", { ...home, city: "Kiel" }, { types })).toBe(false);
  const header = { customerNo: "CT-1", billAddrNo: "CTHOME", shipAddrNo: "CTHOME" };
  const created = await orders.create(
    draft("order-of-kim", (one) => ({ ...one, header: { ...one.header, ...header } })),
    5000,
  );
  expect(created.order.customerNo).toBe("CT-1");
});

test("where the tenant has no field for it, nothing is found by e-mail address and nothing written", async () => {
  const { customers } = connect();
  await customers.copy(copyOf("CT-2"), 5000);
  expect(await customers.write("CT-2", { email: "x@example.com", reference: "shopper-2" })).toEqual({
    kind: "written",
    fields: [],
  });
  expect(await customers.findBy("email", ["x@example.com"], { limit: 5 })).toEqual([]);
});

test("a copy whose answer is lost is in doubt, and the customer of its number is there", async () => {
  const { customers } = connect();
  ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: "CopyExistingCustomer", times: 1 });
  await expect(customers.copy(copyOf("CT-3"), 5000)).rejects.toBeInstanceOf(UnknownOutcomeError);
  expect((await customers.get("CT-3"))?.name).toBe("Kim Muster");
});
