import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../domain/config.ts";
import { resolveBinding } from "../ifs/binding.ts";
import { runDoctorCommand, usage } from "./command.ts";
import type { Finding, Report } from "./finding.ts";
import { grantsOf } from "./grants.ts";

const config = connectorConfigSchema.parse({
  schemaVersion: 1,
  orders: { exportFrom: "2026-01-01T00:00:00Z" },
  routes: [
    {
      name: "all",
      company: "10",
      site: "101",
      orderType: "WEB",
      coordinator: "SHOP",
      customerNo: "C1",
      addressNo: "01",
      deliveryTerms: "DAP",
      shipVia: { standard: "PAR" },
    },
  ],
  sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
  charges: { shipping: "FREIGHT" },
  ifs: { sentinelOrders: { "101": "P1" }, binding: { cancelReasons: { "*": "WEB" } } },
});

const finding: Finding = {
  check: "ifs.field",
  severity: "error",
  subject: "shipment.shipmentId",
  message: "Shipment has no property ShipmentId.",
  owner: "merchant",
  action: "Bind it.",
  proposal: "CShipmentId",
};
const note: Finding = { ...finding, check: "ct.messages", severity: "info", owner: "operator", proposal: undefined };

const report = (...findings: Finding[]): Report => ({
  at: "2026-03-01T08:00:00.000Z",
  projectKey: "boats",
  configuration: "version 3",
  owners: { merchant: "Shop team" },
  errors: findings.filter(({ severity }) => severity === "error").length,
  warnings: 0,
  findings,
  seen: ["IFS token: accepted, lives 180 s"],
});

async function run(args: string[], answer: Report = report()) {
  const printed: string[] = [];
  const asked: unknown[] = [];
  const probed: unknown[] = [];
  const status = await runDoctorCommand(args, {
    print: (line) => void printed.push(line),
    readConfig: async () => config,
    activeConfig: async () => ({ name: "version 3", value: config }),
    async diagnose(given) {
      asked.push(given?.name);
      return answer;
    },
    async probe({ name }, { plan, store }) {
      probed.push({ name, company: plan.company, site: plan.site, release: plan.release, store });
      return answer;
    },
  });
  return { status, text: printed.join("\n"), asked, probed };
}

test("findings are named with their owner, their cure and what was probably meant", async () => {
  expect(await run([], report(finding, note))).toEqual({
    status: 1,
    asked: [undefined],
    probed: [],
    text: `doctor: project boats, configuration version 3
  looked at  IFS token: accepted, lives 180 s

ERROR  ifs.field  shipment.shipmentId
  Shipment has no property ShipmentId.
  Probably meant: CShipmentId
  Shop team: Bind it.

INFO  ct.messages  shipment.shipmentId
  Shipment has no property ShipmentId.
  operator: Bind it.

1 error, 0 warnings, 1 note; 1 look`,
  });
});

test("notes do not fail, and --json is the report itself", async () => {
  const sound = report(note);
  const { status, text } = await run(["--json"], sound);
  expect([status, JSON.parse(text)]).toEqual([0, JSON.parse(JSON.stringify(sound))]);
});

test("--config looks with that file", async () => {
  expect((await run(["--config", "mine.yaml"])).asked).toEqual(["mine.yaml"]);
});

test("--help, and what is not understood", async () => {
  expect(await run(["--help"])).toEqual({ status: 0, text: usage, asked: [], probed: [] });
  const wrong = await run(["--repair"]);
  expect([wrong.status, wrong.asked, wrong.text.includes("--repair")]).toEqual([2, [], true]);
});

test("--grants asks neither system and follows the enabled flows", async () => {
  const { status, text, asked } = await run(["--grants", "--json", "--config", "mine.yaml"]);
  expect([status, asked]).toEqual([0, []]);
  expect(JSON.parse(text)).toEqual({
    flows: ["order-export", "status-sync"],
    projections: [
      {
        projection: "CustomerOrderHandling",
        objects: ["order", "orderAddress", "orderCharge", "orderLine"],
        access: "read, create, change",
        actions: ["CustomerOrder_Release", "CustomerOrder_Cancel"],
      },
      { projection: "SalesPartHandling", objects: ["salesPart"], access: "read", actions: [] },
      { projection: "ShipmentHandling", objects: ["shipment", "shipmentLine"], access: "read", actions: [] },
      { projection: "SitesHandling", objects: ["site"], access: "read", actions: [] },
    ],
    companies: ["10"],
    sites: ["101"],
    basicData: [
      "customer: C1 with address 01",
      "order type: WEB",
      "coordinator: SHOP",
      "delivery terms: DAP",
      "ship-via code: PAR",
      "charge type: FREIGHT",
      "cancellation reason: WEB",
      "order that is never deleted: P1 of site 101",
    ],
  });
});

test("what single routes name is basic data as well", () => {
  const binding = resolveBinding({});
  const [route] = config.routes;
  if (!binding.ok || !route) throw new Error("no binding");
  const rules = [
    { rate: 0.25, taxCode: "25" },
    { rate: 0.08, taxCalcStructure: "US" },
  ];
  const own = { ...route, charges: { discount: "RABATT" }, tax: { rules }, priceList: "B2B" };
  expect(grantsOf(binding.value, { ...config, routes: [own] }).basicData).toEqual(
    expect.arrayContaining([
      "charge type: FREIGHT, RABATT",
      "tax code: 25",
      "tax calculation structure: US",
      "price list: B2B",
    ]),
  );
});

test("returns that are exported need RMAs, their release, reasons and an approver", () => {
  const binding = resolveBinding({});
  if (!binding.ok) throw new Error("no binding");
  const reasons = { codes: { defect: "DEFECT" }, default: "WRONG" };
  const orders = connectorConfigSchema.shape.orders.parse({
    exportFrom: "2026-01-01T00:00:00Z",
    afterExport: { returns: { mode: "create", reasons, approver: "SHOP" } },
  });
  const { flows, projections, basicData } = grantsOf(binding.value, { ...config, orders });
  expect(flows).toContain("returns");
  expect(projections.find(({ projection }) => projection === "ReturnMaterialHandling")).toEqual({
    projection: "ReturnMaterialHandling",
    objects: ["rma", "rmaLine"],
    access: "read, create, change",
    actions: ["ReturnMaterial_Release"],
  });
  expect(basicData).toEqual(expect.arrayContaining(["return reason: DEFECT, WRONG", "return approver: SHOP"]));
});

test("--grants for people, from the active configuration", async () => {
  const { text } = await run(["--grants"]);
  expect(text.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual(
    expect.arrayContaining([
      " ShipmentHandling read shipment, shipmentLine",
      "3. Allowed companies of the user: 10",
      " charge type: FREIGHT",
    ]),
  );
});

describe("--write-probe", () => {
  const args = ["--write-probe", "--company", "10", "--currency", "EUR"];

  test("sends nothing before it is confirmed, and says what it would do", async () => {
    const { status, text, probed, asked } = await run(args);
    expect([status, probed, asked]).toEqual([2, [], []]);
    for (const words of [
      "company 10, site 101",
      "customer C1",
      "charge of type FREIGHT",
      "No order is released",
      "--yes",
    ]) {
      expect(text).toContain(words);
    }
  });

  test.each([
    [["--write-probe", "--yes"], "--company"],
    [["--write-probe", "--company", "20", "--yes"], "--site"],
    [["--write-probe", "--company", "10", "--yes"], "--currency"],
    [["--write-probe", "--company", "20", "--site", "101", "--yes"], "belongs to company 10"],
    [["--write-probe", "--company", "20", "--site", "200", "--yes"], "--customer"],
    [["--company", "10", "--yes"], "--company belongs to --write-probe"],
  ])("%j is refused, and nothing is sent", async (given, words) => {
    const { status, text, probed, asked } = await run(given);
    expect([status, probed, asked]).toEqual([2, [], []]);
    expect(text).toContain(words);
  });

  test("confirmed, it probes as planned, and its findings are the exit status", async () => {
    const done = await run([...args, "--yes"], report(finding));
    expect([done.status, done.probed]).toEqual([
      1,
      [{ name: "version 3", company: "10", site: "101", release: false, store: true }],
    ]);
    const other = await run([...args, "--yes", "--probe-release", "--no-store", "--config", "mine.yaml"]);
    expect([other.status, other.probed]).toEqual([
      0,
      [{ name: "mine.yaml", company: "10", site: "101", release: true, store: false }],
    ]);
    expect((await run([...args, "--probe-release"])).text).toContain("RELEASED");
  });
});
